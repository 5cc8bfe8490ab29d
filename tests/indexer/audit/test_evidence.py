"""Evidence: the audit again from a file, with no network, to the same verdict."""

import gzip
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from indexer.audit.evidence import Evidence, Recorder
from indexer.audit.judge import Audit, judge
from indexer.audit.run import verify
from indexer.errors import EvidenceUnreadable
from indexer.hashing import keccak
from indexer.proofs.sealed import opened
from tests.indexer.audit.conftest import Kept, Played

Line = Any


def lines_of(path: Path) -> list[Line]:
    """What a file of evidence says."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def written(path: Path, lines: list[Line]) -> Path:
    """A file that says this, with a last line that fits."""
    lines = [*lines[:-1], ["end", len(lines) - 1]]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()))
    return path


def steps(found: Audit) -> set[str]:
    """The checks that failed; at least one must have."""
    assert not found.ok
    return {each.check for each in found.mismatches}


@pytest.fixture(params=["plain", "receipts"])
def kept(played: Played, request: pytest.FixtureRequest) -> Kept:
    """The season's evidence."""
    found: Kept = getattr(played, request.param)
    return found


def test_the_season_is_proven_through_its_chain(played: Played) -> None:
    for kept, by_receipts in ((played.plain, False), (played.receipts, True)):
        found = kept.run.audit
        assert found.mismatches == ()
        assert (found.level, found.proof_ok) == ("proven", True)
        assert found.receipts_ok is by_receipts
        assert found.events == len(played.history.events)
        assert found.ballots == found.signed.by_key + found.signed.by_transaction
        assert found.words > 200
        unmade = [each.id for each in found.checks if not each.counted]
        assert unmade == []


def test_evidence_is_audited_to_the_same_verdict_with_no_network(kept: Kept) -> None:
    found, digest = verify(kept.path)
    through = kept.run.audit
    assert digest == kept.run.digest
    assert digest == hashlib.sha256(gzip.decompress(kept.path.read_bytes())).hexdigest()
    same = ("level", "end", "events", "ballots", "replayed", "on_chain", "signed", "words")
    assert [getattr(found, name) for name in same] == [getattr(through, name) for name in same]
    assert found.mismatches == ()
    assert found.findings == through.findings
    asked_of_nodes = {"2.5"}
    assert {each.id for each in through.checks} - {
        each.id for each in found.checks
    } == asked_of_nodes


def test_evidence_is_anchored_by_the_hash_that_the_auditor_knows(kept: Kept) -> None:
    known = kept.run.audit.end.hash
    assert verify(kept.path, anchor=known)[0].level == "anchored"
    other = "0x" + "ab" * 32
    refused = verify(kept.path, anchor=other)[0]
    assert "1.1" in steps(refused)
    assert refused.level == "proven"


def changed(kind: str, place: int, part: int, value: Callable[[Any], Any]) -> Callable[..., None]:
    """Changes one part of a line of that kind, counted from the first or the last."""

    def change(lines: list[Line]) -> None:
        found = [line for line in lines if isinstance(line, list) and line[0] == kind]
        found[place][part] = value(found[place][part])

    return change


def dropped(kind: str, place: int) -> Callable[..., None]:
    """Drops a line of that kind."""

    def change(lines: list[Line]) -> None:
        found = [line for line in lines if isinstance(line, list) and line[0] == kind]
        lines.remove(found[place])

    return change


def flipped(text: str) -> str:
    """Bytes with one bit of the last changed."""
    return text[:-1] + f"{int(text[-1], 16) ^ 1:x}"


def root_dropped(lines: list[Line]) -> None:
    """Drops the node with which every proof of an account begins."""
    root = opened(bytes.fromhex(lines[1][1][2:])).state_root
    lines[:] = [
        line
        for line in lines
        if isinstance(line, dict) or line[0] != "node" or keccak(bytes.fromhex(line[1][2:])) != root
    ]


