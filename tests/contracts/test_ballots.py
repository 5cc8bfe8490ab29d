"""Direct ballots: who may cast which, when, how often; and what the contract says of them.

castBallot
├── the proposal is unknown, or not open ............ refused, whoever casts
├── the reason is too long, or barred ............... BadReason
├── the memberId was never given .................... UnknownMember
├── the member is gone, suspended or came later ..... NotEligible
├── the member is the person concerned .............. PersonConcerned
├── the sequence is not above the last one .......... StaleSequence
├── the caller is not the member .................... BadSignature
└── otherwise ....................................... counted, in place of the earlier one
"""

import pytest
from eth_abi.abi import encode
from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import refused, rotate, wrong_state
from tests.contracts.coop import ABSTAIN, AGAINST, DAY, FOR, Coop
from tests.contracts.founding import found, rule
from tests.contracts.people import NAMES
from tests.contracts.roll import act, ballot_refused, join, order

WORDS = {AGAINST: "against", FOR: "for", ABSTAIN: "abstain"}


@pytest.fixture
def vote(coop: Coop) -> int:
    """An open vote on a resolution in words."""
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    return proposal


def ballot_of(coop: Coop, proposal: int, member: int) -> list[int]:
    """Support, epoch and sequence of the member's counted ballot."""
    return list(coop.assembly.functions.ballotOf(proposal, member).call())


# Choices


@pytest.mark.parametrize("choice", [AGAINST, FOR, ABSTAIN], ids=WORDS.get)
def test_a_ballot_is_counted_and_told(coop: Coop, vote: int, choice: int) -> None:
    receipt = coop.vote(coop.ben, vote, choice, reason="Because ✓")
    [event] = coop.events(receipt, "VoteCast")
    assert event["args"] == {
        "voter": coop.ben.address,
        "proposalId": vote,
        "support": choice,
        "weight": 1,
        "reason": "Because ✓",
    }
    assert coop.votes(vote) == tuple(int(choice == counted) for counted in WORDS)
    assert ballot_of(coop, vote, 2) == [choice, 0, 1]
    assert coop.assembly.functions.hasVoted(vote, coop.ben.address).call()
    assert not coop.assembly.functions.hasVoted(vote, coop.ada.address).call()


def test_a_number_that_is_no_choice_reverts(coop: Coop, vote: int) -> None:
    head = coop.assembly.functions.chronicleHead().call()
    for choice in (3, 4, 255, 256):
        arguments = (vote, 2, choice, 1, "")
        data = encode(["uint256", "uint32", "uint256", "uint8", "string"], arguments)
        selector = Web3.keccak(text="castBallot(uint256,uint32,uint8,uint8,string)")[:4]
        transaction = {
            "from": coop.ben.address,
            "to": coop.assembly.address,
            "data": "0x" + (selector + data).hex(),
            "gas": hex(1_000_000),
        }
        sent = coop.chain.rpc("eth_sendTransaction", transaction)
        assert coop.w3.eth.wait_for_transaction_receipt(sent)["status"] == 0
    assert coop.votes(vote) == (0, 0, 0)
    assert coop.assembly.functions.chronicleHead().call() == head


def test_a_member_changes_the_ballot_as_often_as_they_like(coop: Coop, vote: int) -> None:
    tallies = {AGAINST: (1, 0, 0), FOR: (0, 1, 0), ABSTAIN: (0, 0, 1)}
    changes = (FOR, AGAINST, ABSTAIN, ABSTAIN, FOR, FOR, AGAINST)
    for sequence, choice in enumerate(changes, 1):
        coop.vote(coop.ben, vote, choice, sequence)
        assert coop.votes(vote) == tallies[choice]
        assert ballot_of(coop, vote, 2) == [choice, 0, sequence]


def test_members_change_ballots_without_touching_each_others(coop: Coop, vote: int) -> None:
    for name, choice in (("ada", FOR), ("ben", AGAINST), ("cleo", ABSTAIN)):
        coop.vote(coop.people[name], vote, choice)
    coop.vote(coop.ben, vote, FOR, 2)
    assert coop.votes(vote) == (0, 2, 1)
    assert [ballot_of(coop, vote, member) for member in (1, 2, 3, 4)] == [
        [FOR, 0, 1],
        [FOR, 0, 2],
        [ABSTAIN, 0, 1],
        [0, 0, 0],
    ]


def test_ballots_of_one_proposal_are_not_those_of_another(coop: Coop) -> None:
    first, second = coop.propose(coop.ada), coop.propose(coop.ben)
    coop.open(second)
    coop.vote(coop.cleo, first, FOR, 7)
    coop.vote(coop.cleo, second, AGAINST)
    assert (coop.votes(first), coop.votes(second)) == ((0, 1, 0), (1, 0, 0))


