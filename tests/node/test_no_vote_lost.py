"""Whatever happens to process, node and chain, every ballot ends on the chain exactly once."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from web3 import Web3

from indexer.chain import Chain
from node import ballot_file, devnet, instance, voting
from node.ballot import SignedBallot, sign_ballot
from node.devnet import Devnet, DevnetRefusal
from node.outbox import Outbox, owner
from tests.contracts.artifacts import CONTRACTS, deploy
from tests.contracts.coop import Coop
from tests.contracts.founding import found
from tests.contracts.people import NAMES, person
from tests.node.village import Village, founded

ROOT = Path(__file__).resolve().parents[2]
MEMBERS, PROPOSALS = 12, 5
KILLS = int(os.environ.get("OUTBOX_KILLS", "25"))
"""Per seed; OUTBOX_KILLS=200 for a longer run."""
FURTHEST = 150  # writes and sendings of one life
CARRIERS = ("tom", "ada")
"""Who carries: no member, all in batches; or a member, a lone ballot of her own directly."""


class World:
    """A chain to which something happens all the time."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._random = Random(seed)
        self.carrier = CARRIERS[seed % len(CARRIERS)]
        self._state = folder / "chain.json"
        self.chain = self._started()
        self._oldest = 0
        self.happened: Counter[str] = Counter()
        self._pause = threading.Event()

    def _started(self, port: int = 0) -> Devnet:
        return devnet.start("anvil", port, self._state, options=["--slots-in-an-epoch", "5"])

    def rage(self, meanwhile: Callable[[], list[int]]) -> list[int]:
        """Let one thing after the other happen while something else is done; return its result."""
        self.chain.rpc("evm_setAutomine", False)
        events: dict[Callable[[], None], int] = {
            self.block: 40,
            self.dropped: 4,
            self.foreign: 6,
            self.expensive: 6,
            self.reorganised: 5,
            self.silent: 2,
            self.restarted: 1,
        }
        with ThreadPoolExecutor(1) as pool:
            # The chain must be this thread's child: it ends with the thread that started it.
            done = pool.submit(meanwhile)
            while not done.done():
                (event,) = self._random.choices(list(events), list(events.values()))
                event()
                self.happened[event.__name__] += 1
                self._pause.wait(self._random.uniform(0.0, 0.05))
        return done.result()

    def calm(self, meanwhile: Callable[[], int]) -> int:
        """Let blocks come while something else is done, and nothing else happen."""
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(meanwhile)
            while not done.done():
                self.block()
                self._pause.wait(0.02)
        return done.result()

    def block(self) -> None:
        """A block takes what is offered enough."""
        self.chain.rpc("anvil_mine", "0x1")

    def dropped(self) -> None:
        """The node forgets what no block holds."""
        self.chain.rpc("anvil_dropAllTransactions")

    def foreign(self) -> None:
        """Another program of the same person uses the number, for a better price."""
        key = person(self.carrier).key
        number = int(self.chain.rpc("eth_getTransactionCount", key.address, "latest"), 16)
        made = key.sign_transaction(
            {
                "to": key.address,
                "value": 0,
                "gas": 21_000,
                "gasPrice": 400 * 10**9,
                "nonce": number,
                "chainId": 31337,
            }
        )
        with suppress(DevnetRefusal):  # the same one is there already
            self.chain.rpc("eth_sendRawTransaction", made.raw_transaction.to_0x_hex())

    def expensive(self) -> None:
        """For a block or more, gas costs up to a hundred times as much."""
        price = self._random.randrange(1, 100) * 10**9
        self.chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(price))

    def reorganised(self) -> None:
        """Up to six blocks are replaced by empty ones; their transactions are gone."""
        deep = min(self._random.randrange(1, 7), self._height() - self._oldest - 1)
        if deep > 0:
            self.chain.rpc("anvil_reorg", deep, [])

    def silent(self) -> None:
        """The node answers nothing for longer than anybody waits."""
        os.kill(self.chain.pid, signal.SIGSTOP)
        self._pause.wait(0.4)
        os.kill(self.chain.pid, signal.SIGCONT)

    def restarted(self) -> None:
        """The node stops and starts: blocks stay, what waited for one is gone."""
        port = int(self.chain.url.rsplit(":", 1)[1])
        self.chain.stop()
        self.chain = self._started(port)
        self.chain.rpc("evm_setAutomine", False)
        self._oldest = self._height()  # anvil keeps no state of blocks before that

    def _height(self) -> int:
        return int(self.chain.rpc("eth_blockNumber"), 16)


