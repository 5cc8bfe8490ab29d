"""The way of a vote on a real chain: compared, signed, kept, cast or carried, counted."""

import dataclasses

import pytest

from node import casting, voting
from node.actions import build
from node.ballot import Ballot, Choice, SignedBallot, sign_ballot
from node.content import ProposalParts
from node.errors import (
    MirrorOfAnotherChain,
    NotAllowed,
    NotAMember,
    RefusedByContract,
    StaleBallot,
    UsageProblem,
    VotingClosed,
)
from node.instance import Instance
from node.voting import ContentDisagrees
from tests.node.village import Village

FOR, AGAINST, ABSTAIN = 1, 0, 2


def signed_by(
    village: Village,
    name: str,
    parts: ProposalParts,
    choice: Choice = "for",
    sequence: int = 1,
    reason: str = "",
) -> SignedBallot:
    poll = voting.poll_on_proposal(village.chain, village.instance, parts)
    who = voting.voter(village.chain, village.instance, village.key(name).address)
    ballot = voting.draft_ballot(poll, who, choice, reason)
    ballot = dataclasses.replace(ballot, sequence=sequence)
    return sign_ballot(ballot, poll.domain, village.key(name))


# Comparing what is read with what the contract counts


def test_the_content_of_every_kind_of_proposal_is_recomputed(village: Village) -> None:
    shop = build("call", village.own, {"target": village.key("gus").address, "value": 1})
    rule = build("set-probation", village.own, {"probation": "30 days"})
    expel = build("expel", village.own, {"member": 5})
    for name, acts in (("ada", ()), ("ben", (shop, shop)), ("cleo", (rule,)), ("dan", (expel,))):
        parts = village.open(village.propose("# Ünï — text\n\nbody", acts, by=name))

        poll = voting.poll_on_proposal(village.chain, village.instance, parts)

        assert poll.subject == parts.proposal_id


def test_a_changed_text_is_refused_before_anything_is_signed(village: Village) -> None:
    parts = village.opened("# Buy a bicycle")
    forged = dataclasses.replace(parts, description="# Buy a bicycle!")

    with pytest.raises(ContentDisagrees, match="proposal 1"):
        voting.poll_on_proposal(village.chain, village.instance, forged)


def test_a_changed_action_is_refused_before_anything_is_signed(village: Village) -> None:
    parts = village.opened(acts=[build("set-probation", village.own, {"probation": "30 days"})])
    other = build("set-probation", village.own, {"probation": "31 days"})

    with pytest.raises(ContentDisagrees):
        voting.poll_on_proposal(
            village.chain, village.instance, dataclasses.replace(parts, actions=(other,))
        )


def test_an_instance_file_that_names_another_coop_is_refused(village: Village) -> None:
    parts = village.opened()
    other: Instance = dataclasses.replace(village.instance, title="Potters")

    with pytest.raises(MirrorOfAnotherChain, match=r"'Weavers'.*'Potters'"):
        voting.poll_on_proposal(village.chain, other, parts)


# Who votes, and when


def test_a_vote_that_has_not_opened_is_closed(village: Village) -> None:
    with pytest.raises(VotingClosed, match="has not begun"):
        voting.poll_on_proposal(village.chain, village.instance, village.propose())


def test_a_vote_that_is_over_is_closed(village: Village) -> None:
    parts = village.opened()
    village.coop.close(parts.proposal_id)

    with pytest.raises(VotingClosed, match="over: it is defeated"):
        voting.poll_on_proposal(village.chain, village.instance, parts)


def test_an_account_of_no_member_is_told_so(village: Village) -> None:
    with pytest.raises(NotAMember):
        voting.voter(village.chain, village.instance, village.key("gus").address)


def test_a_member_who_joined_after_the_freeze_has_no_vote(village: Village) -> None:
    poll = voting.poll_on_proposal(village.chain, village.instance, village.opened())
    ada = voting.voter(village.chain, village.instance, village.key("ada").address)
    late = dataclasses.replace(ada, since=poll.opens_at + 1)

    with pytest.raises(NotAllowed, match="joined after"):
        voting.refuse_ineligible(poll, late)
    voting.refuse_ineligible(poll, dataclasses.replace(ada, since=poll.opens_at))


def test_the_person_concerned_has_no_vote(village: Village) -> None:
    parts = village.opened("Eve …", [build("expel", village.own, {"member": 5})])

    with pytest.raises(NotAllowed, match="about member 5"):
        signed_by(village, "eve", parts)


