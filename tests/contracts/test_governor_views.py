"""What tools made for OpenZeppelin's IGovernor, IVotes, ERC-6372 and ERC-5267 read from us."""

import pytest
from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    admit,
    appeal_of,
    ballot,
    deadline,
    eta,
    execute,
    info,
    leave,
    opening,
    poll,
    queue,
    queued,
    refused,
    rotate,
    voted,
)
from tests.contracts.artifacts import load
from tests.contracts.coop import AGAINST, CLASSES, DAY, Coop
from tests.contracts.founding import found, rule
from tests.contracts.people import NAMES


def test_the_clock_is_the_blocks_timestamp(coop: Coop) -> None:
    for contract in (coop.assembly, coop.membership, coop.pay_rates):
        assert contract.functions.clock().call() == coop.now()
        assert contract.functions.CLOCK_MODE().call() == "mode=timestamp"


@pytest.mark.parametrize(
    ("presence", "mode"),
    [(True, "support=bravo&quorum=against,for,abstain"), (False, "support=bravo&quorum=for")],
)
def test_the_counting_mode_is_that_of_ordinary_proposals(
    chain: Devnet, factory: Contract, presence: bool, mode: str
) -> None:
    rules = {name: rule(presence=not presence) for name in CLASSES}
    coop = found(chain, factory, rules={**rules, "Ordinary": rule(presence=presence)})
    assert coop.assembly.functions.COUNTING_MODE().call() == mode


@pytest.mark.parametrize("which", ["assembly", "membership", "pay_rates"])
def test_the_domain_of_signatures_bears_the_co_ops_name(coop: Coop, which: str) -> None:
    contract: Contract = getattr(coop, which)
    domain = contract.functions.eip712Domain().call()
    address = Web3.to_checksum_address(contract.address)
    assert domain == [b"\x0f", "Weavers", "1", 31337, address, bytes(32), []]


def test_the_assembly_names_itself_and_its_neighbours(coop: Coop) -> None:
    functions = coop.assembly.functions
    assert (functions.name().call(), functions.version().call()) == ("Weavers", "1")
    assert functions.membership().call() == coop.membership.address
    assert functions.bylaws().call() == coop.bylaws.address
    assert functions.payRates().call() == coop.pay_rates.address
    assert coop.bylaws.functions.assembly_().call() == coop.assembly.address


def test_events_have_the_signatures_of_igovernor(coop: Coop) -> None:
    lists = "address[],uint256[],string[],bytes[]"
    shapes = {
        "ProposalCreated": f"(uint256,address,{lists},uint256,uint256,string)",
        "VoteCast": "(address,uint256,uint8,uint256,string)",
        "ProposalQueued": "(uint256,uint256)",
        "ProposalExecuted": "(uint256)",
        "ProposalCanceled": "(uint256)",
        "ProposalExtended": "(uint256,uint64)",
    }
    indexed = {"VoteCast": ["voter"], "ProposalExtended": ["proposalId"]}
    events = {item["name"]: item for item in load("Assembly")["abi"] if item["type"] == "event"}
    for name, shape in shapes.items():
        inputs = events[name]["inputs"]
        assert f"({','.join(part['type'] for part in inputs)})" == shape
        assert [part["name"] for part in inputs if part["indexed"]] == indexed.get(name, [])


def test_snapshot_deadline_eta_and_proposer_are_told(coop: Coop) -> None:
    opens_at = coop.now() + 3 * DAY
    coop.send(coop.assembly.functions.propose([], "A resolution", opens_at), coop.ben)
    functions = coop.assembly.functions
    assert functions.proposalSnapshot(1).call() == opens_at
    assert functions.proposalDeadline(1).call() == opens_at + 4 * DAY
    assert functions.proposalEta(1).call() == 0
    assert functions.proposalProposer(1).call() == coop.ben.address
    assert voted(coop, 1, "ada ben cleo") == "succeeded"
    assert functions.proposalEta(1).call() == 0
    at = coop.now() + 100
    queue(coop, 1, at=at)
    assert functions.proposalEta(1).call() == at + DAY
    execute(coop, 1, at=at + DAY)
    assert functions.proposalEta(1).call() == at + DAY


def test_the_proposer_is_told_by_the_members_present_key(coop: Coop) -> None:
    proposal = coop.propose(coop.ben)
    rotate(coop, coop.ben, coop.fay)
    assert coop.assembly.functions.proposalProposer(proposal).call() == coop.fay.address
    leave(coop, coop.fay)
    assert coop.assembly.functions.proposalProposer(proposal).call() == coop.fay.address


