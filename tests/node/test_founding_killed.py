"""A founding that is killed at any point goes on, and makes one factory and one co-op."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer import abi
from indexer.deployed import FACTORY
from node import instance
from node.devnet import Devnet
from tests.indexer.proxy import Answer, Request, proxy
from tests.node.desk import DEV_ACCOUNT, FOUNDERS, Desk, desk  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
CREATED = next(iter(abi.events(FACTORY)))


class Killer:
    """Kills the running process at each point once: before a transaction is handed over, and then
    either after the chain took it and before the process hears of it, or when its receipt is on
    the way."""

    def __init__(self, later: str) -> None:
        self.later = later
        self.seen: set[tuple[str, str]] = set()
        self.process: subprocess.Popen[bytes] | None = None

    def before(self, request: Request) -> bool:
        """Swallow a transaction that is handed over for the first time."""
        return request["method"] == "eth_sendRawTransaction" and self._kills("before", request)

    def after(self, request: Request, answer: Answer) -> Answer:
        """Let the answer be for nobody."""
        taken = request["method"] == "eth_sendRawTransaction"
        told = request["method"] == "eth_getTransactionReceipt" and answer.get("result")
        if (taken and self.later == "taken") or (told and self.later == "receipt"):
            self._kills(self.later, request)
        return answer

    def _kills(self, moment: str, request: Request) -> bool:
        point = (moment, request["params"][0])
        if point in self.seen:
            return False
        self.seen.add(point)
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        return True


def until_it_ends(command: list[str], killer: Killer) -> tuple[int, bytes]:
    """Run the command again and again until it is not killed; return how often it was, and what
    the last run said."""
    killed = 0
    while True:
        killer.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE
        )
        _, said = killer.process.communicate(timeout=120)
        if killer.process.returncode != -9:
            assert killer.process.returncode == 0, said
            return killed, said
        killed += 1


@pytest.mark.parametrize("later", ["taken", "receipt"])
def test_a_founding_killed_around_every_transaction_makes_one_factory_and_one_co_op(
    later: str,
    desk: Desk,  # noqa: F811
    each_chain: Devnet,
) -> None:
    key = desk.dev_key()
    count: Callable[[], int] = lambda: int(  # noqa: E731
        each_chain.rpc("eth_getTransactionCount", DEV_ACCOUNT, "latest"), 16
    )
    before, first = count(), int(each_chain.rpc("eth_blockNumber"), 16) + 1
    killer = Killer(later)
    with proxy(each_chain.url, killer.after, swallows=killer.before) as url:
        founders = [word for each in FOUNDERS for word in ("--founder", each)]
        run = [sys.executable, "-c", "from node.cli import main; main()"]
        create = ["instance", "create", "pioneers", "--preset", "uk-worker-coop", *founders, *key]
        killed, said = until_it_ends([*run, *create, "--rpc", url], killer)
    # anvil has the deployer already; elsewhere it is made first, by ether and its own transaction.
    ours, all_of_them = (6, 6) if each_chain.kind == "anvil" else (7, 8)
    assert killed == 2 * all_of_them
    assert b"Going on with the founding" in said
    assert count() == before + ours
    logs = each_chain.rpc(
        "eth_getLogs",
        {"fromBlock": hex(first), "toBlock": "latest", "topics": ["0x" + CREATED.hex()]},
    )
    kept = instance.read(desk.home / "instances", "pioneers")
    assert [log["transactionHash"] for log in logs] == [kept.tx]
    assert not list((desk.home / "instances").glob("*.founding"))
    assert desk.run("instance", "verify", "pioneers", "--rpc", each_chain.url).code == 0
