"""The read side's only door to the chain: headers, logs, proofs, views.

Every failure comes out as one of our own errors, whatever the node behind the address is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from eth_abi.exceptions import DecodingError

from indexer import abi
from indexer.blocks import BlockRef, Finality, RawLog, Span
from indexer.errors import (
    BlockMissing,
    ChainRefused,
    ContractMissing,
    HeaderForged,
    LogsInconsistent,
)
from indexer.hashing import keccak
from indexer.proofs import headers, state
from indexer.proofs.headers import Header
from indexer.rpc import Node

At = BlockRef | int | str | None
"""A header (asked for by its hash), a number, a tag, or None for the latest block."""


class Chain(Node):
    """A chain through one node.

    All methods raise ChainUnreachable, ChainBusy or ChainRefused when the node fails.
    """

    def __init__(self, url: str, timeout: float = 60.0) -> None:
        super().__init__(url, timeout)

    # Blocks

    def chain_id(self) -> int:
        """Return the chain's id."""
        with self.sensible():
            return _integer(self.request("eth_chainId"))

    def block(self, at: Finality | int | str) -> BlockRef:
        """Return the header of a number, hash or tag; BlockMissing if there is none.

        HeaderForged if a hash was asked for and the header of another one came.
        """
        by_hash = isinstance(at, str) and len(at) == 66
        method = "eth_getBlockByHash" if by_hash else "eth_getBlockByNumber"
        with self.sensible():
            found = _header(self.request(method, _tag(at), False), str(at))
        if by_hash and found.hash.lower() != str(at).lower():
            raise HeaderForged(found.number, str(at), found.hash)
        return found

    def heads(self) -> tuple[BlockRef, BlockRef | None, BlockRef | None]:
        """Return the newest, the newest safe and the newest finalized block, as far as known."""
        tags = ("latest", "safe", "finalized")
        try:
            answers = self.request_many([("eth_getBlockByNumber", [tag, False]) for tag in tags])
            with self.sensible():
                found = [
                    _header(each, tag) if each else None
                    for tag, each in zip(tags, answers, strict=True)
                ]
        except ChainRefused:
            found = [self.block("latest"), self._finality("safe"), self._finality("finalized")]
        newest, safe, finalized = found
        if newest is None:
            raise BlockMissing("latest")
        return newest, safe, finalized

    def head(self, finality: Finality = "latest") -> BlockRef:
        """Return the newest block of that finality; on a young chain that is block 0."""
        return self.block(finality)

    def headers(self, numbers: Iterable[int]) -> dict[int, Header]:
        """Return number -> header, each one hashed again; BlockMissing if the chain lacks one.

        HeaderForged if a header does not hash to what the node calls its hash.
        """
        return {header.number: header for header in self._headers(list(numbers))}

    # Logs

    def logs(self, addresses: Sequence[str], first: int, last: int) -> tuple[RawLog, ...]:
        """Return the contracts' logs of a range, in order; LogsInconsistent if they cannot be true.

        A node answers a range that reaches beyond its head with what it has: see `span`.
        """
        return tuple(self._logs(addresses, first, last)[0])

    def span(
        self, addresses: Sequence[str], first: int, end: BlockRef, *, every_header: bool = False
    ) -> Span:
        """Return the logs of a range together with hashed headers that agree with them.

        `end` is the last block, as this node gave it before: so it cannot silently stop before it.
        `every_header`: those of blocks without logs as well, each naming the one before as parent.
        LogsInconsistent if the chain changed meanwhile.
        """
        last = end.number
        # 1. The logs, in order, each once, of our contracts only; of one block by its hash.
        logs, named = self._logs(addresses, first, last, end.hash if first == last else None)
        # 2. The headers, read after the logs: each names the one before, if that was asked for.
        before = [first - 1] if first else []
        needed = sorted({*before, *named, last})
        found: dict[int, Header] = {}
        wanted = set(needed)
        last_number, last_hash = -1, ""
        everything = range(max(first - 1, 0), last + 1)
        for header in self._headers(everything if every_header else needed):
            number, own_hash, parent_hash, _, _ = header
            if number and last_number == number - 1 and parent_hash != last_hash:
                raise LogsInconsistent("a header names another parent than the one before", number)
            last_number, last_hash = number, own_hash
            if number in wanted:
                found[number] = header
        # 3. The last is the same as before, and each log names its own.
        if found[last].hash != end.hash:
            raise LogsInconsistent("the last block was replaced while they were read", last)
        for number, block_hash in named.items():
            if found[number].hash != block_hash:
                raise LogsInconsistent("a log names another block hash than the header", number)
        blocks = {number: _block(header) for number, header in found.items()}
        newest = found[last]
        quiet = _quiet(newest, addresses) if first == last else frozenset()
        return Span(first, blocks[last], newest.state_root, blocks, tuple(logs), quiet)

    # State

    def proven_words(self, slots: Mapping[str, int], at: int, root: bytes) -> dict[str, bytes]:
        """Return address -> the word in the given slot of its storage, proven against a state root.

        `root` is that of block `at`, from a header that was hashed. ProofInvalid if the node's
        proof is none, also since the block was replaced; ChainRefused where it serves none of then.
        """
        answers = self.request_many(
            [
                ("eth_getProof", [address, [f"0x{slot:064x}"], hex(at)])
                for address, slot in slots.items()
            ]
        )
        with self.sensible():
            return {
                address: state.storage(root, answer, address, [slot])[0].to_bytes(32, "big")
                for (address, slot), answer in zip(slots.items(), answers, strict=True)
            }

    def view(self, contract: str, address: str, function: str, *args: Any, at: At = None) -> Any:
        """Call a view of the artifact `contract`; ContractReverted or ContractMissing if it fails.

        One output comes bare, several as a dictionary by name; structs are dictionaries.
        """
        return self.views([(contract, address, function, args)], at)[0]

    def views(
        self, calls: Sequence[tuple[str, str, str, Sequence[Any]]], at: At = None
    ) -> list[Any]:
        """Call several views (artifact, address, function, arguments) of one block at once."""
        signatures = [abi.function(contract, function) for contract, _, function, _ in calls]
        answers = self.request_many(
            [
                ("eth_call", [{"to": address, "data": _hex(abi.encode_call(each, args))}, _at(at)])
                for each, (_, address, _, args) in zip(signatures, calls, strict=True)
            ]
        )
        return [
            _outputs(each, contract, address, answer)
            for each, (contract, address, _, _), answer in zip(
                signatures, calls, answers, strict=True
            )
        ]

    def code(self, address: str, at: At = None) -> bytes:
        """Return the code of an account; empty if it has none."""
        with self.sensible():
            return _bytes(self.request("eth_getCode", address, _at(at)))

    def code_hash(self, address: str, at: At = None) -> bytes:
        """Return keccak256 of the account's code; 32 zeros without code, as `content` has it."""
        code = self.code(address, at)
        return keccak(code) if code else bytes(32)

    def call(self, address: str, data: bytes, sender: str, at: At = None) -> bytes:
        """Return what a call of that sender would answer; ContractReverted if it is refused."""
        asked = {"from": sender, "to": address, "data": _hex(data)}
        with self.sensible():
            return _bytes(self.request("eth_call", asked, _at(at)))

    def storage(self, address: str, slot: str, at: At = None) -> bytes:
        """Return a word of the account's storage."""
        with self.sensible():
            return _bytes(self.request("eth_getStorageAt", address, slot, _at(at)))

    def balance(self, address: str, at: At = None) -> int:
        """Return the account's balance in wei."""
        with self.sensible():
            return _integer(self.request("eth_getBalance", address, _at(at)))

    def _finality(self, tag: Finality) -> BlockRef | None:
        try:
            return self.block(tag)
        except (BlockMissing, ChainRefused):
            return None

    def _headers(self, numbers: Sequence[int]) -> Iterator[Header]:
        """Give the headers of these blocks in their order, while later ones are on their way."""
        answers = self.request_each([("eth_getBlockByNumber", [hex(n), False]) for n in numbers])
        with self.sensible():
            for number, answer in zip(numbers, answers, strict=True):
                if answer is None:
                    raise BlockMissing(str(number))
                if int(answer["number"], 16) != number:
                    raise LogsInconsistent("it gave the header of another block", number)
                yield headers.header(answer)

    def _logs(
        self, addresses: Sequence[str], first: int, last: int, block_hash: str | None = None
    ) -> tuple[list[RawLog], dict[int, str]]:
        """Return the logs, and by block the hash that they name."""
        span = (
            {"blockHash": block_hash}
            if block_hash
            else {"fromBlock": hex(first), "toBlock": hex(last)}
        )
        wanted = {abi.checksummed(address) for address in addresses}
        asked = sorted(address.lower() for address in wanted)
        answers = self.request("eth_getLogs", {"address": asked, **span})
        logs: list[RawLog] = []
        hashes: dict[int, str] = {}
        before, index = first - 1, 0
        # One pass with few calls: this is run for every event there ever was.
        for answer in answers if isinstance(answers, list) else [answers]:
            try:
                log, named = _log(answer), answer["blockHash"]
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise LogsInconsistent(f"a log lacks a part ({error})", first) from error
            block = log.block
            if log.address not in wanted or not first <= block <= last:
                raise LogsInconsistent("a log that nobody asked for", block)
            if block == before:
                if log.log_index <= index:
                    raise LogsInconsistent("they are out of order or doubled", block)
                if named != hashes[block]:
                    raise LogsInconsistent("one block has two hashes", block)
            elif block < before:
                raise LogsInconsistent("they are out of order or doubled", block)
            else:
                hashes[block] = named
            before, index = block, log.log_index
            logs.append(log)
        return logs, hashes


