"""Pay votes on three roles; one of them falls short of its quorum and is filled."""

from collections.abc import Mapping, Sequence

from node import voting
from node.ballot import AnyBallot
from node.demo.stage import Stage
from node.voting import Voter

# Who calls the vote on a role. Of the couriers' vote only two members take note.
CALLERS = {"courier": "fay", "cook": "ben", "coordinator": "cleo"}
SHORT = "courier"


def members_set_pay(stage: Stage, voters: Sequence[str]) -> None:
    """Call a vote on each role, let members name rates, and close the votes."""
    votes = {role: _call(stage, role, name) for role, name in CALLERS.items()}
    deadlines = []
    for role, pay_vote in votes.items():
        parts = voting.pay_vote_parts(stage.chain, stage.instance, pay_vote)
        stage.warp(parts.opens_at + 1)
        deadlines.append(parts.deadline)
        _cast(stage, pay_vote, voters[:2] if role == SHORT else voters)
    stage.warp(max(deadlines) + 1)
    results = {role: _close(stage, pay_vote) for role, pay_vote in votes.items()}
    for role, (ballots, filled, rate) in results.items():
        stage.say(
            f"Pay vote on {role}: {ballots} ballots, {filled} filled in for the present rate, "
            f"result {rate / 100:.2f} GBP an hour."
        )


def _call(stage: Stage, role: str, name: str) -> int:
    pay_rates = stage.instance.pay_rates
    version = stage.chain.view("PayRates", pay_rates, "payRuleVersion")
    rule = stage.chain.view("PayRates", pay_rates, "payRuleOf", version)
    opens_at = stage.now() + rule["notice"] + 120
    sent = stage.act(name, "PayRates", "openPayVote", role.encode().ljust(32, b"\0"), opens_at)
    return int(sent.event("PayVoteOpened").args["payVoteId"])


def _cast(stage: Stage, pay_vote: int, voters: Sequence[str]) -> None:
    """Wishes from a little below the present rate upwards, carried in one batch."""
    parts = voting.pay_vote_parts(stage.chain, stage.instance, pay_vote)
    poll = voting.poll_on_rate(stage.chain, stage.instance, parts)
    ladder, present = parts.ladder, parts.present_rung
    rungs = {
        name: min(max(present - 2 + 2 * number, 0), ladder.rungs - 1)
        for number, name in enumerate(voters)
    }

    def draft(who: Voter, name: str) -> AnyBallot:
        rate = ladder.start + ladder.step * rungs[name]
        return voting.draft_pay_ballot(poll, who, ladder, rate)

    stage.carry(voters[0], stage.signed_by(poll, voters, draft))


def _close(stage: Stage, pay_vote: int) -> tuple[int, int, int]:
    closed: Mapping[str, int] = (
        stage.act("ada", "PayRates", "closePayVote", pay_vote).event("PayVoteClosed").args
    )
    return closed["ballots"], closed["filled"], closed["result"]
