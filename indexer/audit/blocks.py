"""Step 3 with receipts: every block of the chain up to the anchor, and the logs that it proves."""

from collections.abc import Iterator

from indexer.audit.records import Opening, Part
from indexer.audit.replay import Mismatch
from indexer.blocks import RawLog
from indexer.errors import ProofInvalid
from indexer.hashing import keccak
from indexer.proofs import receipts, sealed
from indexer.proofs.headers import Header, may_contain
from indexer.proofs.trie import ordered_root

WORDS = "blocks that do not prove the logs told of them"


class Linked:
    """Sees that blocks follow each other without a gap up to the anchor, and what they hold.

    A block's receipts root proves all its logs and their places, its transactions root the hashes
    of the transactions; where the bloom excludes our contracts nothing of ours is in it.
    """

    def __init__(self, opening: Opening, anchor: Header) -> None:
        self._anchor, self._next, self._parent = anchor, opening.first_block, ""
        self._addresses = {bytes.fromhex(at[2:]): at for at in opening.addresses.values()}
        self.blocks = self.failed = 0
        self.receipts = 0

    def see(self, part: Part) -> Iterator[Mismatch]:
        """Yield what is wrong with the next block."""
        self.blocks += 1
        where = f"block {part.number}"
        try:
            self._link(part)
            self._open(part)
        except ProofInvalid as error:
            self.failed += 1
            yield Mismatch("3.3", "block", where, "a block that proves its logs", error.message)

    def close(self) -> Iterator[Mismatch]:
        """Yield what is missing at the end."""
        if self._parent != self._anchor.hash:
            self.failed += 1
            found = f"up to block {self._next - 1}, {self._parent}"
            yield Mismatch("3.3", "gap", f"block {self._next}", self._anchor.hash, found)

    def _link(self, part: Part) -> None:
        header = sealed.opened(part.header)
        follows = not self._parent or header.parent_hash == self._parent
        expected, self._next, self._parent = self._next, header.number + 1, header.hash
        if header.number != expected or not follows:
            raise ProofInvalid("it does not follow the block before")
        if (part.number, part.hash, part.timestamp) != (
            header.number,
            header.hash,
            header.timestamp,
        ):
            raise ProofInvalid("number, hash or time are not those of its header")

    def _open(self, part: Part) -> None:
        header = sealed.opened(part.header)
        if not any(may_contain(header.logs_bloom, address) for address in self._addresses):
            if part.sent:
                raise ProofInvalid("its bloom excludes the logs told of it")
            return
        proven = receipts.logs_in(header.receipts_root, part.receipts)
        if ordered_root(part.transactions) != sealed.transactions_root(part.header):
            raise ProofInvalid("the transactions do not make up the block's transactions root")
        self.receipts += len(part.receipts)
        hashes = ["0x" + keccak(each).hex() for each in part.transactions]
        expected = [
            RawLog(
                block=header.number,
                log_index=log.log_index,
                tx_hash=hashes[log.tx_index],
                tx_index=log.tx_index,
                address=self._addresses[log.address],
                topics=b"".join(log.topics),
                data=log.data,
            )
            for log in proven
            if log.address in self._addresses
        ]
        if expected != list(part.logs):
            raise ProofInvalid(
                f"its receipts hold {len(expected)} logs of the co-op, and told of were "
                f"{len(part.logs)}, of which not all are the same in content and place"
            )
