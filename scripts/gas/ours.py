"""The acts of a co-op, each measured once: membership, proposals and ballots."""

from collections.abc import Iterator, Sequence

from eth_utils.crypto import keccak
from web3 import Web3
from web3.contract import Contract

from node import bylaws
from node.devnet import Devnet
from scripts.gas.crowd import Crowd, packed_ballots, transact
from scripts.gas.figures import (
    ADMIT,
    ALONE,
    BATCH,
    BYTES,
    DEPLOY,
    DIRECT,
    PROPOSE,
    QUEUE,
    THOUSAND,
    Figure,
)
from tests.contracts.coop import ABSTAIN, AGAINST, DAY, FOR, Coop
from tests.contracts.founding import role
from tests.contracts.people import NAMES, Person, person

BYLAWS = "uk-worker-coop"  # seven different rules, every value of them in use
TEXT = "0x" + keccak(text="Gil asks to join").hex()

Voters = Sequence[tuple[int, Person]]


def creation(chain: Devnet, factory: Contract) -> Iterator[Figure]:
    """One transaction of the factory's, from nothing to a co-op that works."""
    terms, problems = bylaws.read(bylaws.preset_text(BYLAWS))
    assert terms is not None, problems
    roles = [role("cook", 1_500), role("porter", 1_400), role("manager", 2_200)]
    founders = [person(name).address for name in NAMES[:5]]
    data = factory.encode_abi("create", ["Weavers", founders, terms.abi_bylaws(), roles, 0])
    yield Figure(DEPLOY, transact(chain, person("ada").address, factory.address, data))


def admission(coop: Coop, newcomer: Person) -> Iterator[Figure]:
    """Somebody applies and is admitted by a vote."""
    functions = coop.assembly.functions
    data = coop.membership.encode_abi("applyToJoin", [keccak(text=newcomer.name)])
    applied = transact(coop.chain, newcomer.address, coop.membership.address, data)
    yield Figure("apply", applied)
    coop.warp(coop.now() + DAY)
    actions = [coop.action(coop.membership, "admit", newcomer.address)]
    opens_at = coop.now() + 3 * DAY
    receipt = coop.send(functions.propose(actions, TEXT, opens_at), coop.ada)
    yield Figure("propose one admission", receipt["gasUsed"])
    proposal = int(functions.proposalCount().call())
    coop.open(proposal)
    for voter in (coop.ada, coop.ben, coop.cleo):
        coop.vote(voter, proposal, FOR)
    coop.close(proposal)
    yield Figure(QUEUE, coop.send(functions.queue(proposal), coop.ada)["gasUsed"])
    coop.warp(int(functions.proposalEta(proposal).call()))
    yield Figure(ADMIT, coop.execute(proposal, actions, TEXT, coop.ada)["gasUsed"])


def proposing(coop: Coop, newcomer: Person) -> Iterator[Figure]:
    """Proposals by members who have proposed before, but for the last."""
    functions = coop.assembly.functions
    opens_at = coop.now() + 3 * DAY
    probation = [coop.action(coop.membership, "setProbation", 2 * DAY)]
    outside = [(coop.factory.address, 0, b"\x11" * 36)]
    for act, by, actions in (
        ("propose a resolution", coop.ben, []),
        (PROPOSE, coop.cleo, probation),
        ("propose one action on another's contract", coop.dan, outside),
    ):
        receipt = coop.send(functions.propose(actions, "Probation of two days", opens_at), by)
        yield Figure(act, receipt["gasUsed"])
    data = coop.assembly.encode_abi("propose", [probation, "Probation of two days", opens_at])
    first = transact(coop.chain, newcomer.address, coop.assembly.address, data)
    yield Figure("propose one action, proposer's first", first)


def ballots(coop: Coop, crowd: Crowd) -> Iterator[Figure]:
    """Ballots one by one and in batches, on words that are in use and on fresh ones."""
    touched, fresh, thousand = (
        coop.propose(coop.people[name], text="A larger kitchen", opens_in=3 * DAY)
        for name in NAMES[5:8]
    )
    coop.open(thousand)
    yield from _direct(coop, touched, crowd.people[-1])
    _cast(coop, touched, [each for each in crowd.touchers if each[0] < crowd.first_id + 200])
    hundred, ten, one = (crowd.others[a:b] for a, b in ((0, 100), (100, 110), (110, 111)))
    yield Figure(BATCH, _cast(coop, touched, hundred) // 100)
    yield Figure(f"{BATCH}, changed", _cast(coop, touched, hundred, 2) // 100)
    yield Figure(f"{BATCH}, first touch", _cast(coop, fresh, crowd.row[:100]) // 100)
    yield Figure("signed ballot in a batch of 10", _cast(coop, touched, ten) // 10)
    far = crowd.row[500:510]
    yield Figure("signed ballot in a batch of 10, first touch", _cast(coop, touched, far) // 10)
    yield Figure(ALONE, _cast(coop, touched, one))
    _cast(coop, thousand, crowd.touchers)
    yield Figure(THOUSAND, _cast(coop, thousand, crowd.others[:1_000]))
    size = len(packed_ballots(coop, fresh, crowd.row[:100], 2))
    yield Figure(BYTES, size // 100)


def _direct(coop: Coop, proposal: int, far: Person) -> Iterator[Figure]:
    yield Figure("direct ballot, first voter", coop.vote(coop.ada, proposal, FOR)["gasUsed"])
    coop.vote(coop.ben, proposal, AGAINST)
    coop.vote(coop.cleo, proposal, ABSTAIN)
    yield Figure(DIRECT, coop.vote(coop.dan, proposal, FOR)["gasUsed"])
    yield Figure("direct ballot, changed", coop.vote(coop.dan, proposal, AGAINST, 2)["gasUsed"])
    arguments = [proposal, coop.id_of(far), FOR, 1, ""]
    data = coop.assembly.encode_abi("castBallot", arguments)
    gas = transact(coop.chain, far.address, coop.assembly.address, data)
    yield Figure("direct ballot, first touch of its word", gas)


def _cast(coop: Coop, proposal: int, voters: Voters, sequence: int = 1) -> int:
    """Gas of one batch, of which every ballot must count."""
    packed = packed_ballots(coop, proposal, voters, sequence)
    functions = coop.assembly.functions
    assert functions.castBallots(proposal, packed).call() == len(voters)
    data = coop.assembly.encode_abi("castBallots", [proposal, packed])
    return transact(coop.chain, coop.ada.address, coop.assembly.address, data)


def transfer(chain: Devnet) -> Iterator[Figure]:
    """The cheapest thing that a chain does."""
    payer, payee = (Web3.to_checksum_address(person(name).address) for name in ("ada", "ben"))
    yield Figure("a bare transfer", transact(chain, payer, payee, b""))
