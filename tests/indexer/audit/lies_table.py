"""The table of lies: what a node does, or what was done to a chain, and where each is found."""

from collections.abc import Callable

from indexer import abi
from indexer.audit.storage import assembly
from indexer.audit.storage.words import slot_of
from indexer.bytecode import clone_in
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
    swapped,
    telling,
)
from tests.indexer.proxy import Change, Request, unchanged

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
