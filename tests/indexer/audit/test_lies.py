"""Every lie of a node is found by an audit, or it is said which cannot be.

Each is tried with the ways of auditing from the weakest to the strongest; docs/lies.md tells the
outcome, which these tests compare.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from sqlmodel import select
from web3 import Web3
from web3.contract import Contract

from indexer import abi
from indexer.audit.run import run
from indexer.audit.storage import assembly
from indexer.audit.storage.words import slot_of
from indexer.bytecode import clone_in
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
    added,
    altered,
    answering,
    both,
    doubled,
    fitting,
    left_out,
    other_choice,
    play,
    swapped,
    telling,
    without_proofs,
)
from tests.indexer.proxy import Change, Request, proxy, unchanged

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


Lie = Callable[[Scene], Change]

LIES: dict[str, tuple[Lie, Found]] = {
    "leaves out a ballot": (
        lambda scene: telling(left_out(scene.batch[1])),
        Found("logs-only", "3.2", "Assembly"),
    ),
    "leaves out the last ballot, and gives a chronicle that fits": (
        lambda scene: fitting(scene, left_out(scene.batch[2])),
        Found("logs-only", "5.2", "transaction"),
    ),
    "leaves out a direct ballot, and gives a chronicle that fits": (
        lambda scene: fitting(scene, left_out(scene.direct)),
        Found("proven", "3.2", "Assembly"),
    ),
    "leaves out the second half of each answer": (
        lambda scene: telling(lambda logs: logs[: (len(logs) + 1) // 2]),
        Found("logs-only", "3.2", "Assembly"),
    ),
    "answers every range with nothing": (
        lambda scene: telling(lambda logs: []),
        Found("logs-only", "3.2", "Assembly"),
    ),
    "adds a ballot of somebody else": (
        lambda scene: telling(added(scene.batch[2], topics=_of_ben(scene))),
        Found("logs-only", "3.2", "Assembly"),
    ),
    "adds a ballot, and gives a chronicle that fits": (
        lambda scene: fitting(scene, added(scene.batch[2], topics=_of_ben(scene))),
        Found("logs-only", "5.2", "transaction"),
    ),
    "tells a ballot with another choice": (
        lambda scene: telling(altered(scene.direct, data=other_choice(scene.direct))),
        Found("logs-only", "3.2", "Assembly"),
    ),
    "tells a direct ballot with another choice, and gives a chronicle that fits": (
        lambda scene: fitting(scene, altered(scene.direct, data=other_choice(scene.direct))),
        Found("logs-only", "5.4", "transaction"),
    ),
    "tells a carried ballot with another choice, and gives a chronicle that fits": (
        lambda scene: fitting(scene, altered(scene.batch[0], data=other_choice(scene.batch[0]))),
        Found("logs-only", "5.3", "member 3"),
    ),
    "exchanges two ballots": (
        lambda scene: telling(swapped(scene.batch[0], scene.batch[1])),
        Found("logs-only", "3.2", "Assembly"),
    ),
    "tells a ballot twice": (
        lambda scene: telling(doubled(scene.direct)),
        Found("logs-only", "logs_inconsistent", "block"),
    ),
    "names another block by the logs": (
        lambda scene: telling(altered(scene.direct, blockHash="0x" + "ab" * 32)),
        Found("logs-only", "logs_inconsistent", "block"),
    ),
    "names a transaction that is none": (
        lambda scene: telling(altered(scene.direct, transactionHash="0x" + "ab" * 32)),
        Found("logs-only", "5.1", "transaction"),
    ),
    "names another transaction by a ballot": (
        lambda scene: telling(
            altered(scene.direct, transactionHash=scene.batch[0]["transactionHash"])
        ),
        Found("logs-only", "5.2", "transaction"),
    ),
    "gives another place of a transaction": (
        lambda scene: telling(altered(scene.direct, transactionIndex="0x7")),
        Found("receipts", "3.3", "block"),
    ),
    "changes a signature in the calldata": (
        lambda scene: answering("eth_getTransactionByHash", lambda _, sent: _resigned(sent)),
        Found("logs-only", "5.1", "transaction"),
    ),
    "gives a header with another time and the right hash": (
        lambda scene: answering(
            "eth_getBlockByNumber", lambda _, block: {**block, "timestamp": "0x1"}
        ),
        Found("logs-only", "header_forged", "block"),
    ),
    "gives a last block with another state root and the right hash": (
        lambda scene: answering(
            "eth_getBlockByHash", lambda _, block: {**block, "stateRoot": "0x" + "ab" * 32}
        ),
        Found("logs-only", "header_forged", "block"),
    ),
    "gives receipts without a log": (
        lambda scene: answering(
            "eth_getBlockReceipts",
            lambda _, receipts: [{**each, "logs": each["logs"][1:]} for each in receipts],
        ),
        Found("receipts", "3.3", "block"),
    ),
    "changes a word beside its proof": (
        lambda scene: answering("eth_getProof", lambda _, proof: _other_values(proof)),
        NOT_FOUND,
    ),
    "changes the nodes of a proof": (
        lambda scene: answering("eth_getProof", lambda _, proof: _other_nodes(proof)),
        Found("proven", "1.2", "0x"),
    ),
    "proves the state of an older block": (
        lambda scene: answering("eth_getProof", lambda request, _: _older(scene, request)),
        Found("proven", "1.2", "0x"),
    ),
    "answers with other code than is there": (
        lambda scene: answering("eth_getCode", lambda _, code: _another_byte(code)),
        Found("logs-only", "2.1", "not that of"),
    ),
    "tells of an older last block": (
        lambda scene: both(
            answering("eth_getBlockByNumber", lambda request, block: _stale(scene, request, block)),
            answering("eth_getBlockByHash", lambda request, block: _unknown(scene, request, block)),
        ),
        Found("anchored", "block_missing", "block"),
    ),
}


def _of_ben(scene: Scene) -> list[str]:
    return [scene.batch[2]["topics"][0], "0x" + scene.coop.ben.address[2:].lower().rjust(64, "0")]


def _resigned(sent: dict[str, object]) -> dict[str, object]:
    """The same transaction with one bit of its calldata changed."""
    data = str(sent["input"])
    return {**sent, "input": data[:-70] + f"{int(data[-70], 16) ^ 1:x}" + data[-69:]}


def _other_values(proof: dict[str, list[dict[str, object]]]) -> dict[str, object]:
    return {**proof, "storageProof": [{**each, "value": "0x1"} for each in proof["storageProof"]]}


def _other_nodes(proof: dict[str, list[str]]) -> dict[str, object]:
    node = proof["accountProof"][-1]
    return {**proof, "accountProof": [*proof["accountProof"][:-1], node[:-1] + "7"]}


def _older(scene: Scene, request: dict[str, list[object]]) -> object:
    address, slots, at = request["params"]
    before = int(str(at), 16) - 8
    return scene.coop.chain.rpc("eth_getProof", address, slots, hex(before))


def _another_byte(code: str) -> str:
    return code[:-2] + ("00" if code[-2:] != "00" else "01") if len(code) > 1_000 else code


def _last(scene: Scene) -> int:
    return int(scene.coop.chain.rpc("eth_blockNumber"), 16) - 4


def _stale(scene: Scene, request: dict[str, list[object]], block: object) -> object:
    asked = request["params"][0]
    if asked in ("latest", "safe", "finalized"):
        return scene.coop.chain.rpc("eth_getBlockByNumber", hex(_last(scene)), False)
    return block if int(str(asked), 16) <= _last(scene) else None


def _unknown(scene: Scene, request: dict[str, object], block: dict[str, str]) -> object:
    return block if int(block["number"], 16) <= _last(scene) else None


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


# Chains that are not what they should be


def a_tally_is_changed(scene: Scene) -> None:
    """By hand, in the state itself; the next block's header vouches for it."""
    slot = slot_of(1, assembly.POLLS)
    word = scene.chain.storage(scene.identity.assembly, hex(slot))
    forged = (int.from_bytes(word, "big") + 1) % 2**256
    rpc = scene.coop.chain.rpc
    rpc("anvil_setStorageAt", scene.identity.assembly, f"0x{slot:064x}", f"0x{forged:064x}")
    scene.coop.chain.mine()