def test_a_vote_about_a_person_takes_no_reason(village: Village) -> None:
    parts = village.opened("Eve …", [build("expel", village.own, {"member": 5})])

    with pytest.raises(UsageProblem, match="take no reason"):
        signed_by(village, "ada", parts, reason="she sings")


# Sequences


def test_the_first_ballot_has_sequence_1(village: Village) -> None:
    ballot = signed_by(village, "ada", village.opened()).ballot

    assert voting.next_sequence(village.chain, village.instance, ballot, None) == 1


def test_the_next_sequence_is_above_chain_and_outbox(village: Village) -> None:
    parts = village.opened()
    outbox = village.outbox()
    casting.cast(
        village.sender("ada"), village.instance, signed_by(village, "ada", parts, sequence=3)
    )
    ballot = signed_by(village, "ada", parts).ballot

    assert voting.next_sequence(village.chain, village.instance, ballot, outbox) == 4
    outbox.put(signed_by(village, "ada", parts, sequence=7))
    assert voting.next_sequence(village.chain, village.instance, ballot, outbox) == 8


def test_after_255_changes_a_ballot_stays(village: Village) -> None:
    parts = village.opened()
    last = signed_by(village, "ada", parts, sequence=255)
    casting.cast(village.sender("ada"), village.instance, last)

    with pytest.raises(StaleBallot, match="255 times"):
        voting.next_sequence(village.chain, village.instance, last.ballot, None)


# Casting


@pytest.mark.parametrize(("choice", "number"), [("for", 1), ("against", 0), ("abstain", 2)])
def test_a_direct_ballot_is_counted_as_chosen(
    village: Village, choice: Choice, number: int
) -> None:
    parts = village.opened()
    signed = signed_by(village, "ada", parts, choice, reason="wegen der Löhne")

    receipt = casting.cast(village.sender("ada"), village.instance, signed)

    assert receipt.status == "counted"
    assert receipt.ballot_hash == signed.ballot_hash
    (log,) = village.chain.logs([village.own.assembly], receipt.block or 0, receipt.block or 0)
    assert (log.tx_hash, log.log_index) == (receipt.tx, receipt.log_index)
    assert village.ballot_on_chain(1, 1) == (number, 0, 1)


def test_a_direct_ballot_below_the_counted_sequence_is_stale(village: Village) -> None:
    parts = village.opened()
    casting.cast(
        village.sender("ada"), village.instance, signed_by(village, "ada", parts, sequence=2)
    )
    older = signed_by(village, "ada", parts, "against", sequence=1)

    with pytest.raises(StaleBallot):
        casting.rehearse(village.chain, village.instance, older.ballot)
    with pytest.raises(StaleBallot):
        casting.cast(village.sender("ada"), village.instance, older)
    assert village.ballot_on_chain(1, 1) == (FOR, 0, 2)


def test_a_dry_run_casts_nothing(village: Village) -> None:
    parts = village.opened()

    receipt = casting.cast(
        village.sender("ada", dry_run=True), village.instance, signed_by(village, "ada", parts)
    )

    assert (receipt.status, receipt.tx) == ("simulated", None)
    assert village.ballot_on_chain(1, 1) == (0, 0, 0)


# Carrying


def test_anybody_carries_signed_ballots_in_one_transaction(village: Village) -> None:
    parts = village.opened()
    ballots = [
        signed_by(village, "cleo", parts, "abstain", reason="¿por qué?"),
        signed_by(village, "ada", parts, "for"),
        signed_by(village, "ben", parts, "against", sequence=4),
    ]

    receipts = casting.submit(village.sender("gus"), village.instance, ballots)

    assert [each.ballot.member_id for each in receipts] == [1, 2, 3]
    assert {each.status for each in receipts} == {"counted"}
    assert len({each.tx for each in receipts}) == 1
    assert len({each.log_index for each in receipts}) == 3
    assert village.ballot_on_chain(1, 1) == (FOR, 0, 1)
    assert village.ballot_on_chain(1, 2) == (AGAINST, 0, 4)
    assert village.ballot_on_chain(1, 3) == (ABSTAIN, 0, 1)