# Sequences


def test_a_sequence_only_rises(coop: Coop, vote: int) -> None:
    with ballot_refused(vote, 2, "StaleSequence"):
        coop.vote(coop.ben, vote, FOR, 0)
    coop.vote(coop.ben, vote, FOR, 9)
    for sequence in (0, 1, 8, 9):
        with ballot_refused(vote, 2, "StaleSequence"):
            coop.vote(coop.ben, vote, AGAINST, sequence)
    coop.vote(coop.ben, vote, AGAINST, 255)
    with ballot_refused(vote, 2, "StaleSequence"):
        coop.vote(coop.ben, vote, FOR, 255)
    assert coop.votes(vote) == (1, 0, 0)


def test_only_left_out_numbers_are_told(coop: Coop, vote: int) -> None:
    for sequence, gap in ((1, False), (2, False), (4, True), (5, False), (255, True)):
        receipt = coop.vote(coop.ben, vote, FOR, sequence)
        told = [event["args"] for event in coop.events(receipt, "BallotSequence")]
        expected = {"proposalId": vote, "memberId": 2, "sequence": sequence}
        assert told == ([expected] if gap else [])
        if gap:
            assert [log["logIndex"] for log in receipt["logs"]] == [0, 1]
            assert coop.events(receipt, "VoteCast")[0]["logIndex"] == 1


def test_a_first_ballot_with_a_high_sequence_is_told(coop: Coop, vote: int) -> None:
    [event] = coop.events(coop.vote(coop.ben, vote, FOR, 2), "BallotSequence")
    assert event["args"]["sequence"] == 2


def test_a_gap_counts_from_the_new_keys_own_ballots(coop: Coop, vote: int) -> None:
    coop.vote(coop.ben, vote, FOR)
    rotate(coop, coop.ben, coop.fay)
    [event] = coop.events(coop.vote(coop.fay, vote, FOR, 2), "BallotSequence")
    assert event["args"]["sequence"] == 2


# Reasons


def test_a_reason_has_at_most_five_hundred_bytes(coop: Coop, vote: int) -> None:
    for sequence, reason in enumerate(("x" * 500, "é" * 250, ""), 1):
        [event] = coop.events(coop.vote(coop.ben, vote, FOR, sequence, reason), "VoteCast")
        assert event["args"]["reason"] == reason
    for reason in ("x" * 501, "é" * 250 + "x"):
        with ballot_refused(vote, 2, "BadReason"):
            coop.vote(coop.ben, vote, FOR, 9, reason)


@pytest.mark.parametrize("function", ["admit", "suspend", "expel", "recover"])
def test_ballots_about_people_bear_no_reason(coop: Coop, function: str) -> None:
    arguments = {
        "admit": (coop.fay.address,),
        "suspend": (5, DAY),
        "expel": (5,),
        "recover": (5, coop.fay.address),
    }
    proposal = coop.personal(coop.ada, function, *arguments[function])
    coop.open(proposal)
    with ballot_refused(proposal, 2, "BadReason"):
        coop.vote(coop.ben, proposal, FOR, reason="x")
    coop.vote(coop.ben, proposal, FOR)
    assert coop.votes(proposal) == (0, 1, 0)


# Who


def test_nobody_votes_with_another_members_number(coop: Coop, vote: int) -> None:
    for somebody in (coop.ada, coop.tom):
        with ballot_refused(vote, 2, "BadSignature"):
            coop.send(coop.assembly.functions.castBallot(vote, 2, FOR, 1, ""), somebody)
    for number in (0, 6, 2**32 - 1):
        with ballot_refused(vote, number, "UnknownMember"):
            coop.send(coop.assembly.functions.castBallot(vote, number, FOR, 1, ""), coop.ada)


def test_who_left_was_expelled_or_is_suspended_casts_nothing_more(coop: Coop, vote: int) -> None:
    for name in ("ben", "cleo", "dan"):
        coop.vote(coop.people[name], vote, FOR)
    act(coop, coop.ben, "leaveCooperative")
    order(coop, "expel", 3)
    order(coop, "suspend", 4, DAY)
    for name, number in (("ben", 2), ("cleo", 3), ("dan", 4)):
        with ballot_refused(vote, number, "NotEligible"):
            coop.vote(coop.people[name], vote, AGAINST, 2)
    assert coop.votes(vote) == (0, 3, 0)
    assert coop.assembly.functions.proposalRoll(vote).call() == 5


