"""What is wrong with bylaws: what the contracts would refuse, and what to think about."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from indexer.rules import bylaws as rules
from indexer.rules import pay
from indexer.rules.bylaws import DecisionClass, Rule
from indexer.rules.pay import PayRule
from node.bylaws import Bylaws, Problem, RoleTerms, read
from node.errors import BylawsProblem

_DAY = 86_400


def accepted(source: str, roll: int, roles: Sequence[RoleTerms] | None = None) -> Bylaws:
    """Return bylaws that the contracts take from `roll` founders, or name every problem.

    `roles`, where given, stand in place of those of the file.
    """
    bylaws, problems = read(source)
    if bylaws is not None:
        bylaws = bylaws if roles is None else replace(bylaws, roles=tuple(roles))
        problems = [*problems, *(each for each in lint(bylaws, roll) if not each.advice)]
    if bylaws is None or problems:
        raise BylawsProblem(
            "\n  ".join(["The bylaws cannot be used:", *(f"{p.key}: {p.text}" for p in problems)]),
            hint="Correct them and check with: coop bylaws lint FILE",
            details={"problems": [problem._asdict() for problem in problems]},
        )
    return bylaws


def lint(bylaws: Bylaws, roll: int) -> list[Problem]:
    """Return what the contracts would refuse for a roll of `roll` members, then advice."""
    by_class = bylaws.by_class()
    problems = [
        problem for each, rule in by_class.items() for problem in _lint_rule(each, rule, roll)
    ]
    if rules.recovery_too_quick(by_class):
        problems.append(
            Problem(
                "recovery.notice",
                "must be at least the notice of removal: a key is not taken "
                "more quickly than a membership",
            )
        )
    if bylaws.probation > 365 * _DAY:
        problems.append(Problem("probation", "must be at most 365 days"))
    problems += _lint_pay(bylaws.pay_rule)
    problems += _lint_roles(bylaws.roles, bylaws.pay_rule)
    return problems + _advice(by_class, roll)


# The key of a file that a value of a rule is written under, where they differ.
_KEYS = {
    "quorum_min": "quorum_members",
    "quorum_bps": "quorum",
    "second_call_bps": "second_call_quorum",
    "pass_num": "threshold",
    "pass_den": "threshold",
    "strict": "threshold",
}

_BOUNDS: Mapping[str, str] = {
    "notice": "must be at most 60 days (for removal at least 1 day)",
    "voting_period": "must be 1 hour to 60 days",
    "execution_delay": "must be at most 60 days (for removal at least 1 day, to appeal)",
    "grace": "must be 1 day to 180 days",
    "cool_down": "must be at most 180 days",
    "swing_window": "must be at most 7 days and at most the voting period",
    "swing_cap": "must be at most 14 days, at least swing_window, and 0 if that is 0",
    "second_call_delay": "must be 0 (no second call) or 1 hour to 30 days",
    "second_call_quorum": "must be at most the quorum, and 0 without a second call",
    "quorum_members": "must be 1 to 16383",
    "quorum": "must be at most 100 %",
    "max_against": 'must be "no limit" or 0 to 65534',
    "threshold": "must be a fraction up to 1 with a denominator up to 100; nothing is above all",
}


def _lint_rule(decision_class: DecisionClass, rule: Rule, roll: int) -> list[Problem]:
    names = (_KEYS.get(each, each) for each in rules.out_of_bounds(decision_class, rule))
    problems = [
        Problem(f"{decision_class.word}.{name}", _BOUNDS[name]) for name in dict.fromkeys(names)
    ]
    if not problems and not rules.reachable(rule, roll):
        # Within the bounds only this makes a rule unreachable: a share of the roll never does.
        said = f"asks for {rule.quorum_min} members: with {roll} nothing of this class can pass"
        problems.append(Problem(f"{decision_class.word}.quorum_members", said))
    return problems


_PAY_BOUNDS: Mapping[str, str] = {
    "notice": "must be at most 60 days",
    "voting_period": "must be 1 hour to 60 days",
    "grace": "must be 1 day to 180 days",
    "rest": "must be at most 180 days",
    "period": "must be 1 day to 3650 days",
    "ratio_cap": 'must be "none" or 1:1 to 100:1',
    "quorum_members": "must be 1 to 65535",
    "quorum": "must be at most 100 %",
}


def _lint_pay(rule: PayRule) -> list[Problem]:
    names = (_KEYS.get(each, each) for each in pay.out_of_bounds(rule))
    return [Problem(f"pay_votes.{name}", _PAY_BOUNDS[name]) for name in names]


def _lint_roles(roles: Sequence[RoleTerms], rule: PayRule) -> list[Problem]:
    problems = [
        problem for number, role in enumerate(roles, 1) for problem in _lint_role(number, role)
    ]
    names = [role.name for role in roles]
    problems += [
        Problem("role", f"{name} is named twice")
        for name in sorted(set(names))
        if names.count(name) > 1
    ]
    if len(roles) > 32:
        problems.append(Problem("role", f"{len(roles)} roles; at most 32"))
    rates = [role.rate for role in roles]
    if rule.ratio_cap and rates and max(rates) * 100 > min(rates) * rule.ratio_cap:
        problems.append(
            Problem("pay_votes.ratio_cap", "the roles' rates are further apart than this")
        )
    return problems


def _lint_role(number: int, role: RoleTerms) -> list[Problem]:
    checks = (
        ("name", 1 <= len(role.name.encode()) <= 31, "must have 1 to 31 bytes"),
        ("rate", 1 <= role.rate <= pay.MAX_RATE, f"must be 1 to {pay.MAX_RATE}"),
        ("floor", role.floor <= role.rate, "must be at most the rate"),
        ("step", 1 <= role.step <= pay.MAX_RATE, f"must be 1 to {pay.MAX_RATE}"),
        ("max_change", 1 <= role.max_change_bps <= 10_000, "must be 0.01 % to 100 %"),
    )
    return [Problem(f"role {number}.{key}", said) for key, within, said in checks if not within]


def _advice(by_class: Mapping[DecisionClass, Rule], roll: int) -> list[Problem]:
    """What is legal and yet contradicts itself."""
    own = by_class[DecisionClass.BYLAWS]
    said = []
    for each, rule in by_class.items():
        if rule.second_call_delay and rule.second_call_bps == rule.quorum_bps:
            said.append(
                Problem(
                    f"{each.word}.second_call_quorum",
                    "is the quorum itself: the second call changes nothing",
                    advice=True,
                )
            )
        if rule.max_against != rules.NO_LIMIT and rule.max_against >= roll:
            said.append(
                Problem(
                    f"{each.word}.max_against", f"limits nothing with {roll} members", advice=True
                )
            )
        if _easier(own, rule):
            said.append(
                Problem(
                    "bylaws.threshold",
                    f"is lower than that of {each.word}: whoever can change "
                    "the bylaws can change that one first",
                    advice=True,
                )
            )
    return said


def _easier(one: Rule, other: Rule) -> bool:
    """Whether a rule's threshold lies below another's."""
    left, right = one.pass_num * other.pass_den, other.pass_num * one.pass_den
    lower = left < right or (left == right and other.strict and not one.strict)
    return lower and one.basis_roll <= other.basis_roll
