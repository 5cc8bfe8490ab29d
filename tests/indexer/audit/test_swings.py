"""The contract judges a late swing once a call: the replay faults no transaction with two calls."""

from indexer.audit.replay import Replay
from tests.contracts.coop import FOR
from tests.indexer.audit.histories import History
from tests.indexer.audit.tampering import Told, place, spaced

CAST, EXTENDED = "Assembly.VoteCast", "Assembly.ProposalExtended"
CLOSE = 3
"""The close vote: ada and ben for, cleo and dan against, then late eve for, fay against, hal for;
each of the late ones turns the outcome and moves the deadline."""


def together(told: Told, first: int, last: int) -> Told:
    """The events of those places in one transaction, that of the last, at its second."""
    into, moment = told[last]
    merged = [
        (
            event._replace(
                block=into.block,
                tx_hash=into.tx_hash,
                log_index=into.log_index - last + place_,
            ),
            moment,
        )
        for place_, (event, _) in enumerate(told[first : last + 1], first)
    ]
    return told[:first] + merged + told[last + 1 :]


def swings(replay: Replay) -> list[str]:
    """What is said of swings."""
    return [each.where for each in replay.mismatches if each.check == "4.3.11"]


def test_a_call_that_turns_nothing_may_come_before_one_that_does(told: History) -> None:
    season = spaced(told.events)
    dan = place(season, CAST, 3, proposalId=CLOSE)
    eve = place(season, CAST, 4, proposalId=CLOSE)
    assert season[eve + 1][0].key == EXTENDED
    replay = told.replayed(together(season, dan, eve + 1))
    assert replay.mismatches == []


def test_a_second_turn_in_the_same_second_moves_nothing_more(told: History) -> None:
    season = spaced(told.events)
    eve = place(season, CAST, 4, proposalId=CLOSE)
    fay = place(season, CAST, 5, proposalId=CLOSE)
    without = season[: fay + 1] + season[fay + 2 :]
    merged = together(without, eve, fay)
    # Fay's second is eve's now, and the move that eve brought about leads on from there.
    at = merged[eve][1]
    event, _ = merged[eve + 1]
    moved = event._replace(args={**event.args, "extendedDeadline": at + 3_600})
    merged[eve + 1] = (moved, at)
    said = told.replayed(merged[: fay + 1])
    assert swings(said) == []
    # Had it been one batch, its two ballots together would have turned nothing.
    batch = merged[: eve + 1] + merged[eve + 2 : fay + 1]
    assert swings(told.replayed(batch)) == []


def test_a_turn_after_the_logged_one_is_still_judged(told: History) -> None:
    season = spaced(told.events)
    eve = place(season, CAST, 4, proposalId=CLOSE)
    event, at = season[eve + 1]
    early = event._replace(args={**event.args, "extendedDeadline": at + 3_599})
    season[eve + 1] = (early, at)
    assert len(swings(told.replayed(season[: eve + 2]))) == 1


def test_each_late_ballot_of_the_close_vote_turns_it(told: History) -> None:
    season = spaced(told.events)
    moves = [event for event, _ in season if event.key == EXTENDED]
    assert [event.args["proposalId"] for event in moves].count(CLOSE) == 3
    last = place(season, CAST, -1, proposalId=CLOSE)
    assert season[last][0].args["support"] == FOR