def test_who_joined_after_the_freeze_casts_nothing(coop: Coop) -> None:
    order(coop, "setProbation", 0)
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    number = join(coop, coop.fay)
    with ballot_refused(proposal, number, "NotEligible"):
        coop.vote(coop.fay, proposal, FOR)
    assert coop.assembly.functions.proposalRoll(proposal).call() == 5


def test_who_left_and_came_back_after_the_freeze_casts_nothing(coop: Coop) -> None:
    order(coop, "setProbation", 0)
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    act(coop, coop.ben, "leaveCooperative")
    join(coop, coop.ben)
    with ballot_refused(proposal, 2, "NotEligible"):
        coop.vote(coop.ben, proposal, FOR)


def test_the_person_concerned_votes_only_where_the_rule_says_so(
    factory: Contract, chain: Devnet
) -> None:
    coop = found(chain, factory, rules={"Recovery": rule(subjectVotes=True)})
    removal = coop.personal(coop.ada, "expel", 5)
    recovery = coop.personal(coop.ben, "recover", 5, coop.fay.address)
    coop.open(recovery)
    with ballot_refused(removal, 5, "PersonConcerned"):
        coop.vote(coop.eve, removal, AGAINST)
    coop.vote(coop.eve, recovery, FOR)
    rolls = [coop.assembly.functions.proposalRoll(p).call() for p in (removal, recovery)]
    assert rolls == [4, 5]


# When


def test_ballots_are_taken_from_the_second_after_the_freeze_through_the_deadline(
    coop: Coop,
) -> None:
    proposal = coop.propose(coop.ada)
    freeze = coop.assembly.functions.proposalSnapshot(proposal).call()
    deadline = coop.assembly.functions.proposalDeadline(proposal).call()
    assert deadline - freeze == 4 * DAY

    def cast(by: str, at: int) -> None:
        number = NAMES.index(by) + 1
        call = coop.assembly.functions.castBallot(proposal, number, FOR, 1, "")
        coop.send(call, coop.people[by], at=at)

    with wrong_state(proposal, "pending", "active"):
        cast("ada", freeze)
    cast("ada", freeze + 1)
    cast("ben", deadline)
    with wrong_state(proposal, "defeated", "active"):
        cast("cleo", deadline + 1)
    assert coop.votes(proposal) == (0, 2, 0)


def test_there_is_no_ballot_on_what_was_never_proposed_or_was_withdrawn(coop: Coop) -> None:
    with refused("AssemblyUnknownProposal", 1):
        coop.vote(coop.ben, 1, FOR)
    proposal = coop.propose(coop.ada)
    coop.send(coop.assembly.functions.cancel(proposal), coop.ada)
    coop.open(proposal)
    with wrong_state(proposal, "canceled", "active"):
        coop.vote(coop.ben, proposal, FOR)


# Lanes


def test_lanes_of_sixteen_members_do_not_run_into_each_other(
    factory: Contract, chain: Devnet
) -> None:
    coop = found(chain, factory, founders=NAMES)
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    cast = {1: (FOR, 1), 15: (FOR, 255), 16: (AGAINST, 255), 17: (ABSTAIN, 3), 20: (FOR, 2)}
    for member, (choice, sequence) in cast.items():
        coop.vote(coop.people[NAMES[member - 1]], proposal, choice, sequence)
    order(coop, "recover", 16, "0x" + "16" * 20)
    for member in range(40):
        choice, sequence = cast.get(member, (0, 0))
        assert ballot_of(coop, proposal, member) == [choice, 0, sequence]
    assert coop.votes(proposal) == (1, 3, 1)
    with ballot_refused(proposal, 16, "BadSignature"):
        coop.vote(coop.pia, proposal, FOR)


def test_a_lane_keeps_the_epoch_through_sixty_four_keys(coop: Coop, vote: int) -> None:
    coop.vote(coop.ben, vote, FOR, 3)
    call = coop.assembly.functions.castBallot(vote, 2, AGAINST, 1, "")
    for epoch in range(1, 64):
        account = Web3.to_checksum_address(f"0x{epoch:040x}")
        order(coop, "recover", 2, account)
        call.call({"from": account})  # each new key may start at 1
    order(coop, "recover", 2, coop.fay.address)
    # 64 keys later the lane's epoch is the first one again: the numbers go on, nothing is doubled.
    with ballot_refused(vote, 2, "StaleSequence"):
        coop.vote(coop.fay, vote, AGAINST, 3)
    coop.vote(coop.fay, vote, AGAINST, 4)
    assert coop.votes(vote) == (1, 0, 0)