@pytest.mark.parametrize("seed", range(5))
def test_of_sixty_ballots_each_is_counted_once_whatever_happens_on_the_way(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(seed, tmp_path)
    try:
        village = _village(world.chain, tmp_path, capsys)
        ballots = _ballots(village, Random(seed))
        documents = tmp_path / "documents.json"
        signed = [ballot_file.dump(ballot_file.signed_file(each)) for each in ballots]
        documents.write_text(json.dumps(signed))
        with _posting(world, tmp_path, documents) as live:
            deaths = [Random(seed * KILLS + n).randrange(1, FURTHEST) for n in range(KILLS)]
            ends = world.rage(lambda: [live(death) for death in deaths])
            assert ends == [signal.SIGKILL] * KILLS
            assert world.calm(lambda: live(0)) == 0
        outbox = Outbox(tmp_path / "weavers.outbox.db", owner(village.instance))
        assert Counter(each.state for each in outbox.letters(everything=True)) == {"final": 60}
        _assert_each_once(Chain(world.chain.url), village, ballots)
        for event in (world.dropped, world.foreign, world.reorganised, world.silent):
            assert world.happened[event.__name__], f"nothing {event.__name__} in this run"
    finally:
        world.chain.stop()


@contextmanager
def _posting(world: World, home: Path, documents: Path) -> Iterator[Callable[[int], int]]:
    """Give a function that lets a process carry ballots until it dies, and tells of what."""
    program = [sys.executable, "-m", "tests.node.posting"]
    command = [*program, world.chain.url, str(home), world.carrier, str(documents)]
    posting = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert posting.stdin
    assert posting.stdout
    told, asked = posting.stdout, posting.stdin

    def live(death: int) -> int:
        asked.write(f"{death}\n")
        asked.flush()
        return int(told.readline())

    try:
        yield live
    finally:
        asked.close()
        posting.wait(timeout=60)
        told.close()


def _village(chain: Devnet, home: Path, capsys: pytest.CaptureFixture[str]) -> Village:
    w3 = Web3(Web3.HTTPProvider(chain.url))
    implementations = [deploy(w3, name).address for name in CONTRACTS]
    factory = deploy(w3, "CooperativeFactory", implementations)
    first_block = chain.rpc("eth_blockNumber")
    coop: Coop = found(chain, factory, founders=NAMES[:MEMBERS])
    known = founded(coop, Chain(chain.url), int(first_block, 16) + 1)
    instance.write(home / "instances", known)
    return Village(coop, known, home, capsys)


def _ballots(village: Village, random: Random) -> list[SignedBallot]:
    """A ballot of each member on each of the open proposals, in any order."""
    made = [village.propose(f"# Number {n}", by=NAMES[n]) for n in range(PROPOSALS)]
    village.open(made[-1])
    village.coop.chain.rpc("anvil_mine", "0x10")  # deeper than any reorganisation
    found = []
    for parts in made:
        poll = voting.poll_on_proposal(village.chain, village.instance, parts)
        for name in NAMES[:MEMBERS]:
            who = voting.voter(village.chain, village.instance, person(name).address)
            ballot = voting.draft_ballot(poll, who, random.choice(("for", "against", "abstain")))
            found.append(sign_ballot(ballot, poll.domain, person(name).key))
    random.shuffle(found)
    return found


def _assert_each_once(chain: Chain, village: Village, ballots: list[SignedBallot]) -> None:
    address = village.instance.assembly
    events: list[Any] = village.coop.assembly.events.VoteCast().get_logs(
        from_block=village.instance.first_block
    )
    cast = Counter(
        (each["args"]["proposalId"], each["args"]["voter"], each["args"]["support"])
        for each in events
    )
    choices = ("against", "for", "abstain")
    assert cast == Counter(
        (each.ballot.subject, each.account, choices.index(each.ballot.choice))  # type: ignore[union-attr]
        for each in ballots
    )
    for each in ballots:
        number, member = each.ballot.subject, each.ballot.member_id
        found = chain.view("Assembly", address, "ballotOf", number, member)
        assert found["sequence"] == each.ballot.sequence
