"""A member's machine without a co-op: an empty COOP_HOME and the `coop` command."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_typing import HexStr

from node import cli, files

# Account 0 of the local chains: it has money there, and its key is public.
DEV_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
DEV_ACCOUNT = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
FOUNDERS = (
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
)
NOBODY_LISTENS = "http://127.0.0.1:1"


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document of the result."""
        return json.loads(self.out)

    @property
    def data(self) -> Any:
        """The result itself."""
        return self.document["data"]

    @property
    def error(self) -> Any:
        """The error of the JSON envelope on stderr."""
        return json.loads(self.err.strip().splitlines()[-1])["error"]


@dataclass
class Desk:
    """Runs `coop` in one empty home, without a person to ask."""

    home: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: object) -> Said:
        """Run `coop` and return what it printed."""
        self.capsys.readouterr()
        code = cli.run([str(word) for word in words])
        printed = self.capsys.readouterr()
        return Said(code, printed.out, printed.err)

    def file(self, name: str, text: str) -> Path:
        """Write a file for a command to read."""
        path = self.home / name
        path.write_text(text, encoding="utf-8")
        return path

    def keep_key(self, name: str, secret: str) -> tuple[str, ...]:
        """Keep a private key under a name; return the flags that use it."""
        password = self.file("password", "correct horse\n")
        # One round only: a keystore of real strength takes a second to open.
        store = Account.encrypt(HexStr(secret), "correct horse", kdf="pbkdf2", iterations=1)
        files.write_private(self.home / "keys" / f"{name}.json", json.dumps(store))
        return "--key", name, "--password-file", str(password)

    def dev_key(self) -> tuple[str, ...]:
        """Keep the rich account of the local chain as key `dev`; return the flags that use it."""
        return self.keep_key("dev", DEV_KEY)

    def found(self, url: str, name: str = "pioneers", *more: str) -> Said:
        """Found a co-op of three on a chain."""
        founders = [word for each in FOUNDERS for word in ("--founder", each)]
        key = ("--key", "dev", "--password-file", str(self.home / "password"))
        preset = ("--preset", "uk-worker-coop", "--rpc", url, "--json")
        return self.run("instance", "create", name, *preset, *founders, *key, *more)


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    """An empty home, which is also the working folder, and no setting from outside."""
    for name in ("COOP_INSTANCE", "COOP_RPC_URL", "COOP_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COOP_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)
