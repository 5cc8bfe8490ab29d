"""Nodes that lie to an auditor: what each does, and where it is found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from indexer.abi import CONTRACTS, ContractName
from indexer.chain import Chain
from indexer.identity import Identity
from indexer.proofs.state import CHRONICLE_SLOT
from indexer.rules import chronicle
from indexer.subject import Subject
from tests.contracts.coop import AGAINST, FOR, Coop
from tests.contracts.signing import entry
from tests.indexer.proxy import Answer, Change, Request

Log = dict[str, Any]
Logs = list[Log]


@dataclass(frozen=True)
class Scene:
    """A short history that is told falsely: two votes, one of them with a batch of three."""

    coop: Coop
    identity: Identity
    subject: Subject
    logs: Logs
    """All logs as the chain has them."""
    batch: Logs
    """The three ballots of the batch, one block and one transaction."""
    direct: Log
    """A ballot that was cast directly."""

    @property
    def chain(self) -> Chain:
        """The honest node."""
        return Chain(self.coop.chain.url)


def play(coop: Coop) -> tuple[Log, Logs]:
    """Plays the scene; returns the direct ballot and the batch."""
    first = coop.propose(coop.ada, text="A loom")
    coop.open(first)
    coop.vote(coop.ada, first, FOR, reason="it is worn out")
    direct = _logs_of(coop, coop.vote(coop.ben, first, AGAINST)["transactionHash"].hex())
    packed = b"".join(
        entry(coop.id_of(each), FOR, coop.sign(each, first, FOR))
        for each in (coop.cleo, coop.dan, coop.eve)
    )
    batch = _logs_of(coop, coop.cast_batch(coop.tom, first, packed)["transactionHash"].hex())
    coop.close(first)
    second = coop.propose(coop.ben, text="A second loom")
    coop.open(second)
    coop.vote(coop.ada, second, FOR)
    coop.close(second)
    coop.chain.mine()
    return direct[0], batch


def _logs_of(coop: Coop, tx: str) -> Logs:
    receipt = coop.chain.rpc("eth_getTransactionReceipt", "0x" + tx.removeprefix("0x"))
    logs: Logs = receipt["logs"]
    return logs


def is_same(log: Log, other: Log) -> bool:
    """Whether two answers are the same log."""
    return all(log[part] == other[part] for part in ("blockNumber", "logIndex"))


# What a node does


def telling(change: Callable[[Logs], Logs]) -> Change:
    """Changes the logs that it gives, wherever it gives some."""

    def lie(request: Request, answer: Answer) -> Answer:
        if request["method"] != "eth_getLogs" or not answer.get("result"):
            return answer
        return {**answer, "result": change([dict(log) for log in answer["result"]])}

    return lie


def fitting(scene: Scene, change: Callable[[Logs], Logs]) -> Change:
    """Changes logs, and answers with words of the chronicle that fit."""
    heads = forged_heads(scene, change([dict(log) for log in scene.logs]))
    by_address = {at.lower(): heads[name] for name, at in scene.identity.addresses.items()}
    told = telling(change)

    def word(request: Request, answer: str) -> str:
        head = by_address.get(request["params"][0].lower())
        is_head = int(request["params"][1], 16) == CHRONICLE_SLOT
        return "0x" + head.hex() if head and is_head else answer

    return both(told, answering("eth_getStorageAt", word))


def forged_heads(scene: Scene, logs: Logs) -> Mapping[ContractName, bytes]:
    """What the chronicles would be if these were the logs."""
    names = {at.lower(): name for name, at in scene.identity.addresses.items()}
    heads = {
        name: chronicle.begin(scene.identity.chain_id, at)
        for name, at in scene.identity.addresses.items()
    }
    for log in logs:
        name, number = names[log["address"].lower()], int(log["blockNumber"], 16)
        timestamp = scene.chain.block(number).timestamp
        topics = b"".join(bytes.fromhex(topic[2:]) for topic in log["topics"])
        data = bytes.fromhex(log["data"][2:])
        heads[name] = chronicle.fold(heads[name], number, timestamp, topics, data)
    return heads


def both(*changes: Change) -> Change:
    """One change after another."""

    def lie(request: Request, answer: Answer) -> Answer:
        for change in changes:
            answer = change(request, answer)
        return answer

    return lie


def answering(method: str, change: Callable[[Request, Any], Any]) -> Change:
    """Changes the results of one method."""

    def lie(request: Request, answer: Answer) -> Answer:
        if request["method"] != method or answer.get("result") is None:
            return answer
        return {**answer, "result": change(request, answer["result"])}

    return lie


def without_proofs(request: Request, answer: Answer) -> Answer:
    """A node that proves nothing."""
    if request["method"] != "eth_getProof":
        return answer
    error = {"code": -32601, "message": "the method eth_getProof does not exist"}
    return {"jsonrpc": "2.0", "id": request["id"], "error": error}


# Changes of logs


def left_out(gone: Log) -> Callable[[Logs], Logs]:
    """One log less."""
    return lambda logs: [log for log in logs if not is_same(log, gone)]


def altered(target: Log, **parts: Any) -> Callable[[Logs], Logs]:
    """One log with other parts."""
    return lambda logs: [{**log, **parts} if is_same(log, target) else log for log in logs]


def swapped(one: Log, other: Log) -> Callable[[Logs], Logs]:
    """Two logs, each in the other's place."""

    def change(logs: Logs) -> Logs:
        say = (
            {key: other[key] for key in ("topics", "data")},
            {key: one[key] for key in ("topics", "data")},
        )
        return altered(other, **say[1])(altered(one, **say[0])(logs))

    return change


def added(after: Log, **parts: Any) -> Callable[[Logs], Logs]:
    """A log more, in the next place behind another."""
    more = {**after, "logIndex": hex(int(after["logIndex"], 16) + 1), **parts}

    def change(logs: Logs) -> Logs:
        found: Logs = []
        for log in logs:
            found += [log, more] if is_same(log, after) else [log]
        return found

    return change


def doubled(target: Log) -> Callable[[Logs], Logs]:
    """One log twice."""

    def change(logs: Logs) -> Logs:
        return [each for log in logs for each in ([log, log] if is_same(log, target) else [log])]

    return change


def other_choice(vote: Log) -> str:
    """The data of a VoteCast with for and against exchanged."""
    words = bytearray.fromhex(vote["data"][2:])
    words[63] ^= 1
    return "0x" + words.hex()


class Found(NamedTuple):
    """Where a lie is found: the lowest way of auditing, the step, and what the place names."""

    way: str
    step: str
    place: str


NOT_FOUND = Found("", "", "")
CONTRACT_NAMES = tuple(CONTRACTS.values())
