"""`coop demo` as a stranger runs it: to its end, and interrupted."""

import signal
import subprocess
from pathlib import Path

import pytest

from tests.flow.shells import COOP, Shell, processes_naming
from tests.patience import until


def test_the_demo_plays_a_season_and_says_where_its_files_are(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    ran = shell.coop("demo")

    assert ran.returncode == 0, ran.stderr
    for words in ("coop status", "coop member list", "coop proposal list", "coop pay show"):
        assert f"$ {words}\n" in ran.stdout
    assert "hal votes, takes a new key and votes again" in ran.stderr
    assert "none is missing, added, changed or moved" in ran.stdout
    for name in ("instances/weavers.toml", "weavers.db", "kims-ballot.json", "keys/ada.json"):
        assert (tmp_path / "demo" / name).exists()
    # Of a terminated parent the chain hears by a signal, and writes its state before it ends.
    until(lambda: processes_naming(tmp_path) == [])


def test_the_fast_demo_does_the_same_work_and_tells_no_story(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    data = shell.data("demo", "--fast")

    assert data["proposals"] == {
        "active": 1,
        "defeated": 3,
        "executed": 10,
        "expired": 1,
        "succeeded": 1,
    }
    assert (data["members"], data["candidates"], data["pay_votes"]) == (9, 1, 3)
    assert data["chronicle_ok"] is True
    told = shell.coop("demo", "--fast")
    assert "hal" not in told.stderr


def test_more_members_take_part_when_asked_for(tmp_path: Path) -> None:
    data = Shell(tmp_path).data("demo", "--fast", "--members", 40)

    assert data["members"] == 38, "one leaves and one is expelled"
    assert data["chronicle_ok"] is True


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process_behind(
    tmp_path: Path, which: signal.Signals
) -> None:
    shell = Shell(tmp_path)
    with subprocess.Popen(
        [*COOP, "demo"],
        env=shell.environment,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr
        assert "A local chain" in running.stderr.readline()
        assert processes_naming(tmp_path), "the chain's process names its state file"
        running.send_signal(which)
        running.communicate(timeout=60)

    assert running.returncode == {signal.SIGINT: 130, signal.SIGTERM: -15}[which]
    # Of a terminated parent the chain hears by a signal, and writes its state before it ends.
    until(lambda: processes_naming(tmp_path) == [])


def test_a_folder_that_no_demo_made_is_not_touched(tmp_path: Path) -> None:
    mine = tmp_path / "demo" / "precious.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    ran = Shell(tmp_path).coop("demo", "--fast")

    assert ran.returncode == 11
    assert "was not made by a demo" in ran.stderr
    assert mine.read_text() == "mine"
