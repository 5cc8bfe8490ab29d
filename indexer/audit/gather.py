"""Gathers what an audit takes from outside, through one node. Nothing of a mirror is read.

Nothing of it is proven here but that headers hash to their names: the audit does that.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from indexer import deployed
from indexer.abi import ContractName, checksummed
from indexer.audit.history import spans
from indexer.audit.records import Opening, Part, Sent, Slots, State
from indexer.background import Background
from indexer.blocks import BlockRef, RawLog, Span
from indexer.bytecode import clone_in
from indexer.errors import BlockMissing, ChainRefused, HeaderForged, LogsInconsistent, ProofInvalid
from indexer.hashing import keccak
from indexer.identity import Identity
from indexer.proofs import receipts, sealed, state, transactions
from indexer.proofs.headers import Header, may_contain

if TYPE_CHECKING:
    from indexer.chain import Chain

_SLOTS = 1_000
"""Words that one eth_getProof asks for; the most used client takes 1,024."""
_BLOCKS, _HEADERS = 4, 1_000
"""Blocks with receipts, some megabytes each, and headers that are held at once."""


class Node:
    """A source that is a node. All methods raise the errors of `indexer.chain`."""

    def __init__(
        self,
        chain: "Chain",
        identity: Identity,
        factory: str,
        end: BlockRef,
        *,
        with_receipts: bool = False,
        with_transactions: bool = True,
    ) -> None:
        self._with_transactions = with_transactions
        self._chain, self._identity, self._end = chain, identity, end
        answer = chain.request("eth_getBlockByHash", end.hash, False)
        if answer is None:
            raise BlockMissing(end.hash)
        anchor = sealed.sealed(answer)
        if sealed.opened(anchor).hash != end.hash:
            raise HeaderForged(end.number, end.hash, sealed.opened(anchor).hash)
        self.opening = Opening(
            chain_id=identity.chain_id,
            addresses=identity.addresses,
            factory=factory,
            first_block=identity.first_block,
            anchor=anchor,
            receipts=with_receipts,
        )

    def codes(self) -> Mapping[str, bytes]:
        """Address -> code: of the factory, the four contracts and what they run."""
        own = [self.opening.factory, *self._identity.addresses.values()]
        found = {address: self._chain.code(address, self._end) for address in own}
        clones = [clone_in(found[address]) for address in self._identity.addresses.values()]
        run = {checksummed("0x" + each.implementation.hex()) for each in clones if each}
        with suppress(KeyError, ValueError):  # no factory of ours, which the audit will say
            run |= set(deployed.implementations(found[self.opening.factory]).values())
        found |= {address: self._chain.code(address, self._end) for address in sorted(run)}
        return found

    def parts(self) -> Iterator[Part]:
        """The blocks with logs, in order; with receipts every block.

        Those that come next are read while the present ones are used.
        """
        for portion in Background("read-blocks").ahead(self._portions()):
            yield from portion

    def _portions(self) -> Iterator[list[Part]]:
        for span in spans(self._chain, self._identity, self._end):
            if self.opening.receipts:
                yield from self._whole_blocks(span)
            else:
                yield [
                    Part(number, span.blocks[number].hash, span.blocks[number].timestamp, sent)
                    for number, sent in self._sent(span.logs).items()
                ]

    def state(self, slots: Slots) -> State:
        """Proofs of accounts and words, or the chronicle's words where the node gives no proofs."""
        # Proofs share their upper nodes: each is kept once, and one answer at a time.
        nodes: set[bytes] = set()
        try:
            for address, wanted in sorted(slots.items()):
                for part in _groups(sorted(wanted)):
                    for answer in self._proofs(address, part):
                        with self._chain.sensible():
                            nodes.update(state.nodes_of(answer))
        except ChainRefused:
            return State({}, self._claimed())
        return State({keccak(node): node for node in nodes}, {})

    def _proofs(self, address: str, slots: Sequence[int]) -> Iterator[Any]:
        """Answers that prove these words; what a node refuses, it may give in smaller parts."""
        words = [f"0x{slot:064x}" for slot in slots]
        try:
            yield self._chain.request("eth_getProof", address, words, hex(self._end.number))
        except ChainRefused:
            if len(slots) < 2:
                raise
            middle = len(slots) // 2
            yield from self._proofs(address, slots[:middle])
            yield from self._proofs(address, slots[middle:])

    def _claimed(self) -> dict[ContractName, bytes]:
        slot = f"0x{state.CHRONICLE_SLOT:064x}"
        return {
            name: self._chain.storage(address, slot, self._end)
            for name, address in self._identity.addresses.items()
        }

    # Transactions and receipts

    def _sent(self, logs: Sequence[RawLog]) -> dict[int, tuple[Sent, ...]]:
        """Return block -> its transactions with logs, as bytes where they can be had."""
        with self._chain.sensible():
            bare = _by_transaction(logs)
        if not self._with_transactions:
            return bare
        asked = [
            ("eth_getTransactionByHash", [_hex(sent.hash)])
            for each in bare.values()
            for sent in each
        ]
        with self._chain.sensible():
            given = iter(
                [
                    _encoded(transactions.encoded, each or {})
                    for each in self._chain.request_many(asked)
                ]
            )
        return {
            block: tuple([_with_bytes(sent, next(given)) for sent in each])
            for block, each in bare.items()
        }

    def _whole_blocks(self, span: Span) -> Iterator[list[Part]]:
        with self._chain.sensible():
            told = _by_transaction(span.logs)
        numbers = range(span.first, span.last.number + 1)
        answers = self._chain.request_each(
            [("eth_getBlockByNumber", [hex(number), False]) for number in numbers]
        )
        addresses = [bytes.fromhex(each[2:]) for each in self._identity.addresses.values()]
        portion: list[tuple[bytes, Header, bool]] = []
        for number, answer in zip(numbers, answers, strict=True):
            if answer is None:
                raise BlockMissing(str(number))
            raw = sealed.sealed(answer)
            header = sealed.opened(raw)
            if header.number != number:
                raise LogsInconsistent("it gave the header of another block", number)
            hit = any(may_contain(header.logs_bloom, address) for address in addresses)
            portion.append((raw, header, hit))
            if sum(opened for _, _, opened in portion) == _BLOCKS or len(portion) == _HEADERS:
                yield self._opened(portion, told)
                portion = []
        yield self._opened(portion, told)

    def _opened(
        self, portion: Sequence[tuple[bytes, Header, bool]], told: Mapping[int, tuple[Sent, ...]]
    ) -> list[Part]:
        """Return blocks as parts: of those marked as hit all transactions and receipts."""
        held = self._held([header.hash for _, header, hit in portion if hit])
        parts = []
        for raw, header, hit in portion:
            listed, kept = next(held) if hit else ((), ())
            parts.append(
                Part(
                    number=header.number,
                    hash=header.hash,
                    timestamp=header.timestamp,
                    sent=tuple(
                        [
                            _with_bytes(each, *listed[each.place :][:1])
                            for each in told.get(header.number, ())
                        ]
                    ),
                    header=raw,
                    receipts=kept,
                    transactions=listed,
                )
            )
        return parts

    def _held(
        self, block_hashes: Sequence[str]
    ) -> Iterator[tuple[tuple[bytes, ...], tuple[bytes, ...]]]:
        """Give each block's transactions and receipts as its tries hold them.

        Empty bytes stand for what has no such form, which make up no root.
        """
        blocks = self._chain.request_many(
            [("eth_getBlockByHash", [each, True]) for each in block_hashes]
        )
        with self._chain.sensible():
            listed = [list(block["transactions"]) for block in blocks]
            answers = self._receipts(
                block_hashes, [[str(each["hash"]) for each in sent] for sent in listed]
            )
            for sent, kept in zip(listed, answers, strict=True):
                yield (
                    tuple([_encoded(transactions.encoded, each) for each in sent]),
                    tuple([_encoded(receipts.encoded, each) for each in kept]),
                )

    def _receipts(
        self, block_hashes: Sequence[str], sent: Sequence[Sequence[str]]
    ) -> Sequence[Sequence[Any]]:
        """Return each block's receipts; some clients know only those of single transactions."""
        try:
            return self._chain.request_many(
                [("eth_getBlockReceipts", [each]) for each in block_hashes]
            )
        except ChainRefused:
            return [
                self._chain.request_many([("eth_getTransactionReceipt", [each]) for each in hashes])
                for hashes in sent
            ]


def _by_transaction(logs: Sequence[RawLog]) -> dict[int, tuple[Sent, ...]]:
    """Return block -> its transactions with logs, still without their bytes."""
    found: dict[int, list[Sent]] = {}
    for (block, place, tx_hash), run in groupby(logs, attrgetter("block", "tx_index", "tx_hash")):
        sent = Sent(place, bytes.fromhex(tx_hash[2:]), b"", tuple(run))
        found.setdefault(block, []).append(sent)
    return {block: tuple(each) for block, each in found.items()}


def _with_bytes(sent: Sent, raw: bytes = b"") -> Sent:
    """The transaction with these bytes if they are its own, else with none."""
    return sent._replace(raw=raw) if keccak(raw) == sent.hash else sent


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _encoded(encode: Callable[[Mapping[str, Any]], bytes], answer: Mapping[str, Any]) -> bytes:
    try:
        return encode(answer)
    except ProofInvalid:
        return b""


def _groups(slots: Sequence[int]) -> Iterator[Sequence[int]]:
    yield slots[:_SLOTS]
    for start in range(_SLOTS, len(slots), _SLOTS):
        yield slots[start : start + _SLOTS]
