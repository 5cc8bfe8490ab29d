"""Evidence: everything that an audit took from outside, in one file that outlives every node.

The file is JSON, one document a line, packed by gzip. What it says is one sequence of bytes for one
instance and one last block, whatever node, client or size of requests it was gathered with; its
SHA-256 is its digest. The order of lines:

    {"evidence":1,"chain":…,"assembly":"0x…",…}      the instance and what is given (`Opening`)
    ["anchor",HEADER]                                the last block's header, RLP
    ["code",ADDRESS,CODE]                            by address
    ["header",HEADER]                                each block …
    ["receipts",[RECEIPT…],[TRANSACTION…]]           … that may hold our logs (both with receipts)
    ["block",NUMBER,HASH,TIMESTAMP]                  each block with logs of ours
    ["transaction",INDEX,HASH,BYTES]                 each transaction with logs, BYTES or ""
    ["log",INDEX,CONTRACT,TOPICS,DATA]               its logs; topics one behind the other
    ["node",NODE]                                    trie nodes, by their bytes; or …
    ["claimed",CONTRACT,WORD]                        … chronicle heads by a node's word
    ["end",LINES]                                    how many lines came before

Bytes are lower-case hex with 0x. `contracts/README.md` says it again for a second verifier.
"""

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import orjson

from indexer.abi import CONTRACTS, ContractName, checksummed, contract_name
from indexer.audit.records import Opening, Part, Sent, Slots, Source, State
from indexer.blocks import RawLog
from indexer.errors import AbiMissing, EvidenceUnreadable, ProofInvalid
from indexer.hashing import keccak
from indexer.proofs import sealed

VERSION = 1
_LEVEL = 6  # of compression; the digest is of what is packed
_WORD = 32
_BAD = (AbiMissing, EOFError, LookupError, OSError, ProofInvalid, TypeError, ValueError, zlib.error)

_Read = TypeVar("_Read")


