"""What commands print: one JSON document, readable tables, harmless texts, questions."""

import io
import json
import os
import pty
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.moment import Moment
from node.errors import Declined, MissingAnswer, UsageProblem
from node.output import At, Out, console, duration, moment, plain, when

HASH = "0x" + "ab" * 32
EASTER = 1_775_380_000  # 2026-04-05 09:06:40 UTC


@dataclass(frozen=True)
class Something:
    """A value as queries give it."""

    block: int
    class_: str
    when: Moment
    digest: bytes


def test_a_result_is_one_document_with_sorted_keys_and_its_block(
    capsys: pytest.CaptureFixture[str],
) -> None:
    value = Something(2**60, "removal", Moment(EASTER), b"\x01\x02")
    Out(json=True).result("thing", value, At(31337, 5, HASH, "latest"))
    text = capsys.readouterr().out
    assert json.loads(text) == {
        "schema": "coop/thing/v1",
        "data": {
            "block": str(2**60),
            "class": "removal",
            "when": "2026-04-05T09:06:40Z",
            "digest": "0x0102",
        },
        "as_of": {"chain_id": 31337, "block": 5, "block_hash": HASH, "finality": "latest"},
    }
    assert text.count("\n") == 1
    assert list(json.loads(text)) == sorted(json.loads(text))


def test_with_json_nothing_for_people_reaches_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    out = Out(json=True)
    out.line("hello")
    out.table(["A"], [["b"]])
    out.note("by the way")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "by the way\n"


def test_quiet_keeps_warnings_and_drops_notes(capsys: pytest.CaptureFixture[str]) -> None:
    out = Out(quiet=True)
    out.note("by the way")
    out.warn("look out")
    assert capsys.readouterr().err == "Warning: look out\n"


ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


def test_a_table_wraps_its_words_to_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    Out().table(["No", "Account", "Since"], [[1, ADDRESS, "Easter Monday"]])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [
        ["No", "Account", "Since"],
        ["1", ADDRESS, "Easter"],
        ["Monday"],
    ]
    assert max(len(line) for line in lines) <= 60


def test_where_a_table_would_break_words_each_value_stands_after_its_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    row = ["active", ADDRESS, None, "nothing-to-break"]
    Out().table(["State", "Account", "Until", "Word"], [row, row])
    one = f"State: active\nAccount: {ADDRESS}\nUntil: –\nWord: nothing-to-break\n"
    assert capsys.readouterr().out == f"{one}\n{one}"


def test_for_a_screen_reader_each_value_stands_after_its_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = Out(plain=True)
    out.table(["No", "Title"], [[1, "A kitchen"]])
    out.fields({"a": 1, "longer": 2})
    assert capsys.readouterr().out == "No: 1\nTitle: A kitchen\na: 1\nlonger: 2\n"


def test_for_a_screen_reader_nothing_moves_on_the_terminal(tmp_path: Path) -> None:
    program = """
from node.output import Out
out = Out(plain=True)
with out.progress("reading", 2) as done:
    done(1)
with out.waiting() as tell:
    tell("a block")
out.table(["A"], [["b"]])
"""
    assert _on_a_terminal(program) == "A: b\n"
    assert "\x1b" in _on_a_terminal(program.replace("plain=True", ""))


def _on_a_terminal(program: str) -> str:
    primary, secondary = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=secondary,
        stdout=secondary,
        stderr=secondary,
        env={**os.environ, "TERM": "xterm", "NO_COLOR": ""},
    ) as running:
        os.close(secondary)
        screen = b""
        while select.select([primary], [], [], 60)[0]:
            try:
                screen += os.read(primary, 4096)
            except OSError:  # the other end is closed
                break
        os.close(primary)
    assert running.returncode == 0
    return screen.decode().replace("\r\n", "\n")


def test_rules_of_a_table_are_drawn_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    program = "from node.output import Out; Out().table(['A'], [['b']])"
    assert "─" in _on_a_terminal(program)
    Out().table(["A"], [["b"]])
    assert capsys.readouterr().out.split() == ["A", "b"]


def test_colour_needs_a_terminal() -> None:
    assert console(io.StringIO()).color_system is None


def test_a_text_from_the_chain_cannot_steer_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hostile = "for\x1b[2J\u202etsniaga\r"
    Out().line(hostile)
    Out().table(["Title"], [[hostile]])
    printed = capsys.readouterr().out
    assert not set(printed) & {"\x1b", "\u202e", "\r"}
    assert "\\u001b[2J\\u202etsniaga\\u000d" in printed


