"""What the Assembly stores (contracts/Assembly, modules/ProposalBook, Proposals, Poll, Lanes)."""

from collections import Counter

from indexer.audit.replay import Replay
from indexer.audit.replay.proposals import Proposal
from indexer.audit.storage.words import Fields, Word, Words, slot_of

PROPOSAL_COUNT = 1
POLLS = 2
LATERS = 3
CONTENTS = 4
NEWEST_OF = 5
NEWEST_SAME = 6
LANES = 7

POLL_FIELDS = Fields(
    opens_at=40,
    closes_after=24,
    extension=21,
    swing_window=20,
    against=32,
    in_favour=32,
    abstaining=32,
    decision_class=3,
    subject_excluded=1,
    second_call_possible=1,
    second_called=1,
    canceled=1,
    executed=1,
    proposer=32,
    rule_version=15,
)
LATER_FIELDS = Fields(subject_id=32, eta=40, confirmation=56, confirms=56, same_before=56)
NEWEST_FIELDS = Fields(proposal_id=56, free_by=40)
LANE_FIELDS = Fields(choice=2, epoch=6, sequence=8)
"""Of one member's ballot; `choice` is one above its number, zero for none."""
LANES_A_WORD, LANE_BITS = 16, 16
EPOCHS = 64
"""A lane holds the epoch modulo this."""


def words(replay: Replay) -> Words:
    """Return every word of the Assembly that the replay knows."""
    proposals = replay.proposals
    found = {PROPOSAL_COUNT: Word(len(proposals), "number of proposals")}
    for number, proposal in proposals.items():
        what = f"proposal {number}"
        found[slot_of(number, POLLS)] = Word(_poll(proposal), f"{what} with its tally")
        found[slot_of(number, LATERS)] = Word(_later(proposal), f"steps of {what}")
        content = int.from_bytes(proposal.content)
        found[slot_of(number, CONTENTS)] = Word(content, f"content of {what}")
        found |= _lanes(proposal)
        # Of whom and of what it is the newest; the last one that is written stands.
        if proposal.proposer:
            whose = f"newest proposal of member {proposal.proposer}"
            found[slot_of(proposal.proposer, NEWEST_OF)] = Word(_newest(proposal), whose)
        if proposal.substance:
            slot = slot_of(int.from_bytes(proposal.substance), NEWEST_SAME)
            found[slot] = Word(number, f"newest proposal of the substance of {what}")
    return found


def _poll(proposal: Proposal) -> int:
    """A second call and an expiry that nobody wrote down are in no word: the views infer them."""
    rule, tally = proposal.rule, proposal.tally
    return POLL_FIELDS.word_of(
        opens_at=proposal.opens_at,
        closes_after=proposal.planned_end - proposal.opens_at,
        extension=proposal.deadline - proposal.planned_end,
        swing_window=rule.swing_window,
        against=tally.against,
        in_favour=tally.for_,
        abstaining=tally.abstain,
        decision_class=proposal.decision_class,
        subject_excluded=proposal.excluded != 0,
        second_call_possible=rule.second_call_delay != 0,
        second_called=proposal.second_called,
        canceled=proposal.canceled,
        executed=proposal.executed,
        proposer=proposal.proposer,
        rule_version=proposal.version,
    )


def _later(proposal: Proposal) -> int:
    return LATER_FIELDS.word_of(
        subject_id=proposal.subject,
        eta=proposal.eta,
        confirmation=proposal.confirmation,
        confirms=proposal.confirms,
        same_before=proposal.same_before,
    )


def _newest(proposal: Proposal) -> int:
    """With the moment by which its vote has ended, were it extended and called again."""
    rule = proposal.rule
    longest = rule.voting_period + rule.second_call_delay + 2 * rule.swing_cap
    return NEWEST_FIELDS.word_of(proposal_id=proposal.number, free_by=proposal.opens_at + longest)


def _lanes(proposal: Proposal) -> Words:
    """The words in which at least one ballot stands."""
    sixteens: Counter[int] = Counter()
    for member_id, ballot in proposal.ballots.items():
        lane = LANE_FIELDS.word_of(
            choice=ballot.choice + 1,
            epoch=ballot.lane.epoch % EPOCHS,
            sequence=ballot.lane.sequence,
        )
        place, lane_number = divmod(member_id, LANES_A_WORD)
        sixteens[place] |= lane << LANE_BITS * lane_number
    lanes = slot_of(proposal.number, LANES)
    return {
        slot_of(place, lanes): Word(value, f"{_members(place)} on proposal {proposal.number}")
        for place, value in sixteens.items()
    }


def _members(place: int) -> str:
    first = place * LANES_A_WORD
    return f"ballots of members {first} to {first + LANES_A_WORD - 1}"