def test_a_confirming_vote_has_no_proposer(coop: Coop) -> None:
    removal = queued(coop, coop.personal(coop.ada, "expel", 5))
    confirmation = appeal_of(coop, removal)
    assert coop.assembly.functions.proposalProposer(confirmation).call() == "0x" + "0" * 40


def test_a_queued_proposal_under_appeal_tells_when_it_can_be_executed(coop: Coop) -> None:
    removal = queued(coop, coop.personal(coop.ada, "expel", 5))
    coop.warp(eta(coop, removal) - 10)
    confirmation = appeal_of(coop, removal)
    assert eta(coop, removal) == deadline(coop, confirmation) > info(coop, removal)["eta"]


def test_votes_are_told_as_they_stand(coop: Coop) -> None:
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    poll(coop, proposal, "ada ben", "cleo", "dan")
    ballot(coop, coop.ada, proposal, AGAINST, 2)
    assert coop.assembly.functions.proposalVotes(proposal).call() == [2, 1, 1]


def test_has_voted_answers_for_the_present_and_the_former_key(coop: Coop) -> None:
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    poll(coop, proposal, "eve")
    rotate(coop, coop.eve, coop.fay)
    has_voted = coop.assembly.functions.hasVoted
    answers = [
        has_voted(proposal, who.address).call() for who in (coop.eve, coop.fay, coop.ada, coop.tom)
    ]
    assert answers == [True, True, False, False]


def test_one_account_has_one_vote_at_the_moments_at_which_it_was_on_the_roll(coop: Coop) -> None:
    votes = coop.assembly.functions.getVotes
    start = coop.now()
    coop.warp(start + 10)
    rotate(coop, coop.eve, coop.fay)
    rotated = coop.now()
    coop.warp(rotated + 10)
    leave(coop, coop.fay)
    left = coop.now()
    coop.warp(left + 10)
    moments = (start - 1, start, rotated - 1, rotated, left - 1, left)
    assert [votes(coop.eve.address, m).call() for m in moments] == [0, 1, 1, 0, 0, 0]
    assert [votes(coop.fay.address, m).call() for m in moments] == [0, 0, 0, 1, 1, 0]
    assert [votes(coop.ada.address, m).call() for m in moments] == [0, 1, 1, 1, 1, 1]
    assert votes("0x" + "0" * 40, left).call() == 0


def test_votes_of_a_moment_that_has_not_passed_are_not_told(coop: Coop) -> None:
    now = coop.now()
    for call in (
        coop.assembly.functions.getVotes(coop.ada.address, now),
        coop.assembly.functions.quorum(now),
        coop.membership.functions.getPastTotalSupply(now),
    ):
        with refused("MembershipFutureLookup", now, now):
            call.call()


def test_the_roll_of_past_moments_is_told(coop: Coop) -> None:
    founded = coop.now()
    admit(coop, coop.fay)
    joined = coop.now()
    coop.warp(joined + 10)
    leave(coop, coop.eve)
    left = coop.now()
    coop.warp(left + 1)
    supply = coop.membership.functions.getPastTotalSupply
    moments = (founded - 1, founded, joined - 1, joined, left - 1, left)
    assert [supply(moment).call() for moment in moments] == [0, 5, 5, 6, 6, 5]


def test_the_quorum_of_a_moment_is_that_of_ordinary_proposals_for_its_roll(
    chain: Devnet, factory: Contract
) -> None:
    rules = {"Ordinary": rule(quorumBps=3_000), "External": rule(quorumBps=9_000)}
    coop = found(chain, factory, rules=rules, founders=NAMES[:10])
    full = coop.now()
    coop.warp(full + 10)
    for name in ("gus", "hal", "ida", "jon"):
        leave(coop, coop.people[name])
    fewer = coop.now()
    coop.warp(fewer + 1)
    quorum = coop.assembly.functions.quorum
    assert [quorum(full).call(), quorum(fewer).call()] == [3, 2]


def test_the_quorum_of_a_proposal_follows_the_roll_until_it_freezes(
    chain: Devnet, factory: Contract
) -> None:
    rules = {"External": rule(quorumBps=9_000)}
    coop = found(chain, factory, rules=rules, founders=NAMES[:10])
    proposal = coop.propose(coop.ada, [(coop.tom.address, 0, b"")])
    quorum = coop.assembly.functions.proposalQuorum(proposal)
    roll = coop.assembly.functions.proposalRoll(proposal)
    assert (quorum.call(), roll.call()) == (9, 10)
    for name in ("gus", "hal", "ida", "jon"):
        leave(coop, coop.people[name])
    assert (quorum.call(), roll.call()) == (6, 6)
    coop.open(proposal)
    leave(coop, coop.fay)
    coop.warp(opening(coop, proposal) + DAY)
    assert (quorum.call(), roll.call()) == (6, 6)
