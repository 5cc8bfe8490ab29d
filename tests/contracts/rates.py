"""The pay votes and rates of a co-op with drivers, for tests that need more than PayRates."""

from typing import Any

from tests.contracts.artifacts import load
from tests.contracts.coop import Coop
from tests.contracts.founding import PAY_RULE, role
from tests.contracts.people import Person

DRIVER, COOK = b"driver".ljust(32, b"\0"), b"cook".ljust(32, b"\0")


def driver() -> tuple[Any, ...]:
    """The terms of the drivers' role."""
    return role("driver", 2_000)


def opened_pay_vote(coop: Coop, name: bytes = DRIVER) -> int:
    """A pay vote that takes ballots now."""
    notice = PAY_RULE["notice"] + 100
    coop.send(coop.pay_rates.functions.openPayVote(name, coop.now() + notice), coop.ada)
    vote = int(coop.pay_rates.functions.payVoteCount().call())
    coop.warp(pay_vote(coop, vote)["opensAt"] + 1)
    return vote


def pay_vote(coop: Coop, vote: int) -> dict[str, Any]:
    """The terms of a pay vote by the names of its fields."""
    item = next(i for i in load("PayRates")["abi"] if i.get("name") == "payVote")
    names = [str(part["name"]) for part in item["outputs"][0]["components"]]
    return dict(zip(names, coop.pay_rates.functions.payVote(vote).call(), strict=True))


def cast_pay(coop: Coop, by: Person, vote: int, rate: int, sequence: int = 1) -> None:
    """A direct pay ballot."""
    member = coop.id_of(by)
    call = coop.pay_rates.functions.castPayBallot(vote, member, rate, sequence, "")
    coop.send(call, by)


def close_pay(coop: Coop, vote: int) -> None:
    """Counts a pay vote right after its deadline."""
    deadline = pay_vote(coop, vote)["deadline"]
    coop.send(coop.pay_rates.functions.closePayVote(vote), coop.tom, at=deadline + 1)


def rate_of(coop: Coop, name: bytes = DRIVER) -> int:
    """What the role is paid."""
    return int(coop.pay_rates.functions.roleOf(name).call()[0])
