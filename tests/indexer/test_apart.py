"""The process that reads for a long sync: it reads the same, and nothing hangs on its life."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from indexer import reader as readers
from indexer import reading
from indexer.apart import ProcessGone, ReadingProcess
from indexer.batch import Batch, Compare, Range, read_batch
from indexer.chain import Chain
from indexer.errors import (
    ChainBusy,
    ChainRefused,
    ChronicleMismatch,
    IndexerError,
    LogsInconsistent,
    MirrorIncomplete,
)
from indexer.reader import Reader
from indexer.store import open_mirror
from tests.indexer.acts import act
from tests.indexer.mirrored import Mirrored, fresh, rows
from tests.indexer.proxy import Request, logs_changed, proxy
from tests.patience import until

PATIENCE = 60.0  # seconds in which a process must start


@contextmanager
def apart(mirror: Mirrored, *, every_header: bool = False) -> Iterator[ReadingProcess]:
    process = ReadingProcess(mirror.chain, mirror.identity, every_header=every_header)
    with closing(process):
        until(lambda: process.ready, PATIENCE)
        yield process


@contextmanager
def helped(mirror: Mirrored, chain: Chain, path: Path) -> Iterator[tuple[Reader, ReadingProcess]]:
    """A reader whose process has started."""
    store = open_mirror(path, mirror.identity, fresh=True)
    reader = Reader(chain, store)
    reader._batches.begin_process(chain)
    process = reader._batches._process
    assert process is not None
    with closing(process):
        until(lambda: process.ready, PATIENCE)
        yield reader, process


def counted(process: ReadingProcess, monkeypatch: pytest.MonkeyPatch) -> list[Range]:
    """What it is asked for from now on."""
    asked: list[Range] = []
    read = process.read

    def noted(wanted: Range) -> Batch:
        asked.append(wanted)
        return read(wanted)

    monkeypatch.setattr(process, "read", noted)
    return asked


@pytest.mark.parametrize("every_header", [False, True], ids=["some-headers", "every-header"])
@pytest.mark.parametrize("compare", ["nothing", "everything"])
def test_a_process_reads_just_what_this_one_reads(
    mirror: Mirrored, compare: Compare, every_header: bool
) -> None:
    act(mirror.coop)
    first, end = mirror.identity.first_block, mirror.chain.head()
    with apart(mirror, every_header=every_header) as process:
        found = process.read(Range(first, end, compare))
    wanted = Range(first, end, compare)
    assert found == read_batch(mirror.chain, mirror.identity, wanted, every_header=every_header)
    assert found.logs


def test_what_is_asked_before_it_has_started_is_answered_then(mirror: Mirrored) -> None:
    end = mirror.chain.head()
    process = ReadingProcess(mirror.chain, mirror.identity, every_header=False)
    with closing(process):
        assert not process.ready
        assert process.read(Range(0, end, "nothing")).last == end


def test_a_mirror_that_a_process_read_is_the_same(
    mirror: Mirrored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(mirror.coop)
    with helped(mirror, mirror.chain, tmp_path / "apart.db") as (reader, process):
        asked = counted(process, monkeypatch)
        result = reader.sync()
        assert asked[-1].end.number == result.to_block
    assert result.chronicle_ok
    assert rows(open_mirror(tmp_path / "apart.db", mirror.identity)) == fresh(mirror, tmp_path)


def test_when_the_process_is_killed_the_sync_goes_on_without_it(
    mirror: Mirrored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(mirror.coop)
    with helped(mirror, mirror.chain, tmp_path / "apart.db") as (reader, process):
        asked = counted(process, monkeypatch)
        os.kill(process.pid, signal.SIGKILL)
        assert reader.sync().chronicle_ok
        assert asked
    assert rows(open_mirror(tmp_path / "apart.db", mirror.identity)) == fresh(mirror, tmp_path)


def test_the_process_ends_with_the_sync(mirror: Mirrored, tmp_path: Path) -> None:
    with helped(mirror, mirror.chain, tmp_path / "apart.db") as (reader, process):
        reader.sync()
        assert not Path(f"/proc/{process.pid}").exists()
        with pytest.raises(ProcessGone):
            process.read(Range(0, mirror.chain.head(), "nothing"))
        assert reader.sync().chronicle_ok  # and it reads on without


def test_the_process_ends_with_its_parent_in_the_middle_of_a_request(mirror: Mirrored) -> None:
    """However the parent ends: kill -9 leaves it no last word."""
    program = (
        "import sys, pickle\n"
        "from indexer.apart import ReadingProcess\n"
        "from indexer.chain import Chain\n"
        "url, identity, end = pickle.loads(sys.stdin.buffer.read())\n"
        "process = ReadingProcess(Chain(url), identity, every_header=False)\n"
        "from indexer.batch import Range\n"
        "print(process.pid, flush=True)\n"
        "process.read(Range(0, end, 'nothing'))\n"
    )
    asked: list[str] = []

    def swallows(request: Request) -> bool:
        asked.append(request["method"])
        return True

    with proxy(mirror.chain.url, lambda _, answer: answer, swallows=swallows) as url:
        parent = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert parent.stdin is not None
        assert parent.stdout is not None
        with parent.stdin, parent.stdout:
            parent.stdin.write(pickle.dumps((url, mirror.identity, mirror.chain.head())))
            parent.stdin.close()
            child = int(parent.stdout.readline())
            try:
                until(lambda: asked, PATIENCE)
            finally:
                parent.kill()
                parent.wait()
            until(lambda: not Path(f"/proc/{child}").exists())


def test_the_process_takes_no_module_from_the_folder_it_is_run_in(
    mirror: Mirrored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("orjson", "struct", "indexer"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each])
    with apart(mirror) as process:
        assert process.read(Range(0, mirror.chain.head(), "nothing")).logs


def test_a_process_that_was_killed_is_not_begun_again(
    mirror: Mirrored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        act(mirror.coop)
    monkeypatch.setattr(readers, "_LONG", 0)
    monkeypatch.setattr("indexer.ranges.FIRST", 2)
    monkeypatch.setattr("indexer.ranges.LARGEST", 2)
    with helped(mirror, mirror.chain, tmp_path / "apart.db") as (reader, process):
        os.kill(process.pid, signal.SIGKILL)
        monkeypatch.setattr(reading, "ReadingProcess", lambda *_, **__: pytest.fail("again"))
        assert reader.sync().chronicle_ok


def test_what_others_can_see_of_the_process_holds_no_address(mirror: Mirrored) -> None:
    with apart(mirror) as process:
        seen = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        seen += Path(f"/proc/{process.pid}/environ").read_bytes()
    assert b"indexer.apart" in seen
    assert mirror.chain.url.encode() not in seen


@pytest.mark.parametrize(
    "error",
    [
        ChainBusy("http://node", "rate limit", 7.5),
        ChainRefused("eth_getLogs", -32005, "too many results"),
        LogsInconsistent("a log lacks a part ('data')", 17),
        ChronicleMismatch("Assembly", 17, "0x01", "0x02"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_passes_between_processes_whole(error: IndexerError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), again.__dict__) == (str(error), error.__dict__)


def test_what_a_node_does_wrong_is_found_out_in_either_process(
    mirror: Mirrored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(mirror.coop)

    with (
        proxy(mirror.chain.url, logs_changed(lambda logs: [*logs, logs[-1]])) as url,
        helped(mirror, Chain(url), tmp_path / "apart.db") as (reader, process),
    ):
        asked = counted(process, monkeypatch)
        with pytest.raises(MirrorIncomplete, match="out of order or doubled"):
            reader.sync()
        assert asked


def test_an_event_that_nobody_knows_is_a_lie_before_it_is_unknown(
    mirror: Mirrored, tmp_path: Path
) -> None:
    """The next node is asked: an unknown event that the chronicle lacks was made up."""
    act(mirror.coop)

    def made_up(logs: list[Any]) -> list[Any]:
        *others, last = logs
        return [*others, {**last, "topics": ["0x" + "ab" * 32, *last["topics"][1:]]}]

    with proxy(mirror.chain.url, logs_changed(made_up)) as url:
        store = open_mirror(tmp_path / "two.db", mirror.identity, fresh=True)
        assert Reader([Chain(url), mirror.chain], store).sync().chronicle_ok


def begun(mirror: Mirrored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The nodes for which a sync asks for a process."""
    asked: list[str] = []
    monkeypatch.setattr(
        reading.BatchReader, "begin_process", lambda _, chain: asked.append(chain.url)
    )
    monkeypatch.setattr("indexer.ranges.FIRST", 2)
    Reader(mirror.chain, open_mirror(tmp_path / "long.db", mirror.identity, fresh=True)).sync()
    return asked


def test_only_a_long_history_is_worth_a_process(
    mirror: Mirrored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(mirror.coop)
    assert begun(mirror, tmp_path, monkeypatch) == []
    monkeypatch.setattr(readers, "_LONG", 1)
    assert mirror.chain.url in begun(mirror, tmp_path, monkeypatch)


def test_on_one_core_there_is_no_process(mirror: Mirrored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_cores", lambda: 1)
    batches = reading.BatchReader(mirror.identity)
    batches.begin_process(mirror.chain)
    assert not batches.end_process()
