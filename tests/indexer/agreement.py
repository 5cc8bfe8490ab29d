"""Compares everything that the mirror answers with the views of the contracts, at one block."""

from typing import Any

from sqlmodel import Session, select

from indexer import queries
from indexer.queries import AsOf
from indexer.rules.bylaws import DecisionClass
from indexer.tables import RecoveryStep
from tests.contracts.coop import STATES
from tests.indexer.mirrored import Mirrored

STANDINGS = ("none", "active", "suspended", "left", "expelled")
PAY_STATES = ("pending", "open", "counting", "closed", "expired")


def assert_agrees(mirror: Mirrored) -> None:
    """The mirror's newest block must look to the mirror as it looks to the contracts."""
    with mirror.asking() as (session, as_of):
        _members(mirror, session, as_of)
        _guardians(mirror, session, as_of)
        _rules(mirror, session, as_of)
        _proposals(mirror, session, as_of)
        _rates(mirror, session, as_of)
        _pay_votes(mirror, session, as_of)


def _members(mirror: Mirrored, session: Session, as_of: AsOf) -> None:
    at = as_of.block
    roll = queries.roll(session, as_of)
    assert mirror.view("Membership", "lastMemberId", at=at) == len(roll.members)
    assert mirror.view("Membership", "rollSize", at=at) == roll.size_at(as_of.timestamp)
    for moment in range(as_of.timestamp - 40_000, as_of.timestamp - 1, 7_919):
        past = mirror.view("Membership", "getPastTotalSupply", moment, at=at)
        assert roll.size_at(moment) == past
    for account, member_id in roll.member_ids.items():
        assert mirror.view("Membership", "memberIdOf", account, at=at) == member_id
        current = queries.current_member(session, as_of, account)
        active = mirror.view("Membership", "activeMemberIdOf", account, at=at)
        assert (current.member_id if current else 0) == active
    for info in queries.members(session, as_of):
        if info.member_id is None:
            assert mirror.view("Membership", "appliedAt", info.account, at=at) == info.since
            continue
        record = mirror.view("Membership", "memberOf", info.member_id, at=at)
        found = (info.account, info.since, info.until or 0, info.epoch)
        assert tuple(record.values()) == found
        standing = mirror.view("Membership", "standingOf", info.member_id, at=at)
        assert STANDINGS[standing["standing"]] == info.status
        assert standing["suspendedUntil"] == (info.suspended_until or 0)
    probation = queries.probation_of(session, as_of)
    assert mirror.view("Membership", "probation", at=at) == probation


def _guardians(mirror: Mirrored, session: Session, as_of: AsOf) -> None:
    for member_id in queries.roll(session, as_of).members:
        ours = queries.guardians(session, as_of, member_id)
        theirs = mirror.view("Membership", "guardiansOf", member_id, at=as_of.block)
        assert [each.hex() for each in (theirs["listHash"], theirs["nextHash"])] == [
            (each or "0x" + "00" * 32)[2:] for each in (ours.list_hash, ours.next_hash)
        ]
        assert theirs["nextFrom"] == (ours.next_from or 0)
        assert theirs["recoveredAt"] == (ours.recovered_at or 0)
        begun = {each.account: each for each in ours.recoveries}
        named = select(RecoveryStep.account).where(RecoveryStep.member_id == member_id)
        for account in {each for each in session.exec(named) if each}:
            found = mirror.view("Membership", "recoveryOf", member_id, account, at=as_of.block)
            each = begun.get(account)
            assert found["supporters"].bit_count() == (len(each.supporters) if each else 0)
            assert found["dueAt"] == ((each and each.due_at) or 0)
            assert found["expiresAt"] == (each.expires_at if each else 0)


def _rules(mirror: Mirrored, session: Session, as_of: AsOf) -> None:
    for decision_class, found in queries.rules_in_force(session, as_of).items():
        assert found.class_ == DecisionClass(decision_class).word
        force = mirror.view("Bylaws", "inForce", decision_class, at=as_of.block)
        assert force["version"] == found.version
        assert tuple(force["rule"].values()) == tuple(vars(found.rule).values())
    newest = queries.pay_rules(session, as_of)[-1]
    theirs = mirror.view("PayRates", "payRuleOf", newest.version, at=as_of.block)
    assert tuple(theirs.values()) == tuple(vars(newest.rule).values())


