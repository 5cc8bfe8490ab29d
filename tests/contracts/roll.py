"""The roll in the tests: joining in one go, what a passed proposal orders, and ballots."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from web3.contract import Contract
from web3.types import TxReceipt

from tests.contracts.acts import refused
from tests.contracts.artifacts import load
from tests.contracts.coop import Coop
from tests.contracts.ledger import in_place_of
from tests.contracts.people import Person, Sender
from tests.contracts.signing import BALLOT, sign_typed, typed_digest

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
    with voted_just_now(coop) if contract == coop.membership else nullcontext():
        return coop.send(contract.functions[function](*args), coop.assembly, at=at)


@contextmanager
def voted_just_now(coop: Coop) -> Iterator[None]:
    """An order to Membership in the Assembly's name is as if its vote had opened just now. In the
    meantime the Assembly answers nothing else."""
    with in_place_of(coop.chain, coop.assembly.address, load("Ordering")["deployedBytecode"]):
        yield


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
    return typed_digest(coop.domain(coop.assembly, {}), "Ballot", BALLOT, message)


def tell(coop: Coop, contract: Contract, function: str, *args: Any) -> TxReceipt:
    """Ada calls one of the tests' own contracts."""
    return coop.send(contract.functions[function](*args), coop.ada)


def skipped(coop: Coop, receipt: TxReceipt) -> list[tuple[int, int, str]]:
    """MemberId, sequence and reason of every ballot that a batch skipped, in order."""
    return [
        (event["args"]["memberId"], event["args"]["sequence"], REFUSALS[event["args"]["refusal"]])
        for event in coop.events(receipt, "BallotSkipped")
    ]
