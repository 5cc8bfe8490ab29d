"""Local chains start, answer alike, and leave no process behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from node import devnet
from node.devnet import Devnet, DevnetRefusal, DevnetUnavailable, Kind

ROOT = Path(devnet.__file__).resolve().parent.parent
KINDS: list[Kind] = ["anvil", "hardhat"]

# Starts a chain, tells where it runs, and waits to be ended. It waits in short turns: a signal that
# comes right before a blocking read would be seen only after it.
PARENT = """
import select, sys
from node import devnet
with devnet.start(sys.argv[1]) as chain:
    print(chain.pid, chain.url, flush=True)
    while not select.select([sys.stdin], [], [], 0.1)[0]:
        pass
"""


def test_both_kinds_have_the_same_accounts_and_chain_id(hardhat: Devnet) -> None:
    # A fresh one: accounts that other tests impersonated stay on anvil's list.
    with devnet.start("anvil") as anvil:
        accounts = [account.lower() for account in anvil.rpc("eth_accounts")]
        assert anvil.rpc("eth_chainId") == hardhat.rpc("eth_chainId") == hex(devnet.CHAIN_ID)

    assert accounts == [account.lower() for account in hardhat.rpc("eth_accounts")]
    assert len(accounts) == devnet.ACCOUNTS


def test_hardhat_is_configured_with_the_mnemonic_that_anvil_gets() -> None:
    configuration = json.loads((ROOT / "hardhat.config.json").read_text())

    accounts = configuration["networks"]["hardhat"]["accounts"]
    assert (accounts["mnemonic"], accounts["count"]) == (devnet.MNEMONIC, devnet.ACCOUNTS)


def test_both_kinds_leave_room_for_sixty_million_gas(each_chain: Devnet) -> None:
    each_chain.mine()

    block = each_chain.rpc("eth_getBlockByNumber", "latest", False)
    assert int(block["gasLimit"], 16) == 60_000_000


def test_the_clock_moves_by_exactly_the_seconds_asked_for(each_chain: Devnet) -> None:
    before = each_chain.now()

    moment = each_chain.increase_time(86_400)

    assert moment == before + 86_400
    assert each_chain.now() == moment


def test_a_block_cannot_be_mined_in_the_past(each_chain: Devnet) -> None:
    with pytest.raises(DevnetRefusal, match="evm_setNextBlockTimestamp"):
        each_chain.mine(at=1)


def test_the_chain_fixture_forgets_what_a_test_did(anvil: Devnet) -> None:
    from tests.conftest import _restored

    before = anvil.rpc("eth_blockNumber")
    use = _restored(anvil)
    next(use).increase_time(1000)
    assert anvil.rpc("eth_blockNumber") != before

    assert list(use) == []

    assert anvil.rpc("eth_blockNumber") == before


@pytest.mark.parametrize("kind", KINDS)
def test_the_chain_stops_when_its_block_raises(kind: Kind) -> None:
    with pytest.raises(KeyboardInterrupt), devnet.start(kind) as chain:
        raise KeyboardInterrupt

    assert not _exists(chain.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of such a death")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_chain_dies_with_its_parent(kind: Kind, death: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, kind],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout
        number, url = parent.stdout.readline().split()
        assert devnet.rpc(url, "eth_chainId") == hex(devnet.CHAIN_ID)

        parent.send_signal(death)
        parent.wait(timeout=30)

    assert _ends(int(number), within=15)


def test_anvil_goes_on_from_its_state_file(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with devnet.start("anvil", state=state) as first:
        first.increase_time(5000)
        seen = first.rpc("eth_getBlockByNumber", "latest", False)["hash"]

    with devnet.start("anvil", state=state) as second:
        assert second.rpc("eth_getBlockByNumber", "latest", False)["hash"] == seen


def test_a_chain_that_was_ahead_of_the_clock_goes_on_from_there(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with devnet.start("anvil", state=state) as first:
        ahead = first.increase_time(10**7)

    with devnet.start("anvil", state=state) as second:
        second.rpc("evm_mine")
        assert second.now() > ahead


def test_hardhat_refuses_a_state_file(tmp_path: Path) -> None:
    with pytest.raises(DevnetUnavailable, match="anvil"):
        devnet.start("hardhat", state=tmp_path / "state.json")


def test_a_port_in_use_is_refused_not_shared(anvil: Devnet) -> None:
    taken = re.search(r":(\d+)$", anvil.url)
    assert taken

    with pytest.raises(DevnetUnavailable, match="in use"):
        devnet.start("anvil", port=int(taken[1]))


def test_hardhat_is_taken_where_no_anvil_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devnet, "anvil_binary", lambda: None)

    with devnet.start() as chain:
        assert chain.kind == "hardhat"


def test_without_any_chain_the_error_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(devnet, "_ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(DevnetUnavailable, match="scripts/install"):
        devnet.start()


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def _ends(pid: int, within: float) -> bool:
    deadline = time.monotonic() + within
    while _exists(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
