"""The table of handlers against the ABIs: every event, every parameter, by name."""

import inspect
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from indexer import abi
from indexer.abi import CONTRACTS
from indexer.errors import HandlerFailed, UnknownEvent
from indexer.events import Event
from indexer.handlers import HANDLERS, derive, parameter_name
from indexer.handlers.known import Known
from indexer.handlers.row import snake
from indexer.rules.ballots import REFUSALS
from indexer.rules.bylaws import DecisionClass, Rule
from indexer.rules.pay import PayRule

ROOT = Path(__file__).resolve().parents[2]
EVENTS = {
    f"{contract}.{event.name}": event
    for contract in CONTRACTS.values()
    for event in abi.events(contract).values()
}


def test_every_event_of_the_contracts_has_a_handler_and_none_is_left_over() -> None:
    assert HANDLERS.keys() == EVENTS.keys()


def mismatches(events: dict[str, abi.Signature]) -> list[str]:
    """Events whose parameters are not, name by name, those of their handler."""
    found = []
    for key, event in events.items():
        parameters = list(inspect.signature(HANDLERS[key]).parameters)[1:]
        if parameters != [parameter_name(each.name) for each in event.inputs]:
            found.append(key)
    return found


def test_the_parameters_of_each_handler_are_the_names_of_the_abi() -> None:
    assert mismatches(EVENTS) == []


@pytest.mark.parametrize("key", sorted(key for key, event in EVENTS.items() if event.inputs))
def test_a_renamed_field_is_noticed(key: str) -> None:
    event = EVENTS[key]
    first, *rest = event.inputs
    renamed = abi.Parameter(first.name + "Renamed", first.type, first.components, first.indexed)
    changed = {**EVENTS, key: abi.Signature(event.name, (renamed, *rest))}
    assert mismatches(changed) == [key]


@pytest.mark.parametrize(
    ("contract", "event", "struct", "kind"),
    [("Bylaws", "RuleSet", "rule", Rule), ("PayRates", "PayRuleSet", "rule", PayRule)],
)
def test_the_fields_of_a_rule_are_the_components_of_the_struct(
    contract: str, event: str, struct: str, kind: type[Any]
) -> None:
    inputs = {each.name: each for each in EVENTS[f"{contract}.{event}"].inputs}
    names = [snake(component.name) for component in inputs[struct].components]
    assert names == [field.name for field in fields(kind)]


def test_the_words_of_enumerations_are_as_many_as_the_contract_has() -> None:
    # An enumeration's size is not in the ABI: that of the sources is.
    sources = "contracts/interfaces"
    assert _members(f"{sources}/IAssembly.sol", "Refusal") == len(REFUSALS)
    assert _members(f"{sources}/IBylaws.sol", "DecisionClass") == len(DecisionClass)


def _members(path: str, name: str) -> int:
    text = (ROOT / path).read_text(encoding="utf-8")
    body = text.split(f"enum {name} {{")[1].split("}")[0]
    lines = [line.strip() for line in body.splitlines()]
    return sum(bool(line) and not line.startswith("//") for line in lines)


def event(key: str, **args: Any) -> Event:
    contract = next(word for word, name in CONTRACTS.items() if key.startswith(f"{name}."))
    return Event(7, 3, "0x00", 0, "0x00", contract, key.split(".")[1], args)


def test_an_event_without_a_handler_stops_loudly() -> None:
    with pytest.raises(UnknownEvent, match=r"Assembly emitted an event .* Coup .*block 7, log 3"):
        derive(event("Assembly.Coup"), Known(None))


def test_a_failing_handler_stops_loudly_and_names_the_event() -> None:
    vote = event("Assembly.VoteCast", voter="0x1", proposalId=1, support=1, weight=1, reason="")
    with pytest.raises(HandlerFailed, match=r"Assembly\.VoteCast \(block 7, log 3\).*KeyError"):
        derive(vote, Known(None))


def test_a_handler_that_lacks_a_field_stops_loudly() -> None:
    with pytest.raises(HandlerFailed, match="takes 2 positional arguments"):
        derive(event("Membership.MemberLeft", memberId=1, farewell="bye"), Known(None))


def test_a_number_too_large_for_the_database_stops_loudly() -> None:
    with pytest.raises(HandlerFailed, match="proposal_id is 9223372036854775808"):
        derive(event("Assembly.ProposalExecuted", proposalId=2**63), Known(None))
