"""A co-op's whole season, played once a session, as the audit is fed it and as evidence of it."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from web3.contract import Contract

from indexer.audit.run import Run, run
from indexer.chain import Chain
from indexer.deployed import title_in
from indexer.identity import Identity, identify
from indexer.subject import Subject
from node.devnet import Devnet
from tests.contracts.coop import Coop
from tests.indexer.audit.histories import History, history
from tests.indexer.audit.story import Story, founded


@dataclass(frozen=True)
class Kept:
    """The season's audit through its chain, and the evidence that it kept."""

    run: Run
    path: Path


@dataclass(frozen=True)
class Played:
    """The season: its events, and its evidence without and with receipts."""

    history: History
    plain: Kept
    receipts: Kept


def subject_of(coop: Coop, factory: Contract, first: int) -> tuple[Identity, Subject]:
    """What an audit knows of a co-op beforehand; its transaction is that of the first log."""
    chain = Chain(coop.chain.url)
    names = ("membership", "bylaws", "assembly", "pay_rates")
    addresses = {name: str(getattr(coop, name).address) for name in names}
    title = title_in(chain.code(addresses["membership"])) or ""
    made = chain.logs([addresses["membership"]], first, first)[0].tx_hash
    identity = identify(chain, **addresses, first_block=first)
    subject = Subject(
        membership=addresses["membership"],
        bylaws=addresses["bylaws"],
        assembly=addresses["assembly"],
        pay_rates=addresses["pay_rates"],
        factory=str(factory.address),
        title=title,
        tx=made,
    )
    return identity, subject


@pytest.fixture(scope="session")
def played(anvil: Devnet, factory: Contract, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Everything that a co-op can do, done by the rules."""
    snapshot = anvil.rpc("evm_snapshot")
    coop = founded(anvil, factory)
    first = int(coop.w3.eth.block_number)
    Story(coop).all()
    found = history(coop, first)
    identity, subject = subject_of(coop, factory, first)
    folder = tmp_path_factory.mktemp("evidence")
    kept = {}
    for name in ("plain", "receipts"):
        path = folder / f"{name}.jsonl.gz"
        done = run(
            [Chain(anvil.url)], identity, subject, receipts=name == "receipts", evidence=path
        )
        kept[name] = Kept(done, path)
    assert anvil.rpc("evm_revert", snapshot) is True
    return Played(found, **kept)


@pytest.fixture(scope="session")
def told(played: Played) -> History:
    """The season's events."""
    return played.history
