"""Every lie of a node is found by an audit, or it is said which cannot be.

Each is tried with the ways of auditing from the weakest to the strongest; docs/lies.md tells the
outcome, which these tests compare.
"""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from sqlmodel import select
from web3 import Web3
from web3.contract import Contract

from indexer.audit.run import run
from indexer.chain import Chain
from indexer.errors import IndexerError
from indexer.store import Store, open_mirror
from indexer.sync import sync
from indexer.tables import Log
from node import devnet
from node.devnet import Devnet
from tests.contracts.artifacts import CONTRACTS, deploy
from tests.contracts.coop import Coop
from tests.contracts.founding import found, role, rule
from tests.indexer.audit.conftest import subject_of
from tests.indexer.audit.lies import (
    NOT_FOUND,
    Found,
    Scene,
    both,
    play,
    without_proofs,
)
from tests.indexer.audit.lies_table import CHANGED, LIES, render
from tests.indexer.proxy import Change, proxy, unchanged

DOCS = Path(__file__).resolve().parents[3] / "docs" / "lies.md"
WAYS = ("logs-only", "proven", "receipts", "anchored", "two nodes")
HOUR = 3_600


def founded(chain: Devnet, factory: Contract) -> Coop:
    """The co-op of the scene."""
    return found(
        chain,
        factory,
        rules=dict.fromkeys(
            ("Ordinary", "Admission", "Pay", "Bylaws", "External", "Removal", "Recovery"),
            rule(notice=24 * HOUR, votingPeriod=4 * HOUR),
        ),
        roles=[role("weaver", 1_500)],
    )


@pytest.fixture(scope="module")
def scene(anvil: Devnet, factory: Contract) -> Iterator[Scene]:
    """The history that is told falsely."""
    snapshot = anvil.rpc("evm_snapshot")
    coop = founded(anvil, factory)
    first = int(coop.w3.eth.block_number)
    direct, batch = play(coop)
    identity, subject = subject_of(coop, factory, first)
    addresses = list(identity.addresses.values())
    logs = anvil.rpc("eth_getLogs", {"address": addresses, "fromBlock": hex(first)})
    yield Scene(coop, identity, subject, logs, batch, direct)
    assert anvil.rpc("evm_revert", snapshot) is True


def outcome(scene: Scene, way: str, change: Change, url: str = "") -> Found | None:
    """What one way of auditing finds of a lie; None if it finds nothing."""
    with ExitStack() as stack:
        shown = both(change, without_proofs) if way == "logs-only" else change
        chains = [Chain(stack.enter_context(proxy(url or scene.coop.chain.url, shown)))]
        if way == "two nodes":
            chains.append(scene.chain)
        anchor = scene.chain.head().hash if way == "anchored" else None
        try:
            done = run(
                chains, scene.identity, scene.subject, anchor=anchor, receipts=way == "receipts"
            )
        except IndexerError as refusal:
            return Found(way, refusal.code, refusal.message)
    if done.audit.ok:
        assert way == "logs-only" or done.audit.level != "logs-only"
        return None
    found_ = done.audit.mismatches
    said = " ".join(f"{each.check} {each.where} {each.found}" for each in found_)
    return Found(way, min(each.check for each in found_), said)


def found_by(scene: Scene, change: Change, url: str = "") -> Found:
    """The weakest way that finds a lie, and what it finds; through another node if one is named."""
    found_ = (outcome(scene, way, change, url) for way in WAYS)
    return next((each for each in found_ if each is not None), NOT_FOUND)


def check(found_: Found, expected: Found) -> None:
    """Refuse another outcome than the table's."""
    assert found_.way == expected.way, found_
    assert expected.step in (found_.step, *found_.place.split())
    assert expected.place in found_.place


@pytest.mark.parametrize("lie", LIES)
def test_a_lying_node_is_found_where_the_table_says(scene: Scene, lie: str) -> None:
    make, expected = LIES[lie]
    check(found_by(scene, make(scene)), expected)


