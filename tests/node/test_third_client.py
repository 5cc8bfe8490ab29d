"""Nothing depends on anvil or Hardhat: the same path on a client that shares no code with them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contracts.people import person
from tests.node.desk import DEV_ACCOUNT, Desk, desk  # noqa: F401
from tests.node.python_evm import PythonEvm, python_evm

DAY = 86_400
ETHER = 10**18


@pytest.fixture
def node() -> Iterator[PythonEvm]:
    """A fresh chain whose first block is its newest."""
    with python_evm() as running:
        for account in (DEV_ACCOUNT, *(person(name).address for name in ("ben", "cleo", "dan"))):
            running.give(account, 100 * ETHER)
        yield running


def test_a_co_op_is_founded_votes_and_is_audited_on_an_evm_in_python(
    desk: Desk,  # noqa: F811
    node: PythonEvm,
) -> None:
    desk.dev_key()
    signs = {
        name: desk.keep_key(name, person(name).key.key.hex()) for name in ("ben", "cleo", "dan")
    }

    def run(*words: object, by: str = "") -> Any:
        said = desk.run(*words, *signs.get(by, ()), "--rpc", node.url, "--json")
        assert said.code == 0, said.err
        return said.data

    # 1. founded
    made = desk.found(node.url, "pioneers", "--confirm", "pioneers")
    assert made.code == 0, made.err
    assert run("instance", "verify")["code_ok"] is True
    # 2. proposed and voted on, one ballot carried for its member
    text = desk.file("bicycle.md", "# Buy a bicycle\n\nFor the couriers.\n")
    run("proposal", "create", text, "--yes", by="ben")
    node.warp(node.now() + 17 * DAY)
    for name in ("ben", "cleo"):
        run("vote", 1, "for", "--yes", by=name)
    run("vote", 1, "against", "--offline", desk.home / "dans.json", "--yes", by="dan")
    run("ballot", "submit", desk.home / "dans.json", "--yes", by="ben")
    # 3. what the contract refuses is told in words
    late = desk.run("proposal", "queue", 1, *signs["ben"], "--rpc", node.url, "--json")
    assert (late.code, late.error["details"]["error"]) == (6, "AssemblyUnexpectedState"), late.err
    # 4. mirrored and audited as far as a node without proofs allows
    assert run("index", "sync")["chronicle_ok"] is True
    tally = run("proposal", "show", 1)["tally"]
    assert (tally["for"], tally["against"]) == (2, 1)
    found = run("audit", "run")
    assert (found["ok"], found["mismatches"]) == (True, [])
