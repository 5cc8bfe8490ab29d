"""Runs a local test chain as a child process: anvil where it is installed, else hardhat.

Both know the same accounts (`MNEMONIC`, `ACCOUNTS`) and chain id, so that callers need not care
which one runs. The chain ends with its `Devnet`, and on Linux also with the process that started
it, however that one dies.
"""

import contextlib
import ctypes
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

Kind = Literal["anvil", "hardhat"]

MNEMONIC = "test test test test test test test test test test test junk"
ACCOUNTS = 64  # hardhat.config.json says the same; a test compares
CHAIN_ID = 31337

_ROOT = Path(__file__).resolve().parent.parent
_GAS_LIMIT = 60_000_000
_PATIENCE = 30.0  # seconds until a started chain must answer
_GRACE = 10.0  # seconds that a chain has to write its state and end
_PR_SET_PDEATHSIG = 1

_request_numbers = itertools.count(1)
_SLOTS = "--slots-in-an-epoch"  # `finalized` is two of them behind the newest block


class DevnetUnavailable(Exception):
    """Thrown when no local chain could be started; the text says what to do."""


class _EndedEarly(DevnetUnavailable):
    """The chain's process ended before it answered, most likely because its port was taken."""


class DevnetRefusal(Exception):
    """Thrown when the local chain answers a request with an error."""


