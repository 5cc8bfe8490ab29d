"""`coop proposal watch`: told of what changes, once for cron or until it is decided."""

import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest

from tests.node.test_cli import START
from tests.node.test_proposal_commands import PROBATION, carried, made
from tests.node.village import DAY, Village


def looked(village: Village, *words: object) -> list[str]:
    """One look; what it told of, and that its exit code says whether it told anything."""
    ran = village.ask("proposal", "watch", *(words or ("--all",)), "--once")
    told = [f"{each['proposal_id']} {each['what']}" for each in ran.data]
    assert ran.exit_code == (0 if told else 3), ran.stderr
    return told


def vote(village: Village, number: int, choice: str, *names: str) -> None:
    for name in names:
        assert village.run("vote", number, choice, "--yes", as_=name).exit_code == 0


def test_each_look_tells_what_happened_since_the_last_one(village: Village) -> None:
    assert looked(village) == []
    number = made(village, "probation.toml", PROBATION)
    assert looked(village) == ["1 proposed"]
    village.coop.open(number)
    assert looked(village) == ["1 opened"]
    assert looked(village) == []
    vote(village, number, "for", "ada", "ben", "cleo")
    assert looked(village) == ["1 votes"]
    village.coop.close(number)
    assert looked(village) == ["1 closed"]
    village.run("proposal", "queue", number, as_="gus")
    assert looked(village) == ["1 queued"]
    village.coop.warp(village.chain.head().timestamp + DAY)
    village.run("proposal", "execute", number, "--yes", as_="gus")
    assert looked(village) == ["1 decided"]
    assert looked(village) == []


def test_a_look_that_missed_much_tells_all_of_it_in_order(village: Village) -> None:
    number = made(village, "probation.toml", PROBATION)
    withdrawn = made(village, "a.md", "# A bicycle", by="ben")
    assert looked(village) == []
    carried(village, number)
    told = looked(village)
    assert [each for each in told if each[0] == "1"] == [
        "1 opened",
        "1 votes",
        "1 closed",
        "1 queued",
    ]
    assert [each for each in told if each[0] == "2"] == ["2 opened", "2 closed", "2 decided"]
    assert withdrawn == 2


def test_a_withdrawn_proposal_was_never_open(village: Village) -> None:
    number = made(village, "a.md", "# A bicycle")
    assert looked(village, number) == []
    village.run("proposal", "cancel", number, "--yes")
    assert looked(village, number) == ["1 decided"]


def test_what_the_chain_took_back_is_told(village: Village) -> None:
    number = made(village, "a.md", "# A bicycle")
    chain = village.coop.chain
    before = chain.rpc("evm_snapshot")
    village.coop.open(number)
    looked(village, number)
    assert chain.rpc("evm_revert", before) is True
    # Longer than what was there, so that the mirror follows it.
    chain.rpc("anvil_mine", hex(5))
    assert looked(village, number) == ["1 taken_back"]


def test_people_read_sentences_and_cron_hears_nothing_without_news(village: Village) -> None:
    words = ("proposal", "watch", "--all", "--once")
    number = made(village, "a.md", "# A bicycle\u202e")
    first = village.ask(*words, json=False)
    again = village.ask(*words, json=False)
    village.coop.open(number)
    vote(village, number, "for", "ada", "ben")
    told = village.ask(*words, json=False)

    assert (first.exit_code, first.stdout) == (3, "")
    assert "first look" in first.stderr
    assert (again.exit_code, again.stdout, again.stderr) == (3, "", "")
    assert told.exit_code == 0
    opened, votes = told.stdout.splitlines()
    assert opened.startswith("Proposal 1 (A bicycle\\u202e) is open for votes until ")
    assert votes == "Proposal 1 (A bicycle\\u202e) has 2 for, 0 against, 0 abstain; quorum 3 of 5."


def test_a_dry_run_remembers_nothing_and_a_file_without_sense_is_named(village: Village) -> None:
    path = village.home / "weavers.watch.json"
    words = ("proposal", "watch", "--all", "--once")
    assert village.ask(*words, "--dry-run").exit_code == 3
    assert not path.exists()
    assert village.ask(*words).exit_code == 3
    kept = path.read_text()
    for text in ("{", "[]", kept.replace(village.instance.assembly, village.instance.membership)):
        path.write_text(text)
        ran = village.ask(*words)
        assert (ran.exit_code, ran.error["code"]) == (11, "configuration")
        assert path.read_text() == text


@pytest.mark.parametrize("words", [(), (1, "--all"), (9, "--once")])
def test_what_is_to_be_watched_must_be_said_and_exist(
    village: Village, words: tuple[object, ...]
) -> None:
    ran = village.ask("proposal", "watch", *words)
    assert ran.exit_code == (3 if 9 in words else 2)
    assert ran.stdout == ""


class Watching:
    """`coop proposal watch` in a process of its own."""

    def __init__(self, village: Village, *words: str) -> None:
        arguments = ["proposal", "watch", *words, "--interval", "0.1", "--json", "--no-input"]
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, *arguments, "--rpc", village.coop.chain.url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        # Whatever goes wrong, no test waits for ever.
        self._end = threading.Timer(120, self.process.kill)
        self._end.start()
        assert self.process.stderr
        while not self.process.stderr.readline().startswith("Watching"):
            assert self.process.poll() is None

    def __enter__(self) -> "Watching":
        return self

    def __exit__(self, *_: object) -> None:
        self._end.cancel()
        self.process.kill()
        self.process.communicate()

    def told(self) -> list[str]:
        """Wait for the next look that saw something."""
        assert self.process.stdout
        document: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert document["schema"] == "coop/proposal_changes/v1"
        return [each["what"] for each in document["data"]]


def test_watching_a_proposal_tells_of_each_change_and_ends_when_it_is_decided(
    village: Village,
) -> None:
    number = made(village, "a.md", "# A bicycle")
    with Watching(village, str(number)) as watching:
        village.coop.open(number)
        assert watching.told() == ["opened"]
        vote(village, number, "against", "ada")
        assert watching.told() == ["votes"]
        village.coop.close(number)
        assert watching.told() == ["closed", "decided"]
        assert watching.process.wait(timeout=60) == 0


def test_watching_all_hears_of_new_proposals_and_ends_at_a_signal(village: Village) -> None:
    with Watching(village, "--all") as watching:
        made(village, "a.md", "# A bicycle")
        assert watching.told() == ["proposed"]
        watching.process.send_signal(signal.SIGTERM)
        assert watching.process.wait(timeout=60) == 0
