"""Roles, rates and pay votes as PayRates stores them."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import astuple

from indexer.audit.replay import Replay
from indexer.audit.replay.pay_votes import PayBallot, PayVote
from indexer.audit.replay.roles import Role
from indexer.audit.storage.words import Placed, Word, by_moment, mapped, packed, trace
from indexer.rules.pay import PayRule

RULES, STATE, NAMES, RETIRED, BEGINNINGS, ROLES = range(1, 7)
RATES, PAY_VOTE_COUNT, POLLS = 262, 263, 264
_CONTENT, _COUNTS, _LANES_OF = 1, 2, 18
"""Where these lie behind a pay vote's own word."""
_RULE = (24, 24, 24, 24, 32, 16, 16, 16, 8)
"""Bits of a pay rule's values in their order, the first one lowest."""
_LANES = 10  # members a word
_RUNGS = 16  # counts a word


def words(replay: Replay, assembly: int) -> Placed:
    """Yield every slot that roles, rates and pay votes determine."""
    roles, rules = list(replay.roles.values()), replay.pay_rules
    for version, rule in enumerate(rules, 1):
        yield mapped(version, RULES), Word(_rule(rule), f"pay rule {version}")
    present = sum(not role.retired for role in roles)
    state = packed(
        (assembly, 160),
        (len(rules), 32),
        (int.from_bytes(replay.currency, "big"), 24),
        (present, 8),
        (len(roles), 8),
    )
    yield STATE, Word(state, "newest pay rule, currency and number of roles")
    retired = sum(1 << number for number, role in enumerate(roles, 1) if role.retired)
    yield RETIRED, Word(retired, "which roles are retired")
    for number, role in enumerate(roles, 1):
        yield from _role(replay, number, role)
    yield PAY_VOTE_COUNT, Word(len(replay.pay_votes), "number of pay votes")
    numbers = {role.name: number for number, role in enumerate(roles, 1)}
    for vote in replay.pay_votes.values():
        yield from _vote(vote, numbers[vote.role])


def _rule(rule: PayRule) -> int:
    values = [int(value) for value in astuple(rule)]
    return packed(*zip(values, _RULE, strict=True))


def _role(replay: Replay, number: int, role: Role) -> Placed:
    name = int.from_bytes(role.name, "big")
    yield mapped(number, NAMES), Word(name, f"name of role {number}")
    first, *later = role.rates
    beginning = packed((number, 8), (first.since, 40), (first.rate, 40))
    yield mapped(name, BEGINNINGS), Word(beginning, f"first rate of role {role.word}")
    yield ROLES + number, Word(_record(replay, role), f"role {role.word}")
    rates = by_moment((each.since, each.rate) for each in later)
    yield from trace(mapped(number, RATES), rates, f"the rate of role {role.word}")


def _record(replay: Replay, role: Role) -> int:
    newest = replay.pay_votes.get(role.newest_vote)
    deadline = ends_at = 0
    if newest is not None:
        deadline, ends_at = 0 if newest.outcome else newest.deadline, newest.ends_at
    return packed(
        (role.rate, 40),
        (role.floor, 40),
        (role.step, 40),
        (role.max_change_bps, 16),
        (role.newest_vote, 32),
        (deadline, 40),
        (ends_at, 40),
    )


def _vote(vote: PayVote, role_number: int) -> Placed:
    what, slot, step = f"pay vote {vote.number}", mapped(vote.number, POLLS), vote.ladder.step
    lowest = vote.ladder.from_
    counts: Counter[int] = Counter()
    for rate, ballots in vote.counts.items():
        counts[(rate - lowest) // step] += ballots
    word = packed(
        (role_number, 8),
        (int(vote.outcome is not None), 8),
        (vote.opens_at, 40),
        (vote.deadline, 40),
        (vote.version, 32),
        (lowest, 40),
        (step, 40),
        ((vote.ladder.to - lowest) // step, 8),
        ((vote.present - lowest) // step, 8),
        (len(vote.ballots), 32),
    )
    yield slot, Word(word, f"ballots and state of {what}")
    content = int.from_bytes(vote.content, "big")
    yield slot + _CONTENT, Word(content, f"content of {what}")
    for place in range(_LANES_OF - _COUNTS):
        first = place * _RUNGS
        sixteen = packed(*((counts[first + rung], 16) for rung in range(_RUNGS)))
        told = f"ballots on rungs {first} to {first + _RUNGS - 1} of {what}"
        yield slot + _COUNTS + place, Word(sixteen, told)
    for number, lanes in _lanes(vote).items():
        first = number * _LANES
        told = f"ballots in {what} of members {first} to {first + _LANES - 1}"
        yield mapped(number, slot + _LANES_OF), Word(lanes, told)


def _lanes(vote: PayVote) -> Mapping[int, int]:
    """Return word -> the lanes of ten members; PayBallots.sol."""
    found: dict[int, int] = defaultdict(int)
    ballots: Mapping[int, PayBallot] = vote.ballots
    for member_id, (rate, epoch, sequence) in ballots.items():
        rung = (rate - vote.ladder.from_) // vote.ladder.step
        lane = packed((rung, 8), (epoch, 8), (sequence, 8))
        found[member_id // _LANES] |= lane << 24 * (member_id % _LANES)
    return found