@dataclass(frozen=True)
class Devnet:
    """A running local chain; a context manager that stops it."""

    url: str
    kind: Kind
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def pid(self) -> int:
        """The chain's process id, which is also its process group."""
        return self.process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the chain and whatever it started; does nothing when it has ended."""
        _end(self.process)

    def rpc(self, method: str, *params: Any) -> Any:
        """Return the result of one JSON-RPC request, or raise `DevnetRefusal`."""
        return rpc(self.url, method, *params)

    def now(self) -> int:
        """Return the timestamp of the latest block, in seconds."""
        block = self.rpc("eth_getBlockByNumber", "latest", False)
        return int(block["timestamp"], 16)

    def mine(self, at: int | None = None) -> None:
        """Mine one empty block, at the given timestamp if one is given."""
        if at is not None:
            self.rpc("evm_setNextBlockTimestamp", at)
        self.rpc("evm_mine")

    def increase_time(self, seconds: int) -> int:
        """Mine one block so many seconds after the latest one; return its timestamp."""
        moment = self.now() + seconds
        self.mine(at=moment)
        return moment


def start(
    chain: Kind | None = None,
    port: int = 0,
    state: Path | None = None,
    *,
    options: Sequence[str] = (),
) -> Devnet:
    """Start a chain on the loopback interface and return it once it answers.

    `chain` forces the kind; port 0 means any free one. `state` names a file that anvil reads when
    it exists and writes when it ends; hardhat has no such thing. `options` are further ones of
    the chain's own command line.
    """
    kind = chain or ("anvil" if anvil_binary() else "hardhat")
    if state and kind != "anvil":
        raise DevnetUnavailable("Only anvil keeps its state in a file. Run scripts/install.")
    try:
        running = _start_once(kind, _free_port(port), state, options)
    except _EndedEarly:
        if port:
            raise
        # Somebody may have taken the free port in between; twice in a row is another fault.
        running = _start_once(kind, _free_port(), state, options)
    if state:
        _catch_up(running)
    return running


def _catch_up(running: Devnet) -> None:
    """Let a chain go on from its newest block: anvil forgets that its clock was moved, and would
    mine blocks older than those it has."""
    ahead = running.now() - int(time.time())
    if ahead > 0:
        running.rpc("evm_increaseTime", ahead + 1)


def anvil_binary() -> Path | None:
    """Return the native anvil of node_modules, else the one on PATH, else None."""
    # Never node_modules/.bin/anvil: that wrapper exits 0 whatever happened.
    packages = (_ROOT / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil")
    on_path = shutil.which("anvil")
    candidates = [*sorted(packages), *([Path(on_path).resolve()] if on_path else [])]
    return next((path for path in candidates if path.suffix != ".mjs"), None)


def rpc(url: str, method: str, *params: Any, timeout: float = 60.0) -> Any:
    """Return the result of one JSON-RPC request, or raise `DevnetRefusal`."""
    request = {
        "jsonrpc": "2.0",
        "id": next(_request_numbers),
        "method": method,
        "params": params,
    }
    message = urllib.request.Request(
        url, json.dumps(request).encode(), {"Content-Type": "application/json"}
    )
    # A proxy from the environment must not stand between us and the loopback interface.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(message, timeout=timeout) as reply:
            answer = json.load(reply)
    except urllib.error.HTTPError as error:  # hardhat sends some refusals with status 4xx
        answer = json.load(error)
    if "error" in answer:
        raise DevnetRefusal(f"{method}: {answer['error']['message']}")
    return answer["result"]


def _start_once(kind: Kind, port: int, state: Path | None, options: Sequence[str]) -> Devnet:
    anvil = kind == "anvil"
    command = [*(_anvil_command(port, state) if anvil else _hardhat_command(port)), *options]
    if anvil and _SLOTS not in options:
        command += [_SLOTS, "1"]  # else `finalized` stays 0 for 64 blocks
    # A file, not a pipe: nobody empties a pipe while the chain runs, and a full one stops it.
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command,
            cwd=_ROOT,
            env=os.environ | {"HARDHAT_DISABLE_TELEMETRY_PROMPT": "true"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            start_new_session=True,
            preexec_fn=_tie_to(os.getpid()) if sys.platform == "linux" else None,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_it_answers(process, kind, url, complaints)
        except BaseException:
            _end(process)
            raise
    return Devnet(url=url, kind=kind, process=process)


def _anvil_command(port: int, state: Path | None) -> Sequence[str]:
    binary = anvil_binary()
    if binary is None:
        raise DevnetUnavailable(
            "No anvil for this machine in node_modules or on PATH. Run scripts/install, or use "
            "hardhat."
        )
    command = [str(binary), "--quiet", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--mnemonic", MNEMONIC, "--accounts", str(ACCOUNTS), "--chain-id", str(CHAIN_ID)]
    command += ["--hardfork", "prague", "--gas-limit", str(_GAS_LIMIT), "--no-request-size-limit"]
    return command + (["--state", str(state.resolve())] if state else [])


def _hardhat_command(port: int) -> Sequence[str]:
    # The program itself, without npx in between: signals then reach the chain.
    program = _ROOT / "node_modules" / "hardhat" / "internal" / "cli" / "bootstrap.js"
    node = shutil.which("node")
    if node is None or not program.is_file():
        raise DevnetUnavailable("Neither anvil nor hardhat is installed. Run scripts/install.")
    # Hardhat reads a configuration in JSON only when it is named.
    command = [node, str(program), "--config", str(_ROOT / "hardhat.config.json"), "node"]
    return [*command, "--hostname", "127.0.0.1", "--port", str(port)]


def _wait_until_it_answers(
    process: subprocess.Popen[bytes], kind: Kind, url: str, complaints: IO[bytes]
) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        # In this order: an answer given while our own process lives is our own process's answer.
        answered = _answers(url)
        if process.poll() is not None:
            complaints.seek(0)
            said = complaints.read().decode(errors="replace").strip()
            raise _EndedEarly(f"{kind} ended with code {process.returncode} at its start. {said}")
        if answered:
            return
        time.sleep(0.02)
    raise DevnetUnavailable(f"{kind} did not answer within {_PATIENCE:.0f} seconds.")


def _answers(url: str) -> bool:
    try:
        return int(rpc(url, "eth_chainId", timeout=1.0), 16) == CHAIN_ID
    except (OSError, ValueError, DevnetRefusal):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process group: politely, so that anvil writes its state, then by force."""
    for request, patience in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, None)):
        if process.poll() is not None:
            return  # once reaped, its number may be somebody else's
        os.killpg(process.pid, request)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def _tie_to(parent: int) -> Callable[[], None]:
    """Return what the child runs before it becomes the chain: "end when my parent does".

    Linux counts the thread that starts the child as its parent, so start chains from a thread
    that lasts.
    """
    prctl = ctypes.CDLL(None).prctl  # found here, because little is safe after the fork

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died in between and no signal will come
            os._exit(1)

    return tie


def _free_port(wanted: int = 0) -> int:
    """Return the wanted port, or any when it is 0, after seeing that nobody listens there.

    Without this look, the chain of whoever listens there would answer in place of ours.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a closing one may linger
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise DevnetUnavailable(
                f"Port {wanted} cannot be used: {error.strerror}. No chain was started. Name "
                "another port, or none."
            ) from error
        return int(probe.getsockname()[1])
