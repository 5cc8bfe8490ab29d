"""Roles, the history of their rates, and the rule of pay votes."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from web3.contract import Contract as Factory

from node.devnet import Devnet
from tests.contracts.coop import DAY, HOUR
from tests.contracts.ledger import NoAnswer, named, refused
from tests.contracts.pay import COOK, DRIVER, NAME, Coop, Founding, Rule, Terms, founded, role

# initialize
# ├── a second time, or on the implementation → ChronicleAlreadyBegun
# ├── without name or currency → refused
# └── sets everything and emits CurrencySet, PayRuleSet, RoleAdded and RateSet
# addRole
# ├── not by the Assembly → PayRatesOnlyAssembly
# ├── a name of no bytes, of 32, or with something behind a zero byte → PayRatesOutOfBounds
# ├── a name used before, by a retired role too → PayRatesRoleExists
# ├── beyond 32 roles at a time → PayRatesTooManyRoles
# ├── a value out of bounds → PayRatesOutOfBounds
# └── a rate under the floor or outside the ratio cap → PayRatesRateOutOfBounds


@pytest.fixture
def found(factory: Factory, chain: Devnet) -> Founding:
    """Founds a co-op with other terms than `coop` has."""
    return partial(founded, chain, factory.address)


@pytest.fixture
def coop(found: Founding) -> Iterator[Coop]:
    with found() as coop:
        yield coop


def test_initialising_logs_currency_rule_and_roles(found: Founding) -> None:
    rule = Rule(ratio_cap=300, quorum_bps=5000)
    terms = [Terms(DRIVER), Terms(COOK, rate=1900, floor=0)]
    with found(rule=rule, roles=terms, currency=b"GBP") as coop:
        assert coop.receipt.values("CurrencySet") == [(b"GBP",)]
        assert coop.receipt.values("PayRuleSet") == [(1, rule)]
        assert coop.receipt.values("RoleAdded") == [(DRIVER, 1000, 10, 1000), (COOK, 0, 10, 1000)]
        assert coop.receipt.values("RateSet") == [(DRIVER, 2000, 0), (COOK, 1900, 0)]
        assert coop.view("currency") == b"GBP"
        assert coop.view("membership") == coop.roll.address.lower()
        assert coop.view("assembly_") == coop.assembly
        assert coop.view("payRuleVersion") == 1
        assert coop.view("payRuleOf", 1) == rule
        assert coop.view("roles") == (DRIVER, COOK)
        assert coop.view("roleOf", COOK) == (1900, 0, 10, 1000, 0, 0, False)
        assert coop.view("eip712Domain")[1:3] == (NAME, "1")
        assert coop.view("CLOCK_MODE") == "mode=timestamp"
        assert coop.view("clock") == coop.now()


def changed(rule: Rule, name: str, value: Any) -> Rule:
    """The rule with another value of one field."""
    return rule._replace(**{name: value})


def initialise(coop: Coop, **changes: Any) -> None:
    fresh = coop.clone("PayRates", named(NAME, coop.roll.address))
    given: dict[str, Any] = {
        "currency": b"EUR",
        "rule": Rule(),
        "roles": [],
    } | changes
    coop.send(
        fresh,
        "initialize",
        coop.assembly,
        given["currency"],
        given["rule"],
        given["roles"],
    )


def test_nothing_can_be_initialised_twice(coop: Coop) -> None:
    arguments: tuple[Any, ...] = (coop.relayer, b"USD", Rule(), [])
    with refused("ChronicleAlreadyBegun"):
        coop.send(coop.pay, "initialize", *arguments)
    implementation = coop.deploy("PayRates", tests=False)
    with refused("ChronicleAlreadyBegun"):
        coop.send(implementation, "initialize", *arguments)


def test_an_instance_needs_a_currency(coop: Coop) -> None:
    initialise(coop)
    with refused("PayRatesOutOfBounds", role("currency")):
        initialise(coop, currency=b"\0\0\0")


def test_the_first_roles_keep_the_bounds_of_later_ones(coop: Coop) -> None:
    with refused("PayRatesRoleExists", DRIVER):
        initialise(coop, roles=[Terms(DRIVER), Terms(DRIVER)])
    with refused("PayRatesRateOutOfBounds", COOK, 4001, 1000, 4000):
        initialise(coop, rule=Rule(ratio_cap=200), roles=[Terms(DRIVER), Terms(COOK, rate=4001)])


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("addRole", [Terms(COOK)]),
        ("changeRole", [DRIVER, 1000, 10, 1000]),
        ("retireRole", [DRIVER]),
        ("setPayRule", [Rule()]),
    ],
)
def test_only_the_assembly_changes_roles_and_rule(
    coop: Coop, function: str, arguments: list[Any]
) -> None:
    ada = coop.account_of[1]
    with refused("PayRatesOnlyAssembly", ada.lower()):
        coop.send(coop.pay, function, *arguments, sender=ada)


def test_a_new_role_starts_with_its_rate(coop: Coop) -> None:
    receipt = coop.order("addRole", Terms(COOK, rate=1700, floor=1200, step=25, max_change_bps=500))

    assert [event.name for event in receipt.events] == ["RoleAdded", "RateSet"]
    assert receipt.values("RoleAdded") == [(COOK, 1200, 25, 500)]
    assert receipt.values("RateSet") == [(COOK, 1700, 0)]
    assert coop.view("roleOf", COOK) == (1700, 1200, 25, 500, 0, 0, False)
    assert coop.view("roles") == (DRIVER, COOK)


@pytest.mark.parametrize("name", [b"", b"\0cook", b"driver\0x", b"x" * 32, b"a" * 30 + b"\0b"])
def test_a_role_needs_a_plain_name(coop: Coop, name: bytes) -> None:
    with refused("PayRatesOutOfBounds", role("role")):
        coop.order("addRole", Terms(name.ljust(32, b"\0")))


def test_a_name_may_have_31_bytes(coop: Coop) -> None:
    coop.order("addRole", Terms(b"n" * 31 + b"\0"))
    assert coop.view("roles")[1] == b"n" * 31 + b"\0"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("rate", {"rate": 0, "floor": 0}),
        ("rate", {"rate": 2**40}),
        ("floor", {"floor": 2**40}),
        ("step", {"step": 0}),
        ("step", {"step": 2**40}),
        ("maxChangeBps", {"max_change_bps": 0}),
        ("maxChangeBps", {"max_change_bps": 10_001}),
    ],
)
def test_the_values_of_a_role_are_bounded(coop: Coop, field: str, changes: dict[str, Any]) -> None:
    with refused("PayRatesOutOfBounds", role(field)):
        coop.order("addRole", Terms(COOK)._replace(**changes))
    if field != "rate":
        terms = Terms(COOK)._replace(**changes)
        with refused("PayRatesOutOfBounds", role(field)):
            coop.order("changeRole", DRIVER, terms.floor, terms.step, terms.max_change_bps)


def test_the_largest_values_of_a_role_are_taken(coop: Coop) -> None:
    most = 2**40 - 1
    coop.order("addRole", Terms(COOK, most, most, most, 10_000))
    assert coop.view("bounds", COOK) == (most, most)


def test_a_new_rate_keeps_the_floor_and_the_ratio_cap(coop: Coop) -> None:
    coop.order("setPayRule", Rule(ratio_cap=250))
    with refused("PayRatesRateOutOfBounds", COOK, 999, 1000, 5000):
        coop.order("addRole", Terms(COOK, rate=999))
    with refused("PayRatesRateOutOfBounds", COOK, 799, 800, 5000):
        coop.order("addRole", Terms(COOK, rate=799, floor=0))
    with refused("PayRatesRateOutOfBounds", COOK, 5001, 1000, 5000):
        coop.order("addRole", Terms(COOK, rate=5001))

    coop.order("addRole", Terms(COOK, rate=5000))
    coop.order("addRole", Terms(role("clerk"), rate=2000))


def test_where_present_rates_break_the_cap_a_new_rate_lies_between_them(found: Founding) -> None:
    # A cap tightened to 1.5 leaves no rate that keeps it to both: no role could be added at all.
    first = [Terms(DRIVER, rate=1000, floor=500), Terms(COOK, rate=2900)]
    with found(rule=Rule(ratio_cap=300), roles=first) as coop:
        coop.order("setPayRule", Rule(ratio_cap=150))
        clerk = Terms(role("clerk"), floor=500)
        for rate in (999, 2901):
            with refused("PayRatesRateOutOfBounds", role("clerk"), rate, 1000, 2900):
                coop.order("addRole", clerk._replace(rate=rate))
        with refused("PayRatesRateOutOfBounds", role("clerk"), 1199, 1200, 2900):
            coop.order("addRole", clerk._replace(rate=1199, floor=1200))
        for name, rate in (("clerk", 1000), ("baker", 1700), ("pilot", 2900)):
            coop.order("addRole", Terms(role(name), rate=rate, floor=500))
            assert coop.rate(role(name)) == rate


def test_a_new_rate_keeps_the_cap_to_all_where_one_rate_can(coop: Coop) -> None:
    coop.order("addRole", Terms(COOK, rate=4000))
    coop.order("setPayRule", Rule(ratio_cap=150))
    # 2,000 and 4,000 are further apart than 1.5, but 2,667 to 3,000 is near enough to both
    for rate in (2666, 3001):
        with refused("PayRatesRateOutOfBounds", role("clerk"), rate, 2667, 3000):
            coop.order("addRole", Terms(role("clerk"), rate=rate))
    coop.order("addRole", Terms(role("clerk"), rate=2667))


def test_a_retired_role_no_longer_counts_for_the_ratio_cap(coop: Coop) -> None:
    coop.order("setPayRule", Rule(ratio_cap=200))
    coop.order("addRole", Terms(COOK, rate=4000))
    with refused("PayRatesRateOutOfBounds", role("clerk"), 1999, 2000, 4000):
        coop.order("addRole", Terms(role("clerk"), rate=1999))

    coop.order("retireRole", COOK)

    coop.order("addRole", Terms(role("clerk"), rate=1999))


def test_there_are_at_most_32_roles_at_a_time(coop: Coop) -> None:
    for number in range(2, 33):
        coop.order("addRole", Terms(role(f"role {number}")))
    with refused("PayRatesTooManyRoles", 33):
        coop.order("addRole", Terms(COOK))

    coop.order("retireRole", role("role 7"))

    coop.order("addRole", Terms(COOK))
    assert len(coop.view("roles")) == 33
    with refused("PayRatesTooManyRoles", 33):
        coop.order("addRole", Terms(role("clerk")))


def test_there_are_at_most_255_roles_ever(coop: Coop) -> None:
    for number in range(2, 256):
        coop.order("addRole", Terms(role(f"role {number}")))
        coop.order("retireRole", role(f"role {number}"))
    with refused("PayRatesTooManyRoles", 256):
        coop.order("addRole", Terms(COOK))
    # and the last of them is as good as the first
    assert coop.view("roleOf", role("role 255")) == (2000, 1000, 10, 1000, 0, 0, True)


def test_a_name_belongs_to_one_role_for_ever(coop: Coop) -> None:
    coop.order("retireRole", DRIVER)
    with refused("PayRatesRoleExists", DRIVER):
        coop.order("addRole", Terms(DRIVER))


def test_changing_a_role_changes_its_bounds_and_not_its_rate(coop: Coop) -> None:
    receipt = coop.order("changeRole", DRIVER, 2100, 50, 2000)

    assert receipt.values("RoleChanged") == [(DRIVER, 2100, 50, 2000)]
    assert coop.view("roleOf", DRIVER) == (2000, 2100, 50, 2000, 0, 0, False)
    assert coop.view("bounds", DRIVER) == (2100, 2400)


def test_a_retired_role_is_known_but_no_longer_acted_on(coop: Coop) -> None:
    receipt = coop.order("retireRole", DRIVER)

    assert receipt.values("RoleRetired") == [(DRIVER,)]
    assert coop.view("roleOf", DRIVER) == (2000, 1000, 10, 1000, 0, 0, True)
    assert coop.view("rateAt", DRIVER, coop.now()) == 2000
    for function, arguments in (("changeRole", (DRIVER, 1, 1, 1)), ("retireRole", (DRIVER,))):
        with refused("PayRatesUnknownRole", DRIVER):
            coop.order(function, *arguments)
    with refused("PayRatesUnknownRole", DRIVER):
        coop.open_vote(DRIVER, coop.now() + 2 * DAY)
    with pytest.raises(NoAnswer):
        coop.view("bounds", DRIVER)


@pytest.mark.parametrize("function", ["roleOf", "bounds"])
def test_a_role_that_was_never_added_has_no_answers(coop: Coop, function: str) -> None:
    with pytest.raises(NoAnswer):
        coop.view(function, COOK)
    with pytest.raises(NoAnswer):
        coop.view("rateAt", COOK, coop.now())
    with refused("PayRatesUnknownRole", COOK):
        coop.order("retireRole", COOK)


def test_a_rule_has_a_version_and_the_old_ones_stay(coop: Coop) -> None:
    second = Rule(notice=0, voting_period=HOUR, rest=0, fill_to_roll=True)

    receipt = coop.order("setPayRule", second)

    assert receipt.values("PayRuleSet") == [(2, second)]
    assert coop.view("payRuleVersion") == 2
    assert coop.view("payRuleOf", 1) == Rule()
    assert coop.view("payRuleOf", 2) == second


@pytest.mark.parametrize(
    ("field", "name", "least", "most", "widest"),
    [
        # the last column: what the type could hold
        ("notice", "notice", 0, 60 * DAY, 2**24 - 1),
        ("votingPeriod", "voting_period", HOUR, 60 * DAY, 2**24 - 1),
        ("grace", "grace", DAY, 180 * DAY, 2**24 - 1),
        ("rest", "rest", 0, 180 * DAY, 2**24 - 1),
        ("period", "period", DAY, 3650 * DAY, 2**32 - 1),
        ("ratioCap", "ratio_cap", 100, 10_000, 65_535),
        ("quorumMin", "quorum_min", 1, 65_535, 65_535),
        ("quorumBps", "quorum_bps", 0, 10_000, 65_535),
    ],
)
def test_the_values_of_a_rule_are_bounded(
    coop: Coop, field: str, name: str, least: int, most: int, widest: int
) -> None:
    for value in (least, most):
        coop.order("setPayRule", changed(Rule(), name, value))
    for value in {max(least - 1, 0), min(most + 1, widest)} - {least, most}:
        with refused("PayRatesOutOfBounds", role(field)):
            coop.order("setPayRule", changed(Rule(), name, value))


def test_no_cap_is_a_cap_of_zero(coop: Coop) -> None:
    coop.order("setPayRule", Rule(ratio_cap=0))
    assert coop.view("payRuleOf", 2)[5] == 0


def test_the_rate_of_every_past_moment_can_be_asked(coop: Coop) -> None:
    first = coop.now()
    history = [(first, 2000)]
    for rate in (2100, 2200):
        vote = coop.opened()
        for member in (1, 2, 3):
            coop.cast(vote, member, rate)
        coop.close(vote)
        history.append((coop.now(), min(rate, 2200)))
        coop.until(coop.now() + 31 * DAY)

    assert coop.view("rateAt", DRIVER, first - 1) == 0
    for (start, rate), (end, _) in zip(history, [*history[1:], (coop.now(), 0)], strict=True):
        assert coop.view("rateAt", DRIVER, start) == rate
        assert coop.view("rateAt", DRIVER, end - 1) == rate
    assert coop.view("rateAt", DRIVER, 2**256 - 1) == 2200
