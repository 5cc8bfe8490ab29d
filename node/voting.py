"""The way of a vote up to the signature: who votes on what, under which number, said in words.

Two kinds of votes take ballots, proposals and pay votes; `Poll` is what they have in common. All
is read from the chain here; only the wording comes from the mirror, and `content` ties it down.
"""

from dataclasses import dataclass

from indexer.chain import Chain
from node import content
from node.action_values import CLASSES, rate, role_name
from node.actions import ABOUT_PEOPLE
from node.ballot import SEQUENCE_LIMIT, AnyBallot, Ballot, Choice, PayBallot
from node.content import PayVoteParts, ProposalParts
from node.domains import Signing, address_of, read_domain
from node.errors import (
    AuditMismatch,
    NotAllowed,
    NotAMember,
    StaleBallot,
    UsageProblem,
    VotingClosed,
)
from node.instance import Instance
from node.outbox import Outbox
from node.output import when
from node.packing import Ladder
from node.reverts import PAY_STATES, STATES
from node.typed_data import Domain

EPOCHS = {"Assembly": 64, "PayRates": 256}  # the contracts keep a ballot's epoch modulo these


class ContentDisagrees(AuditMismatch):
    """What the member reads is not what the contract would count a ballot for."""

    code = "content_disagrees"


@dataclass(frozen=True)
class Voter:
    """A member as the chain knows them now; `since` in seconds since 1970."""

    member_id: int
    account: str
    since: int
    epoch: int


@dataclass(frozen=True)
class Poll:
    """An open vote, its content compared with what the member reads."""

    contract: Signing
    domain: Domain
    subject: int
    content: bytes
    opens_at: int
    deadline: int
    excluded: int = 0
    """The person concerned, who has no vote; 0 if nobody is."""
    takes_reasons: bool = True


def voter(chain: Chain, instance: Instance, account: str) -> Voter:
    """The active member whose present key is the account, or `NotAMember`."""
    member_id = chain.view("Membership", instance.membership, "activeMemberIdOf", account)
    if not member_id:
        raise NotAMember(
            f"Account {account} is no active member's key.",
            hint="Use a member's key (--key NAME); see: coop member list",
            details={"account": account},
        )
    member = chain.view("Membership", instance.membership, "memberOf", member_id)
    return Voter(member_id, account, member["since"], member["epoch"])


def poll_on_proposal(chain: Chain, instance: Instance, parts: ProposalParts) -> Poll:
    """The open vote on a proposal.

    Refuses, in this order: another instance, a closed vote, a wording that is not the contract's.
    """
    # 1. The contract is the one that this node knows.
    domain = read_domain(chain, instance, "Assembly")
    # 2. The vote is open.
    known, state = chain.views(
        [
            ("Assembly", instance.assembly, function, [parts.proposal_id])
            for function in ("proposal", "state")
        ]
    )
    what = f"proposal {parts.proposal_id}"
    refuse_unless_open(what, STATES[state], "active", known["opensAt"], known["deadline"])
    # 3. Text and actions as the member reads them are what the ballot will be counted for.
    refuse_other_content(what, content.proposal_content(parts), known["content"])
    rule = chain.view("Bylaws", instance.bylaws, "ruleOf", known["class"], known["ruleVersion"])
    return Poll(
        contract="Assembly",
        domain=domain,
        subject=parts.proposal_id,
        content=known["content"],
        opens_at=known["opensAt"],
        deadline=known["deadline"],
        excluded=0 if rule["subjectVotes"] else known["subjectId"],
        takes_reasons=CLASSES[known["class"]] not in ABOUT_PEOPLE,
    )


def poll_on_rate(chain: Chain, instance: Instance, parts: PayVoteParts) -> Poll:
    """The open pay vote; refuses as `poll_on_proposal`."""
    domain = read_domain(chain, instance, "PayRates")
    known, state = chain.views(
        [
            ("PayRates", instance.pay_rates, function, [parts.pay_vote_id])
            for function in ("payVote", "payVoteState")
        ]
    )
    what = f"pay vote {parts.pay_vote_id}"
    refuse_unless_open(what, PAY_STATES[state], "open", known["opensAt"], known["deadline"])
    refuse_other_content(what, content.pay_vote_content(parts), known["content"])
    return Poll(
        contract="PayRates",
        domain=domain,
        subject=parts.pay_vote_id,
        content=known["content"],
        opens_at=known["opensAt"],
        deadline=known["deadline"],
    )


def pay_vote_parts(chain: Chain, instance: Instance, pay_vote_id: int) -> PayVoteParts:
    """All that a pay vote froze, as the contract states it; nobody else computes its ladder."""
    found = chain.view("PayRates", instance.pay_rates, "payVote", pay_vote_id)
    return PayVoteParts(
        chain_id=instance.chain_id,
        pay_rates=instance.pay_rates,
        pay_vote_id=pay_vote_id,
        role=found["role"],
        rule_version=found["ruleVersion"],
        opens_at=found["opensAt"],
        deadline=found["deadline"],
        ladder=Ladder(found["from"], found["step"], found["rungs"]),
        present_rung=found["presentRung"],
    )


