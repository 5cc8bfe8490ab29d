"""No event of our contracts without an assertion on all of its topics and data in tests/forge."""

import re
from pathlib import Path
from typing import Any

from tests.contracts.artifacts import CONTRACTS, load

FORGE = Path(__file__).parents[1] / "forge"
# _logged(log, emitter, signature, indexed, data), the signature as text or as a named constant.
_ASSERTION = re.compile(r'_logged\(\s*[^,]+,\s*[^,]+?,\s*("[^"]*"|[A-Z_]+),')
_CONSTANT = re.compile(r'string private constant ([A-Z_]+)\s*=\s*("[^"]*");')


def canonical(kind: dict[str, Any]) -> str:
    """A parameter's type as it stands in the event's signature."""
    if not kind["type"].startswith("tuple"):
        return str(kind["type"])
    inner = ",".join(canonical(part) for part in kind["components"])
    return f"({inner}){kind['type'].removeprefix('tuple')}"


def signatures(contract: str) -> set[str]:
    """The events of one of our contracts."""
    return {
        f"{item['name']}({','.join(canonical(part) for part in item['inputs'])})"
        for item in load(contract)["abi"]
        if item["type"] == "event"
    }


def asserted(path: Path) -> set[str]:
    """The events that a Solidity file compares whole."""
    text = path.read_text(encoding="utf-8")
    names = dict(_CONSTANT.findall(text))
    return {names.get(found, found).strip('"') for found in _ASSERTION.findall(text)}


def test_every_event_of_our_contracts_is_compared_whole() -> None:
    events = set().union(*(signatures(name) for name in (*CONTRACTS, "CooperativeFactory")))
    compared = set().union(*(asserted(path) for path in FORGE.glob("Events*.t.sol")))
    # EIP712DomainChanged is ERC-5267's, for contracts whose domain changes: ours never does.
    assert events - compared == {"EIP712DomainChanged()"}
    assert compared <= events, "a test compares an event that no contract has"
