"""One word commits to every log of a contract: whoever folds the logs reaches it, or has not all.

The fold below is written from IChronicle's text alone, over the raw answer of eth_getLogs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pytest
from eth_utils.abi import event_abi_to_log_topic
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3.contract import Contract

from node.devnet import CHAIN_ID, Devnet
from tests.contracts import guardianship
from tests.contracts.acts import refused, rotate
from tests.contracts.artifacts import CONTRACTS, at, load
from tests.contracts.coop import AGAINST, DAY, FOR, Coop
from tests.contracts.founding import PAY_RULE, found, role, rule
from tests.contracts.roll import PROFILE, act, join, order, order_of
from tests.contracts.signing import entry
from tests.contracts.storage import word

# An event that an interface declares and that cannot happen: the domain of an instance is for ever.
NEVER = {"EIP712DomainChanged"}
WORD = 32


class Log(NamedTuple):
    """A log as eth_getLogs gives it, with the moment of its block."""

    topics: tuple[bytes, ...]
    data: bytes
    block: int
    moment: int


@dataclass(frozen=True)
class Season:
    """A co-op that has seen everything, and the logs of its contracts in log order."""

    coop: Coop
    contracts: dict[str, Contract]
    logs: dict[str, list[Log]]

    def head(self, name: str) -> bytes:
        """The word on the chain."""
        return bytes(self.contracts[name].functions.chronicleHead().call())

    def refold(self, name: str, logs: Sequence[Log]) -> bytes:
        """The word that these logs give."""
        return fold(self.contracts[name].address, logs)


def fold(address: str, logs: Sequence[Log]) -> bytes:
    """The word that these logs give for a contract at that address."""
    head = keccak(CHAIN_ID.to_bytes(32, "big") + bytes.fromhex(address[2:]))
    for log in logs:
        inner = keccak(len(log.topics).to_bytes(32, "big") + b"".join(log.topics) + log.data)
        head = keccak(head + log.block.to_bytes(8, "big") + log.moment.to_bytes(8, "big") + inner)
    return head


def logs_of(chain: Devnet, address: str) -> list[Log]:
    """All logs of a contract."""
    found_logs = []
    for raw in chain.rpc("eth_getLogs", {"fromBlock": "0x0", "address": address}):
        block = chain.rpc("eth_getBlockByNumber", raw["blockNumber"], False)
        topics = tuple(bytes.fromhex(topic[2:]) for topic in raw["topics"])
        data = bytes.fromhex(raw["data"][2:])
        found_logs.append(Log(topics, data, int(block["number"], 16), int(block["timestamp"], 16)))
    return found_logs


# The season


@pytest.fixture(scope="module")
def season(anvil: Devnet, factory: Contract) -> Iterator[Season]:
    """Everything that can happen, once; the chain is put back afterwards."""
    snapshot = anvil.rpc("evm_snapshot")
    try:
        yield _lived(anvil, factory)
    finally:
        assert anvil.rpc("evm_revert", snapshot) is True


def _lived(anvil: Devnet, factory: Contract) -> Season:
    ordinary = rule(swingWindow=DAY, swingCap=DAY, secondCallDelay=DAY, secondCallBps=1)
    roles = [role("driver", 1_500), role("cook", 1_500)]
    coop = found(anvil, factory, rules={"Ordinary": ordinary}, roles=roles)
    _ballots_and_proposals(coop)
    _due_process(coop)
    _members_come_and_go(coop)
    _guardians_help(coop)
    _rules_and_pay(coop)
    parts = (coop.membership, coop.bylaws, coop.assembly, coop.pay_rates)
    contracts = dict(zip(CONTRACTS, parts, strict=True))
    logs = {name: logs_of(anvil, contract.address) for name, contract in contracts.items()}
    return Season(coop, contracts, logs)


def _ballots_and_proposals(coop: Coop) -> None:
    passing, cancelled, ignored = (coop.propose(by) for by in (coop.ada, coop.ben, coop.cleo))
    coop.send(coop.assembly.functions.cancel(cancelled), coop.ben)
    coop.open(ignored)
    coop.vote(coop.ada, passing, FOR, reason="Because")
    late = entry(2, FOR, coop.sign(coop.ben, passing, FOR, 5), 5)
    coop.cast_batch(coop.tom, passing, late + entry(3, AGAINST, b"", long=True))
    coop.warp(int(coop.assembly.functions.proposalDeadline(passing).call()) - 9)
    coop.vote(coop.cleo, passing, FOR)
    coop.warp(int(coop.assembly.functions.proposalSnapshot(ignored).call()) + 4 * DAY + 1)
    coop.vote(coop.dan, ignored, FOR)
    coop.close(passing)
    coop.send(coop.assembly.functions.queue(passing), coop.tom)
    coop.warp(coop.now() + DAY)
    coop.execute(passing, [], "A resolution", coop.tom)


def _due_process(coop: Coop) -> None:
    removal = coop.personal(coop.eve, "expel", 4)
    recovery = coop.personal(coop.dan, "recover", 5, coop.tom.address)
    coop.send(coop.assembly.functions.object(recovery), coop.eve)
    coop.send(coop.assembly.functions.reply(removal, b"\x22" * 32), coop.dan)
    coop.open(removal)
    for voter in (coop.ada, coop.ben, coop.cleo):
        coop.vote(voter, removal, FOR)
    coop.close(removal)
    coop.send(coop.assembly.functions.queue(removal), coop.tom)
    coop.send(coop.assembly.functions.appeal(removal), coop.dan)


def _members_come_and_go(coop: Coop) -> None:
    order(coop, "setProbation", 0)
    act(coop, coop.fay, "applyToJoin", PROFILE)
    act(coop, coop.fay, "withdrawApplication")
    join(coop, coop.fay)
    rotate(coop, coop.fay, coop.gus)
    order(coop, "recover", 6, coop.hal.address)
    order(coop, "suspend", 6, DAY)
    order(coop, "reinstate", 6)
    act(coop, coop.hal, "leaveCooperative")
    join(coop, coop.hal)
    order(coop, "expel", 6)


def _guardians_help(coop: Coop) -> None:
    friends = guardianship.name(coop, coop.cleo, guardianship.listed(1, coop.ida, coop.jon))
    guardianship.support(coop, coop.ida, coop.kim, friends, member=3)
    act(coop, coop.cleo, "cancelRecovery", coop.kim.address)
    due = guardianship.started(coop, coop.lea, friends, [coop.jon], member=3)
    guardianship.complete(coop, coop.lea, member=3, at=due)
    order(coop, "recover", 3, coop.max.address)


def _rules_and_pay(coop: Coop) -> None:
    pay, driver = coop.pay_rates, b"driver".ljust(WORD, b"\0")
    order_of(coop, coop.bylaws, "setRule", 0, rule())
    order_of(coop, pay, "setPayRule", tuple(PAY_RULE.values()))
    order_of(coop, pay, "addRole", role("baker", 1_500))
    order_of(coop, pay, "changeRole", b"baker".ljust(WORD, b"\0"), 900, 5, 500)
    order_of(coop, pay, "retireRole", b"baker".ljust(WORD, b"\0"))
    coop.send(pay.functions.openPayVote(driver, coop.now() + DAY + 10), coop.ada)
    opens_at, deadline = pay.functions.payVote(1).call()[1:3]
    coop.warp(opens_at + 1)
    for member, voter in enumerate((coop.ada, coop.ben, coop.max, coop.dan, coop.eve), 1):
        reason = "More" if member % 2 else ""
        coop.send(pay.functions.castPayBallot(1, member, 1_510, 1, reason), voter)
    coop.send(pay.functions.castPayBallots(1, entry(2, 0, b"", 2, rung=0, long=True)), coop.tom)
    coop.warp(deadline + 1)
    coop.send(pay.functions.closePayVote(1), coop.tom)
    assert pay.functions.roleOf(driver).call()[0] == 1_510


# What must hold


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_season_has_seen_every_event(season: Season, name: str) -> None:
    events = [item for item in load(name)["abi"] if item["type"] == "event"]
    named = {bytes(event_abi_to_log_topic(item)): item["name"] for item in events}
    seen = {named[log.topics[0]] for log in season.logs[name]}
    assert seen == set(named.values()) - NEVER


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_head_is_the_fold_of_all_logs(season: Season, name: str) -> None:
    assert season.head(name) == season.refold(name, season.logs[name])


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_head_was_the_fold_after_every_block(season: Season, name: str) -> None:
    logs = season.logs[name]
    contract = season.contracts[name]
    for block in sorted({log.block for log in logs}):
        until = [log for log in logs if log.block <= block]
        # From storage: in the block of an order in the Assembly's name nothing answers for it.
        head = word(season.coop, name, contract, "_chronicleHead", block)
        assert head == season.refold(name, until)


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_head_is_the_word_that_a_storage_proof_bears(season: Season, name: str) -> None:
    layout = load(name)["storageLayout"]["storage"]
    [slot] = [entry["slot"] for entry in layout if entry["label"] == "_chronicleHead"]
    chain, address = season.coop.chain, season.contracts[name].address
    answer = chain.rpc("eth_getProof", address, [f"0x{int(slot):064x}"], "latest")
    [proof] = answer["storageProof"]
    assert int(proof["value"], 16).to_bytes(WORD, "big") == season.head(name)
    assert proof["proof"]


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_log_that_is_missing_added_changed_or_moved_shows(season: Season, name: str) -> None:
    logs, head = season.logs[name], season.head(name)
    assert len(logs) >= 2
    for place, log in enumerate(logs):
        before, after = logs[:place], logs[place + 1 :]
        flipped = bytes([log.topics[-1][0] ^ 1]) + log.topics[-1][1:]
        forgeries = {
            "missing": [],
            "doubled": [log, log],
            "other topic": [log._replace(topics=(*log.topics[:-1], flipped))],
            "topic taken for data": [
                log._replace(topics=log.topics[:-1], data=log.topics[-1] + log.data)
            ],
            "longer": [log._replace(data=log.data + bytes(WORD))],
            "in a later block": [log._replace(block=log.block + 1)],
            "at a later moment": [log._replace(moment=log.moment + 1)],
        }
        if log.data:
            forgeries["other data"] = [log._replace(data=log.data[:-1] + bytes([log.data[-1] ^ 1]))]
        for forgery, forged in forgeries.items():
            assert season.refold(name, [*before, *forged, *after]) != head, forgery
        if after and after[0] != log:
            assert season.refold(name, [*before, after[0], log, *after[1:]]) != head, "swapped"


def test_the_logs_of_one_contract_are_not_those_of_another(
    season: Season, factory: Contract
) -> None:
    twin = found(season.coop.chain, factory, nonce=7)
    fresh = logs_of(season.coop.chain, twin.membership.address)
    assert fold(twin.membership.address, fresh) == twin.membership.functions.chronicleHead().call()
    assert season.refold("Membership", fresh) != fold(twin.membership.address, fresh)


# The latch


def second_start(coop: Coop, name: str) -> tuple[object, ...]:
    """Arguments with which `initialize` would succeed on a fresh clone."""
    founders = [who.address for who in (coop.tom, coop.sue, coop.rex)]
    pay_rule = tuple(PAY_RULE.values())
    starts: dict[str, tuple[object, ...]] = {
        "Membership": (coop.tom.address, 0, founders),
        "Bylaws": (coop.tom.address, 3),
        "Assembly": (),
        "PayRates": (coop.tom.address, b"GBP", pay_rule, []),
    }
    return starts[name]


def clone_of(coop: Coop, instance: str) -> str:
    """The same code as an instance's, that nobody has started."""
    code = coop.w3.eth.get_code(to_checksum_address(instance))
    deploy = {
        "from": coop.tom.address,
        "data": f"0x61{len(code):04x}80600c6000396000f3{bytes(code).hex()}",
    }
    sent = coop.chain.rpc("eth_sendTransaction", deploy)
    return str(coop.w3.eth.wait_for_transaction_receipt(sent)["contractAddress"])


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_starts_once_and_an_implementation_never(
    coop: Coop, factory: Contract, name: str
) -> None:
    arguments = second_start(coop, name)
    number = CONTRACTS.index(name)
    implementation = factory.functions.implementations().call()[number]
    instance = (coop.membership, coop.bylaws, coop.assembly, coop.pay_rates)[number]
    bare = at(coop.w3, name, clone_of(coop, instance.address))

    for started in (instance, at(coop.w3, name, implementation)):
        with refused("ChronicleAlreadyBegun"):
            coop.send(started.functions.initialize(*arguments), coop.tom)
    assert bare.functions.chronicleHead().call() == bytes(WORD)
    coop.send(bare.functions.initialize(*arguments), coop.tom)
    with refused("ChronicleAlreadyBegun"):
        coop.send(bare.functions.initialize(*arguments), coop.tom)


def test_an_implementation_has_the_empty_fold(coop: Coop, factory: Contract) -> None:
    for name, address in zip(CONTRACTS, factory.functions.implementations().call(), strict=True):
        head = at(coop.w3, name, address).functions.chronicleHead().call()
        assert head == fold(address, [])
        assert logs_of(coop.chain, address) == []
