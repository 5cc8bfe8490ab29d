"""The command line as a whole: help, examples, errors, exit codes."""

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from node import cli
from node.cli import COMMANDS, coop
from tests.node.desk import Desk, desk  # noqa: F401

START = "import sys; from node.cli import main; main(sys.argv[1:])"
COMMON = (
    "--instance",
    "--rpc",
    "--finality",
    "--json",
    "--yes",
    "--no-input",
    "--dry-run",
    "--quiet",
    "--verbose",
    "--lang",
)


def leaves() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its words."""
    context = click.Context(coop, info_name="coop")
    for name in coop.list_commands(context):
        command = coop.get_command(context, name)
        assert command is not None
        yield from below(f"coop {name}", command)


def below(words: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from below(f"{words} {name}", inner)
    else:
        yield words, command


LEAVES = dict(leaves())


# Help


def test_the_help_imports_neither_web3_nor_sqlalchemy_nor_any_command() -> None:
    program = (
        "import sys; from node.cli import run; run(['--help']);"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "Commands:" in ran.stdout
    loaded = set(ran.stderr.split())
    heavy = ("web3", "sqlalchemy", "sqlmodel", "eth_account", "eth_abi", "rich", "requests")
    assert "click" in loaded
    assert not loaded & {*heavy, "node.commands", "node.context", "indexer.chain"}
    assert not [name for name in loaded if name.startswith("node.commands.")]


def test_the_table_of_commands_tells_what_the_commands_say_of_themselves() -> None:
    context = click.Context(coop)
    for name, (_, _, short) in COMMANDS.items():
        command = coop.get_command(context, name)
        assert command is not None
        first = (command.help or "").split("\n\n")[0].replace("\n", " ").strip()
        assert len(short) <= 60, name
        assert first, name


@pytest.mark.parametrize("words", LEAVES)
def test_every_command_has_the_options_of_every_leaf(words: str) -> None:
    options = {name for each in LEAVES[words].params for name in each.opts}
    assert set(COMMON) <= options


@pytest.mark.parametrize("words", LEAVES)
def test_every_help_shows_an_example_that_the_command_accepts(
    words: str,
    desk: Desk,  # noqa: F811
) -> None:
    said = desk.run(*words.split()[1:], "--help")
    assert said.code == 0
    lines = said.out.split("Example:\n")[1].split("\n\n")[0]
    example = " ".join(lines.replace("\\\n", " ").split())
    assert example.startswith(f"{words}")
    pasted = example.split(" > ")[0].split(" | ")[0].split(" && ")[0]
    rest = shlex.split(pasted)[len(words.split()) :]
    LEAVES[words].make_context(words, rest)


def test_no_option_takes_a_secret() -> None:
    for words, command in LEAVES.items():
        for each in command.params:
            if isinstance(each, click.Option):
                name = each.name or ""
                secret = any(word in name for word in ("password", "secret", "private"))
                assert not secret or name.endswith("_file"), words
                assert not each.envvar, words


# Errors


def test_an_unknown_command_is_a_usage_problem(desk: Desk) -> None:  # noqa: F811
    said = desk.run("frobnicate")
    assert (said.code, said.out) == (2, "")
    assert "frobnicate" in said.err


@pytest.mark.parametrize("words", [("key", "show"), ("key", "list", "--rcp", "x"), ("--json",)])
def test_a_usage_problem_with_json_is_one_document_on_stderr(
    words: tuple[str, ...],
    desk: Desk,  # noqa: F811
) -> None:
    said = desk.run(*words, "--json")
    assert (said.code, said.out) == (2, "")
    assert json.loads(said.err)["schema"] == "coop/error/v1"
    assert said.error["code"] == "usage"


def test_an_error_says_what_happened_and_what_to_do(desk: Desk) -> None:  # noqa: F811
    said = desk.run("status")
    assert said.code == 11
    first, second = said.err.strip().splitlines()
    assert first == "Error: This node knows no instance yet."
    assert "coop instance create" in second
    assert set(desk.run("status", "--json").error) == {"code", "message", "hint", "details"}


def test_a_fault_of_the_program_is_told_without_a_traceback_unless_asked_for(
    desk: Desk,  # noqa: F811
) -> None:
    (desk.home / "keys" / "ada.json").mkdir(parents=True)
    (desk.home / "config.toml").mkdir()
    said = desk.run("config", "show")
    assert said.code == 11
    assert "Traceback" not in said.err
    assert "Traceback" in desk.run("config", "show", "--verbose").err


def test_what_nobody_foresaw_ends_with_one_and_asks_for_a_report(
    desk: Desk,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(cli.COMMANDS, "stumble", ("no_such_module", "stumble", ""))
    said = desk.run("stumble", "--json")
    assert (said.code, said.error["code"]) == (1, "unexpected")
    assert "--verbose" in said.error["hint"]
    assert "Traceback" not in said.err
    assert "Traceback" in desk.run("stumble", "--verbose").err


def test_a_port_that_cannot_be_is_refused(desk: Desk) -> None:  # noqa: F811
    assert desk.run("devnet", "--port", "0").code == 2


def test_the_local_chain_runs_until_ctrl_c(tmp_path: Path) -> None:
    from node import devnet

    port = devnet._free_port()
    with subprocess.Popen(
        [sys.executable, "-c", START, "devnet", "--port", str(port), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        shown = json.loads(child.stdout.readline())["data"]
        assert shown["url"].endswith(str(port))
        assert int(devnet.rpc(shown["url"], "eth_chainId"), 16) == shown["chain_id"]
        child.send_signal(signal.SIGINT)
        said = child.communicate(timeout=60)[1]
    assert child.returncode == 130
    assert json.loads(said)["error"]["message"] == "Interrupted."


def test_a_reader_that_goes_away_is_no_error(desk: Desk) -> None:  # noqa: F811
    ran = subprocess.run(
        f"{shlex.quote(sys.executable)} -c {shlex.quote(START)} bylaws presets uk-worker-coop"
        " | head -1; exit ${PIPESTATUS[0]}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("# Bylaws")


def test_the_version_is_that_of_the_distribution(desk: Desk) -> None:  # noqa: F811
    from importlib.metadata import version

    assert version("rochdale") in desk.run("--version").out