def _proposals(mirror: Mirrored, session: Session, as_of: AsOf) -> None:
    found = queries.proposals(session, as_of)
    at = as_of.block
    assert len(found) == mirror.view("Assembly", "proposalCount", at=at)
    for summary in found:
        number = summary.proposal_id

        def view(function: str, *args: Any, number: int = number) -> Any:
            return mirror.view("Assembly", function, number, *args, at=at)

        assert STATES[view("state")] == summary.state, number
        assert view("proposalSnapshot") == summary.opens_at
        assert view("proposalDeadline") == summary.closes_at
        assert view("proposalEta") == (summary.execute_after or 0)
        assert tuple(view("proposalVotes").values()) == (
            summary.tally.against,
            summary.tally.for_,
            summary.tally.abstain,
        )
        assert view("proposalRoll") == summary.roll
        assert view("proposalQuorum") == summary.quorum
        detail = queries.proposal(session, as_of, number)
        info = view("proposal")
        assert "0x" + info["content"].hex() == detail.content
        assert (info["class"], info["ruleVersion"]) == (
            DecisionClass[detail.class_.upper()],
            detail.rule_version,
        )
        assert (info["proposerId"], info["subjectId"]) == (
            detail.proposer_id or 0,
            detail.subject_id or 0,
        )
        assert (info["confirms"], info["confirmation"]) == (
            detail.confirms or 0,
            detail.confirmation or 0,
        )
        standing = {ballot.member_id: ballot for ballot in detail.ballots}
        for member_id in queries.roll(session, as_of).members:
            theirs = view("ballotOf", member_id)
            ours = standing.get(member_id)
            if ours is None:
                assert theirs["sequence"] == 0
                continue
            assert tuple(theirs.values()) == (
                ("against", "for", "abstain").index(ours.choice),
                ours.epoch % 64,
                ours.sequence,
            )


def _rates(mirror: Mirrored, session: Session, as_of: AsOf) -> None:
    found = queries.rates(session, as_of)
    names = mirror.view("PayRates", "roles", at=as_of.block)
    assert [queries.role_name("0x" + name.hex()) for name in names] == [each.role for each in found]
    for name, each in zip(names, found, strict=True):
        theirs = mirror.view("PayRates", "roleOf", name, at=as_of.block)
        assert theirs["rate"] == each.rate
        assert (theirs["floor"], theirs["step"], theirs["maxChangeBps"], theirs["retired"]) == (
            each.floor,
            each.step,
            each.max_change_bps,
            each.retired,
        )
        if not each.retired:
            legal = mirror.view("PayRates", "bounds", name, at=as_of.block)
            assert tuple(legal.values()) == (each.lowest, each.highest)
        for moment in range(as_of.timestamp - 40_000, as_of.timestamp, 7_919):
            past = {then.role: then.rate for then in queries.rates(session, as_of, at=moment)}
            ours = past.get(each.role, 0)
            assert mirror.view("PayRates", "rateAt", name, moment, at=as_of.block) == ours


def _pay_votes(mirror: Mirrored, session: Session, as_of: AsOf) -> None:
    at = as_of.block
    found = queries.pay_votes(session, as_of)
    assert len(found) == mirror.view("PayRates", "payVoteCount", at=at)
    for each in found:
        number = each.pay_vote_id
        vote = mirror.view("PayRates", "payVote", number, at=at)
        assert PAY_STATES[mirror.view("PayRates", "payVoteState", number, at=at)] == each.state
        assert mirror.view("PayRates", "payVoteRoll", number, at=at) == each.roll
        assert (vote["opensAt"], vote["deadline"]) == (each.opens_at, each.closes_at)
        assert vote["ballots"] == each.ballots
        assert vote["rungs"] == len(each.ladder.rates)
        assert each.ladder.rates[vote["presentRung"]] == each.present
        assert "0x" + vote["content"].hex() == each.content
        counts = dict.fromkeys(each.ladder.rates, 0) | dict(each.histogram)
        assert mirror.view("PayRates", "histogram", number, at=at) == list(counts.values())
        for ballot in each.cast:
            theirs = mirror.view("PayRates", "payBallotOf", number, ballot.member_id, at=at)
            ours = (ballot.rate, ballot.epoch % 256, ballot.sequence)
            assert tuple(theirs.values()) == ours