def test_bad_ballots_are_skipped_with_their_reasons_and_spoil_nothing(village: Village) -> None:
    parts = village.opened("Eve …", [build("expel", village.own, {"member": 5})])
    good = signed_by(village, "ada", parts)
    counted = signed_by(village, "ben", parts)
    casting.cast(village.sender("ben"), village.instance, counted)

    def forged(**change: object) -> SignedBallot:
        return dataclasses.replace(good, ballot=dataclasses.replace(good.ballot, **change))  # type: ignore[arg-type]

    bad = [counted, forged(member_id=3), forged(member_id=5), forged(member_id=99)]
    receipts = casting.submit(village.sender("gus"), village.instance, [*bad, good])

    by_member = {each.ballot.member_id: each for each in receipts}
    assert by_member[1].status == "counted"
    assert {number: each.refusal for number, each in by_member.items() if each.refusal} == {
        2: 5,  # stale
        3: 4,  # not the member's signature
        5: 3,  # the person concerned
        99: 1,  # no such member
    }
    assert "counted already" in casting.refusal_in_words(by_member[2]).message


def test_a_batch_of_which_nothing_would_count_is_not_sent(village: Village) -> None:
    parts = village.opened()
    good = signed_by(village, "ada", parts)
    assert isinstance(good.ballot, Ballot)
    forged = dataclasses.replace(good, ballot=dataclasses.replace(good.ballot, choice="against"))
    before = village.chain.head().number

    (receipt,) = casting.submit(village.sender("gus"), village.instance, [forged])

    assert (receipt.status, receipt.refusal, receipt.tx) == ("skipped", 4, None)
    assert village.chain.head().number == before


def test_the_same_file_twice_is_one_ballot(village: Village) -> None:
    signed = signed_by(village, "ada", village.opened())

    assert len(casting.submit(village.sender("gus"), village.instance, [signed, signed])) == 1


def test_a_newer_ballot_counts_although_an_older_one_comes_after_it(village: Village) -> None:
    parts = village.opened()
    older, newer = signed_by(village, "ada", parts), signed_by(village, "ada", parts, "against", 2)

    casting.submit(village.sender("gus"), village.instance, [newer])
    (late,) = casting.submit(village.sender("gus"), village.instance, [older])

    assert late.refusal == 5
    assert village.ballot_on_chain(1, 1) == (AGAINST, 0, 2)


def test_a_ballot_for_another_coop_is_not_carried(village: Village) -> None:
    signed = signed_by(village, "ada", village.opened())
    for change in (
        {"chain_id": 1},
        {"name": "Potters"},
        {"verifying_contract": village.own.pay_rates},
    ):
        domain = dataclasses.replace(signed.domain, **change)

        with pytest.raises(MirrorOfAnotherChain, match="The ballot is for"):
            casting.submit(
                village.sender("gus"),
                village.instance,
                [dataclasses.replace(signed, domain=domain)],
            )


def test_a_ballot_whose_file_misstates_what_is_signed_is_not_carried(village: Village) -> None:
    # The contract would take the signature, which is over the true content and epoch.
    good = signed_by(village, "ada", village.opened())
    before = village.chain.head().number
    for change in ({"content": b"\x11" * 32}, {"epoch": 1}, {"reason": "not mine"}):
        misstated = dataclasses.replace(good.ballot, **change)
        ballot = dataclasses.replace(good, ballot=misstated)

        (receipt,) = casting.submit(village.sender("gus"), village.instance, [ballot])

        assert (receipt.status, receipt.refusal, receipt.tx) == ("skipped", 4, None)
        with pytest.raises(RefusedByContract):
            casting.verify(village.chain, village.instance, ballot)
    assert village.chain.head().number == before


def test_a_contract_accounts_signature_is_left_to_the_contract(village: Village) -> None:
    good = signed_by(village, "ada", village.opened())
    other = dataclasses.replace(good, signature=b"any words that the account accepts")
    (refused,) = casting.submit(village.sender("gus"), village.instance, [other])
    # push4 1626ba7e, push1 e0, shl, push1 0, mstore, push1 20, push1 0, return: accepts everything.
    accepting = "0x631626ba7e60e01b60005260206000f3"
    village.coop.chain.rpc("anvil_setCode", village.key("ada").address, accepting)

    (counted,) = casting.submit(village.sender("gus"), village.instance, [other])

    assert (refused.status, refused.refusal) == ("skipped", 4)
    assert counted.status == "counted"
    assert village.ballot_on_chain(1, 1) == (FOR, 0, 1)


def test_ballots_on_a_closed_vote_are_not_sent(village: Village) -> None:
    parts = village.opened()
    signed = signed_by(village, "ada", parts)
    village.coop.close(parts.proposal_id)
    before = village.chain.head().number

    with pytest.raises(VotingClosed):
        casting.submit(village.sender("gus"), village.instance, [signed])
    assert village.chain.head().number == before
