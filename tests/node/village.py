"""A co-op on a real chain and one node with all its members' keys."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.contract import Contract

from indexer.chain import Chain
from node import cli, files, instance, proposals, typed_data
from node.actions import Own
from node.content import Action, ProposalParts
from node.devnet import Devnet
from node.drafts import Draft
from node.instance import CodeHashes, Instance
from node.outbox import Outbox, Owner
from node.sender import Sender
from tests.contracts.artifacts import CONTRACTS, deploy
from tests.contracts.coop import DAY, Coop
from tests.contracts.founding import found, role
from tests.contracts.people import person

PASSWORD = "correct horse battery staple"


@dataclass
class Ran:
    """What a command gave."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def data(self) -> Any:
        """The `data` of the one JSON document on stdout."""
        return json.loads(self.stdout)["data"]

    @property
    def error(self) -> Any:
        """The `error` of the JSON document on stderr."""
        return json.loads(self.stderr.strip().splitlines()[-1])["error"]


@dataclass
class Village:
    """The co-op Weavers: founders ada to eve are members 1 to 5."""

    coop: Coop
    instance: Instance
    home: Path
    capsys: pytest.CaptureFixture[str]
    chain: Chain = field(init=False)
    own: Own = field(init=False)
    _counted: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.chain = Chain(self.coop.chain.url)
        self.own = proposals.own_contracts(self.chain, self.instance)

    def key(self, name: str) -> LocalAccount:
        """Somebody's key in memory."""
        return person(name).key

    def sender(self, name: str, *, dry_run: bool = False) -> Sender:
        """Sends as somebody."""
        return Sender(self.chain, self.key(name), dry_run=dry_run)

    def outbox(self) -> Outbox:
        """The node's outbox."""
        owner = Owner(self.instance.chain_id, self.instance.assembly, self.instance.pay_rates)
        return Outbox(self.home / "weavers.outbox.db", owner)

    # Proposals

    def propose(
        self, text: str = "# Buy a bicycle", acts: Sequence[Action] = (), by: str = "ada"
    ) -> ProposalParts:
        """Propose and return what was frozen, as the chain's events tell it."""
        draft = Draft(text, tuple(acts))
        plan = proposals.plan(self.chain, self.instance, self.own, draft)
        made = proposals.propose(self.sender(by), self.instance, plan, self.home / "texts")
        frozen = made.sent.event("ProposalFrozen").args
        return ProposalParts(
            chain_id=self.instance.chain_id,
            assembly=self.instance.assembly,
            proposal_id=made.proposal_id,
            decision_class=frozen["class"],
            rule_version=frozen["ruleVersion"],
            opens_at=plan.opens_at,
            actions=tuple(acts),
            code_hashes=tuple(frozen["codeHashes"]),
            description=plan.description,
        )

    def open(self, parts: ProposalParts) -> ProposalParts:
        """Move the clock to the first second of the vote."""
        self.coop.open(parts.proposal_id)
        return parts

    def opened(
        self, text: str = "# Buy a bicycle", acts: Sequence[Action] = (), by: str = "ada"
    ) -> ProposalParts:
        """A proposal whose vote is open."""
        return self.open(self.propose(text, acts, by))

    def ballot_on_chain(self, proposal_id: int, member_id: int) -> tuple[int, int, int]:
        """Choice, epoch and sequence that the contract has counted."""
        support, epoch, sequence = self.coop.assembly.functions.ballotOf(
            proposal_id, member_id
        ).call()
        return support, epoch, sequence

    # Commands

    def run(self, *words: object, as_: str | None = "ada", json: bool = True) -> Ran:
        """Run `coop` as somebody, without questions."""
        arguments = [str(word) for word in words] + ["--no-input"]
        if "--rpc" not in words:
            arguments += ["--rpc", self.coop.chain.url]
        if as_ is not None:
            arguments += ["--key", as_, "--password-file", str(self.home / "password")]
        if json:
            arguments += ["--json"]
        self.capsys.readouterr()
        code = cli.run(arguments)
        printed = self.capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    def ask(self, *words: object, json: bool = True) -> Ran:
        """Run a `coop` command that needs no key."""
        return self.run(*words, as_=None, json=json)

    def run_with_key(self, *words: object, as_: str = "ada") -> Ran:
        """Run a `coop` command that wants to know the key and does not open it."""
        return self.run(*words, "--key", as_, as_=None)

    def mirror(self) -> None:
        """Bring the mirror up to the chain."""
        assert self.ask("index", "sync").exit_code == 0

    def forge(self, statement: str) -> None:
        """Change the mirror behind the node's back."""
        self.mirror()
        connection = sqlite3.connect(self.home / "weavers.db")
        with connection:
            connection.execute(statement)
        connection.close()

    def forge_outbox(self, statement: str) -> None:
        """Change the outbox behind the node's back."""
        connection = sqlite3.connect(self.home / "weavers.outbox.db")
        with connection:
            connection.execute(statement)
        connection.close()

    @contextmanager
    def outbox_held(self) -> Iterator[None]:
        """Let another process write to the outbox meanwhile, and the node be impatient."""
        self.outbox()
        other = sqlite3.connect(self.home / "weavers.outbox.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.close()

    def change_instance(self, this: str, that: str) -> None:
        """Change a line of the instance file."""
        path = self.home / "instances" / "weavers.toml"
        text = path.read_text()
        assert this in text
        path.write_text(text.replace(this, that))

    def hash_of(self, data: Any) -> str:
        """The hash of the message in a ballot file's data."""
        return "0x" + typed_data.digest(data["typed_data"]).hex()

    def baseline(self) -> None:
        """Remember what the contracts have counted."""
        self._counted = self._ballots()

    def votes_since_baseline(self) -> int:
        """How many ballots the contracts have counted or skipped since."""
        return self._ballots() - self._counted

    def _ballots(self) -> int:
        events = (self.coop.assembly.events, self.coop.pay_rates.events)
        names = (
            ("VoteCast", "BallotSkipped"),
            ("PayBallotCast", "PayBallotCastWithReason", "PayBallotSkipped"),
        )
        return sum(
            len(of[name]().get_logs(from_block=self.instance.first_block))
            for of, ours in zip(events, names, strict=True)
            for name in ours
        )

    def file(self, name: str, text: str) -> Path:
        """Write a file for a command to read."""
        path = self.home / name
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture(scope="session")
def factory(anvil: Devnet) -> Contract:
    """The factory with its locked implementations, once a session."""
    w3 = Web3(Web3.HTTPProvider(anvil.url))
    implementations = [deploy(w3, name).address for name in CONTRACTS]
    return deploy(w3, "CooperativeFactory", implementations)


@pytest.fixture
def village(
    factory: Contract,
    chain: Devnet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Village:
    """Five founders, one role, every class by simple majority with half of the roll present."""
    monkeypatch.setenv("COOP_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("COOP_INSTANCE", "COOP_RPC_URL"):
        monkeypatch.delenv(name, raising=False)
    first_block = int(chain.rpc("eth_blockNumber"), 16) + 1
    coop = found(chain, factory, roles=[role("courier", 2_000, step=50)])
    # Gas is estimated as of the newest block, in whose own second a change may cost less.
    coop.warp(coop.now() + 10)
    known = founded(coop, Chain(chain.url), first_block)
    instance.write(tmp_path / "instances", known)
    files.write_private(tmp_path / "password", PASSWORD + "\n")
    for name in ("ada", "ben", "cleo", "dan", "eve", "fay", "gus"):
        _keep_key(tmp_path / "keys" / f"{name}.json", person(name).key)
    return Village(coop, known, tmp_path, capsys)


def founded(coop: Coop, chain: Chain, first_block: int) -> Instance:
    """What a node keeps of a co-op that was founded at or after a block."""
    addresses = {
        "membership": coop.membership.address,
        "bylaws": coop.bylaws.address,
        "assembly": coop.assembly.address,
        "pay_rates": coop.pay_rates.address,
    }
    hashes = {name: "0x" + chain.code_hash(each).hex() for name, each in addresses.items()}
    (made,) = coop.factory.events.CooperativeCreated().get_logs(from_block=first_block)
    return Instance(
        name="weavers",
        title="Weavers",
        chain_id=31337,
        rpc=chain.url,
        factory=coop.factory.address,
        first_block=first_block,
        tx="0x" + made["transactionHash"].hex(),
        code_hashes=CodeHashes(**hashes),
        bylaws_hash="0x" + "00" * 32,
        **addresses,
    )


def _keep_key(path: Path, key: LocalAccount) -> None:
    # One round only: a keystore of real strength takes a second to open.
    store = Account.encrypt(key.key, PASSWORD, kdf="pbkdf2", iterations=1)
    files.write_private(path, json.dumps(store))


__all__ = ["DAY", "PASSWORD", "Ran", "Village", "factory", "founded", "village"]
