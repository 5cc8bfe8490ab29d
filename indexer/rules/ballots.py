"""Which ballots stand, and the sequence of a ballot whose event does not say it.

VoteCast is IGovernor's event and has no room for a sequence: it is one above that of the ballot
replaced, in the same epoch, unless BallotSequence announced another right before.
"""

from collections.abc import Iterable
from typing import NamedTuple

from indexer.rules.bylaws import Tally

CHOICES = ("against", "for", "abstain")
"""The words of the contract's numbers 0, 1, 2."""
REFUSALS = (
    "none",
    "unknown_member",
    "not_eligible",
    "person_concerned",
    "bad_signature",
    "stale_sequence",
    "already_voted",
    "bad_choice",
    "bad_reason",
)
"""The words of the contract's `Refusal`, in its order."""

_EPOCHS = 64  # the contract keeps six bits of a ballot's epoch


class Lane(NamedTuple):
    """What the contract remembers of a member's ballot on a proposal."""

    epoch: int
    sequence: int


def next_sequence(lane: Lane | None, epoch: int, announced: int | None) -> int:
    """Return the sequence of the ballot that follows `lane`, cast in `epoch`."""
    if announced is not None:
        return announced
    if lane is None or lane.epoch % _EPOCHS != epoch % _EPOCHS:
        return 1
    return lane.sequence + 1


def tally(standing: Iterable[tuple[int, str]]) -> Tally:
    """Count ballots (memberId, choice) in the order of casting: each member's last one stands."""
    choices = list(dict(standing).values())
    return Tally(*(choices.count(word) for word in ("for", "against", "abstain")))
