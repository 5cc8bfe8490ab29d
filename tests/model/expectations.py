"""Everything that can be read from the contracts, as the model expects it to read."""

from collections.abc import Iterator
from dataclasses import astuple

from indexer.rules import proposals as rules
from indexer.rules.bylaws import DecisionClass, quorum_needed
from tests.model.coop import CoopModel
from tests.model.membership import NOBODY
from tests.model.pay_votes import STATES as PAY_STATES
from tests.model.pay_votes import PayVote
from tests.model.proposals import STATES, Proposal
from tests.model.roles import Role
from tests.model.words import Call, Refused

Expected = tuple[Call, bytes]
RECENT = 3


def expectations(model: CoopModel, accounts: tuple[str, ...]) -> Iterator[Expected]:
    """Views and the bytes that they should return after the present block."""
    for contract, head in model.world.heads.items():
        yield _gives(contract, "chronicleHead", (), head)
    # Records of people and rules stand still unless their contract logs: else now and then.
    touched = {event.contract for event in model.world.events}
    in_turn = model.world.block % 5
    if "Membership" in touched or in_turn == 0:
        yield from _members(model, accounts)
    yield from _guardians(model, accounts)
    if "Bylaws" in touched or in_turn == 1:
        yield from _bylaws(model)
    yield from _past(model, accounts)
    yield from _proposals(model, accounts)
    yield from _roles(model)
    yield from _pay_votes(model)


def _members(model: CoopModel, accounts: tuple[str, ...]) -> Iterator[Expected]:
    membership, now = model.membership, model.world.now
    roll = membership.roll
    yield _gives("Membership", "rollSize", (), roll.size_at(now))
    yield _gives("Membership", "lastMemberId", (), len(roll.members))
    yield _gives("Membership", "probation", (), membership.probation)
    for account in accounts:
        current = roll.current(account)
        yield _gives("Membership", "memberIdOf", (account,), roll.member_ids.get(account, 0))
        active = current.member_id if current else 0
        yield _gives("Membership", "activeMemberIdOf", (account,), active)
        yield _gives("Membership", "appliedAt", (account,), membership.candidates.get(account, 0))
    for number, member in roll.members.items():
        record = (member.account, member.since, member.until, member.epoch)
        yield _gives("Membership", "memberOf", (number,), record)
        standing = membership.standing(number)
        yield _gives("Membership", "standingOf", (number,), standing, member.suspended_until)


def _guardians(model: CoopModel, accounts: tuple[str, ...]) -> Iterator[Expected]:
    """One member's a step: what they named takes effect, and is too old, without any log."""
    number = model.world.block % (len(model.membership.roll.members) + 1)
    ward = model.membership.guardians.ward(number)
    values = (ward.list_hash, ward.next_hash, ward.next_from, ward.recovered_at, ward.round)
    yield _gives("Membership", "guardiansOf", (number,), values)
    for account in (*ward.begun, accounts[model.world.block % len(accounts)]):
        begun, recovery = ward.begun.get(account), (0, 0, 0)
        if begun:
            recovery = (begun.places, begun.due_at, begun.expires_at)
        yield _gives("Membership", "recoveryOf", (number, account), *recovery)


def _past(model: CoopModel, accounts: tuple[str, ...]) -> Iterator[Expected]:
    """One past moment a step: in time all of them."""
    membership, now, block = model.membership, model.world.now, model.world.block
    turns = [event.moment for event in membership.events]
    turn = turns[block * 7 % len(turns)]
    for moment in (turn - 1, turn, now - 1):
        if moment >= now:
            continue
        yield _gives("Membership", "getPastTotalSupply", (moment,), membership.roll.size_at(moment))
        number = block % (len(membership.roll.members) + 1)
        without = membership.roll.size_without(moment, number)
        yield _gives("Membership", "rollAt", (moment, number), without)
        held = membership.account_at(number, moment)
        yield _gives("Membership", "accountAt", (number, moment), held)
        account = accounts[block % len(accounts)]
        member = membership.roll.member_ids.get(account, 0)
        votes = int(membership.account_at(member, moment) == account)
        yield _gives("Membership", "getPastVotes", (account, moment), votes)
    future = Refused("MembershipFutureLookup", now, now)
    yield Call("Membership", "getPastTotalSupply", (now,)), future.data


def _bylaws(model: CoopModel) -> Iterator[Expected]:
    for decision_class in DecisionClass:
        versions = model.bylaws.versions[decision_class]
        number, rule = int(decision_class), astuple(versions[-1])
        yield _gives("Bylaws", "inForce", (number,), len(versions), rule)
    first = astuple(model.bylaws.versions[DecisionClass.ORDINARY][0])
    yield _gives("Bylaws", "ruleOf", (0, 1), first)


def _proposals(model: CoopModel, accounts: tuple[str, ...]) -> Iterator[Expected]:
    assembly, block = model.assembly, model.world.block
    count = len(assembly.proposals)
    yield _gives("Assembly", "proposalCount", (), count)
    unknown = Refused("AssemblyUnknownProposal", count + 1)
    yield Call("Assembly", "state", (count + 1,)), unknown.data
    before = model.world.now - 1
    rule = model.bylaws.in_force(DecisionClass.ORDINARY)
    needed = quorum_needed(rule, model.membership.roll.size_at(before))
    yield _gives("Assembly", "quorum", (before,), needed)
    for number, proposal in assembly.proposals.items():
        open_still = assembly.state(number) not in ("executed", "canceled", "defeated", "expired")
        if open_still or number > count - RECENT or number % 8 == block % 8:
            yield from _proposal(model, proposal)
            account = accounts[block % len(accounts)]
            member = model.membership.roll.member_ids.get(account, 0)
            yield _gives("Assembly", "hasVoted", (number, account), member in proposal.ballots)


