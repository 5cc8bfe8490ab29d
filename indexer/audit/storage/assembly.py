"""Proposals and ballots as the Assembly stores them."""

from collections import defaultdict
from collections.abc import Mapping

from indexer.audit.replay import Replay
from indexer.audit.replay.proposals import Proposal, Standing
from indexer.audit.storage.words import WHOLE, Placed, Word, mapped, packed

COUNT, POLLS, LATERS, CONTENTS, NEWEST_OF, _NEWEST_SAME, LANES = range(1, 8)
_SAME_BEFORE = ((1 << 56) - 1) << 184
"""Of a later word: what leads to proposals of the same substance."""
_LANES = 16  # members a word


def words(replay: Replay) -> Placed:
    """Yield every slot that proposals and their ballots determine."""
    yield COUNT, Word(len(replay.proposals), "number of proposals")
    newest: dict[int, Proposal] = {}
    for number, proposal in replay.proposals.items():
        what = f"proposal {number}"
        yield mapped(number, POLLS), Word(_poll(proposal), f"tally of {what}")
        content = int.from_bytes(proposal.content, "big")
        yield mapped(number, CONTENTS), Word(content, f"content of {what}")
        later = Word(_later(proposal), f"course of {what}", WHOLE ^ _SAME_BEFORE)
        yield mapped(number, LATERS), later
        of_proposal = mapped(number, LANES)
        for word, lanes in _lanes(proposal.ballots).items():
            first = word * _LANES
            who = f"ballots on {what} of members {first} to {first + _LANES - 1}"
            yield mapped(word, of_proposal), Word(lanes, who)
        if proposal.proposer:
            newest[proposal.proposer] = proposal
    for member_id, proposal in newest.items():
        place = packed((proposal.number, 56), (_free_by(proposal), 40))
        yield mapped(member_id, NEWEST_OF), Word(place, f"newest proposal of member {member_id}")


def _poll(proposal: Proposal) -> int:
    """Poll.sol."""
    rule = proposal.rule
    return packed(
        (proposal.opens_at, 40),
        (proposal.planned_end - proposal.opens_at, 24),
        (proposal.deadline - proposal.planned_end, 21),
        (rule.swing_window, 20),
        *((count, 32) for count in proposal.counts),
        (int(proposal.decision_class), 3),
        (int(proposal.excluded != 0), 1),
        (int(rule.second_call_delay != 0), 1),
        (int(proposal.second_called), 1),
        (int(proposal.canceled), 1),
        (int(proposal.executed), 1),
        (proposal.proposer, 32),
        (proposal.version, 15),
    )


def _later(proposal: Proposal) -> int:
    return packed(
        (proposal.subject, 32),
        (proposal.eta, 40),
        (proposal.confirmation, 56),
        (proposal.confirms, 56),
    )


def _lanes(ballots: Mapping[int, Standing]) -> Mapping[int, int]:
    """Return word -> the lanes of sixteen members; Lanes.sol."""
    found: dict[int, int] = defaultdict(int)
    for member_id, ((epoch, sequence), choice) in ballots.items():
        lane = packed((choice + 1, 2), (epoch, 6), (sequence, 8))
        found[member_id // _LANES] |= lane << 16 * (member_id % _LANES)
    return found


def _free_by(proposal: Proposal) -> int:
    """When its proposer may make another one at the latest: as it was planned when it was made."""
    rule = proposal.rule
    planned = proposal.opens_at + rule.voting_period + rule.second_call_delay
    return planned + 2 * rule.swing_cap