def _log(answer: Any) -> RawLog:
    if answer.get("removed"):
        raise ValueError("it was removed")
    # By position, see above.
    fromhex = bytes.fromhex
    topics = fromhex("".join(answer["topics"]).replace("0x", ""))
    if len(topics) % 32 or len(topics) > 128:
        raise ValueError("its topics are no words, or more than four")
    return RawLog(
        int(answer["blockNumber"], 16),
        int(answer["logIndex"], 16),
        answer["transactionHash"],
        int(answer["transactionIndex"], 16),
        abi.checksummed(answer["address"]),
        topics,
        fromhex(answer["data"][2:]),
    )


def _header(answer: Any, wanted: str) -> BlockRef:
    if answer is None:
        raise BlockMissing(wanted)
    return BlockRef(
        number=_integer(answer["number"]),
        hash=str(answer["hash"]),
        parent_hash=str(answer["parentHash"]),
        timestamp=_integer(answer["timestamp"]),
    )


def _block(header: Header) -> BlockRef:
    return BlockRef(header.number, header.hash, header.parent_hash, header.timestamp)


def _quiet(header: Header, addresses: Iterable[str]) -> frozenset[str]:
    """Return the contracts that the header's bloom says to have logged nothing in its block."""
    bloom = header.logs_bloom
    return frozenset(each for each in addresses if not headers.may_contain(bloom, _bytes(each)))


def _outputs(signature: abi.Signature, contract: str, address: str, answer: Any) -> Any:
    try:
        return abi.decode_outputs(signature, _bytes(answer))
    except (DecodingError, OverflowError, ValueError) as error:
        # An account without code answers every call with nothing.
        raise ContractMissing(contract, address) from error


def _at(at: At) -> Any:
    if isinstance(at, BlockRef):
        return {"blockHash": at.hash}
    return _tag("latest" if at is None else at)


def _tag(at: int | str) -> str:
    return at if isinstance(at, str) else hex(at)


def _integer(answer: Any) -> int:
    return int(answer, 16)


def _bytes(answer: Any) -> bytes:
    return bytes.fromhex(str(answer).removeprefix("0x"))


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