def _proposal(model: CoopModel, proposal: Proposal) -> Iterator[Expected]:
    number, course, now = proposal.number, model.assembly.course(proposal), model.world.now
    deadline, second = rules.session(course, now)
    info = (
        int(proposal.decision_class),
        proposal.version,
        proposal.proposer,
        proposal.subject,
        proposal.opens_at,
        deadline,
        proposal.eta,
        second,
        proposal.confirmation,
        proposal.confirms,
        proposal.content,
    )
    holder = model.membership.holder(proposal.proposer)
    tally = course.tally
    views: dict[str, tuple[object, ...]] = {
        "state": (STATES.index(rules.state(course, now)),),
        "proposal": (info,),
        "proposalSnapshot": (proposal.opens_at,),
        "proposalDeadline": (deadline,),
        "proposalEta": (rules.due(course, now),),
        "proposalVotes": (tally.against, tally.for_, tally.abstain),
        "proposalQuorum": (rules.quorum(course, now),),
        "proposalRoll": (course.roll,),
        "proposalProposer": (holder if proposal.proposer else NOBODY,),
    }
    for function, values in views.items():
        yield _gives("Assembly", function, (number,), *values)
    if rules.state(course, now) != "active" and (number + model.world.block) % 4:
        return  # nobody can have cast since
    for member in range(1, len(model.membership.roll.members) + 1):
        standing = proposal.ballots.get(member)
        ballot = (0, 0, 0)
        if standing:
            ballot = (standing.choice, standing.lane.epoch % 64, standing.lane.sequence)
        yield _gives("Assembly", "ballotOf", (number, member), *ballot)


def _roles(model: CoopModel) -> Iterator[Expected]:
    roles = model.roles
    yield _gives("PayRates", "roles", (), tuple(roles.roles))
    version = len(roles.rules)
    yield _gives("PayRates", "payRuleVersion", (), version)
    yield _gives("PayRates", "payRuleOf", (version,), astuple(roles.rules[-1]))
    for role in roles.roles.values():
        yield from _role(model, role)


def _role(model: CoopModel, role: Role) -> Iterator[Expected]:
    name, now = role.name, model.world.now
    last = role.votes[-1] if role.votes else 0
    closed_at = model.pay_votes.votes[last].closed_at if last else 0
    terms = (role.rate, role.floor, role.step, role.max_change_bps)
    yield _gives("PayRates", "roleOf", (name,), (*terms, last, closed_at, role.retired))
    if role.retired:
        yield Call("PayRates", "bounds", (name,)), Refused("PayRatesUnknownRole", name).data
    else:
        yield _gives("PayRates", "bounds", (name,), *model.roles.bounds(role))
    since, rate = role.history[model.world.block % len(role.history)]
    earlier = [each for moment, each in role.history if moment < since]
    yield _gives("PayRates", "rateAt", (name, since), rate)
    yield _gives("PayRates", "rateAt", (name, since - 1), earlier[-1] if earlier else 0)
    yield _gives("PayRates", "rateAt", (name, now + 9), role.rate)


def _pay_votes(model: CoopModel) -> Iterator[Expected]:
    votes, block = model.pay_votes.votes, model.world.block
    yield _gives("PayRates", "payVoteCount", (), len(votes))
    for number, vote in votes.items():
        if number > len(votes) - RECENT or number % 8 == block % 8:
            yield from _pay_vote(model, vote)


def _pay_vote(model: CoopModel, vote: PayVote) -> Iterator[Expected]:
    number, membership = vote.number, model.membership
    info = (
        vote.role,
        vote.opens_at,
        vote.deadline,
        vote.version,
        vote.ladder.from_,
        vote.ladder.step,
        len(vote.ladder.rates),
        vote.present_rung,
        len(vote.ballots),
        vote.closed_at != 0,
        vote.content,
    )
    yield _gives("PayRates", "payVote", (number,), info)
    state = PAY_STATES.index(model.pay_votes.state(vote))
    yield _gives("PayRates", "payVoteState", (number,), state)
    roll = membership.roll.size_at(vote.opens_at)
    yield _gives("PayRates", "payVoteRoll", (number,), roll)
    yield _gives("PayRates", "histogram", (number,), tuple(vote.counts))
    if model.pay_votes.state(vote) != "open" and (number + model.world.block) % 4:
        return  # nobody can have cast since
    for member in range(1, len(membership.roll.members) + 1):
        ballot = (0, 0, 0)
        if member in vote.ballots:
            rung, lane = vote.ballots[member]
            ballot = (vote.ladder.rates[rung], lane.epoch % 256, lane.sequence)
        yield _gives("PayRates", "payBallotOf", (number, member), *ballot)


def _gives(contract: str, function: str, args: tuple[object, ...], *values: object) -> Expected:
    call = Call(contract, function, args)
    return call, call.answer(*values)
