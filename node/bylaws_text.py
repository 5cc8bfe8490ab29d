"""Bylaws in plain words, for people who must live by them."""

from indexer.rules.bylaws import NO_LIMIT, DecisionClass, Rule
from indexer.rules.pay import PayRule
from node.bylaws import Bylaws, Kept
from node.output import duration

TITLES = {
    DecisionClass.ORDINARY: "Ordinary decisions",
    DecisionClass.ADMISSION: "Admitting a candidate",
    DecisionClass.REMOVAL: "Suspending or expelling a member",
    DecisionClass.RECOVERY: "Giving a member a new key",
    DecisionClass.PAY: "Roles and the rules of pay votes",
    DecisionClass.BYLAWS: "Changing the bylaws",
    DecisionClass.EXTERNAL: "Acting on other contracts",
}

_KEPT: dict[Kept, str] = {
    "on chain": "What the contracts hold to by themselves",
    "on paper": "What the co-op must see to, on paper",
    "unsupported": "What cannot be done with these contracts",
}


def whole(bylaws: Bylaws) -> dict[str, list[str]]:
    """Return all bylaws as sentences under their titles."""
    said = {TITLES[each]: sentences(rule) for each, rule in bylaws.by_class().items()}
    said[f"Pay votes, in {bylaws.currency}"] = pay_sentences(bylaws.pay_rule)
    waiting = f"A candidate waits {duration(bylaws.probation)} before admission."
    said["Joining"] = [waiting]
    return said


def clauses(bylaws: Bylaws) -> dict[str, list[str]]:
    """Return what a law or a model demands, under who sees to it."""
    said = {
        title: [
            f"{each.article}: {each.demands}. {each.how}"
            for each in bylaws.clauses
            if each.kept == kept
        ]
        for kept, title in _KEPT.items()
    }
    return {title: found for title, found in said.items() if found}


def sentences(rule: Rule) -> list[str]:
    """Return a rule of a decision class as sentences."""
    period = duration(rule.voting_period)
    said = [
        f"The vote opens {_after(rule.notice)} the proposal and lasts {period}.",
        f"Quorum: {_quorum(rule.quorum_min, rule.quorum_bps)}, "
        f"counting {'everybody who votes' if rule.presence else 'votes for only'}.",
    ]
    if rule.second_call_delay:
        said.append(
            f"If it is missed, the vote stays open {duration(rule.second_call_delay)} more with a "
            f"quorum of {_quorum(rule.quorum_min, rule.second_call_bps)}."
        )
    said.append(_passing(rule))
    if not rule.subject_votes:
        said.append("The person concerned has no vote and is not counted.")
    if rule.swing_window:
        said.append(
            f"If the outcome flips in the last {duration(rule.swing_window)}, the vote is "
            f"extended, by at most {duration(rule.swing_cap)}."
        )
    said.append(
        f"It takes effect {_after(rule.execution_delay)} queueing; it expires if that is not done "
        f"within {duration(rule.grace)}."
    )
    if rule.cool_down:
        said.append(f"After a defeat the same waits {duration(rule.cool_down)}.")
    return said


def pay_sentences(rule: PayRule) -> list[str]:
    """Return how pay votes run as sentences."""
    absent = "the whole roll" if rule.fill_to_roll else "the quorum"
    said = [
        f"The vote opens {_after(rule.notice)} the call and lasts {duration(rule.voting_period)}.",
        f"Absences count for the present rate, up to {absent}; the middle ballot wins.",
        f"Quorum: {_quorum(rule.quorum_min, rule.quorum_bps)}.",
        f"Largest changes count from the rate {duration(rule.period)} before.",
        f"A role rests {duration(rule.rest)} between two votes; an uncounted vote expires after "
        f"{duration(rule.grace)}.",
    ]
    if rule.ratio_cap:
        said.append(f"No role earns more than {rule.ratio_cap / 100:g} times another.")
    return said


def _passing(rule: Rule) -> str:
    share = f"{'more than' if rule.strict else 'at least'} {rule.pass_num}/{rule.pass_den}"
    basis = "the whole roll" if rule.basis_roll else "the votes for and against"
    limit = ""
    if rule.max_against == 0:
        limit = ", and nobody votes against"
    elif rule.max_against != NO_LIMIT:
        plural = "" if rule.max_against == 1 else "s"
        limit = f", and at most {rule.max_against} member{plural} against"
    return f"It passes with {share} of {basis} in favour{limit}. A tie is lost."


def _quorum(least: int, bps: int) -> str:
    members = f"{least} member{'' if least == 1 else 's'}"
    return f"{bps / 100:g} % of the roll, at least {members}" if bps else members


def _after(seconds: int) -> str:
    return f"{duration(seconds)} after" if seconds else "right after"
