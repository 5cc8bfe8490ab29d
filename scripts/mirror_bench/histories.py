"""The histories as files below build/mirror-bench/, made when they are missing, served by anvil.

    python -m scripts.mirror_bench.histories large            make it if need be
    python -m scripts.mirror_bench.histories large --serve    and serve it until interrupted

A file holds what anvil dumps: state, blocks, transactions and receipts, so that the served chain
answers `eth_getLogs` like the one on which the history was made. Of the old states it holds none:
views answer at the newest block only.
"""

import argparse
import ast
import hashlib
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from indexer.chain import Chain
from indexer.identity import Identity, identify
from node import devnet
from scripts.mirror_bench import making
from scripts.mirror_bench.coop import FOUNDERS, Coop, found
from scripts.mirror_bench.wire import Wire
from tests.contracts.artifacts import ARTIFACTS, CONTRACTS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "mirror-bench"
_MAKERS = ("coop.py", "making.py", "signing.py")  # a change of these makes histories anew


@dataclass(frozen=True)
class Shape:
    """How large a history is; one without proposals is sparse."""

    members: int
    proposals: int = 0
    sparse_blocks: int = 0


SHAPES = {
    "small": Shape(400, 48),
    "large": Shape(1_000, 190),
    "million": Shape(10_000, 95),
    "sparse": Shape(FOUNDERS, sparse_blocks=20_000),
}


@dataclass(frozen=True)
class History:
    """What is kept beside the chain's file; `blocks` is the number of the newest block."""

    fingerprint: str
    addresses: dict[str, str]
    first_block: int
    blocks: int
    events: int


@contextmanager
def served(name: str) -> Iterator[tuple[str, Identity]]:
    """Give the URL of an anvil that serves the history, and whose it is."""
    history = kept(name)
    with devnet.start("anvil") as chain:
        state = (FOLDER / f"{name}.state").read_text(encoding="ascii")
        devnet.rpc(chain.url, "anvil_loadState", state, timeout=600.0)
        there = history.addresses
        identity = identify(
            Chain(chain.url),
            membership=there["Membership"],
            bylaws=there["Bylaws"],
            assembly=there["Assembly"],
            pay_rates=there["PayRates"],
            first_block=history.first_block,
        )
        yield chain.url, identity


def kept(name: str) -> History:
    """Return what is known of a history, making it first unless it is there and up to date."""
    notes = FOLDER / f"{name}.json"
    if notes.exists() and (FOLDER / f"{name}.state").exists():
        history = History(**json.loads(notes.read_text(encoding="utf-8")))
        if history.fingerprint == _fingerprint(SHAPES[name]):
            return history
    return _make(name)


def _make(name: str) -> History:
    shape, notes = SHAPES[name], FOLDER / f"{name}.json"
    FOLDER.mkdir(parents=True, exist_ok=True)
    notes.unlink(missing_ok=True)
    # Without the old states, which the file does not hold anyhow: mining is thirty times as fast.
    with devnet.start("anvil", options=["--prune-history"]) as chain, Wire(chain.url) as wire:
        coop = found(chain, wire, shape.members)
        _say(f"{name}: {shape.members:,} members")
        making.ballots(coop, shape.proposals, _say)
        making.sparse(coop, shape.sparse_blocks, _say)
        history = _described(coop, shape)
        state = wire.ask("anvil_dumpState")
    (FOLDER / f"{name}.state").write_text(state, encoding="ascii")
    notes.write_text(json.dumps(asdict(history), indent=1) + "\n", encoding="utf-8")
    _say(f"{name}: {history.events:,} events in {history.blocks:,} blocks")
    return history


def _described(coop: Coop, shape: Shape) -> History:
    addresses = {name: str(coop.contracts[name].address) for name in CONTRACTS}
    last = int(coop.wire.ask("eth_blockNumber"), 16)
    events = 0
    for start in range(coop.first_block, last + 1, 500):
        query = {
            "address": list(addresses.values()),
            "fromBlock": hex(start),
            "toBlock": hex(min(start + 499, last)),
        }
        events += len(coop.wire.ask("eth_getLogs", query))
    return History(_fingerprint(shape), addresses, coop.first_block, last, events)


def _fingerprint(shape: Shape) -> str:
    digest = hashlib.sha256(repr(shape).encode())
    makers = [Path(__file__).with_name(name) for name in _MAKERS]
    for name in CONTRACTS:
        digest.update((ARTIFACTS / f"{name}.json").read_bytes())
    for path in makers:  # what they do, however it is laid out
        digest.update(ast.dump(ast.parse(path.read_text(encoding="utf-8"))).encode())
    return digest.hexdigest()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make histories, and serve the last of them if asked to."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.mirror_bench.histories",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="+", choices=SHAPES)
    parser.add_argument("--serve", action="store_true", help="serve the last one until interrupted")
    chosen = parser.parse_args(arguments)
    for name in chosen.names:
        kept(name)
    if chosen.serve:
        with served(chosen.names[-1]) as (url, identity):
            print(json.dumps({"url": url, **identity._asdict()}, indent=1), flush=True)
            signal.sigwait([signal.SIGINT, signal.SIGTERM])
    return 0


if __name__ == "__main__":
    sys.exit(main())
