"""The Assembly as a pure model: proposing, cancelling, queueing, executing, due process."""

from collections.abc import Callable
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak

from indexer.rules import proposals as rules
from indexer.rules.bylaws import PERSONAL, DecisionClass, Rule, quorum_reached
from indexer.rules.classes import CONCERNING_MEMBERS
from indexer.rules.proposals import Course
from tests.model.bylaws import Bylaws, classify
from tests.model.membership import Membership
from tests.model.proposals import STATES, Proposal, with_presence
from tests.model.words import Call, Refused
from tests.model.world import World

DAY = 86_400
Substance = str | tuple[Any, ...] | None
HEX = frozenset("0123456789abcdef")
WAITING = ("pending", "active", "succeeded", "queued")
ACTIONS = "(address,uint256,bytes)[]"
CONTENT = [
    *(["uint256", "address", "uint256", "uint8", "uint32", "uint40"]),
    *("bytes32", "bytes32", "bytes32"),
]


class Assembly:
    """All proposals, and what members do with them save casting ballots."""

    def __init__(self, world: World, membership: Membership, bylaws: Bylaws) -> None:
        self.world, self.membership, self.bylaws = world, membership, bylaws
        self.proposals: dict[int, Proposal] = {}
        self.last_of: dict[int, int] = {}
        """memberId -> the newest proposal that the member made."""
        self.carry_out: Callable[[Call], None]

    # Proposals

    def propose(self, sender: str, actions: tuple[Call, ...], text: str, opens_at: int) -> None:
        member = self.membership.roll.current(sender)
        if member is None:
            raise Refused("AssemblyNotMember", sender)
        self._refuse_busy(member.member_id)
        decision_class, subject = classify(actions, dict(self.world.addresses))
        if decision_class in CONCERNING_MEMBERS and subject not in self.membership.roll.members:
            raise Refused("AssemblyUnknownPerson", subject)
        if decision_class in PERSONAL and not is_hash(text):
            raise Refused("AssemblyTextMustBeHash")
        rule, now = self.bylaws.in_force(decision_class), self.world.now
        if not now + rule.notice <= opens_at <= now + 90 * DAY:
            bounds = (now + rule.notice, now + 90 * DAY)
            raise Refused("AssemblyOpeningOutOfBounds", opens_at, *bounds)
        substance = _substance(decision_class, actions, subject, text)
        self._refuse_cooling_down(substance)
        made = self._create(
            sender, decision_class, rule, member.member_id, subject, opens_at, actions, text
        )
        made.substance = substance
        self.last_of[member.member_id] = made.number

    def cancel(self, sender: str, number: int) -> None:
        proposal = self._in_state(number, "pending")
        if proposal.proposer == 0 or self.membership.holder(proposal.proposer) != sender:
            raise Refused("AssemblyNotProposer", sender)
        proposal.canceled = True
        self._log("ProposalCanceled", number)

    def queue(self, sender: str, number: int) -> None:
        proposal = self._in_state(number, "succeeded")
        if proposal.confirms:
            raise Refused("AssemblyUnexpectedState", number, STATES.index("succeeded"), 0)
        proposal.eta = self.world.now + proposal.rule.execution_delay
        self._log("ProposalQueued", number, proposal.eta)

    def execute(
        self, sender: str, number: int, actions: tuple[Call, ...], text_hash: bytes
    ) -> None:
        proposal = self._in_state(number, "queued")
        due = rules.due(self.course(proposal), self.world.now)
        confirmed = not proposal.confirmation or self.state(proposal.confirmation) == "succeeded"
        if self.world.now < due or not confirmed:
            raise Refused("AssemblyNotDue", number, due)
        found = self._content(
            number,
            proposal.decision_class,
            proposal.version,
            proposal.opens_at,
            actions,
            text_hash,
        )
        if found != proposal.content:
            raise Refused("AssemblyContentChanged", number, proposal.content, found)
        proposal.executed = True
        self._log("ProposalExecuted", number)
        self.world.execution_snapshot = proposal.opens_at
        for index, action in enumerate(actions):
            try:
                self.carry_out(action)
            except Refused as refusal:
                raise Refused("AssemblyActionFailed", index, refusal.data) from refusal
        self.world.execution_snapshot = 0

    # The person concerned

    def reply(self, sender: str, number: int, reply_hash: bytes) -> None:
        proposal = self._in_state(number, *WAITING)
        self._refuse_unless_concerned(sender, proposal, DecisionClass.REMOVAL)
        self._log("ReplyRecorded", number, proposal.subject, reply_hash)

    def appeal(self, sender: str, number: int) -> None:
        proposal = self._in_state(number, "queued")
        self._refuse_unless_concerned(sender, proposal, DecisionClass.REMOVAL)
        if proposal.confirmation or self.world.now >= proposal.eta:
            raise Refused("AssemblyNoAppeal", number, proposal.eta)
        opens_at = self.world.now + proposal.rule.notice
        made = self._create(
            sender,
            DecisionClass.REMOVAL,
            proposal.rule,
            0,
            proposal.subject,
            opens_at,
            (),
            "",
            confirmed=proposal,
        )
        proposal.confirmation = made.number
        self._log("ProposalAppealed", number, made.number)

    def object(self, sender: str, number: int) -> None:
        proposal = self._in_state(number, *WAITING)
        self._refuse_unless_concerned(sender, proposal, DecisionClass.RECOVERY)
        proposal.canceled = True
        self._log("RecoveryObjected", number, proposal.subject)
        self._log("ProposalCanceled", number)

    # What follows from the facts

    def course(self, proposal: Proposal) -> Course:
        """The proposal as the pure rules take it, with the roll that counts now."""
        confirmation = self.proposals.get(proposal.confirmation)
        roll = self.membership.roll.size_without(proposal.opens_at, proposal.excluded)
        return proposal.course(roll, self.course(confirmation) if confirmation else None)

    def state(self, number: int) -> str:
        """The state now."""
        return rules.state(self.course(self.proposals[number]), self.world.now)

    def known(self, number: int) -> Proposal:
        """A proposal that exists."""
        if number not in self.proposals:
            raise Refused("AssemblyUnknownProposal", number)
        return self.proposals[number]

    def _in_state(self, number: int, *allowed: str) -> Proposal:
        proposal = self.known(number)
        found = self.state(number)
        if found not in allowed:
            mask = sum(1 << STATES.index(state) for state in allowed)
            raise Refused("AssemblyUnexpectedState", number, STATES.index(found), mask)
        return proposal

    def _refuse_busy(self, member_id: int) -> None:
        last = self.proposals.get(self.last_of.get(member_id, 0))
        now = self.world.now
        if last and now <= rules.session(self.course(last), now).deadline:
            raise Refused("AssemblyProposerBusy", member_id, last.number)

    def _refuse_cooling_down(self, substance: Substance) -> None:
        """The newest first: whichever was defeated with quorum and cools down refuses."""
        for number, earlier in sorted(self.proposals.items(), reverse=True):
            if earlier.substance != substance or self.state(number) != "defeated":
                continue
            course = self.course(earlier)
            deadline, second = rules.session(course, self.world.now)
            rule = with_presence(earlier.rule)
            if not quorum_reached(rule, course.tally, course.roll, second):
                continue
            if course.confirmation:
                deadline = rules.session(course.confirmation, self.world.now).deadline
            if self.world.now < deadline + rule.cool_down:
                raise Refused("AssemblyCoolingDown", number, deadline + rule.cool_down)

    def _refuse_unless_concerned(
        self, sender: str, proposal: Proposal, wanted: DecisionClass
    ) -> None:
        if proposal.decision_class != wanted:
            raise Refused("AssemblyWrongClass", proposal.number, int(proposal.decision_class))
        if not proposal.subject or self.membership.holder(proposal.subject) != sender:
            raise Refused("AssemblyNotPersonConcerned", sender)

    # Making one

    def _create(
        self,
        sender: str,
        decision_class: DecisionClass,
        rule: Rule,
        proposer: int,
        subject: int,
        opens_at: int,
        actions: tuple[Call, ...],
        text: str,
        confirmed: Proposal | None = None,
    ) -> Proposal:
        number = len(self.proposals) + 1
        version = confirmed.version if confirmed else len(self.bylaws.versions[decision_class])
        text_hash = confirmed.content if confirmed else keccak(text.encode())
        content = self._content(number, decision_class, version, opens_at, actions, text_hash)
        confirms, deadline = confirmed.number if confirmed else 0, opens_at + rule.voting_period
        made = Proposal(
            number,
            decision_class,
            version,
            rule,
            proposer,
            subject,
            opens_at,
            deadline,
            content,
            actions,
            text_hash,
            confirms=confirms,
        )
        self.proposals[number] = made
        targets = tuple(self.world.addresses[action.contract] for action in actions)
        nothing, data = (0,) * len(actions), tuple(action.data for action in actions)
        texts = ("",) * len(actions)
        said = (targets, nothing, texts, data, opens_at, deadline, text)
        self._log("ProposalCreated", number, sender, *said)
        frozen = (int(decision_class), version, proposer, subject, confirms, content)
        self._log("ProposalFrozen", number, *frozen, self._codes(actions), text_hash)
        return made

    def _content(
        self,
        number: int,
        decision_class: DecisionClass,
        version: int,
        opens_at: int,
        actions: tuple[Call, ...],
        text_hash: bytes,
    ) -> bytes:
        world = self.world
        wire = [(world.addresses[action.contract], 0, action.data) for action in actions]
        values: list[Any] = [world.chain_id, world.addresses["Assembly"], number]
        values += [int(decision_class), version, opens_at]
        values += [keccak(encode([ACTIONS], [wire])), keccak(b"".join(self._codes(actions)))]
        values.append(text_hash)
        return keccak(encode(CONTENT, values))

    def _codes(self, actions: tuple[Call, ...]) -> tuple[bytes, ...]:
        codes, addresses = self.world.code_hashes, self.world.addresses
        return tuple(codes.get(addresses[action.contract], bytes(32)) for action in actions)

    def _log(self, name: str, *values: Any) -> None:
        self.world.record("Assembly", name, *values)


def is_hash(text: str) -> bool:
    """Whether a text is "0x" and 64 lower-case hex digits."""
    return len(text) == 66 and text.startswith("0x") and set(text[2:]) <= HEX


def _substance(
    decision_class: DecisionClass, actions: tuple[Call, ...], subject: int, text: str
) -> Substance:
    if not actions:
        return text
    if decision_class == DecisionClass.REMOVAL:
        return (actions[0].function, subject)
    return tuple((action.contract, action.data) for action in actions)
