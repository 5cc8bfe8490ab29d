"""The audit's replay: whether every step of a co-op's history followed from the rules in force.

It is fed every event of the four contracts in the chain's order, and takes none of it on trust but
that the chain said so: that the events are complete is for the chronicle to prove, that members
signed for signatures, that the state at the end is the contracts' for proven storage. Where the
chain departs from the rules the replay notes it and follows the chain, so that one fault is told
once.
"""

from collections.abc import Callable, Mapping
from typing import Any

from eth_abi.exceptions import EncodingError

from indexer.abi import ContractName
from indexer.audit.replay.ballots import Ballots
from indexer.audit.replay.bylaws import BylawsReplay
from indexer.audit.replay.cast import Cast
from indexer.audit.replay.checks import Check, Mismatch
from indexer.audit.replay.findings import Findings, findings
from indexer.audit.replay.pay_votes import PayVote, PayVotes
from indexer.audit.replay.proceedings import Proceedings
from indexer.audit.replay.proposals import Proposal, ProposalBook
from indexer.audit.replay.proposing import Proposing
from indexer.audit.replay.roles import Role, Roles
from indexer.audit.replay.roll import RollReplay
from indexer.audit.replay.steps import Steps
from indexer.events import Event
from indexer.rules.bylaws import DecisionClass, Rule
from indexer.rules.guardians import Guardians
from indexer.rules.pay import PayRule
from indexer.rules.proposals import Session, State
from indexer.rules.roll import Roll

__all__ = ["Cast", "Check", "Findings", "Mismatch", "Replay"]


class Replay:
    """One instance's history. Memory grows with members, proposals and standing ballots, not with
    the ballots that were ever cast."""

    def __init__(self, chain_id: int, addresses: Mapping[ContractName, str]) -> None:
        proceedings = Proceedings(chain_id, addresses)
        membership = RollReplay(proceedings)
        bylaws = BylawsReplay(proceedings, membership.roll)
        book = ProposalBook(proceedings, membership.roll)
        roles = Roles(proceedings)
        pay_votes = PayVotes(proceedings, membership.roll, roles)
        membership.key_changes.append(book.key_changed)
        self._handlers: dict[str, Callable[[Mapping[str, Any]], None]] = {
            **membership.handlers,
            **bylaws.handlers,
            **Proposing(proceedings, membership.roll, bylaws, book).handlers,
            **Steps(proceedings, book).handlers,
            **Ballots(proceedings, membership.roll, book).handlers,
            **roles.handlers,
            **pay_votes.handlers,
        }
        self._proceedings, self._membership, self._bylaws = proceedings, membership, bylaws
        self._book, self._roles, self._pay_votes = book, roles, pay_votes

    def apply(self, event: Event, timestamp: int) -> None:
        """Take the next event, in a block of that second. Never raises for what an event says."""
        proceedings = self._proceedings
        proceedings.turn_to(event, timestamp)
        handler = self._handlers.get(event.key)
        known = handler is not None
        proceedings.checks.that("4.0.4", "unknown_event", known, "a step we know", event.key)
        if handler is None:
            return
        try:
            handler(event.args)
        except (ArithmeticError, EncodingError, LookupError, TypeError, ValueError) as error:
            # Values that no contract of ours can log, or a state that earlier mismatches left.
            found = f"{event.key}: {type(error).__name__} {error}"
            proceedings.checks.that("4.0.4", "impossible", False, "possible values", found)

    def finish(self, timestamp: int) -> None:
        """Close the history as of the last block, which bears that second."""
        self._proceedings.end_transaction()
        self._proceedings.now = timestamp
        self._book.freeze()

    def taken(self) -> list[Cast]:
        """Return the ballots since this was last asked, in order, and forget them."""
        cast, self._proceedings.cast = self._proceedings.cast, []
        return cast

    # What was checked

    @property
    def checks(self) -> list[Check]:
        """Every kind of sub-check, in the order of their ids."""
        return list(self._proceedings.checks.by_id.values())

    @property
    def mismatches(self) -> list[Mismatch]:
        """What did not follow, in the order of the history; the first thousand."""
        return self._proceedings.checks.mismatches

    # The state

    @property
    def roll(self) -> Roll:
        """All members over time."""
        return self._membership.roll

    @property
    def candidates(self) -> Mapping[str, int]:
        """Account -> when it applied, in seconds."""
        return self._membership.candidates

    @property
    def probation(self) -> int:
        """What a candidate waits before admission, in seconds."""
        return self._membership.probation

    @property
    def readmitted(self) -> Mapping[int, int]:
        """memberId -> when a former member was last admitted anew, in seconds."""
        return self._membership.readmitted

    @property
    def guardians(self) -> Guardians:
        """All members' guardians."""
        return self._membership.guardians.guardians

    @property
    def bylaws(self) -> Mapping[DecisionClass, list[Rule]]:
        """The rules of each class, version 1 first."""
        return self._bylaws.versions

    @property
    def proposals(self) -> Mapping[int, Proposal]:
        """Every proposal with its rule, roll, deadline, tally and the ballots that stand."""
        return self._book.proposals

    @property
    def currency(self) -> bytes:
        """The currency of all rates, three letters."""
        return self._roles.currency

    @property
    def pay_rules(self) -> list[PayRule]:
        """The pay rules, version 1 first."""
        return self._roles.rules

    @property
    def roles(self) -> Mapping[bytes, Role]:
        """Every role with its rates and the moments from which they hold."""
        return self._roles.roles

    @property
    def pay_votes(self) -> Mapping[int, PayVote]:
        """Every pay vote with the counts of its rates and the ballots that stand."""
        return self._pay_votes.votes

    def state_of(self, proposal: Proposal) -> State:
        """A proposal's state as of the last event, or of `finish`."""
        return self._book.state(proposal)

    def session_of(self, proposal: Proposal) -> Session:
        """A proposal's deadline then, and whether it is that of the second call."""
        return self._book.session(proposal)

    @property
    def findings(self) -> Findings:
        """The facts of the history up to now."""
        known = [
            (each, self._book.state(each), self._book.roll_of(each))
            for each in self.proposals.values()
        ]
        return findings(known, self.pay_votes.values(), self.roles.values())
