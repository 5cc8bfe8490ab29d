"""What PayRates stores of pay votes (contracts/modules/PayVoteBook, PayBallots, Histogram)."""

from collections import Counter
from collections.abc import Mapping

from indexer.audit.replay.pay_votes import PayVote
from indexer.audit.storage.words import Fields, Word, Words, slot_of
from indexer.rules.pay import Ladder

PAY_VOTE_COUNT = 263
POLLS = 264
CONTENT, COUNTS, LANES = 1, 2, 18
"""Words of a poll, counted from its own slot; the vote lies in the first."""

VOTE_FIELDS = Fields(
    role_number=8,
    closed=8,
    opens_at=40,
    deadline=40,
    rule_version=32,
    from_=40,
    step=40,
    top_rung=8,
    present_rung=8,
    ballots=32,
)
COUNTS_A_WORD, COUNT_BITS = 16, 16
LANE_FIELDS = Fields(rung=8, epoch=8, sequence=8)
LANES_A_WORD, LANE_BITS = 10, 24
EPOCHS = 256
"""A lane holds the epoch modulo this."""
RUNGS = 256
"""A ladder has no more, so that no word holds this as a rung."""


def words(votes: Mapping[int, PayVote], numbers: Mapping[bytes, int]) -> Words:
    """Return all words of pay votes; `numbers` are the roles' by name."""
    found = {PAY_VOTE_COUNT: Word(len(votes), "number of pay votes")}
    for number, vote in votes.items():
        slot, what = slot_of(number, POLLS), f"pay vote {number}"
        found[slot] = Word(_vote(vote, numbers[vote.role]), what)
        found[slot + CONTENT] = Word(int.from_bytes(vote.content), f"content of {what}")
        found |= _counts(vote, slot + COUNTS)
        found |= _lanes(vote, slot + LANES)
    return found


def _vote(vote: PayVote, role_number: int) -> int:
    ladder = vote.ladder
    return VOTE_FIELDS.word_of(
        role_number=role_number,
        closed=vote.outcome is not None,
        opens_at=vote.opens_at,
        deadline=vote.deadline,
        rule_version=vote.version,
        from_=ladder.from_,
        step=ladder.step,
        top_rung=_rung(ladder, ladder.to),
        present_rung=_rung(ladder, vote.present),
        ballots=len(vote.ballots),
    )


def _rung(ladder: Ladder, rate: int) -> int:
    """The rung of a rate; RUNGS if the ladder has none such."""
    above = rate - ladder.from_
    if ladder.step == 0 or above % ladder.step:
        return RUNGS
    return above // ladder.step if 0 <= above < RUNGS * ladder.step else RUNGS


def _counts(vote: PayVote, slot: int) -> Words:
    """The histogram as far as the ladder goes."""
    standing = {_rung(vote.ladder, rate): count for rate, count in vote.counts.items()}
    top = min(_rung(vote.ladder, vote.ladder.to), RUNGS - 1)
    found = {}
    for place in range(top // COUNTS_A_WORD + 1):
        first = place * COUNTS_A_WORD
        value = sum(
            standing.get(first + number, 0) << COUNT_BITS * number
            for number in range(COUNTS_A_WORD)
        )
        rungs = f"rungs {first} to {first + COUNTS_A_WORD - 1}"
        found[slot + place] = Word(value, f"ballots on {rungs} of pay vote {vote.number}")
    return found


def _lanes(vote: PayVote, slot: int) -> Words:
    """The words in which at least one ballot stands."""
    tens: Counter[int] = Counter()
    for member_id, ballot in vote.ballots.items():
        lane = LANE_FIELDS.word_of(
            rung=_rung(vote.ladder, ballot.rate),
            epoch=ballot.epoch % EPOCHS,
            sequence=ballot.sequence,
        )
        place, lane_number = divmod(member_id, LANES_A_WORD)
        tens[place] |= lane << LANE_BITS * lane_number
    return {
        slot_of(place, slot): Word(value, f"{_members(place)} in pay vote {vote.number}")
        for place, value in tens.items()
    }


def _members(place: int) -> str:
    first = place * LANES_A_WORD
    return f"ballots of members {first} to {first + LANES_A_WORD - 1}"
