"""What the season is played on: the chain and its clock, the co-op, and the acts of its members.

Every act goes the way that a member's own command goes; only the questions are left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from eth_utils.crypto import keccak

from indexer.chain import Chain
from node import casting, proposals, voting
from node.actions import Own, build
from node.ballot import AnyBallot, Choice, SignedBallot, sign_ballot
from node.content import Action, ProposalParts
from node.demo.people import Person
from node.devnet import Devnet
from node.drafts import Draft
from node.errors import AuditMismatch
from node.instance import Instance
from node.sender import Sender, TxReceipt
from node.voting import Poll, Voter

DAY = 86_400
_PURSE = 10 * 10**18  # wei that each person starts with


class SeasonDiverged(AuditMismatch):
    """The season did not go as it is written: something in this software is wrong."""

    code = "season-diverged"


@dataclass
class Counted:
    """What was done so far."""

    transactions: int = 0
    ballots: int = 0
    gas: int = 0


@dataclass
class Stage:
    """One co-op on one local chain, with the keys of everybody who plays."""

    devnet: Devnet
    chain: Chain
    instance: Instance
    own: Own
    people: Mapping[str, Person]
    home: Path
    say: Callable[[str], None]
    counted: Counted = field(default_factory=Counted)
    parts: dict[int, ProposalParts] = field(default_factory=dict)
    """What each proposal froze, by its number."""

    # Clock

    def now(self) -> int:
        """The chain's time, in seconds since 1970."""
        return self.devnet.now()

    def warp(self, moment: int) -> None:
        """Move the chain's clock to a moment that has not passed."""
        if moment > self.now():
            self.devnet.mine(at=moment)

    # Acts

    def act(self, name: str, contract: str, function: str, *args: object) -> TxReceipt:
        """Let somebody call a function of one of the co-op's contracts."""
        addresses = {each: address for each, address, _ in self.instance.contracts}
        sent = self.sender(name).send(contract, addresses[contract], function, *args)
        return self._count(sent)

    def sender(self, name: str) -> Sender:
        """Sends as somebody."""
        return Sender(self.chain, self.people[name].account)

    def action(self, name: str, **fields: object) -> Action:
        """A named action of a proposal."""
        return build(name, self.own, {key.rstrip("_"): value for key, value in fields.items()})

    def propose(
        self, name: str, text: str, acts: Sequence[Action] = (), opens_at: int | None = None
    ) -> int:
        """Let somebody propose; returns the proposal's number."""
        draft = Draft(text, tuple(acts), opens_at)
        plan = proposals.plan(self.chain, self.instance, self.own, draft)
        made = proposals.propose(self.sender(name), self.instance, plan, self.home / "texts")
        self._count(made.sent)
        self.parts[made.proposal_id] = self._frozen(made.sent, plan.description, tuple(acts))
        return made.proposal_id

    def appeal(self, name: str, proposal: int) -> int:
        """Let the person concerned appeal; returns the number of the confirming vote."""
        sent = self.act(name, "Assembly", "appeal", proposal)
        confirming = int(sent.event("ProposalAppealed").args["confirmation"])
        frozen = self._frozen(sent, "", ())
        confirmed = self.chain.view("Assembly", self.instance.assembly, "proposal", proposal)
        self.parts[confirming] = replace(frozen, confirms=confirmed["content"])
        return confirming

    def open(self, proposal: int) -> None:
        """Move the clock to the first second of the vote."""
        self.warp(self.parts[proposal].opens_at + 1)

    def close(self, proposal: int) -> None:
        """Move the clock to the first second after the vote."""
        known = self.chain.view("Assembly", self.instance.assembly, "proposal", proposal)
        self.warp(known["deadline"] + 1)

    def carry_out(self, proposal: int, name: str) -> None:
        """Queue a passed proposal, wait its delay and execute it."""
        self.act(name, "Assembly", "queue", proposal)
        self.execute(proposal, name)

    def execute(self, proposal: int, name: str) -> None:
        """Execute a queued proposal as soon as it is due."""
        eta = self.chain.view("Assembly", self.instance.assembly, "proposalEta", proposal)
        self.warp(eta)
        parts = self.parts[proposal]
        self._count(proposals.execute(self.sender(name), self.instance, parts))

    # Ballots

    def sign(self, proposal: int, name: str, choice: Choice, reason: str = "") -> SignedBallot:
        """Let somebody sign a ballot; nothing is sent."""
        poll = voting.poll_on_proposal(self.chain, self.instance, self.parts[proposal])
        account = self.people[name].account
        who = voting.voter(self.chain, self.instance, account.address)
        draft = voting.draft_ballot(poll, who, choice, reason)
        sequence = voting.next_sequence(self.chain, self.instance, draft, None)
        return sign_ballot(replace(draft, sequence=sequence), poll.domain, account)

    def vote(self, proposal: int, name: str, choice: Choice, reason: str = "") -> None:
        """Let somebody cast or change their ballot by themselves."""
        signed = self.sign(proposal, name, choice, reason)
        self._counted([casting.cast(self.sender(name), self.instance, signed).status])

    def carry(self, carrier: str, ballots: Sequence[SignedBallot]) -> None:
        """Let somebody carry signed ballots of others, in one transaction."""
        receipts = casting.submit(self.sender(carrier), self.instance, ballots)
        self._counted([each.status for each in receipts])

    def vote_together(self, carrier: str, proposal: int, choices: Mapping[str, Choice]) -> None:
        """Let many sign, and one carry all their ballots in one transaction."""
        poll = voting.poll_on_proposal(self.chain, self.instance, self.parts[proposal])

        def draft(who: Voter, name: str) -> AnyBallot:
            return voting.draft_ballot(poll, who, choices[name])

        self.carry(carrier, self.signed_by(poll, choices, draft))

    def signed_by(
        self, poll: Poll, names: Iterable[str], draft: Callable[[Voter, str], AnyBallot]
    ) -> list[SignedBallot]:
        """First ballots of many in one vote, each as `draft` says for the voter of that name."""
        return [
            sign_ballot(draft(who, name), poll.domain, self.people[name].account)
            for name, who in self.voters(names).items()
        ]

    def voters(self, names: Iterable[str]) -> dict[str, Voter]:
        """Members as the chain knows them, asked in two requests however many they are."""
        wanted = list(names)
        membership = self.instance.membership
        accounts = [self.people[name].address for name in wanted]
        numbers = self.chain.views(
            [("Membership", membership, "memberIdOf", [account]) for account in accounts]
        )
        records = self.chain.views(
            [("Membership", membership, "memberOf", [number]) for number in numbers]
        )
        return {
            name: Voter(number, account, record["since"], record["epoch"])
            for name, number, account, record in zip(
                wanted, numbers, accounts, records, strict=True
            )
        }

    def member_id(self, name: str) -> int:
        """The number for life of somebody who was admitted."""
        number = self.chain.view(
            "Membership", self.instance.membership, "memberIdOf", self.people[name].address
        )
        return int(number)

    # Inside

    def _frozen(self, sent: TxReceipt, description: str, acts: tuple[Action, ...]) -> ProposalParts:
        frozen, created = sent.event("ProposalFrozen").args, sent.event("ProposalCreated").args
        return ProposalParts(
            chain_id=self.instance.chain_id,
            assembly=self.instance.assembly,
            proposal_id=created["proposalId"],
            decision_class=frozen["class"],
            rule_version=frozen["ruleVersion"],
            opens_at=created["voteStart"],
            actions=acts,
            code_hashes=tuple(frozen["codeHashes"]),
            description=description,
        )

    def _counted(self, statuses: Sequence[str]) -> None:
        if any(status != "counted" for status in statuses):
            raise SeasonDiverged(f"Of {len(statuses)} ballots not all were counted: {statuses}.")
        self.counted.transactions += 1
        self.counted.ballots += len(statuses)

    def _count(self, sent: TxReceipt) -> TxReceipt:
        self.counted.transactions += 1
        self.counted.gas += sent.gas_used
        return sent


def fill_purses(devnet: Devnet, people: Iterable[Person]) -> None:
    """Give everybody ether for their transactions: on a local chain it costs nothing."""
    for person in people:
        set_purse(devnet, person.address, _PURSE)


def set_purse(devnet: Devnet, account: str, wei: int) -> None:
    """Set an account's ether; both local chains know the call by hardhat's name."""
    devnet.rpc("hardhat_setBalance", account, hex(wei))


def profile_hash(name: str) -> bytes:
    """A candidate's profile as the chain knows it: the hash of a salt and the profile."""
    return keccak(keccak(text=f"salt of {name}") + f"{name}, rides a bicycle".encode())
