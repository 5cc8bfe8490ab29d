"""The command line as outsiders' scripts know it, over one season of a real co-op.

The words below are a contract: a change of a line here is a change for somebody's script.
"""

import hashlib
import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from node import cli, devnet
from node.devnet import Devnet
from tests.flow.shells import Shell

# Names

COMMANDS = """
demo --members --fast
devnet --port --state
instance plan|create|verify|list|use|show|export|import
bylaws show|lint|presets
key new|import|list|show|backup|recover|remove
member list|show|apply|admit|suspend|reinstate|expel|leave|rotate|recover|object
member guardians set|show|support|complete|cancel
proposal list|show|create|reply|appeal|cancel|queue|execute|watch
vote --reason --relay --offline
ballot build|show|sign|verify|submit
pay show|open|vote|close
pay history --at
receipt show|verify
outbox list|retry|drop
relay run|status
index sync --follow
index status|rebuild|check
audit run --anchor --receipts --recompile --reexecute --evidence --report
audit verify --anchor
audit diff|watch
export members|proposals|ballots|rates|events --format
export minutes
status
doctor
config show --origin
completion
"""
EVERYWHERE = (
    *("--instance", "--rpc", "--finality", "--json", "--yes", "--no-input", "--dry-run"),
    *("--quiet", "--verbose", "--lang", "--help"),
)


def named() -> Iterator[tuple[str, str]]:
    """Each command of the contract, and the options that it must have."""
    for line in COMMANDS.strip().splitlines():
        words = line.split()
        options = " ".join(word for word in words if word.startswith("--"))
        *path, last = [word for word in words if not word.startswith("--")]
        for name in last.split("|"):
            yield " ".join([*path, name]), options


@pytest.mark.parametrize(("command", "options"), list(named()))
def test_every_command_of_the_contract_says_in_its_help_that_it_has_what_scripts_rely_on(
    command: str, options: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*command.split(), "--help"]) == 0

    told = capsys.readouterr().out
    assert f"Usage: coop {command} [OPTIONS]" in told
    listed = set(re.findall(r"^  (?:-\w, )?(--[a-z0-9-]+)", told, re.MULTILINE))
    assert {*EVERYWHERE, *options.split()} <= listed
    assert f"    coop {command}" in told, "an example"


# A season


@dataclass(frozen=True)
class Node:
    """Ada's machine after a season whose chain still runs."""

    home: Path
    chain: Devnet
    capsys: pytest.CaptureFixture[str]

    def run(self, words: str) -> tuple[int, str, str]:
        """Run a command in this process; its exit code and what it printed."""
        self.capsys.readouterr()
        code = cli.run(words.split())
        printed = self.capsys.readouterr()
        return code, printed.out, printed.err

    def document(self, words: str) -> Any:
        """The one document that a command prints with --json."""
        code, out, err = self.run(f"{words} --json")
        assert code == 0, err
        return json.loads(out)

    def files(self) -> Mapping[str, str]:
        """All that is kept on this machine, by digest; of databases what they hold."""
        found = {}
        for path in sorted(self.home.rglob("*")):
            if path.is_file() and not path.name.startswith("chain") and "-" not in path.suffix:
                found[str(path.relative_to(self.home))] = _digest(path)
        return found


def _digest(path: Path) -> str:
    if path.suffix != ".db":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    connection = sqlite3.connect(path)
    try:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Devnet]]:
    """The demo's files and its chain, started again."""
    home = tmp_path_factory.mktemp("contract")
    ran = Shell(home).coop("demo", "--fast", "--quiet")
    assert ran.returncode == 0, ran.stderr
    (home / "demo" / "note.md").write_text("# Fair shifts\n\nBy lot.\n", encoding="utf-8")
    (home / "demo" / "config.toml").write_text('key = "ada"\n', encoding="utf-8")
    preset = Path("node/presets/uk-worker-coop.toml").read_bytes()
    (home / "demo" / "bylaws.toml").write_bytes(preset)
    with devnet.start("anvil", state=home / "demo" / "chain.json") as chain:
        yield home / "demo", chain


