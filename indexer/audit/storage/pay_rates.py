"""What PayRates stores of rules, roles and rates (contracts/PayRates, modules/PayRuleBook and
PayRoles); what it stores of pay votes is in `pay_votes`."""

from indexer.audit.replay import Replay
from indexer.audit.replay.pay_votes import PayVote
from indexer.audit.replay.roles import Rate, Role
from indexer.audit.storage import pay_votes
from indexer.audit.storage.words import Fields, Word, Words, number_of, slot_of, trace

RULES = 1
STATE = 2
NAMES = 3
RETIRED = 4
BEGINNINGS = 5
ROLES = 6
RATES = 262

STATE_FIELDS = Fields(assembly=160, newest_version=32, currency=24, role_count=8, last_number=8)
RULE_FIELDS = Fields(
    notice=24,
    voting_period=24,
    grace=24,
    rest=24,
    period=32,
    ratio_cap=16,
    quorum_min=16,
    quorum_bps=16,
    fill_to_roll=8,
)
BEGINNING_FIELDS = Fields(number=8, since=40, rate=40)
ROLE_FIELDS = Fields(
    rate=40, floor=40, step=40, max_change_bps=16, last_pay_vote=32, deadline=40, ends_at=40
)


def words(replay: Replay, assembly: str) -> Words:
    """Return every word of PayRates that the replay knows."""
    roles = replay.roles.values()
    found = {
        STATE: Word(_state(replay, assembly), "Assembly, newest pay rule, currency and roles"),
        RETIRED: Word(
            sum(role.retired << number for number, role in enumerate(roles, start=1)),
            "which roles are retired",
        ),
    }
    for version, rule in enumerate(replay.pay_rules, start=1):
        word = RULE_FIELDS.word_of(**vars(rule))
        found[slot_of(version, RULES)] = Word(word, f"pay rule, version {version}")
    for number, role in enumerate(roles, start=1):
        found |= _role(number, role, replay.pay_votes.get(role.newest_vote))
    numbers = {role.name: number for number, role in enumerate(roles, start=1)}
    found |= pay_votes.words(replay.pay_votes, numbers)
    return found


def _state(replay: Replay, assembly: str) -> int:
    return STATE_FIELDS.word_of(
        assembly=number_of(assembly),
        newest_version=len(replay.pay_rules),
        currency=int.from_bytes(replay.currency),
        role_count=sum(not role.retired for role in replay.roles.values()),
        last_number=len(replay.roles),
    )


def _role(number: int, role: Role, newest: PayVote | None) -> Words:
    """A role's words; numbers count from 1 in the order in which roles were added."""
    name, what = int.from_bytes(role.name), f"role {role.word}"
    first, *later = role.rates or [Rate(0, 0, 0)]
    beginning = BEGINNING_FIELDS.word_of(number=number, since=first.since, rate=first.rate)
    rates = [(each.since, each.rate) for each in later]
    return {
        slot_of(number, NAMES): Word(name, f"name of {what}"),
        slot_of(name, BEGINNINGS): Word(beginning, f"number and first rate of {what}"),
        ROLES + number: Word(_record(role, newest), f"present rate and terms of {what}"),
        **trace(slot_of(number, RATES), rates, f"rates of {what}"),
    }


def _record(role: Role, newest: PayVote | None) -> int:
    """Closing a pay vote wipes out its deadline; when one expires, nothing is written."""
    return ROLE_FIELDS.word_of(
        rate=role.rate,
        floor=role.floor,
        step=role.step,
        max_change_bps=role.max_change_bps,
        last_pay_vote=role.newest_vote,
        deadline=newest.deadline if newest and newest.outcome is None else 0,
        ends_at=newest.ends_at if newest else 0,
    )
