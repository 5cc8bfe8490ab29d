"""When a late swing of the outcome makes a vote longer (contracts/modules/BallotBox, Poll).

`planned_end` is the deadline as the rule gave it, with the second call once that is open; the
deadline lies behind it while the vote is extended. All in seconds.
"""

from indexer.rules.bylaws import Rule


def is_late(rule: Rule, planned_end: int, now: int) -> bool:
    """Return whether a swing now would make the vote longer."""
    return rule.swing_window != 0 and now + rule.swing_window >= planned_end


def extended(rule: Rule, planned_end: int, deadline: int, now: int) -> int | None:
    """Return the deadline after a swing now; None if it stays where it is."""
    if not is_late(rule, planned_end, now):
        return None
    moved = min(now + rule.swing_window, planned_end + rule.swing_cap)
    return moved if moved > deadline else None
