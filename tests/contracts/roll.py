"""The roll in the tests: joining in one go, what a passed proposal orders, and changes of keys."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from eth_account.messages import encode_typed_data
from web3 import Web3
from web3.contract import Contract
from web3.types import TxReceipt

from tests.contracts.acts import refused
from tests.contracts.coop import BALLOT, ROTATION, Coop, Person, Sender, sign_typed

NONE, ACTIVE, SUSPENDED, LEFT, EXPELLED = range(5)
REFUSALS = (
    "None",
    "UnknownMember",
    "NotEligible",
    "PersonConcerned",
    "BadSignature",
    "StaleSequence",
    "AlreadyVoted",
    "BadChoice",
    "BadReason",
)
PROFILE = b"\x11" * 32
ZERO = "0x" + "00" * 20
DOMAIN = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


@contextmanager
def ballot_refused(proposal: int, member: int, refusal: str) -> Iterator[None]:
    """The direct ballot must be refused for that reason."""
    with refused("AssemblyBallotRefused", proposal, member, REFUSALS.index(refusal)):
        yield


def act(coop: Coop, by: Sender, function: str, *args: Any, at: int | None = None) -> TxReceipt:
    """Somebody calls Membership."""
    return coop.send(coop.membership.functions[function](*args), by, at=at)


def order(coop: Coop, function: str, *args: Any, at: int | None = None) -> TxReceipt:
    """What a passed proposal has Membership do."""
    return order_of(coop, coop.membership, function, *args, at=at)


def order_of(
    coop: Coop, contract: Contract, function: str, *args: Any, at: int | None = None
) -> TxReceipt:
    """What a passed proposal has any contract do: the Assembly's account is impersonated."""
    open_account(coop, coop.assembly.address)
    return coop.send(contract.functions[function](*args), coop.assembly, at=at)


def open_account(coop: Coop, account: str) -> None:
    """Lets the test send transactions from that account."""
    coop.chain.rpc("anvil_setBalance", account, hex(10**20))
    coop.chain.rpc("anvil_impersonateAccount", account)


def ask(coop: Coop, function: str, *args: Any) -> Any:
    """What a view of Membership answers."""
    return coop.membership.functions[function](*args).call()


def standing(coop: Coop, member: int) -> int:
    """Where the member stands."""
    return int(ask(coop, "standingOf", member)[0])


def join(coop: Coop, person: Person) -> int:
    """Applies, waits out probation and is admitted; the memberId."""
    act(coop, person, "applyToJoin", PROFILE)
    coop.warp(ask(coop, "appliedAt", person.address) + ask(coop, "probation"))
    order(coop, "admit", person.address)
    return coop.id_of(person)


def rotation(coop: Coop, member: int, new: str, deadline: int) -> dict[str, Any]:
    """The message that both keys sign."""
    account, _, _, epoch = ask(coop, "memberOf", member)
    return {
        "memberId": member,
        "presentAccount": account,
        "newAccount": new,
        "epoch": epoch,
        "deadline": deadline,
    }


def sign_rotation(coop: Coop, by: Person, message: dict[str, Any], **changed: Any) -> bytes:
    """A rotation's signature; `changed` alters fields of message or domain."""
    domain = coop.domain(coop.membership, changed)
    return sign_typed(by, domain, "Rotation", ROTATION, message, changed)


def ballot_message(
    coop: Coop, member: int, proposal: int, choice: str, sequence: int = 1, reason: str = ""
) -> dict[str, Any]:
    """The message that a ballot's signature covers."""
    return {
        "proposalId": proposal,
        "content": coop.assembly.functions.proposal(proposal).call()[10],
        "choice": choice,
        "memberId": member,
        "epoch": ask(coop, "memberOf", member)[3],
        "sequence": sequence,
        "reason": reason,
    }


def sign_ballot(coop: Coop, by: Person, message: dict[str, Any], **changed: Any) -> bytes:
    """A ballot's signature; `changed` alters fields of message or domain."""
    domain = coop.domain(coop.assembly, changed)
    return sign_typed(by, domain, "Ballot", BALLOT, message, changed)


def ballot_digest(coop: Coop, message: dict[str, Any]) -> bytes:
    """What a contract account is asked about a ballot."""
    return _digest(coop.domain(coop.assembly, {}), "Ballot", BALLOT, message)


def rotation_digest(coop: Coop, message: dict[str, Any]) -> bytes:
    """What a contract account is asked about a rotation."""
    return _digest(coop.domain(coop.membership, {}), "Rotation", ROTATION, message)


def tell(coop: Coop, contract: Contract, function: str, *args: Any) -> TxReceipt:
    """Ada calls one of the tests' own contracts."""
    return coop.send(contract.functions[function](*args), coop.ada)


def _digest(
    domain: dict[str, Any], name: str, fields: Sequence[tuple[str, str]], message: dict[str, Any]
) -> bytes:
    types = {
        "EIP712Domain": DOMAIN,
        name: [{"name": key, "type": kind} for key, kind in fields],
    }
    full = {"types": types, "primaryType": name, "domain": domain, "message": message}
    signable = encode_typed_data(full_message=full)
    return bytes(Web3.keccak(b"\x19" + signable.version + signable.header + signable.body))


def skipped(coop: Coop, receipt: TxReceipt) -> list[tuple[int, int, str]]:
    """MemberId, sequence and reason of every ballot that a batch skipped, in order."""
    return [
        (event["args"]["memberId"], event["args"]["sequence"], REFUSALS[event["args"]["refusal"]])
        for event in coop.events(receipt, "BallotSkipped")
    ]
