"""A receipt's proof: one small file, a block's hash, and no network."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.output import plain
from tests.contracts.acts import one_block
from tests.contracts.coop import FOR
from tests.node.village import Village


def kept(village: Village, *words: object) -> Path:
    """A proof that was kept of a ballot."""
    path = village.home / "proof.json"
    ran = village.ask("receipt", "show", *words, "--proof", path)
    assert ran.exit_code == 0, ran.stderr
    return path


def checked(village: Village, path: Path, *words: object) -> Any:
    """What `receipt verify` says with no chain to be asked."""
    nowhere = "http://127.0.0.1:9"
    return village.ask("receipt", "verify", path, "--rpc", nowhere, *words)


@pytest.fixture
def voted(village: Village) -> Village:
    """Ada and ben in one block with a crowd of others' transactions, and ada gives a reason."""
    village.opened()
    coop, assembly = village.coop, village.coop.assembly.functions
    calls = [
        (assembly.castBallot(1, coop.id_of(by), FOR, 1, reason), by)
        for by, reason in ((coop.ada, "it is old"), (coop.ben, ""), (coop.cleo, ""))
    ]
    one_block(coop, calls, coop.now() + 60)
    return village


def test_a_counted_ballot_is_proven_with_no_network(voted: Village) -> None:
    path = kept(voted, 1, "--member", 2)
    block = voted.chain.head()
    ran = checked(voted, path)
    assert ran.exit_code == 0, ran.stderr
    assert ran.data == {
        "proposal_id": 1,
        "account": voted.coop.ben.address,
        "choice": "for",
        "reason": "",
        "block": block.number,
        "block_hash": block.hash,
        "anchored": False,
    }
    assert checked(voted, path, "--anchor", block.hash).data["anchored"] is True
    assert path.stat().st_size < 20_000


def test_each_ballot_of_a_block_has_its_own_proof(voted: Village) -> None:
    path = kept(voted, 1, "--member", 1)
    assert checked(voted, path).data["reason"] == "it is old"


def test_a_pay_ballot_is_proven_too(village: Village) -> None:
    coop = village.coop
    role = coop.pay_rates.functions.roles().call()[0]
    opens_at = coop.now() + 8 * 86_400
    coop.send(coop.pay_rates.functions.openPayVote(role, opens_at), coop.ada)
    coop.warp(opens_at + 1)
    coop.send(coop.pay_rates.functions.castPayBallot(1, 3, 2_050, 1, ""), coop.cleo)
    data = checked(village, kept(village, "--pay-vote", 1, "--member", 3)).data
    assert (data["pay_vote_id"], data["member_id"], data["rate"]) == (1, 3, 2_050)


def test_another_anchor_is_refused(voted: Village) -> None:
    ran = checked(voted, kept(voted, 1, "--member", 2), "--anchor", "0x" + "ab" * 32)
    assert (ran.exit_code, ran.error["code"]) == (9, "receipt_mismatch")


def node_cut(data: dict[str, Any]) -> None:
    """A proof without its last node."""
    data["nodes"] = data["nodes"][:-1]


def node_changed(data: dict[str, Any]) -> None:
    """A proof of a receipt that says something else."""
    last = data["nodes"][-1]
    data["nodes"][-1] = last[:-1] + f"{int(last[-1], 16) ^ 1:x}"


LIES: dict[str, tuple[Callable[[dict[str, Any]], None], int]] = {
    "a node is missing": (node_cut, 9),
    "a node is changed": (node_changed, 9),
    "another transaction": (lambda data: data.update(transaction=0), 9),
    "no such transaction": (lambda data: data.update(transaction=77), 9),
    "no such log": (lambda data: data.update(log=5), 9),
    "another chain": (lambda data: data.update(chain_id=1), 9),
    "a cut header": (lambda data: data.update(header=data["header"][:-2]), 2),
    "no number": (lambda data: data.update(log="first"), 2),
    "no nodes": (lambda data: data.pop("nodes"), 2),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_proof_that_was_changed_proves_nothing(voted: Village, lie: str) -> None:
    change, code = LIES[lie]
    document = json.loads(kept(voted, 1, "--member", 2).read_text())
    change(document["data"])
    ran = checked(voted, voted.file("changed.json", json.dumps(document)))
    assert ran.exit_code == code, plain(ran.stdout + ran.stderr)
    assert ran.stdout == ""


def test_a_header_that_was_made_up_is_another_block(voted: Village) -> None:
    # The receipts root is what it was, the last bytes are not; the hash tells.
    path = kept(voted, 1, "--member", 2)
    document = json.loads(path.read_text())
    header = document["data"]["header"]
    document["data"]["header"] = header[:-1] + f"{int(header[-1], 16) ^ 1:x}"
    changed = voted.file("changed.json", json.dumps(document))
    known = voted.chain.head().hash
    assert checked(voted, changed).data["block_hash"] != known
    assert checked(voted, changed, "--anchor", known).exit_code == 9


def test_a_proof_of_another_co_op_is_refused(voted: Village) -> None:
    path = kept(voted, 1, "--member", 2)
    voted.change_instance(voted.instance.assembly, voted.instance.bylaws)
    ran = checked(voted, path)
    assert (ran.exit_code, ran.error["code"]) == (9, "receipt_mismatch")


def test_a_file_is_never_overwritten(voted: Village) -> None:
    path = voted.file("proof.json", "mine")
    ran = voted.ask("receipt", "show", 1, "--member", 2, "--proof", path)
    assert ran.exit_code == 2
    assert path.read_text() == "mine"


def test_an_anchor_means_nothing_without_a_proof(voted: Village) -> None:
    plain_receipt = voted.file("r.json", voted.ask("receipt", "show", 1, "--member", 2).stdout)
    assert voted.ask("receipt", "verify", plain_receipt).exit_code == 0
    assert voted.ask("receipt", "verify", plain_receipt, "--anchor", "0x12").exit_code == 2