LIES: dict[str, tuple[Callable[..., None], str]] = {
    "a log is left out": (dropped("log", -1), "3.2"),
    "a log says something else": (changed("log", -1, 4, flipped), "3.2"),
    "a log is of another contract": (
        changed("log", -1, 2, lambda name: "bylaws" if name != "bylaws" else "assembly"),
        "3.2",
    ),
    "a block bears another time": (changed("block", -1, 3, lambda time: time - 1), "3.2"),
    "a block bears another number": (changed("block", 0, 1, lambda number: number + 1), "3.2"),
    "the root of the state is left out": (root_dropped, "1.2"),
    "another code": (changed("code", 0, 2, flipped), "2.4"),
    "a transaction is another one": (changed("transaction", -1, 3, flipped), "5.1"),
    "a transaction is withheld": (changed("transaction", 0, 3, lambda _: "0x"), "5.1"),
}


@pytest.mark.parametrize("lie", sorted(LIES))
def test_evidence_that_lies_is_found(played: Played, tmp_path: Path, lie: str) -> None:
    change, step = LIES[lie]
    lines = lines_of(played.plain.path)
    change(lines)
    found, digest = verify(written(tmp_path / "lie.gz", lines))
    assert step in steps(found)
    assert digest != played.plain.run.digest


def header_dropped(lines: list[Line]) -> None:
    """Drops the header of a block in which nothing of the co-op can be."""
    kinds = ["" if isinstance(line, dict) else line[0] for line in lines]
    place = next(at for at, two in enumerate(pairwise(kinds)) if two == ("header", "header"))
    del lines[place]


RECEIPT_LIES: dict[str, Callable[..., None]] = {
    "a header is left out": header_dropped,
    "the last header is left out": dropped("header", -1),
    "a header says something else": changed("header", 3, 1, flipped),
    "a receipt is left out": changed("receipts", 1, 1, lambda receipts: receipts[1:]),
    "a receipt says something else": changed(
        "receipts", 1, 1, lambda receipts: [flipped(receipts[0]), *receipts[1:]]
    ),
    "a transaction is replaced": changed(
        "receipts", 1, 2, lambda sent: [flipped(sent[0]), *sent[1:]]
    ),
    "there is a transaction more": changed("receipts", 1, 2, lambda sent: [*sent, sent[0]]),
    "a transaction bears another hash": changed("transaction", 1, 2, flipped),
    "a transaction has another place": changed("transaction", 1, 1, lambda index: index + 1),
    "a log has another place": changed("log", -1, 1, lambda index: index + 1),
    "a block bears another hash": changed("block", 1, 2, flipped),
}


@pytest.mark.parametrize("lie", sorted(RECEIPT_LIES))
def test_receipts_find_what_the_chronicle_does_not_prove(
    played: Played, tmp_path: Path, lie: str
) -> None:
    lines = lines_of(played.receipts.path)
    RECEIPT_LIES[lie](lines)
    found, _ = verify(written(tmp_path / "lie.gz", lines))
    assert "3.3" in steps(found)
    assert not found.receipts_ok


def test_a_made_up_last_block_is_found_by_an_anchor_and_by_receipts(
    played: Played, tmp_path: Path
) -> None:
    # All that depends on it is its state root, which the last bytes of a header do not hold.
    made_up = changed("anchor", 0, 1, flipped)
    plain, whole = lines_of(played.plain.path), lines_of(played.receipts.path)
    made_up(plain)
    made_up(whole)
    path, known = written(tmp_path / "plain.gz", plain), played.plain.run.audit.end.hash
    assert verify(path)[0].ok
    assert steps(verify(path, anchor=known)[0]) == {"1.1"}
    assert steps(verify(written(tmp_path / "whole.gz", whole))[0]) == {"3.3"}


