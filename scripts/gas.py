"""Measures the gas of each act on a fresh local chain and prints it as a table.

Gas is exact, so one run is enough. Ratios are to a bare transfer measured in the same run, and to
the best peer's published figure for the same act (solc runs=200, whole transaction, anvil).
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_typing import ChecksumAddress
from eth_utils.crypto import keccak
from rich.console import Console
from rich.table import Table
from web3 import Web3
from web3.types import TxReceipt

from node import devnet
from tests.contracts.artifacts import CONTRACTS, deploy
from tests.contracts.coop import ABSTAIN, AGAINST, DAY, FOR, Coop
from tests.contracts.founding import found, role, rule
from tests.contracts.people import Person, person
from tests.contracts.signing import PAY_BALLOT, entry, sign_typed

SMALL, LARGE = 10, 100
CROWD = 110  # members: more than the largest batch
PEERS = {
    "create an instance, 5 founders, 3 roles": ("Snapshot X, one proxy", 425_006),
    "admit (execution of a passed proposal)": ("Aragon Addresslist, admit", 117_281),
    "propose a resolution": ("OpenZeppelin Governor", 75_156),
    "propose one action": ("OpenZeppelin Governor", 75_156),
    "direct ballot, Nth voter": ("Aragon Multisig, approve only", 64_377),
    "direct ballot, changed": ("none lets a ballot be changed", 0),
    f"ballot in a batch of {LARGE}, Nth batch": ("pNouns Voter", 41_717),
}


@dataclass(frozen=True)
class Figure:
    """Whole-transaction gas, divided by the number of acts in the transaction."""

    act: str
    gas: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, return 0."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    chosen = parser.parse_args(arguments)
    with devnet.start() as chain:
        figures = list(measure(chain))
    if chosen.json:
        json.dump({each.act: each.gas for each in figures}, sys.stdout, indent=2)
        print()
    else:
        _print(figures)
    return 0


def measure(chain: devnet.Devnet) -> Iterator[Figure]:
    """Play each act on a co-op of five founders, the batches on one of more than a hundred."""
    w3 = Web3(Web3.HTTPProvider(chain.url))
    payer = _rich(w3)
    transfer = w3.eth.send_transaction({"from": payer, "to": payer})
    yield Figure("a bare transfer", w3.eth.wait_for_transaction_receipt(transfer)["gasUsed"])
    factory = deploy(w3, "CooperativeFactory", [deploy(w3, name).address for name in CONTRACTS])
    roles = [role("cook", 1_500), role("porter", 1_400), role("manager", 2_200)]
    # Five founders admit a hundred: no quorum of the growing roll.
    rules = {"Admission": rule(quorumBps=0)}
    coop = found(chain, factory, rules=rules, roles=roles, probation=DAY)
    yield Figure("create an instance, 5 founders, 3 roles", _newest(w3)["gasUsed"])
    yield from _admission(coop)
    yield from _direct(coop)
    yield from _removal(coop)
    yield from _batches(coop, _grow(coop))


def _rich(w3: Web3) -> ChecksumAddress:
    """An account of the chain's own that nobody here plays."""
    return list(w3.eth.accounts)[60]


def _newest(w3: Web3) -> TxReceipt:
    block = w3.eth.get_block("latest")
    return w3.eth.get_transaction_receipt(block["transactions"][0])  # type: ignore[arg-type]


def _admission(coop: Coop) -> Iterator[Figure]:
    for name, figure in (("fay", "apply, first candidate"), ("gus", "apply")):
        receipt = coop.send(
            coop.membership.functions.applyToJoin(keccak(text=name)), coop.people[name]
        )
        yield Figure(figure, receipt["gasUsed"])
    coop.warp(coop.now() + DAY)
    receipt = coop.decide(coop.ada, coop.membership, "admit", coop.fay.address)
    yield Figure("admit (execution of a passed proposal)", receipt["gasUsed"])


def _direct(coop: Coop) -> Iterator[Figure]:
    functions = coop.assembly.functions
    opens_at = coop.now() + 3 * DAY
    receipt = coop.send(functions.propose([], "Paint the door red", opens_at), coop.ben)
    yield Figure("propose a resolution", receipt["gasUsed"])
    proposal = functions.proposalCount().call()
    action = coop.action(coop.membership, "setProbation", 2 * DAY)
    receipt = coop.send(functions.propose([action], "Probation of two days", opens_at), coop.cleo)
    yield Figure("propose one action", receipt["gasUsed"])
    coop.open(proposal)
    yield Figure("direct ballot, first voter", coop.vote(coop.ada, proposal, FOR)["gasUsed"])
    coop.vote(coop.ben, proposal, AGAINST)
    coop.vote(coop.cleo, proposal, ABSTAIN)
    yield Figure("direct ballot, Nth voter", coop.vote(coop.dan, proposal, FOR)["gasUsed"])
    yield Figure("direct ballot, changed", coop.vote(coop.dan, proposal, AGAINST, 2)["gasUsed"])
    coop.vote(coop.dan, proposal, FOR, 3)
    coop.close(proposal)
    yield Figure("queue", coop.send(functions.queue(proposal), coop.ada)["gasUsed"])


def _removal(coop: Coop) -> Iterator[Figure]:
    functions = coop.assembly.functions
    proposal = coop.personal(coop.dan, "expel", coop.id_of(coop.eve))
    receipt = coop.send(functions.reply(proposal, keccak(text="reply")), coop.eve)
    yield Figure("reply", receipt["gasUsed"])
    coop.open(proposal)
    for voter in (coop.ada, coop.ben, coop.cleo):
        coop.vote(voter, proposal, FOR)
    coop.close(proposal)
    coop.send(functions.queue(proposal), coop.ada)
    yield Figure("appeal", coop.send(functions.appeal(proposal), coop.eve)["gasUsed"])


