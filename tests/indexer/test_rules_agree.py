"""The pure rules against the contracts that they mirror, on values drawn at random."""

from dataclasses import astuple, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.chain import Chain
from indexer.errors import ContractReverted
from indexer.handlers.row import snake
from indexer.rules import chronicle, pay
from indexer.rules.bylaws import DecisionClass, Rule, out_of_bounds, reachable
from tests.indexer.mirrored import Mirrored
from tests.rules.strategies import DAY, HOUR, PLAIN

# The chain is only asked, never changed, so that the examples may share it.
ASKING = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TIMES = st.sampled_from([0, HOUR - 1, HOUR, DAY - 1, DAY, 7 * DAY, 30 * DAY, 60 * DAY, 61 * DAY])


@st.composite
def any_rules(draw: st.DrawFn) -> Rule:
    """A rule of which a few values may be out of bounds."""
    drawn: dict[str, Any] = {
        "notice": TIMES,
        "voting_period": TIMES,
        "execution_delay": TIMES,
        "grace": st.sampled_from([DAY - 1, DAY, 180 * DAY, 181 * DAY]),
        "second_call_delay": TIMES,
        "cool_down": st.sampled_from([0, 180 * DAY, 181 * DAY]),
        "swing_window": TIMES,
        "swing_cap": TIMES,
        "quorum_min": st.integers(0, 8),
        "quorum_bps": st.integers(0, 10_001),
        "second_call_bps": st.integers(0, 10_001),
        "max_against": st.sampled_from([0, 1, 65_535]),
        "pass_num": st.integers(0, 5),
        "pass_den": st.sampled_from([0, 1, 2, 3, 5, 100, 101]),
        "strict": st.booleans(),
        "basis_roll": st.booleans(),
        "presence": st.booleans(),
        "subject_votes": st.booleans(),
    }
    names = draw(st.lists(st.sampled_from(sorted(drawn)), max_size=4, unique=True))
    return replace(PLAIN, **{name: draw(drawn[name]) for name in names})


def refusal(mirror: Mirrored, contract: str, function: str, *args: Any) -> tuple[str, Any] | None:
    """What a contract says when the Assembly calls it; None if it accepts."""
    asking = AsAssembly(mirror.chain.url, mirror.identity.assembly)
    try:
        asking.view(contract, getattr(mirror.coop, snake(contract)).address, function, *args)
    except ContractReverted as error:
        return error.name, error.args_by_name
    return None


class AsAssembly(Chain):
    """A chain whose calls come from the Assembly."""

    def __init__(self, url: str, assembly: str) -> None:
        super().__init__(url)
        self._assembly = assembly

    def request(self, method: str, *params: Any) -> Any:
        if method == "eth_call":
            params = ({**params[0], "from": self._assembly}, *params[1:])
        return super().request(method, *params)


@ASKING
@given(any_rules(), st.sampled_from(DecisionClass))
def test_the_bounds_of_rules_are_the_contracts(
    mirror: Mirrored, rule: Rule, decision_class: DecisionClass
) -> None:
    said = refusal(mirror, "Bylaws", "setRule", decision_class, astuple(rule))
    faults = out_of_bounds(decision_class, rule)
    if faults:
        assert said is not None
        assert said[0] == "BylawsRuleOutOfBounds"
        assert snake(said[1]["field"].rstrip(b"\0").decode()) in faults
    elif not reachable(rule, 5):
        assert said == ("BylawsRuleUnreachable", {"class": decision_class, "roll": 5})
    elif said is not None:  # what several classes together may not be
        assert said[0] == "BylawsRuleOutOfBounds"
        assert said[1]["class"] == DecisionClass.RECOVERY
        assert decision_class in (DecisionClass.RECOVERY, DecisionClass.REMOVAL)


@ASKING
@given(
    st.builds(
        pay.PayRule,
        notice=TIMES,
        voting_period=TIMES,
        grace=st.sampled_from([DAY - 1, DAY, 180 * DAY, 181 * DAY]),
        rest=st.sampled_from([0, 180 * DAY, 181 * DAY]),
        period=st.sampled_from([DAY - 1, DAY, 3650 * DAY, 3651 * DAY]),
        ratio_cap=st.sampled_from([0, 99, 100, 10_000, 10_001]),
        quorum_min=st.integers(0, 2),
        quorum_bps=st.sampled_from([0, 10_000, 10_001]),
        fill_to_roll=st.booleans(),
    )
)
def test_the_bounds_of_pay_rules_are_the_contracts(mirror: Mirrored, rule: pay.PayRule) -> None:
    said = refusal(mirror, "PayRates", "setPayRule", astuple(rule))
    faults = pay.out_of_bounds(rule)
    if not faults:
        assert said is None
        return
    assert said is not None
    assert said[0] == "PayRatesOutOfBounds"
    assert snake(said[1]["field"].rstrip(b"\0").decode()) == faults[0]


@pytest.mark.parametrize("contract", ["Membership", "Bylaws", "Assembly", "PayRates"])
def test_the_chronicle_is_folded_as_the_contracts_fold_it(mirror: Mirrored, contract: str) -> None:
    address = getattr(mirror.identity, snake(contract))
    mirror.coop.propose(mirror.coop.ada, opens_in=5)
    last = mirror.chain.head().number
    head = chronicle.begin(mirror.chain.chain_id(), address)
    logs = mirror.chain.logs([address], mirror.identity.first_block, last)
    for log in logs:
        moment = mirror.chain.block(log.block).timestamp
        head = chronicle.fold(head, log.block, moment, log.topics, log.data)
    assert logs
    assert mirror.view(contract, "chronicleHead") == head