def is_packed(path: Path) -> bool:
    """Whether a file begins as one that gzip made; False if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(2) == b"\x1f\x8b"
    except OSError:
        return False


class Recorder:
    """A source that also writes down what it gives; `digest` is known once it was closed.

    Used as a context: the file appears whole when that ends well, and not at all otherwise.
    """

    def __init__(self, source: Source, path: Path) -> None:
        self._source, self._path = source, path
        self._temporary = path.with_name(path.name + ".part")
        self._hash, self._lines = hashlib.sha256(), 0
        self.digest = ""
        """SHA-256 of the lines, in hex."""

    def __enter__(self) -> Self:
        self._raw = self._temporary.open("wb")
        # No name and no time in the packed file: the same evidence is the same file.
        self._file = gzip.GzipFile("", "wb", _LEVEL, self._raw, mtime=0)
        opening = self.opening
        self._write(
            {
                "evidence": VERSION,
                "chain": opening.chain_id,
                **{name: at.lower() for name, at in opening.addresses.items()},
                "factory": opening.factory.lower(),
                "first_block": opening.first_block,
                "receipts": opening.receipts,
            }
        )
        self._write(["anchor", _hex(opening.anchor)])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._write(["end", self._lines])
            self._file.close()
            self._raw.flush()
            os.fsync(self._raw.fileno())
            self._raw.close()
            if kind is None:
                self._temporary.replace(self._path)
                self.digest = self._hash.hexdigest()
        finally:  # also where the disk is full, and closing fails too: half a file is none
            try:
                self._raw.close()
            finally:
                self._temporary.unlink(missing_ok=True)

    @property
    def opening(self) -> Opening:
        """As the source has it."""
        return self._source.opening

    def codes(self) -> Mapping[str, bytes]:
        """As the source gives them."""
        codes = self._source.codes()
        for address, code in sorted((at.lower(), code) for at, code in codes.items()):
            self._write(["code", address, _hex(code)])
        return codes

    def parts(self) -> Iterator[Part]:
        """As the source gives them."""
        names = {address: name for name, address in self.opening.addresses.items()}
        for part in self._source.parts():
            for line in _lines_of(part, names):
                self._write(line)
            yield part

    def state(self, slots: Slots) -> State:
        """As the source gives it."""
        state = self._source.state(slots)
        for node in sorted(state.nodes.values()):
            self._write(["node", _hex(node)])
        for name in CONTRACTS:
            if name in state.claimed:
                self._write(["claimed", name, _hex(state.claimed[name])])
        return state

    def _write(self, line: Any) -> None:
        packed = orjson.dumps(line) + b"\n"
        self._hash.update(packed)
        self._file.write(packed)
        self._lines += 1


class Evidence:
    """A source that is a file; EvidenceUnreadable wherever it is none, is cut or goes on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._hash, self._number = hashlib.sha256(), 0
        self._file = self._guarded(lambda: gzip.GzipFile(path, "rb"))
        self._next: Any = None
        self.opening = self._guarded(self._read_opening)

    @property
    def digest(self) -> str:
        """SHA-256 of the lines, in hex; of the whole file once `state` was asked."""
        return self._hash.hexdigest()

    def codes(self) -> Mapping[str, bytes]:
        """Address -> code, as written."""
        return self._guarded(self._read_codes)

    def parts(self) -> Iterator[Part]:
        """The blocks, as written."""
        while (part := self._guarded(self._read_part)) is not None:
            yield part

    def state(self, slots: Slots) -> State:
        """All nodes that there are; one that is missing is found when it is needed."""
        return self._guarded(self._read_state)

    # Line by line

    def _guarded(self, read: Callable[[], _Read]) -> _Read:
        try:
            return read()
        except _BAD as error:
            raise EvidenceUnreadable(self._path, self._number, f"{error}") from error

    def _advance(self) -> None:
        line = self._file.readline()
        if not line:
            raise ValueError("it ends before its last line")
        self._next = orjson.loads(line)
        if orjson.dumps(self._next) + b"\n" != line:
            raise ValueError("it is not written in the one way")
        self._hash.update(line)
        self._number += 1

    def _take(self, kind: str, parts: int) -> list[Any] | None:
        """The next line's values if it is of that kind."""
        line = self._next
        if not isinstance(line, list) or not line or line[0] != kind:
            return None
        if len(line) != parts + 1:
            raise ValueError(f"a {kind} has {len(line) - 1} parts")
        values = line[1:]
        if kind != "end":
            self._advance()
        return values

    def _read_opening(self) -> Opening:
        self._advance()
        said = dict(self._next)
        version = said.pop("evidence")
        if version != VERSION:
            raise ValueError(f"it is of version {version}, this package reads {VERSION}")
        self._advance()
        anchor = self._take("anchor", 1)
        if anchor is None:
            raise ValueError("it has no anchor")
        sealed.opened(_bytes(anchor[0]))  # or there is nothing to prove anything against
        opening = Opening(
            chain_id=_number(said.pop("chain")),
            addresses={name: checksummed(said.pop(name)) for name in CONTRACTS},
            factory=checksummed(said.pop("factory")),
            first_block=_number(said.pop("first_block")),
            anchor=_bytes(anchor[0]),
            receipts=bool(said.pop("receipts")),
        )
        if said:
            raise ValueError(f"it says {', '.join(said)}, which means nothing")
        return opening

    def _read_codes(self) -> Mapping[str, bytes]:
        codes = {}
        while (line := self._take("code", 2)) is not None:
            codes[checksummed(line[0])] = _bytes(line[1])
        return codes

    def _read_part(self) -> Part | None:
        header = receipts = transactions = None
        if (line := self._take("header", 1)) is not None:
            header = _bytes(line[0])
            if (line := self._take("receipts", 2)) is not None:
                receipts, transactions = (tuple(map(_bytes, each)) for each in line)
        block = self._take("block", 3)
        if block is None and header is None:
            return None
        if block is None:
            said = sealed.opened(header or b"")
            block = [said.number, said.hash, said.timestamp]
        number, block_hash, timestamp = block
        sent = []
        while (line := self._take("transaction", 3)) is not None:
            sent.append(self._sent(_number(number), *line))
        return Part(
            number=_number(number),
            hash=_hex(_bytes(block_hash, _WORD)),
            timestamp=_number(timestamp),
            sent=tuple(sent),
            header=header or b"",
            receipts=receipts or (),
            transactions=transactions or (),
        )

    def _sent(self, block: int, index: int, tx_hash: str, raw: str) -> Sent:
        logs = []
        _bytes(tx_hash, _WORD), _number(index)
        while (line := self._take("log", 4)) is not None:
            log_index, name, topics, data = line
            words = _bytes(topics)
            if len(words) % _WORD:
                raise ValueError("topics are words")
            logs.append(
                RawLog(
                    block=block,
                    log_index=_number(log_index),
                    tx_hash=tx_hash,
                    tx_index=index,
                    address=self.opening.addresses[contract_name(name)],
                    topics=words,
                    data=_bytes(data),
                )
            )
        return Sent(index, _bytes(tx_hash), _bytes(raw), tuple(logs))

    def _read_state(self) -> State:
        nodes: dict[bytes, bytes] = {}
        claimed: dict[ContractName, bytes] = {}
        before = b""
        while (line := self._take("node", 1)) is not None:
            node = _bytes(line[0])
            if node <= before:
                raise ValueError("its nodes are out of order")
            nodes[keccak(node)] = before = node
        while (line := self._take("claimed", 2)) is not None:
            claimed[contract_name(line[0])] = _bytes(line[1], _WORD)
        end = self._take("end", 1)
        if end is None:
            raise ValueError(f"a line begins with {str(self._next)[:40]}")
        if end[0] != self._number - 1:
            raise ValueError(f"it should have {end[0]} lines before the last")
        if self._file.readline():
            raise ValueError("it goes on after its last line")
        self._file.close()
        return State(nodes, claimed)


def _lines_of(part: Part, names: Mapping[str, ContractName]) -> Iterator[list[Any]]:
    if part.header:
        yield ["header", _hex(part.header)]
    if part.receipts:
        yield ["receipts", *(list(map(_hex, each)) for each in (part.receipts, part.transactions))]
    if not part.sent:
        return
    yield ["block", part.number, part.hash, part.timestamp]
    for index, tx_hash, raw, logs in part.sent:
        yield ["transaction", index, _hex(tx_hash), _hex(raw)]
        for log in logs:
            yield ["log", log.log_index, names[log.address], _hex(log.topics), _hex(log.data)]


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _bytes(text: Any, length: int | None = None) -> bytes:
    if not isinstance(text, str) or not text.startswith("0x"):
        raise ValueError("bytes are written as 0x and hex digits")
    found = bytes.fromhex(text[2:])
    if "0x" + found.hex() != text or length not in (None, len(found)):
        raise ValueError(f"{text[:20]} is not written as bytes are")
    return found


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no number")
    return value
