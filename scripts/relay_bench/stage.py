"""A co-op of many members on a chain with a block a second, and a relayer of its own process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eth_account import Account

from indexer.chain import Chain
from node import ballot_file, files, instance
from node.ballot import CHOICES, Ballot, SignedBallot, sign_ballot
from node.devnet import Devnet, start
from node.domains import expected_domain
from node.instance import CodeHashes, Instance
from scripts.mirror_bench.coop import Coop, found
from scripts.mirror_bench.making import MIX
from scripts.mirror_bench.wire import Wire
from tests.contracts.coop import DAY
from tests.contracts.people import person

ROOT = Path(__file__).resolve().parents[2]
CARRIER = person("tom").key  # no member


@dataclass(frozen=True)
class Stage:
    """One open proposal, and a signed ballot of every member as it is posted."""

    chain: Devnet
    instance: Instance
    documents: list[bytes]
    members: int

    @property
    def counted(self) -> int:
        """How many ballots the contract has counted."""
        votes: dict[str, int] = Chain(self.chain.url).view(
            "Assembly", self.instance.assembly, "proposalVotes", 1
        )
        return sum(votes.values())


@contextmanager
def stage(members: int, home: Path) -> Iterator[Stage]:
    """Found a co-op, open a proposal, sign the ballots; the chain then mines each second."""
    with start("anvil", options=["--prune-history"]) as chain, Wire(chain.url) as wire:
        coop = found(chain, wire, members)
        opens_at = chain.now() + 2 * DAY + 30
        coop.send(coop.voters[0].address, "Assembly", "propose", [], "A kitchen", opens_at)
        coop.warp(opens_at + 1)
        known = instance_of(coop, Chain(chain.url))
        instance.write(home / "instances", known)
        store = Account.encrypt(CARRIER.key, "bench", kdf="pbkdf2", iterations=1)
        files.write_private(home / "keys" / "tom.json", json.dumps(store))
        files.write_private(home / "password", "bench\n")
        documents = [_document(each) for each in _signed(coop, known)]
        wire.ask("anvil_autoImpersonateAccount", False)
        wire.ask("evm_setAutomine", False)
        wire.ask("evm_setIntervalMining", 1)
        yield Stage(chain, known, documents, members)


@contextmanager
def relayer(
    stage: Stage, home: Path, port: int = 0
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Give the address of `coop relay run` and its process, which may be dead at the end."""
    command = [
        *(sys.executable, "-c", "from node.cli import main; main()", "relay", "run"),
        *("--key", "tom", "--password-file", str(home / "password"), "--rpc", stage.chain.url),
        *("--port", str(port), "--per-address", "1000000", "--batch", "500", "--age", "1"),
    ]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "COOP_HOME": str(home), "COOP_INSTANCE": "bench"},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr
            line = process.stderr.readline()  # "Relayer 0x… of Weavers listens at http://…."
            if " listens at " not in line:
                raise AssertionError(line + process.stderr.read())
            yield line.split(" listens at ")[1].strip().rstrip("."), process
        finally:
            process.terminate()


def _signed(coop: Coop, known: Instance) -> list[SignedBallot]:
    content = Chain(coop.chain.url).view("Assembly", known.assembly, "proposal", 1)["content"]
    domain = expected_domain(known, "Assembly")
    found = []
    for voter in coop.voters:
        choice = CHOICES[MIX[voter.member % len(MIX)]]
        ballot = Ballot(1, content, choice, voter.member, 0, 1)
        found.append(sign_ballot(ballot, domain, Account.from_key(voter.key.secret)))
    return found


def _document(signed: SignedBallot) -> bytes:
    return ballot_file.dump(ballot_file.signed_file(signed)).encode()


def instance_of(coop: Coop, chain: Chain) -> Instance:
    """Return what a node knows of the co-op."""
    own = {name: coop.contracts[name].address for name in coop.contracts}
    addresses = {
        "membership": own["Membership"],
        "bylaws": own["Bylaws"],
        "assembly": own["Assembly"],
        "pay_rates": own["PayRates"],
    }
    hashes = {name: "0x" + chain.code_hash(each).hex() for name, each in addresses.items()}
    return Instance(
        name="bench",
        title="Weavers",
        chain_id=31337,
        rpc=chain.url,
        factory=own["CooperativeFactory"],
        first_block=coop.first_block,
        tx="0x" + "00" * 32,
        code_hashes=CodeHashes(**hashes),
        bylaws_hash="0x" + "00" * 32,
        **addresses,
    )