def test_markup_in_a_text_is_shown_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    Out().table(["Title"], [["[red]pay rise[/red] :smile:"]])
    assert "[red]pay rise[/red] :smile:" in capsys.readouterr().out


def test_letters_that_scripts_need_stay() -> None:
    assert plain("می\u200cخواهم 👩\u200d🌾\n") == "می\u200cخواهم 👩\u200d🌾\n"


def test_people_see_local_time_with_its_zone_and_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    program = f"from node.output import when; print(when({EASTER}))"
    shown = {
        zone: subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for zone in ("Europe/Madrid", "UTC", "Pacific/Auckland")
    }
    assert shown == {
        "Europe/Madrid": "2026-04-05 11:06:40 CEST (09:06:40 UTC)",
        "UTC": "2026-04-05 09:06:40 UTC",
        "Pacific/Auckland": "2026-04-05 21:06:40 NZST (09:06:40 UTC)",
    }


def test_no_moment_is_no_moment() -> None:
    assert moment(0) is None
    assert when(0) == when(None) == "–"
    assert when(2**40 * 1000).startswith("second ")


def test_a_length_of_time_is_told_in_its_largest_units() -> None:
    assert duration(0) == "0"
    assert duration(14 * 86_400) == "14 days"
    assert duration(86_400 + 12 * 3_600 + 1) == "1 day 12 hours 1 second"


def test_where_nobody_can_be_asked_the_missing_flag_is_named() -> None:
    out = Out(no_input=True)
    with pytest.raises(MissingAnswer) as confirm:
        out.confirm("Send it?", "Your vote was not sent.")
    assert "--yes" in confirm.value.hint
    assert confirm.value.message.endswith("Your vote was not sent.")
    with pytest.raises(MissingAnswer) as ask:
        out.ask("Which?", "--role NAME")
    assert ask.value.details == {"flag": "--role"}


def test_yes_answers_plain_questions_but_no_severe_ones() -> None:
    out = Out(yes=True, no_input=True)
    out.confirm("Send it?")
    with pytest.raises(MissingAnswer) as severe:
        out.type_the_name("pioneers", "This founds a co-op.", None)
    assert "--confirm pioneers" in severe.value.hint


def test_a_severe_act_needs_the_very_name() -> None:
    out = Out(no_input=True)
    out.type_the_name("pioneers", "This founds a co-op.", "pioneers")
    with pytest.raises(UsageProblem):
        out.type_the_name("pioneers", "This founds a co-op.", "Pioneers")


def test_progress_off_a_terminal_is_silent_for_short_work(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Out().progress("Reading", 10) as done:
        done(5)
    assert capsys.readouterr().err == ""


def on_a_terminal(program: str, answer: str, tmp_path: Path) -> tuple[str, int]:
    """Run Python on a pseudo-terminal, type the answer at the first prompt; return screen, code."""
    primary, secondary = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=secondary,
        stdout=secondary,
        stderr=secondary,
        env=os.environ | {"COOP_HOME": str(tmp_path), "TERM": "dumb"},
    )
    os.close(secondary)
    screen, answered = b"", False
    while select.select([primary], [], [], 30)[0]:
        try:
            chunk = os.read(primary, 4096)
        except OSError:  # the other end is closed: the child has ended
            break
        screen += chunk
        if not answered and b": " in screen:
            os.write(primary, answer.encode() + b"\n")
            answered = True
    os.close(primary)
    return screen.decode(), child.wait(30)


def test_a_person_at_a_terminal_is_asked_and_a_no_ends_with_declined(tmp_path: Path) -> None:
    program = (
        "from node.output import Out\n"
        "from node.errors import Declined\n"
        "try: Out().confirm('Send it?')\n"
        "except Declined as error: raise SystemExit(error.exit_code)\n"
    )
    screen, code = on_a_terminal(program, "n", tmp_path)
    assert "Send it? [y/N]" in screen
    assert code == Declined.exit_code
    assert on_a_terminal(program, "y", tmp_path)[1] == 0


def test_a_secret_typed_at_a_terminal_is_not_shown(tmp_path: Path) -> None:
    program = "from node.output import Out; assert Out().ask('Password', '-', hide=True) == 'swan'"
    screen, code = on_a_terminal(program, "swan", tmp_path)
    assert code == 0
    assert "swan" not in screen
