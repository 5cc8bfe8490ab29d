"""A co-op with pay rates on a local chain, and the acts of its members, for the tests of pay votes.

An instance as the factory makes it. What a passed proposal orders is sent from the Assembly's
account, so that a test of pay need not pass a proposal first. Ballots are signed and packed by a
few lines of its own: the contracts are not tested with the code of the node that they are to check.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from node.devnet import CHAIN_ID, Devnet
from tests.contracts import ledger
from tests.contracts.coop import CLASSES, DAY
from tests.contracts.founding import rule as decision_rule
from tests.contracts.ledger import (
    GAS,
    Contract,
    Receipt,
    artifact,
    event_in,
    fold,
    in_place_of,
    refused,
)
from tests.contracts.roll import REFUSALS
from tests.contracts.signing import PAY_BALLOT, entry

NAME = "Ridgeway Drivers"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
STATES = ("Pending", "Open", "Counting", "Closed", "Expired")


class Rule(NamedTuple):
    notice: int = DAY
    voting_period: int = 7 * DAY
    grace: int = 14 * DAY
    rest: int = 30 * DAY
    period: int = 365 * DAY
    ratio_cap: int = 0
    quorum_min: int = 1
    quorum_bps: int = 0
    fill_to_roll: bool = False


class Terms(NamedTuple):
    role: bytes
    rate: int = 2000
    floor: int = 1000
    step: int = 10
    max_change_bps: int = 1000


def role(name: str) -> bytes:
    return name.encode().ljust(32, b"\0")


DRIVER = role("driver")
COOK = role("cook")


@dataclass(frozen=True)
class PayBallot:
    """What a member signs, and how it is packed."""

    vote: int
    content: bytes
    rate: int
    rung: int
    member: int
    epoch: int = 0
    sequence: int = 1
    reason: str = ""
    chain_id: int = CHAIN_ID
    name: str = NAME


@cache
def key(number: int) -> LocalAccount:
    """The key of the person with that number; one key, whatever the chain."""
    made: LocalAccount = Account.from_key(keccak(b"rochdale test key %d" % number))
    return made


class Coop:
    """One instance. Members are numbered from 1, and member n holds `key(n)`."""

    def __init__(
        self,
        chain: Devnet,
        factory: str,
        founders: int = 5,
        rule: Rule | None = None,
        roles: Sequence[Terms] = (Terms(DRIVER),),
        currency: bytes = b"EUR",
    ) -> None:
        self.chain = chain
        self.relayer: str = chain.rpc("eth_accounts")[1]
        self.account_of = {n: key(n).address for n in range(1, founders + 1)}
        first = [self.account_of[n] for n in range(1, min(founders, 50) + 1)]
        classes = [decision_rule()] * len(CLASSES)
        terms = (0, classes, currency, rule or Rule())
        arguments = (NAME, first, terms, list(roles), 0)
        maker = Contract(factory, artifact("CooperativeFactory")["abi"])
        membership, _, self.assembly, pay = self.ask(maker, "predict", *arguments)
        self.roll = Contract(to_checksum_address(membership), artifact("Membership")["abi"])
        self.pay = Contract(to_checksum_address(pay), artifact("PayRates")["abi"])
        self.receipt = self.send(maker, "create", *arguments)
        for account in (self.assembly, *self.account_of.values()):
            self.open_account(account)
        for n in range(51, founders + 1):
            self.join(n)

    # The chain

    def deploy(self, name: str, *arguments: Any, tests: bool = True) -> Contract:
        return ledger.deploy(self.chain, name, *arguments, tests=tests)

    def clone(self, name: str, arguments: bytes) -> Contract:
        return ledger.clone(self.chain, name, arguments)

    def send(
        self,
        contract: Contract,
        function: str,
        *arguments: Any,
        sender: str | None = None,
        at: int | None = None,
        gas: int = GAS,
    ) -> Receipt:
        """Mine one transaction, at that moment if one is given; `Refused` if it reverts."""
        calldata = contract.calldata(function, arguments)
        by = sender or self.relayer
        found = ledger.transact(self.chain, contract, calldata, by, at=at, gas=gas)
        return Receipt(
            gas=int(found["gasUsed"], 16),
            block=int(found["blockNumber"], 16),
            events=[
                event_in(log, ours)
                for log in found["logs"]
                for ours in (self.roll, self.pay)
                if log["address"] == ours.address.lower()
            ],
        )

    def now(self) -> int:
        return self.chain.now()

    def until(self, moment: int) -> None:
        """Mine a block at that moment, for the views."""
        self.chain.mine(at=moment)

    def ask(self, contract: Contract, function: str, *arguments: Any) -> Any:
        return ledger.ask(self.chain, contract, function, *arguments)

    def view(self, function: str, *arguments: Any) -> Any:
        return self.ask(self.pay, function, *arguments)

    def open_account(self, account: str) -> None:
        """Let the test send transactions from that account."""
        self.chain.rpc("anvil_setBalance", account, hex(10**20))
        self.chain.rpc("anvil_impersonateAccount", account)

    # The Assembly and the roll

    def order(self, function: str, *arguments: Any, at: int | None = None) -> Receipt:
        """What a passed proposal has PayRates do."""
        return self.send(self.pay, function, *arguments, sender=self.assembly, at=at)

    def enrol(self, function: str, *arguments: Any, at: int | None = None) -> Receipt:
        """What a passed proposal has Membership do, as if its vote had opened just now."""
        just_now = artifact("Ordering", tests=True)["deployedBytecode"]
        with in_place_of(self.chain, self.assembly, just_now):
            return self.send(self.roll, function, *arguments, sender=self.assembly, at=at)

    def join(self, member: int, at: int | None = None) -> None:
        account = self.account_of.setdefault(member, key(member).address)
        self.open_account(account)
        self.send(self.roll, "applyToJoin", b"\1" * 32, sender=account)
        self.enrol("admit", account, at=at)

    def leave(self, member: int, at: int | None = None) -> None:
        self.send(self.roll, "leaveCooperative", sender=self.account_of[member], at=at)

    def rekey(self, member: int, number: int) -> None:
        """Give a member the key with that number, as a passed Recovery does."""
        self.account_of[member] = key(number).address
        self.open_account(key(number).address)
        self.enrol("recover", member, key(number).address)

    # Pay votes

    def call(
        self, role: bytes = DRIVER, wait: int = DAY, by: int = 1, at: int | None = None
    ) -> int:
        """Call a pay vote that opens so many seconds later; its number."""
        moment = at or self.now() + 1
        self.open_vote(role, moment + wait, by, at=moment)
        return int(self.view("payVoteCount"))

    def open_vote(self, role: bytes, opens_at: int, by: int = 1, at: int | None = None) -> Receipt:
        sender = self.account_of.get(by) or key(by).address
        return self.send(self.pay, "openPayVote", role, opens_at, sender=sender, at=at)

    def opened(self, role: bytes = DRIVER) -> int:
        """Call a pay vote and wait until ballots are taken; its number."""
        vote = self.call(role)
        self.until(self.vote(vote)["opensAt"] + 1)
        return vote

    def vote(self, vote: int) -> dict[str, Any]:
        names = (
            "role opensAt deadline ruleVersion from step rungs presentRung ballots closed content"
        )
        return dict(zip(names.split(), self.view("payVote", vote), strict=True))

    def state(self, vote: int) -> str:
        return STATES[self.view("payVoteState", vote)]

    def ballot(self, vote: int, member: int, rate: int, **others: Any) -> PayBallot:
        found = self.vote(vote)
        rung = (rate - found["from"]) // found["step"]
        epoch = self.ask(self.roll, "memberOf", member)[3]
        first = PayBallot(vote, found["content"], rate, rung, member, epoch)
        return replace(first, **others)

    def digest(self, ballot: PayBallot) -> bytes:
        signable = self._typed(ballot)
        return keccak(b"\x19" + signable.version + signable.header + signable.body)

    def sign(self, ballot: PayBallot, number: int | None = None) -> bytes:
        """The 65 bytes r, s, v of the key with that number, by default the member's."""
        signer = key(number or ballot.member)
        return bytes(signer.sign_message(self._typed(ballot)).signature)

    def cast(self, vote: int, member: int, rate: int, sequence: int = 1, **others: Any) -> Receipt:
        """A member's direct ballot."""
        reason = others.pop("reason", "")
        sender = others.pop("sender", None) or self.account_of[member]
        return self.send(
            self.pay,
            "castPayBallot",
            vote,
            member,
            rate,
            sequence,
            reason,
            sender=sender,
            **others,
        )

    def carry(self, vote: int, entries: Iterable[bytes], **others: Any) -> Receipt:
        """A batch of packed ballots, sent by somebody who is no member."""
        return self.send(self.pay, "castPayBallots", vote, b"".join(entries), **others)

    def carry_signed(self, vote: int, ballots: Iterable[PayBallot], **others: Any) -> Receipt:
        return self.carry(vote, [pack(ballot, self.sign(ballot)) for ballot in ballots], **others)

    def after_deadline(self, vote: int) -> int:
        return int(self.vote(vote)["deadline"]) + 1

    def close(self, vote: int, at: int | None = None) -> Receipt:
        """Close a vote, right after its deadline if no other moment is given."""
        moment = at or max(self.after_deadline(vote), self.now() + 1)
        return self.send(self.pay, "closePayVote", vote, at=moment)

    def counts(self, vote: int) -> dict[int, int]:
        """Rate -> ballots, of the rungs that have any."""
        terms = self.vote(vote)
        rates = (terms["from"] + terms["step"] * rung for rung in range(terms["rungs"]))
        pairs = zip(rates, self.view("histogram", vote), strict=True)
        return {rate: count for rate, count in pairs if count}

    def lane(self, vote: int, member: int) -> tuple[int, int, int]:
        """Rate, epoch and sequence of the member's counted ballot."""
        rate, epoch, sequence = self.view("payBallotOf", vote, member)
        return rate, epoch, sequence

    def rate(self, role: bytes = DRIVER) -> int:
        return int(self.view("roleOf", role)[0])

    # Private

    def _typed(self, ballot: PayBallot) -> Any:
        return encode_typed_data(
            domain_data={
                "name": ballot.name,
                "version": "1",
                "chainId": ballot.chain_id,
                "verifyingContract": self.pay.address,
            },
            message_types={
                "PayBallot": [{"name": name, "type": kind} for name, kind in PAY_BALLOT]
            },
            message_data={
                "payVoteId": ballot.vote,
                "content": ballot.content,
                "rate": ballot.rate,
                "memberId": ballot.member,
                "epoch": ballot.epoch,
                "sequence": ballot.sequence,
                "reason": ballot.reason,
            },
        )


