"""What members do in several tests of the Assembly: get refused, vote in numbers, change keys."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from web3 import Web3
from web3.contract.contract import ContractFunction
from web3.exceptions import ContractCustomError, ContractLogicError, Web3RPCError
from web3.types import TxReceipt

from tests.contracts.artifacts import load
from tests.contracts.coop import ABSTAIN, AGAINST, DAY, FOR, STATES, Coop
from tests.contracts.people import Person
from tests.contracts.refusals import Reverted, reverted
from tests.contracts.signing import ROTATION, sign_typed

Action = tuple[str, int, bytes]
NOTHING = b"\0" * 32
UNKNOWN, NOT_ELIGIBLE, CONCERNED, BAD_SIGNATURE, STALE, ALREADY_VOTED = range(1, 7)


@contextmanager
def refused(name: str, *values: Any) -> Iterator[None]:
    """The block must be refused by a contract, with this error and exactly these values."""
    try:
        yield
    except Reverted as error:
        said = error
    except (ContractCustomError, ContractLogicError, Web3RPCError) as error:
        said = reverted(error)
    else:
        pytest.fail(f"not refused, but {name}{values} was expected")
    assert (said.name, _plain(said.values)) == (name, _plain(values))


def _plain(values: Sequence[Any]) -> list[Any]:
    """Addresses without their check sums."""
    return [value.lower() if isinstance(value, str) else value for value in values]


def mask(*states: str) -> int:
    """The bit mask with which AssemblyUnexpectedState names the states it wanted."""
    return sum(1 << STATES.index(state) for state in states)


def wrong_state(proposal: int, found: str, *expected: str) -> Any:
    """`refused` because of the proposal's state."""
    return refused("AssemblyUnexpectedState", proposal, STATES.index(found), mask(*expected))


def opening(coop: Coop, proposal: int) -> int:
    """The second at which the roll freezes."""
    return int(coop.assembly.functions.proposalSnapshot(proposal).call())


def deadline(coop: Coop, proposal: int) -> int:
    """The last second of the vote, as the contract sees it now."""
    return int(coop.assembly.functions.proposalDeadline(proposal).call())


def eta(coop: Coop, proposal: int) -> int:
    """The first second at which the proposal can be executed."""
    return int(coop.assembly.functions.proposalEta(proposal).call())


def info(coop: Coop, proposal: int) -> dict[str, Any]:
    """ProposalInfo by the names of its fields."""
    item = next(i for i in load("Assembly")["abi"] if i.get("name") == "proposal")
    names = [str(part["name"]) for part in item["outputs"][0]["components"]]
    return dict(zip(names, coop.assembly.functions.proposal(proposal).call(), strict=True))


def hashed(text: str) -> str:
    """What a proposal about a person bears in place of the text."""
    return "0x" + Web3.keccak(text=text).hex().removeprefix("0x")


def ballot(
    coop: Coop,
    by: Person,
    proposal: int,
    choice: int = FOR,
    sequence: int = 1,
    *,
    at: int | None = None,
) -> TxReceipt:
    """A direct ballot, in a block at second `at` if given."""
    call = coop.assembly.functions.castBallot(proposal, coop.id_of(by), choice, sequence, "")
    return coop.send(call, by, at=at)


def poll(
    coop: Coop, proposal: int, in_favour: str = "", against: str = "", abstain: str = ""
) -> None:
    """First ballots of the people named, names separated by blanks."""
    for names, choice in ((in_favour, FOR), (against, AGAINST), (abstain, ABSTAIN)):
        for name in names.split():
            ballot(coop, coop.people[name], proposal, choice)


def voted(
    coop: Coop, proposal: int, in_favour: str = "", against: str = "", abstain: str = ""
) -> str:
    """Opens the vote, lets people vote, closes it; the state it ends in."""
    coop.open(proposal)
    poll(coop, proposal, in_favour, against, abstain)
    coop.close(proposal)
    return coop.state(proposal)


def queue(coop: Coop, proposal: int, *, at: int | None = None) -> TxReceipt:
    """Queues, by somebody who is no member."""
    return coop.send(coop.assembly.functions.queue(proposal), coop.tom, at=at)


def queued(coop: Coop, proposal: int, in_favour: str = "ada ben cleo dan") -> int:
    """Lets a new proposal pass and queues it; the proposal."""
    assert voted(coop, proposal, in_favour) == "succeeded"
    queue(coop, proposal)
    return proposal


def execute(
    coop: Coop,
    proposal: int,
    actions: Sequence[Action] = (),
    text: str = "A resolution",
    *,
    at: int | None = None,
) -> TxReceipt:
    """Executes, by somebody who is no member."""
    call = coop.assembly.functions.execute(proposal, list(actions), Web3.keccak(text=text))
    return coop.send(call, coop.tom, at=at)


def apply(coop: Coop, newcomer: Person) -> None:
    """Asks to join."""
    coop.send(coop.membership.functions.applyToJoin(Web3.keccak(text=newcomer.name)), newcomer)


def admit(coop: Coop, newcomer: Person) -> None:
    """Applies and is admitted by the votes of ada to dan."""
    apply(coop, newcomer)
    coop.decide(coop.ada, coop.membership, "admit", newcomer.address)


def leave(coop: Coop, member: Person, *, at: int | None = None) -> None:
    """Ends the membership."""
    coop.send(coop.membership.functions.leaveCooperative(), member, at=at)


def appeal_of(coop: Coop, removal: int) -> int:
    """Eve appeals; the confirming vote."""
    coop.send(coop.assembly.functions.appeal(removal), coop.eve)
    return int(info(coop, removal)["confirmation"])


def rotate(coop: Coop, by: Person, to: Person) -> None:
    """Changes a member's key; both sign."""
    member = coop.id_of(by)
    until = coop.now() + DAY
    message = {
        "memberId": member,
        "presentAccount": by.address,
        "newAccount": to.address,
        "epoch": coop.membership.functions.memberOf(member).call()[3],
        "deadline": until,
    }
    domain = coop.domain(coop.membership, {})
    signatures = [sign_typed(who, domain, "Rotation", ROTATION, message, {}) for who in (by, to)]
    coop.send(coop.membership.functions.rotate(member, to.address, until, *signatures), coop.tom)


def one_block(
    coop: Coop, calls: Sequence[tuple[ContractFunction, Person]], at: int
) -> list[TxReceipt]:
    """Mines the calls in this order in one block at that second; failed ones too."""
    coop.chain.rpc("evm_setAutomine", False)
    try:
        sent = [call.transact({"from": by.address, "gas": 2_000_000}) for call, by in calls]
        coop.warp(at)
    finally:
        coop.chain.rpc("evm_setAutomine", True)
    return [coop.w3.eth.get_transaction_receipt(transaction) for transaction in sent]
