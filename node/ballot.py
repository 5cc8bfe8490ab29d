"""Ballots: one member's signed choice on a proposal, or signed rate in a pay vote."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Literal, Self, get_args

from eth_account.signers.local import LocalAccount

from indexer.proofs.keys import Claim, false
from node import typed_data
from node.typed_data import Domain, Fields, Malformed

Choice = Literal["against", "for", "abstain"]
# In the order of the contract's enum: the index is IGovernor's `support`.
CHOICES: tuple[Choice, ...] = get_args(Choice)

REASON_LIMIT = 500  # bytes of UTF-8
SEQUENCE_LIMIT = 255


@dataclass(frozen=True)
class Ballot:
    """A member's choice on a proposal; `Malformed` if the contract could not count it."""

    PRIMARY_TYPE: ClassVar[str] = "Ballot"
    FIELDS: ClassVar[Fields] = (
        ("proposalId", "uint256"),
        ("content", "bytes32"),
        ("choice", "string"),
        ("memberId", "uint32"),
        ("epoch", "uint32"),
        ("sequence", "uint32"),
        ("reason", "string"),
    )

    proposal_id: int
    content: bytes
    choice: Choice
    member_id: int
    epoch: int
    sequence: int
    reason: str = ""

    def __post_init__(self) -> None:
        if self.choice not in CHOICES:
            raise Malformed(f"The choice {self.choice!r} is none of for, against, abstain.")
        _check(self.proposal_id, self.member_id, self.sequence, self.reason)

    @property
    def subject(self) -> int:
        """What is voted on: the proposal's number."""
        return self.proposal_id

    def typed_data(self, domain: Domain) -> dict[str, Any]:
        """The EIP-712 message that the member's key signs."""
        message = {
            "proposalId": self.proposal_id,
            "content": "0x" + self.content.hex(),
            "choice": self.choice,
            "memberId": self.member_id,
            "epoch": self.epoch,
            "sequence": self.sequence,
            "reason": self.reason,
        }
        return typed_data.full_message(domain, self.PRIMARY_TYPE, self.FIELDS, message)

    @classmethod
    def from_typed_data(cls, whole: dict[str, Any]) -> tuple[Domain, Self]:
        """The ballot that an EIP-712 message holds and the domain that it is for."""
        domain, message = typed_data.checked(whole, cls.PRIMARY_TYPE, cls.FIELDS)
        return domain, cls(
            proposal_id=message["proposalId"],
            content=bytes.fromhex(message["content"][2:]),
            choice=message["choice"],
            member_id=message["memberId"],
            epoch=message["epoch"],
            sequence=message["sequence"],
            reason=message["reason"],
        )


@dataclass(frozen=True)
class PayBallot:
    """The rate a member names in a pay vote, in minor units per hour; `Malformed` as `Ballot`."""

    PRIMARY_TYPE: ClassVar[str] = "PayBallot"
    FIELDS: ClassVar[Fields] = (
        ("payVoteId", "uint256"),
        ("content", "bytes32"),
        ("rate", "uint256"),
        ("memberId", "uint32"),
        ("epoch", "uint32"),
        ("sequence", "uint32"),
        ("reason", "string"),
    )

    pay_vote_id: int
    content: bytes
    rate: int
    member_id: int
    epoch: int
    sequence: int
    reason: str = ""

    def __post_init__(self) -> None:
        _check(self.pay_vote_id, self.member_id, self.sequence, self.reason)

    @property
    def subject(self) -> int:
        """What is voted on: the pay vote's number."""
        return self.pay_vote_id

    def typed_data(self, domain: Domain) -> dict[str, Any]:
        """The EIP-712 message that the member's key signs."""
        message = {
            "payVoteId": self.pay_vote_id,
            "content": "0x" + self.content.hex(),
            "rate": self.rate,
            "memberId": self.member_id,
            "epoch": self.epoch,
            "sequence": self.sequence,
            "reason": self.reason,
        }
        return typed_data.full_message(domain, self.PRIMARY_TYPE, self.FIELDS, message)

    @classmethod
    def from_typed_data(cls, whole: dict[str, Any]) -> tuple[Domain, Self]:
        """The ballot that an EIP-712 message holds and the domain that it is for."""
        domain, message = typed_data.checked(whole, cls.PRIMARY_TYPE, cls.FIELDS)
        return domain, cls(
            pay_vote_id=message["payVoteId"],
            content=bytes.fromhex(message["content"][2:]),
            rate=message["rate"],
            member_id=message["memberId"],
            epoch=message["epoch"],
            sequence=message["sequence"],
            reason=message["reason"],
        )


AnyBallot = Ballot | PayBallot


@dataclass(frozen=True)
class SignedBallot:
    """A ballot that anyone can carry to the contract named in its domain."""

    ballot: AnyBallot
    domain: Domain
    account: str
    """The member's checksummed account, whose key or contract answers for the signature."""
    signature: bytes

    @property
    def ballot_hash(self) -> bytes:
        """The EIP-712 digest: what the signature is over, and the ballot's name in receipts."""
        return ballot_hash(self.ballot, self.domain)

    @cached_property
    def by_key(self) -> bool:
        """Whether the account's own key signed; else only a contract account can judge it."""
        try:
            typed_data.check_signature(self.signature)
        except Malformed:
            return False
        account = bytes.fromhex(self.account[2:])
        claim = Claim(self.ballot_hash, self.signature[:64], self.signature[64] - 27, account)
        return not false([claim])


@lru_cache(maxsize=10_000)
def ballot_hash(ballot: AnyBallot, domain: Domain) -> bytes:
    """The EIP-712 digest of a ballot."""
    return typed_data.digest(ballot.typed_data(domain))


def sign_ballot(ballot: AnyBallot, domain: Domain, account: LocalAccount) -> SignedBallot:
    """Sign a ballot with a key in memory. No check against the chain: `voting` does that before."""
    signature = typed_data.sign(ballot.typed_data(domain), account)
    return SignedBallot(ballot, domain, account.address, signature)


def _check(subject: int, member_id: int, sequence: int, reason: str) -> None:
    if subject < 1 or member_id < 1:
        raise Malformed("Proposals, pay votes and members are numbered from 1.")
    if not 1 <= sequence <= SEQUENCE_LIMIT:
        raise Malformed(f"The sequence {sequence} is not between 1 and {SEQUENCE_LIMIT}.")
    try:
        length = len(reason.encode())
    except UnicodeEncodeError as error:  # words of a command line need not be UTF-8
        raise Malformed("The reason is no text in UTF-8.") from error
    if length > REASON_LIMIT:
        raise Malformed(
            f"The reason has {length} bytes; at most {REASON_LIMIT} are allowed.",
            hint="Shorten it; letters beyond English ones take two bytes and more.",
        )
