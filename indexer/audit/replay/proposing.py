"""Proposing replayed: what a new proposal froze, and whether it could be made at that moment."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from indexer import abi
from indexer.abi import CONTRACTS
from indexer.audit.replay.bylaws import BylawsReplay
from indexer.audit.replay.proceedings import Order, Proceedings
from indexer.audit.replay.proposals import WAITING, Proposal, ProposalBook
from indexer.hashing import keccak
from indexer.rules import classes
from indexer.rules.bylaws import PERSONAL, DecisionClass, Rule, quorum_reached
from indexer.rules.classes import Call
from indexer.rules.content import (
    Action,
    ProposalParts,
    is_hashed,
    proposal_content,
    spellings,
    substance,
)
from indexer.rules.roll import Roll

_MAX_AHEAD = 90 * 86_400

Args = Mapping[str, Any]


class Proposing:
    """ProposalCreated and ProposalFrozen, which make one proposal together."""

    def __init__(
        self, proceedings: Proceedings, roll: Roll, bylaws: BylawsReplay, book: ProposalBook
    ) -> None:
        self.handlers: dict[str, Callable[[Args], None]] = {
            "Assembly.ProposalCreated": self._created,
            "Assembly.ProposalFrozen": self._frozen,
        }
        self._proceedings, self._checks = proceedings, proceedings.checks
        self._roll, self._bylaws, self._book = roll, bylaws, book
        self._names = {proceedings.addresses[word]: name for word, name in CONTRACTS.items()}
        self._draft: Args | None = None
        self._newest: dict[int, int] = {}
        """memberId -> the newest proposal that the member made."""
        self._same: defaultdict[bytes, list[Proposal]] = defaultdict(list)
        """Substance -> proposals of it that may yet be defeated, oldest first."""

    def _created(self, args: Args) -> None:
        number = args["proposalId"]
        self._checks.about("proposal", number)
        self._draft = args
        self._proceedings.must_follow(
            "4.3.1", "not_frozen", "Assembly.ProposalFrozen", proposalId=number
        )

    def _frozen(self, args: Args) -> None:
        created, number = self._draft, args["proposalId"]
        self._draft = None
        checks, book = self._checks, self._book
        checks.about("proposal", number)
        made = created is not None and self._proceedings.followed
        if not made or created is None:
            checks.that("4.3.1", "not_created", made, "ProposalCreated right before", number)
            return
        next_id = max(book.proposals, default=0) + 1
        checks.that("4.3.1", "proposal_id", number == next_id, next_id, number)
        if args["confirms"]:
            self._confirming(created, args)
        else:
            self._ordinary(created, args)

    # A member's proposal

    def _ordinary(self, created: Args, frozen: Args) -> None:
        decision_class, calls = DecisionClass(frozen["class"]), self._calls(created)
        checks, number = self._checks, frozen["proposalId"]
        self._see_proposer(created["proposer"], frozen["proposerId"])
        self._see_class(created, calls, decision_class, frozen["subjectId"])

        versions, version = self._bylaws.versions[decision_class], frozen["ruleVersion"]
        in_force = len(versions)
        checks.that("4.3.5", "rule_version", version == in_force, in_force, version)
        rule = versions[version - 1] if 0 < version <= in_force else versions[-1]

        now, opens_at = self._proceedings.now, created["voteStart"]
        earliest, latest = now + rule.notice, now + _MAX_AHEAD
        within = earliest <= opens_at <= latest
        checks.that("4.3.6", "opening", within, (earliest, latest), opens_at)
        text = created["description"]
        if decision_class in PERSONAL:
            checks.that("4.3.9", "not_hashed", is_hashed(text), "0x and 64 hex digits", text)
        proposal = self._made(created, frozen, rule, calls)
        self._see_text(text, frozen["textHash"])

        proposal.substance = substance(
            decision_class, _actions(created), frozen["textHash"], frozen["subjectId"]
        )
        self._see_cool_down(proposal)
        self._newest[proposal.proposer] = number

    def _see_proposer(self, account: str, member_id: int) -> None:
        member = self._roll.current(account)
        found = member.member_id if member else 0
        self._checks.that("4.3.2", "proposer", found == member_id != 0, member_id, found)
        earlier = self._book.proposals.get(self._newest.get(member_id, 0))
        deadline = self._book.session(earlier).deadline if earlier else 0
        now = self._proceedings.now
        self._checks.that("4.3.3", "busy", now > deadline, f"after {deadline}", now)

    def _see_class(
        self, created: Args, calls: Sequence[Call], decision_class: DecisionClass, subject: int
    ) -> None:
        checks = self._checks
        texts, sizes = created["signatures"], {len(created["targets"]), len(created["values"])}
        even = sizes == {len(calls)} == {len(texts)} and not any(texts)
        checks.that("4.3.4", "uneven_actions", even, "a value and calldata a target", texts)
        expected = classes.decision_class(calls)
        word = expected.word if expected is not None else "none that can be proposed"
        checks.that("4.3.4", "class", decision_class == expected, word, decision_class.word)
        person = classes.person_concerned(calls)
        known = person == 0 or person in self._roll.members
        checks.that("4.3.4", "person", person == subject and known, person, subject)

    def _see_text(self, text: str, text_hash: bytes) -> None:
        read = list(spellings(text))
        if read:  # otherwise too many bad bytes: the chronicle proves them, the words cannot
            holds = any(keccak(each) == text_hash for each in read)
            self._checks.that("4.3.8", "text_hash", holds, keccak(read[0]), text_hash)

    def _see_cool_down(self, proposal: Proposal) -> None:
        """Whether the same was defeated a short while ago; what is decided for good drops out."""
        now, kept, before = self._proceedings.now, [], 0
        for earlier in self._same[proposal.substance]:
            state = self._book.state(earlier)
            until = self._cools_until(earlier) if state == "defeated" else 0
            self._checks.that("4.3.10", "cooling_down", now >= until, f"from {until}", now)
            if state in WAITING:
                kept.append(earlier)
        self._same[proposal.substance] = [*kept, proposal]
        for each in self._same[proposal.substance]:
            each.same_before, before = before, each.number

    def _cools_until(self, defeated: Proposal) -> int:
        """Who voted took part, whatever the rule counts for passing."""
        deadline, second_call = self._book.session(defeated)
        rule, roll = replace(defeated.rule, presence=True), self._book.roll_of(defeated)
        if not quorum_reached(rule, defeated.tally, roll, second_call):
            return 0
        confirmation = self._book.proposals.get(defeated.confirmation)
        if confirmation is not None:
            deadline = self._book.session(confirmation).deadline
        return deadline + rule.cool_down

    # A confirming vote

    def _confirming(self, created: Args, frozen: Args) -> None:
        checks, number, confirms = self._checks, frozen["proposalId"], frozen["confirms"]
        confirmed = self._book.proposals.get(confirms)
        if confirmed is None:
            checks.that("4.3.17", "unknown", False, "a removal that waits", confirms)
            return
        now, state = self._proceedings.now, self._book.state(confirmed)
        checks.that("4.3.17", "state", state == "queued", "queued", state)
        checks.that("4.3.17", "too_late", now < confirmed.eta, f"before {confirmed.eta}", now)
        once = confirmed.confirmation == 0
        checks.that("4.3.17", "again", once, "no appeal yet", confirmed.confirmation)

        person = self._roll.members.get(confirmed.subject)
        by = person.account if person else "nobody"
        checks.that("4.3.17", "other_person", created["proposer"] == by, by, created["proposer"])
        expected = (DecisionClass.REMOVAL, 0, confirmed.subject, confirmed.content, 0, "")
        person_and_text = (frozen["proposerId"], frozen["subjectId"], frozen["textHash"])
        actions = len(created["targets"])
        found = (frozen["class"], *person_and_text, actions, created["description"])
        removal = confirmed.decision_class is DecisionClass.REMOVAL
        checks.that("4.3.17", "other_question", removal and found == expected, expected, found)

        version, opens_at = frozen["ruleVersion"], created["voteStart"]
        same = version == confirmed.version
        checks.that("4.3.5", "rule_version", same, confirmed.version, version)
        opening = now + confirmed.rule.notice
        checks.that("4.3.6", "opening", opens_at == opening, opening, opens_at)
        self._made(created, frozen, confirmed.rule, ())
        self._proceedings.must_follow(
            "4.3.17",
            "not_appealed",
            "Assembly.ProposalAppealed",
            proposalId=confirms,
            confirmation=number,
        )

    # Either

    def _made(self, created: Args, frozen: Args, rule: Rule, calls: Sequence[Call]) -> Proposal:
        number, opens_at, deadline = frozen["proposalId"], created["voteStart"], created["voteEnd"]
        checks, planned = self._checks, opens_at + rule.voting_period
        checks.that("4.3.7", "deadline", deadline == planned, planned, deadline)
        parts = ProposalParts(
            chain_id=self._proceedings.chain_id,
            assembly=self._proceedings.addresses["assembly"],
            proposal_id=number,
            decision_class=frozen["class"],
            rule_version=frozen["ruleVersion"],
            opens_at=opens_at,
            actions=_actions(created),
            code_hashes=tuple(frozen["codeHashes"]),
            text_hash=frozen["textHash"],
        )
        hashes, targets = len(frozen["codeHashes"]), len(created["targets"])
        checks.that("4.3.8", "code_hashes", hashes == targets, targets, hashes)
        content = proposal_content(parts)
        checks.that("4.3.8", "content", content == frozen["content"], content, frozen["content"])
        proposal = Proposal(
            number=number,
            decision_class=DecisionClass(frozen["class"]),
            version=frozen["ruleVersion"],
            rule=rule,
            proposer=frozen["proposerId"],
            subject=frozen["subjectId"],
            opens_at=opens_at,
            deadline=deadline,
            planned_end=deadline,
            content=frozen["content"],
            orders=tuple(_order(call) for call in calls if call.contract is not None),
            confirms=frozen["confirms"],
        )
        self._book.put(proposal)
        return proposal

    def _calls(self, created: Args) -> tuple[Call, ...]:
        return tuple(_call(self._names.get(action.target), action) for action in _actions(created))


def _actions(created: Args) -> tuple[Action, ...]:
    parts = zip(created["targets"], created["values"], created["calldatas"], strict=False)
    return tuple(Action(*each) for each in parts)


def _call(contract: str | None, action: Action) -> Call:
    named = abi.functions(contract).get(action.data[:4]) if contract else None
    return Call(contract, named.name if named else None, action.value, action.data)


def _order(call: Call) -> Order:
    decoded = abi.decode_call(call.contract or "", call.data)
    # Calldata that the contract itself will refuse to read is an order that nothing fulfils.
    return Order(decoded[0].name, decoded[1]) if decoded else Order("unreadable", {})