@pytest.mark.parametrize("lie", LIES)
def test_the_mirror_keeps_no_false_row_of_a_lying_node(
    scene: Scene, lie: str, tmp_path: Path
) -> None:
    make, _ = LIES[lie]
    honest = open_mirror(tmp_path / "honest.db", scene.identity, fresh=True)
    sync(scene.chain, honest)
    lied_to = open_mirror(tmp_path / "lied.db", scene.identity, fresh=True)
    with proxy(scene.coop.chain.url, make(scene)) as url, suppress(IndexerError):
        sync(Chain(url), lied_to)
    assert proven_rows(lied_to) <= proven_rows(honest)


def proven_rows(store: Store) -> set[tuple[object, ...]]:
    """What a mirror says that the chronicle proves: all but which transaction it was."""
    with store.reading() as session:
        logs = session.exec(select(Log)).all()
        return {(log.block, log.log_index, log.contract, log.topics, log.data) for log in logs}


@pytest.mark.parametrize("change", CHANGED)
def test_a_changed_chain_is_found_where_the_table_says(scene: Scene, change: str) -> None:
    do, make, expected = CHANGED[change]
    lie = make(scene)
    snapshot = scene.coop.chain.rpc("evm_snapshot")
    try:
        do(scene)
        check(found_by(scene, lie), expected)
    finally:
        assert scene.coop.chain.rpc("evm_revert", snapshot) is True


def test_another_chain_in_its_place_is_found_without_proofs(scene: Scene) -> None:
    with devnet.start("anvil") as other:
        other.rpc("anvil_mine", hex(64))
        assert found_by(scene, unchanged, other.url)[:2] == ("logs-only", "2.1")


def test_a_pruned_node_that_answers_with_fewer_logs_is_found_without_proofs(
    scene: Scene,
) -> None:
    options = ("--prune-history", "5", "--transaction-block-keeper", "3")
    with devnet.start("anvil", options=options) as pruned:
        w3 = Web3(Web3.HTTPProvider(pruned.url))
        made = deploy(w3, "CooperativeFactory", [deploy(w3, name).address for name in CONTRACTS])
        coop = founded(pruned, made)
        first = int(w3.eth.block_number)
        identity, subject = subject_of(coop, made, first)
        play(coop)
        with proxy(pruned.url, without_proofs) as url:
            try:
                found_ = {
                    each.check for each in run([Chain(url)], identity, subject).audit.mismatches
                }
            except IndexerError as refusal:
                found_ = {refusal.code}
    assert found_ & {"3.2", "block_missing"}


def test_two_nodes_on_two_forks_are_found_and_both_blocks_are_named(scene: Scene) -> None:
    with devnet.start("anvil", options=("--fork-url", scene.coop.chain.url)) as fork:
        fork.mine()
        scene.coop.chain.mine()
        done = run([scene.chain, Chain(fork.url)], scene.identity, scene.subject)
    (forked,) = (each for each in done.audit.mismatches if each.check == "1.3")
    assert forked.expected != forked.found
    assert done.agreeing == 1
    assert done.audit.level == "proven"


def test_a_fake_tip_that_is_consistent_in_itself_is_found_by_an_anchor_or_a_second_node(
    scene: Scene,
) -> None:
    known = scene.chain.head()
    with devnet.start("anvil", options=("--fork-url", scene.coop.chain.url)) as fork:
        # The fork goes on as it likes; only whoever knows another block sees it.
        fork.mine()
        scene.coop.chain.mine()
        scene.coop.chain.mine()
        anchor = scene.chain.head().hash
        with pytest.raises(IndexerError):
            run([Chain(fork.url)], scene.identity, scene.subject, anchor=anchor)
        both_ = run([Chain(fork.url), scene.chain], scene.identity, scene.subject).audit
        assert "1.3" in {each.check for each in both_.mismatches}
        assert run([scene.chain], scene.identity, scene.subject, anchor=known.hash).audit.ok


def test_an_honest_node_passes_every_way_of_auditing(scene: Scene) -> None:
    for way in WAYS:
        assert outcome(scene, way, unchanged) is None


def test_the_table_of_lies_in_the_docs_is_what_these_tests_find() -> None:
    table = render()
    print(table)
    assert table in DOCS.read_text(encoding="utf-8"), f"docs/lies.md should hold:\n{table}"
