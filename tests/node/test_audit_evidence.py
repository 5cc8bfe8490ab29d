"""`coop audit run --evidence` and `coop audit verify`; several nodes; receipts."""

import gzip
import hashlib
from pathlib import Path

import pytest

from node import devnet
from tests.indexer.proxy import Request, proxy, refusing
from tests.node.test_audit import kinds, logs_changed, vote
from tests.node.village import Ran, Village

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def voted(village: Village) -> Village:
    """A co-op with a resolution and three ballots."""
    vote(village, "# A resolution")
    return village


def gathered(village: Village, *words: object) -> tuple[Path, Ran]:
    """Evidence through the present block."""
    path = village.home / "evidence.jsonl.gz"
    ran = village.ask("audit", "run", "--evidence", path, *words)
    assert ran.exit_code == 0, ran.stderr
    return path, ran


def test_evidence_is_verified_with_no_network_and_no_instance(voted: Village) -> None:
    path, ran = gathered(voted)
    digest = hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest()
    assert ran.data["evidence"] == {"file": str(path), "sha256": digest}
    (voted.home / "instances" / "weavers.toml").unlink()
    again = voted.ask("audit", "verify", path, "--rpc", NOWHERE)
    assert again.exit_code == 0, again.stderr
    data = again.data
    assert data["evidence"]["sha256"] == digest
    assert data["instance"]["assembly"] == voted.instance.assembly
    same = ("ok", "level", "events", "ballots_checked", "chronicle", "anchor", "findings")
    assert {name: data[name] for name in same} == {name: ran.data[name] for name in same}


def test_an_anchor_is_compared_with_the_evidence(voted: Village) -> None:
    path, _ = gathered(voted)
    known = voted.chain.head().hash
    assert voted.ask("audit", "verify", path, "--anchor", known).data["level"] == "anchored"
    ran = voted.ask("audit", "verify", path, "--anchor", "0x" + "ab" * 32)
    assert ("1.1", "anchor") in kinds(ran)


def test_evidence_that_lies_is_found_and_one_that_is_cut_is_refused(voted: Village) -> None:
    path, _ = gathered(voted)
    text = gzip.decompress(path.read_bytes())
    false = voted.home / "false.gz"
    false.write_bytes(gzip.compress(text.replace(b'["log",0,"assembly"', b'["log",0,"bylaws"', 1)))
    assert ("3.2", "chronicle") in kinds(voted.ask("audit", "verify", false))
    cut = voted.home / "cut.gz"
    cut.write_bytes(path.read_bytes()[:-50])
    ran = voted.ask("audit", "verify", cut)
    assert (ran.exit_code, ran.error["code"], ran.stdout) == (2, "evidence_unreadable", "")


def test_receipts_prove_every_block(voted: Village) -> None:
    path, ran = gathered(voted, "--receipts")
    checks = {each["id"]: each for each in ran.data["checks"]}
    assert ran.data["receipts_ok"] is True
    assert checks["3.3"]["counted"] == ran.data["blocks"]
    assert voted.ask("audit", "verify", path).data["receipts_ok"] is True


def test_receipts_prove_the_history_where_the_state_is_not_proven(voted: Village) -> None:
    refused = refusing(-32601, "no such method", lambda asked: asked["method"] == "eth_getProof")
    with proxy(voted.chain.url, refused) as url:
        data = voted.ask("audit", "run", "--rpc", url, "--receipts").data
    assert (data["level"], data["anchor"]["proof_ok"]) == ("proven", False)
    assert data["abilities"]["proofs"] is False
    assert "only the blocks' logs are proven" in data["unchecked"][0]


def test_a_node_that_proves_few_words_at_a_time_still_proves_all(voted: Village) -> None:
    def many(asked: Request) -> bool:
        return asked["method"] == "eth_getProof" and len(asked["params"][1]) > 3

    with proxy(voted.chain.url, refusing(-32602, "too many keys", many)) as url:
        data = voted.ask("audit", "run", "--rpc", url).data
    whole = voted.ask("audit", "run").data
    assert (data["level"], data["ok"]) == ("proven", True)
    assert data["storage_words"] == whole["storage_words"] > 10


def test_people_are_told_what_the_node_can_prove(voted: Village) -> None:
    refused = refusing(-32601, "no such method", lambda asked: asked["method"] == "eth_getProof")
    with proxy(voted.chain.url, refused) as url:
        said = voted.ask("audit", "run", "--rpc", url, json=False).stderr
    assert "it lacks proofs of the state." in said


def test_two_nodes_that_agree_are_an_anchor(voted: Village) -> None:
    with proxy(voted.chain.url, lambda _, answer: answer) as other:
        data = voted.ask("audit", "run", "--rpc", f"{voted.chain.url},{other}").data
    assert (data["level"], data["nodes"]) == ("anchored", {"asked": 2, "agreeing": 2})


def test_two_nodes_that_disagree_are_named(voted: Village) -> None:
    options = ("--fork-url", voted.chain.url)
    with devnet.start("anvil", options=options) as fork:
        fork.mine()
        voted.coop.chain.mine()
        ran = voted.ask("audit", "run", "--rpc", f"{voted.chain.url},{fork.url}")
    assert ("1.3", "fork") in kinds(ran)


def test_a_mismatch_still_keeps_its_evidence(voted: Village) -> None:
    path = voted.home / "evidence.gz"
    lie = logs_changed(lambda logs: logs[:-1])
    with proxy(voted.chain.url, lie) as url:
        ran = voted.ask("audit", "run", "--rpc", url, "--evidence", path)
    assert ("3.2", "chronicle") in kinds(ran)
    assert ("3.2", "chronicle") in kinds(voted.ask("audit", "verify", path))


def test_a_node_that_fails_leaves_no_file(voted: Village) -> None:
    path = voted.home / "evidence.gz"
    fails = refusing(-32000, "no", lambda asked: asked["method"] == "eth_getTransactionByHash")
    with proxy(voted.chain.url, fails) as url:
        ran = voted.ask("audit", "run", "--rpc", url, "--evidence", path)
    assert (ran.exit_code, ran.stdout) == (7, "")
    assert [each.name for each in voted.home.iterdir() if "evidence" in each.name] == []


def test_a_file_that_is_there_is_never_overwritten(voted: Village) -> None:
    path = voted.file("evidence.gz", "mine")
    ran = voted.ask("audit", "run", "--evidence", path)
    assert ran.exit_code == 2
    assert path.read_text() == "mine"


def test_a_dry_run_keeps_nothing(voted: Village) -> None:
    path = voted.home / "evidence.gz"
    ran = voted.ask("audit", "run", "--evidence", path, "--dry-run")
    assert (ran.exit_code, ran.data["evidence"]) == (0, None)
    assert not path.exists()


def test_for_people_the_steps_and_what_is_not_shown_are_told(voted: Village) -> None:
    said = voted.ask("audit", "run", json=False).stdout
    for title in ("1. Level: proven", "2. Code", "3. Completeness", "5. Who signed", "6. State"):
        assert title in said
    assert (
        "   5.4 direct ballots not sent by the member's key, or saying something else: 0 of 3"
        in said
    )
    assert "Not shown:" in said
    assert "   Who is behind a key, and that the chain's own consensus holds." in said