def _grow(coop: Coop) -> list[Person]:
    """Admits members until there are enough, 32 a proposal; returns all that can vote."""
    crowd = [_stranger(coop.w3, number) for number in range(CROWD)]
    for each in crowd:
        coop.send(coop.membership.functions.applyToJoin(keccak(text=each.name)), each)
    coop.warp(coop.now() + DAY)
    voters = [person(name) for name in ("ada", "ben", "cleo", "dan")]
    for start, proposer in zip(range(0, CROWD, 32), voters, strict=False):
        actions = [
            coop.action(coop.membership, "admit", each.address)
            for each in crowd[start : start + 32]
        ]
        text = "0x" + keccak(text=str(start)).hex()
        proposal = coop.propose(proposer, actions, text, opens_in=3 * DAY)
        coop.carry(proposal, actions, text, voters)
    return crowd


def _stranger(w3: Web3, number: int) -> Person:
    """Somebody with a key that the chain's own accounts do not hold, and some ether."""
    key = Account.from_key(keccak(text=f"member {number}"))
    w3.provider.make_request("anvil_impersonateAccount", [key.address])  # type: ignore[arg-type]
    value = Web3.to_wei(1, "ether")
    w3.eth.send_transaction({"from": _rich(w3), "to": key.address, "value": value})
    return Person(f"member {number}", key)


def _batches(coop: Coop, crowd: Sequence[Person]) -> Iterator[Figure]:
    proposal = coop.propose(coop.ada, text="A larger kitchen", opens_in=3 * DAY)
    coop.open(proposal)
    yield _batch(coop, proposal, crowd[:LARGE], 1, "first batch")
    yield _batch(coop, proposal, crowd[:LARGE], 2, "Nth batch")
    yield _batch(coop, proposal, crowd[:SMALL], 3, "Nth batch")
    functions = coop.pay_rates.functions
    cook = b"cook".ljust(32, b"\0")
    receipt = coop.send(functions.openPayVote(cook, coop.now() + 2 * DAY), coop.ada)
    yield Figure("open a pay vote", receipt["gasUsed"])
    coop.warp(coop.now() + 2 * DAY + 1)
    yield _pay_batch(coop, crowd[:LARGE], 1, "first batch")
    yield _pay_batch(coop, crowd[:LARGE], 2, "Nth batch")
    coop.warp(int(functions.payVote(1).call()[2]) + 1)
    receipt = coop.send(functions.closePayVote(1), coop.ada)
    yield Figure(f"close a pay vote of {LARGE} ballots", receipt["gasUsed"])


def _batch(
    coop: Coop, proposal: int, voters: Sequence[Person], sequence: int, which: str
) -> Figure:
    """70 % for, 20 % against, 10 % abstain, in one transaction; gas of each ballot."""
    packed = b""
    for number, voter in enumerate(voters):
        choice = (FOR,) * 7 + (AGAINST,) * 2 + (ABSTAIN,)
        chosen = choice[number % 10]
        signature = coop.sign(voter, proposal, chosen, sequence)
        packed += entry(coop.id_of(voter), chosen, signature, sequence)
    receipt = coop.cast_batch(coop.ada, proposal, packed)
    counted = len(coop.events(receipt, "VoteCast"))
    assert counted == len(voters), f"{counted} of {len(voters)} ballots counted"
    size = len(packed) // len(voters)
    print(f"{size} bytes of calldata a ballot", file=sys.stderr)
    return Figure(f"ballot in a batch of {counted}, {which}", receipt["gasUsed"] // counted)


def _pay_batch(coop: Coop, voters: Sequence[Person], sequence: int, which: str) -> Figure:
    vote = coop.pay_rates.functions.payVote(1).call()
    start, step, rungs, content = vote[4], vote[5], vote[6], vote[10]
    packed = b""
    for number, voter in enumerate(voters):
        rung = number % rungs
        message: dict[str, Any] = {
            "payVoteId": 1,
            "content": content,
            "rate": start + rung * step,
            "memberId": coop.id_of(voter),
            "epoch": 0,
            "sequence": sequence,
            "reason": "",
        }
        domain = coop.domain(coop.pay_rates, {})
        signature = sign_typed(voter, domain, "PayBallot", PAY_BALLOT, message, {})
        packed += entry(message["memberId"], 0, signature, sequence, rung=rung)
    receipt = coop.send(coop.pay_rates.functions.castPayBallots(1, packed), coop.ada)
    counted = len(coop.events(receipt, "PayBallotCast"))
    assert counted == len(voters), f"{counted} of {len(voters)} pay ballots counted"
    return Figure(f"pay ballot in a batch of {counted}, {which}", receipt["gasUsed"] // counted)


def _print(figures: Sequence[Figure]) -> None:
    transfer = figures[0].gas
    table = Table("act", "gas", "÷ transfer", "best peer", "÷ peer", box=None)
    for each in figures:
        peer, gas = PEERS.get(each.act, ("", 0))
        ratio = f"{each.gas / gas:.2f}" if gas else ""
        name = f"{peer}, {gas:,}" if gas else peer
        table.add_row(each.act, f"{each.gas:,}", f"{each.gas / transfer:.2f}", name, ratio)
    Console(width=118).print(table)


if __name__ == "__main__":
    sys.exit(main())