def refuse_unless_open(what: str, state: str, wanted: str, opens_at: int, deadline: int) -> None:
    """Raise `VotingClosed` unless the vote is open now."""
    if state == wanted:
        return
    if state == "pending":
        raise VotingClosed(
            f"Voting on {what} has not begun.", hint=f"It opens after {when(opens_at)}."
        )
    raise VotingClosed(
        f"Voting on {what} is over: it is {state}.", hint=f"It was open until {when(deadline)}."
    )


def refuse_other_content(what: str, computed: bytes, stated: bytes) -> None:
    """Raise `ContentDisagrees` when what is read here is not what the contract counts votes for."""
    if computed == stated:
        return
    raise ContentDisagrees(
        f"What this node shows of {what} is not what the contract would count the ballot for.",
        undone="Nothing was signed.",
        hint="Make the mirror anew: coop index rebuild. If it stays so, tell the others.",
        details={"expected": "0x" + stated.hex(), "found": "0x" + computed.hex()},
    )


def refuse_ineligible(poll: Poll, who: Voter) -> None:
    """Raise `NotAllowed` when the contract would not count this member's ballot."""
    if who.since > poll.opens_at:
        raise NotAllowed(
            f"Member {who.member_id} joined after this vote opened and has no vote in it.",
            hint=f"The roll froze at {when(poll.opens_at)}.",
        )
    if poll.excluded == who.member_id:
        raise NotAllowed(
            f"This vote is about member {who.member_id}, who has no vote in it.",
            hint=f"You can put a reply on record: coop proposal reply {poll.subject}",
        )


def refuse_reason(poll: Poll, reason: str) -> None:
    """Raise `UsageProblem` for a reason where the contract takes none."""
    if reason and not poll.takes_reasons:
        raise UsageProblem(
            "Votes about people take no reason: they are not discussed on a public chain.",
            undone="Nothing was signed.",
            hint="Leave --reason away.",
        )


def draft_ballot(poll: Poll, who: Voter, choice: Choice, reason: str = "") -> Ballot:
    """The member's ballot with sequence 1; `numbered` gives it its own."""
    refuse_ineligible(poll, who)
    refuse_reason(poll, reason)
    return Ballot(poll.subject, poll.content, choice, who.member_id, who.epoch, 1, reason)


def draft_pay_ballot(
    poll: Poll, who: Voter, ladder: Ladder, rate: int, reason: str = ""
) -> PayBallot:
    """The member's pay ballot with sequence 1; `Malformed` if the rate is no rung."""
    refuse_ineligible(poll, who)
    ladder.rung_of(rate)
    return PayBallot(poll.subject, poll.content, rate, who.member_id, who.epoch, 1, reason)


def next_sequence(
    chain: Chain, instance: Instance, ballot: AnyBallot, outbox: Outbox | None
) -> int:
    """One above every sequence used on the chain and in the outbox; `StaleBallot` after 255."""
    contract, function = contract_of(ballot), BALLOT_OF[contract_of(ballot)]
    address = address_of(instance, contract)
    lane = chain.view(contract, address, function, ballot.subject, ballot.member_id)
    same_epoch = lane["epoch"] == ballot.epoch % EPOCHS[contract]
    used = lane["sequence"] if same_epoch else 0
    if outbox is not None:
        used = max(used, outbox.highest_sequence(address, ballot))
    if used >= SEQUENCE_LIMIT:
        raise StaleBallot(
            f"Member {ballot.member_id} has changed this ballot {SEQUENCE_LIMIT} times; "
            "it cannot be changed again.",
            hint="A rotated key starts counting anew: coop member rotate",
        )
    return int(used) + 1


def contract_of(ballot: AnyBallot) -> Signing:
    """The contract that counts such a ballot."""
    return "Assembly" if isinstance(ballot, Ballot) else "PayRates"


BALLOT_OF: dict[Signing, str] = {"Assembly": "ballotOf", "PayRates": "payBallotOf"}


def proposal_in_words(
    instance: Instance, poll: Poll, ballot: Ballot, title: str, doing: str
) -> dict[str, str]:
    """What a member signs, name by name; `doing` says what the proposal does if it passes."""
    return {
        "Proposal": f"{poll.subject}: {title}",
        "If it passes": doing,
        **_common(instance, poll, ballot, ballot.choice),
    }


def pay_vote_in_words(
    instance: Instance, poll: Poll, ballot: PayBallot, parts: PayVoteParts, currency: str
) -> dict[str, str]:
    """What a member signs in a pay vote, name by name."""
    present = parts.ladder.start + parts.ladder.step * parts.present_rung
    return {
        "Pay vote": f"{parts.pay_vote_id}: {role_name(parts.role)}",
        "Present rate": rate(present, currency),
        **_common(instance, poll, ballot, rate(ballot.rate, currency)),
    }


def _common(instance: Instance, poll: Poll, ballot: AnyBallot, choice: str) -> dict[str, str]:
    return {
        "Your ballot": choice,
        **({"Reason (public)": ballot.reason} if ballot.reason else {}),
        "Member": f"{ballot.member_id} (ballot number {ballot.sequence})",
        "Co-op": f"{poll.domain.name} (instance {instance.name})",
        "Chain": f"{poll.domain.chain_id}, contract {poll.domain.verifying_contract}",
        "Open until": when(poll.deadline),
    }