def test_each_node_that_is_left_out_is_missed(played: Played, tmp_path: Path) -> None:
    lines = lines_of(played.plain.path)
    nodes = [line for line in lines if isinstance(line, list) and line[0] == "node"]
    for node in nodes[:: len(nodes) // 12]:
        left = [line for line in lines if line is not node]
        missed = steps(verify(written(tmp_path / "node.gz", left))[0])
        assert missed & {"1.2", "6.1"}


def test_without_nodes_the_level_falls_and_says_so(played: Played, tmp_path: Path) -> None:
    kinds = lines_of(played.plain.path)
    lines = [line for line in kinds if isinstance(line, dict) or line[0] != "node"]
    claims = [
        ["claimed", name, "0x" + head.hex()]
        for name, head in played.plain.run.audit.on_chain.items()
    ]
    found, _ = verify(written(tmp_path / "claims.gz", [*lines[:-1], *claims, lines[-1]]))
    assert (found.level, found.proof_ok, found.mismatches) == ("logs-only", False, ())
    bare, _ = verify(written(tmp_path / "bare.gz", lines))
    assert "3.2" in steps(bare)


def reordered(text: bytes) -> bytes:
    """The lines with the first two nodes in each other's place."""
    lines = text.splitlines(keepends=True)
    place = next(at for at, line in enumerate(lines) if line.startswith(b'["node"'))
    lines[place : place + 2] = lines[place : place + 2][::-1]
    return b"".join(lines)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda packed: packed[: len(packed) // 2],
    "a byte flipped": lambda packed: packed[:5_000] + bytes([packed[5_000] ^ 1]) + packed[5_001:],
    "nothing": lambda packed: b"",
    "no gzip": lambda packed: b"hello",
    "its last line lost": lambda packed: gzip.compress(
        b"".join(gzip.decompress(packed).splitlines(keepends=True)[:-1])
    ),
    "a line more": lambda packed: gzip.compress(gzip.decompress(packed) + b'["end",1]\n'),
    "a line twice": lambda packed: gzip.compress(
        gzip.decompress(packed).replace(b'["node"', b'["end",3]\n["node"', 1)
    ),
    "nodes out of order": lambda packed: gzip.compress(reordered(gzip.decompress(packed))),
    "blanks": lambda packed: gzip.compress(
        gzip.decompress(packed).replace(b'["node",', b'["node", ')
    ),
    "capitals": lambda packed: gzip.compress(gzip.decompress(packed).replace(b"0xf9", b"0xF9")),
    "a cut anchor": lambda packed: gzip.compress(
        gzip.decompress(packed).replace(b'["anchor","0xf9', b'["anchor","0xf8', 1)
    ),
    "another version": lambda packed: gzip.compress(
        gzip.decompress(packed).replace(b'"evidence":1', b'"evidence":2')
    ),
}


@pytest.mark.parametrize("damage", sorted(DAMAGES))
def test_a_damaged_file_is_no_evidence(played: Played, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "damaged.gz"
    path.write_bytes(DAMAGES[damage](played.plain.path.read_bytes()))
    with pytest.raises(EvidenceUnreadable) as refused:
        verify(path)
    assert "Nothing was judged" in refused.value.message


def test_a_missing_file_is_no_evidence(tmp_path: Path) -> None:
    with pytest.raises(EvidenceUnreadable):
        verify(tmp_path / "none.gz")


CRAMPED = """
import resource, signal, sys
from pathlib import Path
from indexer.audit.evidence import Evidence, Recorder
from indexer.audit.judge import judge
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
with Recorder(Evidence(Path(sys.argv[1])), Path(sys.argv[2])) as source:
    judge(source)
"""


@pytest.mark.parametrize("missing", [1, 20, 60_000])
def test_where_there_is_no_room_for_all_of_it_no_file_is_left(
    played: Played, tmp_path: Path, missing: int
) -> None:
    path = tmp_path / "evidence.gz"
    room = played.plain.path.stat().st_size - missing
    done = subprocess.run(
        [sys.executable, "-c", CRAMPED, str(played.plain.path), str(path), str(room)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_evidence_that_is_written_again_is_the_same_file(played: Played, tmp_path: Path) -> None:
    path = tmp_path / "again.gz"
    with Recorder(Evidence(played.receipts.path), path) as source:
        judge(source)
    assert path.read_bytes() == played.receipts.path.read_bytes()
    assert source.digest == played.receipts.run.digest