def one_byte_of_code_is_changed(scene: Scene) -> None:
    """In what the Assembly runs."""
    clone = clone_in(scene.chain.code(scene.identity.assembly))
    assert clone is not None
    address = "0x" + clone.implementation.hex()
    code = bytearray(scene.chain.code(address))
    code[-100] ^= 1
    scene.coop.chain.rpc("anvil_setCode", address, "0x" + code.hex())
    scene.coop.chain.mine()


def the_old_code(scene: Scene) -> Change:
    """The answers of the node before anything was changed."""
    before = {address: scene.chain.code(address) for address in _addresses(scene)}

    def code(request: Request, answer: str) -> str:
        known = before.get(abi.checksummed(str(request["params"][0])))
        return answer if known is None else "0x" + known.hex()

    return answering("eth_getCode", code)


def _addresses(scene: Scene) -> list[str]:
    clones = (clone_in(scene.chain.code(at)) for at in scene.identity.addresses.values())
    return [abi.checksummed("0x" + each.implementation.hex()) for each in clones if each]


Deed = Callable[[Scene], None]

CHANGED: dict[str, tuple[Deed, Lie, Found]] = {
    "a tally was changed in the state": (
        a_tally_is_changed,
        lambda _: unchanged,
        Found("proven", "6.1", "proposal 1 with its tally"),
    ),
    "one byte of the code was changed": (
        one_byte_of_code_is_changed,
        lambda _: unchanged,
        Found("logs-only", "2.1", "not that of Assembly"),
    ),
    "one byte of the code was changed, and the node answers with the old code": (
        one_byte_of_code_is_changed,
        the_old_code,
        Found("proven", "2.4", "0x"),
    ),
}


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


def render() -> str:
    """The table of all lies."""
    rows = [(f"a node {name}", found_) for name, (_, found_) in LIES.items()]
    rows += [(name, found_) for name, (_, _, found_) in CHANGED.items()]
    rows += ELSEWHERE
    lines = ["| lie | weakest way that finds it | by | names |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {way or 'nothing'} | {step} | {place} |" for name, (way, step, place) in rows
    ]
    return "\n".join(lines)


ELSEWHERE = [
    ("another chain in its place", Found("logs-only", "2.1", "the code")),
    ("a pruned node that answers with fewer logs", Found("logs-only", "3.2", "Assembly")),
    ("two nodes on two forks", Found("two nodes", "1.3", "both hashes of the block")),
    ("a made-up tip, consistent in itself", Found("anchored", "block_missing", "the anchor")),
]
"""Those of the tests above that are not made by changing answers."""