@pytest.fixture
def node(
    season: tuple[Path, Devnet],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Node:
    """Ada's shell; nobody can be asked."""
    home, chain = season
    for name in ("COOP_INSTANCE", "COOP_LANG", "COOP_PLAIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COOP_HOME", str(home))
    monkeypatch.setenv("COOP_RPC_URL", chain.url)
    monkeypatch.chdir(home)
    assert cli.run(["index", "sync", "--quiet"]) == 0
    return Node(home, chain, capsys)


# Documents

KINDS = {
    "member list": ("members", "member_id account status since until"),
    "proposal list": (
        "proposals",
        "proposal_id class state proposer_id title opens_at closes_at execute_after expires_at "
        "tally roll quorum",
    ),
    "proposal show 8": (
        "proposal",
        "proposal_id class state proposer_id title opens_at closes_at execute_after expires_at "
        "tally roll quorum text actions content rule ballots",
    ),
    "pay show": ("rates", "role rate currency since pay_vote_id"),
    "pay show 1": ("pay_vote", "pay_vote_id role ladder ballots histogram result state"),
    "receipt show 8 --member 2": (
        "receipt",
        "proposal_id member_id choice sequence ballot_hash tx block log_index status",
    ),
    "receipt show --pay-vote 1 --member 1": (
        "receipt",
        "pay_vote_id member_id rate sequence ballot_hash tx block log_index status",
    ),
    "index sync": (
        "sync",
        "from_block to_block events chain_head finalized lag_blocks chronicle_ok",
    ),
    "index status": (
        "sync",
        "from_block to_block events chain_head finalized lag_blocks chronicle_ok",
    ),
    "audit run": ("audit", "ok blocks events ballots_checked chronicle anchor mismatches"),
    "instance show": (
        "instance",
        "name chain_id membership assembly pay_rates factory block tx code_ok",
    ),
}


@pytest.mark.parametrize("words", KINDS)
def test_a_document_holds_the_fields_that_scripts_rely_on(node: Node, words: str) -> None:
    kind, fields = KINDS[words]
    found = node.document(words)

    assert found["schema"] == f"coop/{kind}/v1"
    assert found["as_of"].keys() >= {"chain_id", "block", "block_hash", "finality"}
    each = found["data"] if isinstance(found["data"], list) else [found["data"]]
    assert each
    for one in each:
        assert one.keys() >= set(fields.split())


def test_what_is_nested_in_a_document_is_there_too(node: Node) -> None:
    proposal = node.document("proposal show 8")["data"]
    audit = node.document("audit run")["data"]
    pay_vote = node.document("pay show 1")["data"]

    assert proposal["tally"].keys() >= {"for", "against", "abstain"}
    assert proposal["ballots"][0].keys() >= {
        *("member_id", "choice", "sequence", "reason", "block", "tx")
    }
    assert pay_vote["ladder"].keys() >= {"from", "to", "step"}
    assert audit["chronicle"].keys() >= {"replayed", "on_chain", "ok"}
    assert audit["anchor"].keys() >= {"block", "block_hash", "proof_ok"}


def test_state_words_and_standings_are_those_of_the_contract(node: Node) -> None:
    proposals = {each["state"] for each in node.document("proposal list")["data"]}
    members = {each["status"] for each in node.document("member list")["data"]}

    assert proposals == {"active", "defeated", "executed", "expired", "succeeded"}
    assert members == {"active", "candidate", "expelled", "left"}


# For people

READ = """
status
member list
member show 2
member guardians show 2
proposal list
proposal show 8
proposal show 16
pay show
pay show 1
pay history
receipt show 8 --member 2
outbox list
bylaws show
bylaws presets
bylaws lint bylaws.toml
instance list
instance show
instance verify
key list
key show ada
index status
index check
audit run
config show --origin
doctor
""".strip().splitlines()


@pytest.mark.parametrize("words", READ)
def test_where_nobody_watches_there_is_no_colour_and_no_drawing(node: Node, words: str) -> None:
    code, out, err = node.run(words)

    assert (code, bool(out)) == (0, True), err
    assert "\x1b" not in out + err
    assert not [char for char in out + err if "BOX DRAWINGS" in unicodedata.name(char, "")]


@pytest.mark.parametrize("words", READ)
def test_a_screen_reader_hears_no_columns(
    node: Node, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOP_PLAIN", "yes")
    _, out, err = node.run(words)

    assert not [line for line in (out + err).splitlines() if re.search(r"\S {2,}\S", line)]


# Trying

NOBODY = "0x0000000000000000000000000000000000000b0b"
TRIED = f"""
member apply --profile note.md --key stranger
member admit {NOBODY}
member suspend 2 --days 3 --text note.md
member expel 2 --text note.md --confirm 2
member leave --confirm weavers
member rotate --new-key stranger --new-password-file password
member recover 2 --account {NOBODY}
member guardians set --guardian {NOBODY} --needed 1
member label 2 Ben
proposal create note.md
vote 16 for
vote 16 for --offline ballot.json
ballot build --proposal 16 --choice for --out ballot.json
pay open courier
instance use weavers
instance export weavers invitation.toml
key new zoe
key remove stranger --confirm stranger
index rebuild
audit run --evidence audit.jsonl.gz --report audit.html
export members --output members.csv
""".strip().splitlines()


@pytest.mark.parametrize("words", TRIED)
def test_a_dry_run_changes_neither_the_chain_nor_this_machine(node: Node, words: str) -> None:
    if not (node.home / "keys" / "stranger.json").exists():
        made = f"key new stranger --password-file {node.home / 'password'} --yes"
        assert node.run(made)[0] == 0
    files, head = node.files(), node.chain.rpc("eth_blockNumber")
    secret = f" --password-file {node.home / 'password'}" if _asks(words) else ""
    code, _, err = node.run(f"{words}{secret} --dry-run --yes")

    assert code == 0, err
    assert node.files() == files
    assert node.chain.rpc("eth_blockNumber") == head


def _asks(words: str) -> bool:
    command: Any = cli.coop
    for word in words.split():
        if not isinstance(command, click.Group):
            break
        command = command.get_command(click.Context(command), word)
    return any("--password-file" in each.opts for each in command.params)
