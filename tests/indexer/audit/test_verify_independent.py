"""The second verifier shares nothing with the package, and comes to the same verdict."""

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.audit.run import verify
from indexer.hashing import keccak
from tests.indexer.audit.conftest import Kept, Played
from tests.indexer.audit.test_evidence import LIES, RECEIPT_LIES, lines_of, written

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts" / "verify-independent"
ALLOWED = {"coincurve", "collections", "gzip", "json", "sha3", "sys"}
ABOUT_RECEIPTS = {
    "a header is left out",
    "the last header is left out",
    "a header says something else",
    "a receipt is left out",
    "a receipt says something else",
    "a transaction is replaced",
    "there is a transaction more",
    "a transaction has another place",
    "a log has another place",
    "a block bears another hash",
}
"""What only receipts show, which it leaves to the package."""


def told(path: Path, *words: str) -> tuple[int, str]:
    """Exit code and output of the real file, run elsewhere than in the repository."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(path), *words],
        cwd=path.parent,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(params=["plain", "receipts"])
def kept(played: Played, request: pytest.FixtureRequest) -> Kept:
    """The season's evidence."""
    found: Kept = getattr(played, request.param)
    return found


def test_it_is_short_and_imports_nothing_of_the_package() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 300
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    assert imported == ALLOWED


def test_an_honest_season_is_found_to_hold(kept: Kept) -> None:
    code, said = told(kept.path)
    assert code == 0, said
    signed = kept.run.audit.signed
    assert f"{signed.by_key} carried ballots by their key" in said
    assert f"{signed.by_transaction} direct ballots by their key" in said
    assert f"{kept.run.audit.ballots} ballots of the frozen roll" in said
    assert f"{len(kept.run.audit.findings.turnout) + 5} tallies as they are stored" in said
    assert said.endswith("Nothing departs.\n")


def test_an_anchor_is_compared(kept: Kept) -> None:
    assert told(kept.path, "--anchor", kept.run.audit.end.hash)[0] == 0
    assert told(kept.path, "--anchor", "0x" + "ab" * 32)[0] == 9


@pytest.mark.parametrize("lie", sorted(LIES))
def test_what_the_package_finds_it_finds(
    played: Played,
    tmp_path: Path,
    lie: str,
) -> None:
    lines = lines_of(played.plain.path)
    LIES[lie][0](lines)
    path = written(tmp_path / "lie.gz", lines)
    assert not verify(path)[0].ok
    code, said = told(path)
    assert code in (2, 9), said


def test_of_receipts_it_finds_what_needs_none(played: Played, tmp_path: Path) -> None:
    for lie in sorted(set(RECEIPT_LIES) - ABOUT_RECEIPTS):
        lines = lines_of(played.receipts.path)
        RECEIPT_LIES[lie](lines)
        assert told(written(tmp_path / "lie.gz", lines))[0] == 9, lie


# Lies that are consistent in all but one thing


def renamed(line: Any, change: Callable[[bytearray], None]) -> None:
    """Changes a transaction's bytes and gives it the name that fits."""
    raw = bytearray.fromhex(line[3][2:])
    change(raw)
    line[2:4] = ["0x" + keccak(bytes(raw)).hex(), "0x" + raw.hex()]


def flip(place: int) -> Callable[[bytearray], None]:
    """Changes one bit."""

    def change(raw: bytearray) -> None:
        raw[place] ^= 1

    return change


def test_a_signature_that_is_not_the_member_s_is_found_by_both(
    played: Played,
    tmp_path: Path,
) -> None:
    selector = keccak(b"castBallots(uint256,bytes)")[:4]
    batches = [
        number
        for number, line in enumerate(lines_of(played.plain.path))
        if isinstance(line, list) and line[0] == "transaction" and selector.hex() in line[3]
    ]
    found = []
    for number in batches:
        lines = lines_of(played.plain.path)
        batch = bytes.fromhex(lines[number][3][2:]).index(selector) + 4 + 3 * 32
        renamed(lines[number], flip(batch + 6 + 5))  # of r of the first entry
        path = written(tmp_path / "lie.gz", lines)
        found.append({each.check for each in verify(path)[0].mismatches})
        # The first entry of one batch was skipped, so that nobody need have signed it.
        assert told(path)[0] == (9 if found[-1] else 0)
    assert any("5.3" in each for each in found)


def test_a_direct_ballot_that_somebody_else_sent_is_found_by_both(
    played: Played,
    tmp_path: Path,
) -> None:
    selector = keccak(b"castBallot(uint256,uint32,uint8,uint8,string)")[:4].hex()
    lines = lines_of(played.plain.path)
    line = next(
        each
        for each in lines
        if isinstance(each, list) and each[0] == "transaction" and selector in each[3]
    )
    renamed(line, flip(-1))  # of s
    path = written(tmp_path / "lie.gz", lines)
    assert {each.check for each in verify(path)[0].mismatches} == {"5.4"}
    code, said = told(path)
    assert code == 9
    assert "direct ballots by their key: not so" in said


@pytest.mark.parametrize("text", ["", "{}", "[1]"])
def test_what_is_no_evidence_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "none.gz"
    path.write_text(text)
    assert told(path)[0] == 2
