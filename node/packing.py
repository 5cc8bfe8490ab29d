"""Packs signed ballots into the calldata of `castBallots` and `castPayBallots`.

One entry: flags(1) memberId(4) sequence(1) [rung(1) in pay votes] signature [length(2) reason].
The signature is r(32) vs(32) of EIP-2098, or length(2) and bytes for a contract account.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from node.ballot import CHOICES, Ballot, PayBallot, SignedBallot
from node.typed_data import Malformed

_REASON_FOLLOWS = 1 << 2
_LONG_SIGNATURE = 1 << 3


@dataclass(frozen=True)
class Ladder:
    """The rates that a pay vote offers: `start`, `start` + `step` … in minor units per hour."""

    start: int
    step: int
    rungs: int

    @property
    def end(self) -> int:
        """The highest rate offered."""
        return self.start + self.step * (self.rungs - 1)

    def rung_of(self, rate: int) -> int:
        """The rung of a rate, counted from 0; `Malformed` if the ladder has no such rung."""
        rung, rest = divmod(rate - self.start, self.step)
        if rest or not 0 <= rung < self.rungs:
            raise Malformed(
                f"The rate {rate} is no rung of the ladder {self.start} to {self.end} "
                f"by {self.step}.",
                hint="Choose a rate on offer: coop pay show PAYVOTE",
            )
        return rung


def pack(ballots: Iterable[SignedBallot], ladder: Ladder | None = None) -> bytes:
    """The packed batch; neighbours by memberId share storage, so the batch is in that order.

    Pay ballots need the vote's ladder. All ballots must be for one subject, `Malformed` otherwise.
    """
    ordered = sorted(ballots, key=lambda signed: (signed.ballot.member_id, signed.ballot.sequence))
    if len({(type(signed.ballot), signed.ballot.subject) for signed in ordered}) > 1:
        raise Malformed("The ballots of one batch must be for one proposal or one pay vote.")
    return b"".join(_entry(signed, ladder) for signed in ordered)


def _entry(signed: SignedBallot, ladder: Ladder | None) -> bytes:
    ballot = signed.ballot
    signature, flags = _signature(signed)
    reason = ballot.reason.encode()
    if reason:
        flags |= _REASON_FOLLOWS
    if isinstance(ballot, Ballot):
        flags |= CHOICES.index(ballot.choice)
    head = bytes([flags]) + ballot.member_id.to_bytes(4) + bytes([ballot.sequence])
    if isinstance(ballot, PayBallot):
        if ladder is None:
            raise Malformed("A pay ballot cannot be packed without the vote's ladder.")
        head += bytes([ladder.rung_of(ballot.rate)])
    return head + signature + (_counted(reason) if reason else b"")


def _signature(signed: SignedBallot) -> tuple[bytes, int]:
    if not signed.by_key:
        return _counted(signed.signature), _LONG_SIGNATURE
    r, s, v = signed.signature[:32], signed.signature[32:64], signed.signature[64]
    # s is below half the order, so its highest bit is free to hold the parity (EIP-2098).
    return r + bytes([s[0] | (v - 27) << 7]) + s[1:], 0


def _counted(data: bytes) -> bytes:
    return len(data).to_bytes(2) + data
