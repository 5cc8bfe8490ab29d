"""A co-op of more than a thousand members, made by its own rules: applications and admissions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import requests
from eth_account import Account
from eth_utils.abi import function_signature_to_4byte_selector
from eth_utils.crypto import keccak
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.coop import ABSTAIN, AGAINST, DAY, FOR, Coop
from tests.contracts.founding import found, role, rule
from tests.contracts.people import NAMES, Person
from tests.contracts.signing import BALLOT, PAY_BALLOT, entry, sign_typed

SIZE = 1_144  # admitted members: a thousand, and every eighth beside them
ADMISSIONS = 32  # actions in one proposal, the most there may be
GAS = 59_000_000  # nearly a whole block
APPLY = "applyToJoin(bytes32)"
TOUCH = 8  # no word of ballots holds fewer lanes: every eighth member touches every word

# 70 % for, 20 % against, 10 % abstain.
MIX = (FOR,) * 7 + (AGAINST,) * 2 + (ABSTAIN,)
ROLES = [
    role("cook", 1_500),
    role("porter", 1_400),
    role("manager", 2_200, floor=0, step=1, change=10_000),
]


@dataclass(frozen=True)
class Crowd:
    """The admitted members in the order of their memberIds, which follow each other."""

    people: list[Person]
    first_id: int

    @property
    def touchers(self) -> list[tuple[int, Person]]:
        """Every eighth with the memberId: after their ballots no word of lanes is fresh."""
        return self._where(touching=True)

    @property
    def others(self) -> list[tuple[int, Person]]:
        """All the rest with their memberIds."""
        return self._where(touching=False)

    @property
    def row(self) -> list[tuple[int, Person]]:
        """All with their memberIds."""
        return list(enumerate(self.people, self.first_id))

    def _where(self, *, touching: bool) -> list[tuple[int, Person]]:
        numbered = enumerate(self.row)
        return [each for number, each in numbered if (number % TOUCH == 0) is touching]


def transact(chain: Devnet, sender: str, to: str, data: bytes | str) -> int:
    """Mine one transaction of an account that the chain plays; its gas. A revert is an error."""
    hexed = data if isinstance(data, str) else "0x" + data.hex()
    hash_ = chain.rpc("eth_sendTransaction", _transaction(sender, to, hexed, GAS))
    while not (receipt := chain.rpc("eth_getTransactionReceipt", hash_)):
        pass  # mined on arrival, but the receipt may come an instant later
    assert receipt["status"] == "0x1", f"{to} refused {hexed[:10]}"
    return int(receipt["gasUsed"], 16)


def strangers(chain: Devnet, count: int) -> list[Person]:
    """People with keys of their own and ether, whom the chain plays."""
    chain.rpc("anvil_autoImpersonateAccount", True)
    people = [
        Person(f"member {each}", Account.from_key(keccak(text=f"member {each}")))
        for each in range(count)
    ]
    _many(chain, "anvil_setBalance", [[each.address, hex(10**20)] for each in people])
    return people


def _many(chain: Devnet, method: str, calls: Sequence[Sequence[Any]]) -> None:
    """Many calls through one connection, each of which must be answered without an error."""
    with requests.Session() as session:
        for number, params in enumerate(calls):
            call: dict[str, Any] = {
                "jsonrpc": "2.0",
                "id": number,
                "method": method,
                "params": list(params),
            }
            answer = session.post(chain.url, json=call, timeout=60).json()
            assert "error" not in answer, answer


def _transaction(sender: str, to: str, data: str, gas: int) -> dict[str, str]:
    return {"from": sender, "to": to, "data": data, "gas": hex(gas)}


def _apply(coop: Coop, people: Sequence[Person]) -> None:
    """All apply, five hundred a block: a block for each would take many times as long."""
    to, apply = coop.membership.address, function_signature_to_4byte_selector(APPLY).hex()
    coop.chain.rpc("evm_setAutomine", False)
    for start in range(0, len(people), 500):
        applications = [
            [_transaction(each.address, to, f"0x{apply}{keccak(text=each.name).hex()}", 100_000)]
            for each in people[start : start + 500]
        ]
        _many(coop.chain, "eth_sendTransaction", applications)
        coop.chain.mine()
    coop.chain.rpc("evm_setAutomine", True)
    coop.warp(coop.now() + DAY)
    waiting = coop.chain.rpc("txpool_status")
    assert waiting["pending"] == waiting["queued"] == "0x0", waiting


def founded(chain: Devnet, factory: Contract) -> tuple[Coop, Crowd]:
    """Twenty founders who admit the crowd, 32 a proposal, by two votes each."""
    coop = found(
        chain,
        factory,
        founders=NAMES,
        rules={"Admission": rule(quorumBps=0)},
        roles=ROLES,
        probation=DAY,
    )
    people = strangers(chain, SIZE)
    _apply(coop, people)
    wave = len(NAMES) * ADMISSIONS
    for start in range(0, SIZE, wave):
        _admit(coop, people[start : start + wave])
    crowd = Crowd(people, len(NAMES) + 1)
    assert coop.id_of(people[-1]) == crowd.row[-1][0]
    return coop, crowd


def _admit(coop: Coop, people: Sequence[Person]) -> None:
    """As many proposals as are needed, each by another founder, all through the same days."""
    functions = coop.assembly.functions
    opened: list[tuple[int, list[Any], str]] = []
    for start, proposer in zip(range(0, len(people), ADMISSIONS), NAMES, strict=False):
        admitted = people[start : start + ADMISSIONS]
        actions = [coop.action(coop.membership, "admit", each.address) for each in admitted]
        text = "0x" + keccak(text=admitted[0].name).hex()
        proposal = coop.propose(coop.people[proposer], actions, text, opens_in=3 * DAY)
        opened.append((proposal, actions, text))
    coop.open(opened[-1][0])
    for proposal, _, _ in opened:
        coop.vote(coop.ada, proposal, FOR)
        coop.vote(coop.ben, proposal, FOR)
    coop.close(opened[-1][0])
    for proposal, _, _ in opened:
        coop.send(functions.queue(proposal), coop.ada)
    coop.warp(int(functions.proposalEta(opened[-1][0]).call()))
    for proposal, actions, text in opened:
        coop.execute(proposal, actions, text, coop.ada)


def packed_ballots(
    coop: Coop, proposal: int, voters: Sequence[tuple[int, Person]], sequence: int = 1
) -> bytes:
    """Signed ballots of the voters, in the mix, as a batch."""
    content = coop.assembly.functions.proposal(proposal).call()[10]
    packed = b""
    for number, (member, voter) in enumerate(voters):
        choice = MIX[number % len(MIX)]
        message = {
            "proposalId": proposal,
            "content": content,
            "choice": ("against", "for", "abstain")[choice],
            **_of(member, sequence),
        }
        signature = _signed(coop, coop.assembly, voter, message)
        packed += entry(member, choice, signature, sequence)
    return packed


def packed_pay_ballots(
    coop: Coop, vote: int, voters: Sequence[tuple[int, Person]], sequence: int = 1
) -> bytes:
    """Signed pay ballots of the voters, spread over the ladder, as a batch."""
    info = coop.pay_rates.functions.payVote(vote).call()
    start, step, rungs, content = info[4], info[5], info[6], info[10]
    packed = b""
    for number, (member, voter) in enumerate(voters):
        rung = (number + sequence - 1) % rungs
        message = {
            "payVoteId": vote,
            "content": content,
            "rate": start + rung * step,
            **_of(member, sequence),
        }
        signature = _signed(coop, coop.pay_rates, voter, message)
        packed += entry(member, 0, signature, sequence, rung=rung)
    return packed


def _of(member: int, sequence: int) -> dict[str, Any]:
    return {"memberId": member, "epoch": 0, "sequence": sequence, "reason": ""}


def _signed(coop: Coop, contract: Contract, voter: Person, message: dict[str, Any]) -> bytes:
    fields, name = (PAY_BALLOT, "PayBallot") if "rate" in message else (BALLOT, "Ballot")
    return sign_typed(voter, coop.domain(contract, {}), name, fields, message, {})
