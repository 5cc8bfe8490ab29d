"""Two clients, one history: the evidence does not depend on who was asked, or how."""

from pathlib import Path

import pytest
from web3 import Web3
from web3.contract import Contract

from indexer import ranges
from indexer.audit.evidence import Recorder
from indexer.audit.gather import Node
from indexer.audit.judge import judge
from indexer.audit.run import run, verify
from indexer.chain import Chain
from node import devnet
from node.devnet import Devnet
from tests.contracts.artifacts import CONTRACTS, deploy
from tests.indexer.audit.conftest import subject_of
from tests.indexer.audit.lies import play, without_proofs
from tests.indexer.audit.test_lies import founded
from tests.indexer.proxy import proxy


def test_two_clients_and_any_size_of_requests_give_the_same_evidence(
    chain: Devnet, factory: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    coop = founded(chain, factory)
    first = int(coop.w3.eth.block_number)
    play(coop)
    identity, subject = subject_of(coop, factory, first)
    head = Chain(chain.url).head()

    def gathered(url: str, name: str, *, receipts: bool = False) -> str:
        node = Node(Chain(url), identity, subject.factory, head, with_receipts=receipts)
        with Recorder(node, tmp_path / name) as source:
            assert judge(source).mismatches == ()
        return source.digest

    fork = ("--fork", chain.url, "--fork-block-number", str(head.number))
    with devnet.start("hardhat", options=fork) as other, proxy(chain.url, without_proofs) as anvil:
        for receipts in (False, True):
            name = f"receipts-{receipts}"
            ours = gathered(anvil, f"anvil-{name}", receipts=receipts)
            assert gathered(other.url, f"hardhat-{name}", receipts=receipts) == ours
    whole = gathered(chain.url, "one by one and whole")
    monkeypatch.setattr(ranges, "FIRST", 1)
    monkeypatch.setattr(ranges, "LARGEST", 1)
    assert gathered(chain.url, "one by one") == whole
    names = ("anvil-receipts-False", "hardhat-receipts-False")
    assert (tmp_path / names[0]).read_bytes() == (tmp_path / names[1]).read_bytes()


def test_a_history_made_on_hardhat_is_proven_as_one_made_on_anvil(
    hardhat: Devnet, tmp_path: Path
) -> None:
    snapshot = hardhat.rpc("evm_snapshot")
    w3 = Web3(Web3.HTTPProvider(hardhat.url))
    made = deploy(w3, "CooperativeFactory", [deploy(w3, name).address for name in CONTRACTS])
    coop = founded(hardhat, made)
    first = int(w3.eth.block_number)
    play(coop)
    identity, subject = subject_of(coop, made, first)
    path = tmp_path / "evidence.gz"
    done = run([Chain(hardhat.url)], identity, subject, evidence=path)
    assert (done.audit.level, done.audit.mismatches) == ("proven", ())
    assert done.audit.signed.by_key == 3
    assert verify(path)[1] == done.digest
    assert hardhat.rpc("evm_revert", snapshot) is True
