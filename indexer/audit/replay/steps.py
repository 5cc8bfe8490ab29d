"""The steps of a proposal replayed: second call, queueing, execution, and the person concerned."""

from collections.abc import Callable, Mapping
from typing import Any

from indexer.audit.replay.proceedings import Proceedings
from indexer.audit.replay.proposals import WAITING, Proposal, ProposalBook
from indexer.rules.bylaws import DecisionClass

Args = Mapping[str, Any]


class Steps:
    """What becomes of proposals, save by ballots."""

    def __init__(self, proceedings: Proceedings, book: ProposalBook) -> None:
        self.handlers: dict[str, Callable[[Args], None]] = {
            "Assembly.SecondCallOpened": self._second_call_opened,
            "Assembly.ProposalCanceled": self._canceled,
            "Assembly.ProposalQueued": self._queued,
            "Assembly.ProposalExecuted": self._executed,
            "Assembly.ReplyRecorded": self._reply_recorded,
            "Assembly.ProposalAppealed": self._appealed,
            "Assembly.RecoveryObjected": self._objected,
        }
        self._proceedings, self._checks, self._book = proceedings, proceedings.checks, book

    def _second_call_opened(self, args: Args) -> None:
        proposal = self._known(args)
        if proposal is None:
            return
        now, deadline = self._proceedings.now, args["deadline"]
        session, state = self._book.session(proposal), self._book.state(proposal)
        opens = session.second_call and not proposal.second_called and state == "active"
        self._checks.that("4.3.12", "not_called", opens, "a missed quorum", f"{state} at {now}")
        expected = proposal.deadline + proposal.rule.second_call_delay
        self._checks.that("4.3.12", "deadline", deadline == expected, expected, deadline)
        proposal.second_called = True
        proposal.deadline = proposal.planned_end = deadline

    def _canceled(self, args: Args) -> None:
        proposal = self._known(args)
        if proposal is None:
            return
        if not self._proceedings.followed:  # otherwise the present key objected right before
            state = self._book.state(proposal)
            self._checks.that("4.3.13", "state", state == "pending", "pending", state)
            somebody = proposal.proposer != 0
            self._checks.that("4.3.13", "no_proposer", somebody, "a proposer", proposal.proposer)
        proposal.canceled = True

    def _queued(self, args: Args) -> None:
        proposal = self._known(args)
        if proposal is None:
            return
        state, eta = self._book.state(proposal), args["etaSeconds"]
        own = proposal.confirms == 0
        self._checks.that("4.3.14", "state", state == "succeeded", "succeeded", state)
        self._checks.that("4.3.14", "confirming", own, "something to do", proposal.confirms)
        expected = self._proceedings.now + proposal.rule.execution_delay
        self._checks.that("4.3.14", "eta", eta == expected, expected, eta)
        proposal.eta = eta

    def _executed(self, args: Args) -> None:
        proposal = self._known(args)
        if proposal is None:
            return
        now, state, due = self._proceedings.now, *self._state_and_due(proposal)
        self._checks.that("4.3.15", "state", state == "queued", "queued", state)
        self._checks.that("4.3.15", "not_due", now >= due, f"from {due}", now)
        confirmation = self._book.proposals.get(proposal.confirmation)
        if confirmation is not None:
            found = self._book.state(confirmation)
            confirmed = found == "succeeded"
            self._checks.that("4.3.15", "unconfirmed", confirmed, "a confirming vote", found)
        proposal.executed = True
        self._proceedings.carry_out(proposal.orders, proposal.opens_at)
        proposal.orders = ()

    def _state_and_due(self, proposal: Proposal) -> tuple[str, int]:
        return self._book.state(proposal), self._book.due(proposal)

    # The person concerned

    def _reply_recorded(self, args: Args) -> None:
        self._see_concerned(args, DecisionClass.REMOVAL, "4.3.16")

    def _appealed(self, args: Args) -> None:
        proposal = self._known(args)
        followed, number = self._proceedings.followed, args["confirmation"]
        self._checks.that("4.3.17", "no_vote", followed, "a confirming vote right before", number)
        if proposal is not None and number in self._book.proposals:
            proposal.confirmation = number

    def _objected(self, args: Args) -> None:
        self._see_concerned(args, DecisionClass.RECOVERY, "4.3.18")
        self._proceedings.must_follow(
            "4.3.18",
            "not_canceled",
            "Assembly.ProposalCanceled",
            proposalId=args["proposalId"],
        )

    def _see_concerned(self, args: Args, wanted: DecisionClass, check: str) -> None:
        proposal, member_id = self._known(args), args["memberId"]
        if proposal is None:
            return
        found = proposal.decision_class
        self._checks.that(check, "class", found is wanted, wanted.word, found.word)
        concerned = member_id == proposal.subject != 0
        self._checks.that(check, "other_person", concerned, proposal.subject, member_id)
        state = self._book.state(proposal)
        self._checks.that(check, "state", state in WAITING, " or ".join(WAITING), state)

    def _known(self, args: Args) -> Proposal | None:
        number = args["proposalId"]
        self._checks.about("proposal", number)
        proposal = self._book.proposals.get(number)
        self._checks.that("4.3.1", "unknown", proposal is not None, "a proposal", number)
        return proposal