@contextmanager
def founded(chain: Devnet, factory: str, **options: Any) -> Iterator[Coop]:
    """A co-op whose chronicle must fit its logs when the test is over."""
    coop = Coop(chain, factory, **options)
    yield coop
    assert fold(chain, coop.pay.address) == coop.view("chronicleHead")


Founding = Callable[..., AbstractContextManager[Coop]]


@contextmanager
def ballot_refused(vote: int, member: int, refusal: str) -> Iterator[None]:
    with refused("PayRatesBallotRefused", vote, member, REFUSALS.index(refusal)):
        yield


def pack(ballot: PayBallot, signature: bytes, long: bool = False) -> bytes:
    """One entry of a batch."""
    return entry(
        ballot.member,
        0,
        signature,
        ballot.sequence,
        ballot.reason,
        long=long,
        rung=ballot.rung,
    )


def cast(receipt: Receipt) -> list[tuple[int, int, int, int, str]]:
    """Pay vote, member, rate, sequence and reason of every counted ballot."""
    return [
        (word >> 88, word >> 56 & 0xFFFFFFFF, word % 2**48, word >> 48 & 0xFF, "".join(reason))
        for word, *reason in (
            event.values
            for event in receipt.events
            if event.name in ("PayBallotCast", "PayBallotCastWithReason")
        )
    ]


def skipped(receipt: Receipt) -> list[tuple[int, int, str]]:
    """Member, sequence and refusal of every skipped ballot."""
    return [
        (member, sequence, REFUSALS[refusal])
        for _, member, sequence, refusal in receipt.values("PayBallotSkipped")
    ]
