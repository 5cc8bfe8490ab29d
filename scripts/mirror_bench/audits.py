"""The audit's measurements: the works of `runs`, and the rows of the table.

Members of these histories joined without votes, and proposals bear no signature, which the audit
finds; anything else that it finds is an error.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from indexer.audit.evidence import Evidence, Recorder
from indexer.audit.gather import Node
from indexer.audit.judge import Audit, judge
from indexer.chain import Chain
from indexer.hashing import keccak
from indexer.identity import Identity
from indexer.proofs import sealed
from indexer.proofs.keys import Claim, false
from indexer.proofs.receipts import logs_in
from scripts.mirror_bench import download, figures
from scripts.mirror_bench.figures import Row, Run
from scripts.mirror_bench.histories import kept, served
from scripts.mirror_bench.runs import RunFailed, Work, measure
from scripts.mirror_bench.signing import voter

_KNOWN = frozenset({"4.0.6", "4.1.4", "5.1"})
"""Admissions without an order, proposals without a key."""
_FIRST = 12  # blocks in which the members of a history joined, one transaction each
_RECOVERED = 20_000


def _node(url: str, identity: Identity, **options: bool) -> Node:
    chain = Chain(url)
    made = chain.logs([identity.membership], identity.first_block, identity.first_block)[0]
    factory = chain.request("eth_getTransactionByHash", made.tx_hash)["to"]
    return Node(chain, identity, factory, chain.head(), **options)


def _counted(found: Audit) -> tuple[int, int]:
    wrong = {each.check for each in found.mismatches} - _KNOWN
    if wrong or found.level != "proven":
        raise RunFailed(f"the audit found {sorted(wrong)} at level {found.level}")
    return found.events, found.blocks


def _audit(url: str, identity: Identity, location: str) -> tuple[int, int]:
    """The whole audit, keeping evidence."""
    with Recorder(_node(url, identity), Path(location)) as source:
        return _counted(judge(source))


def _unsigned(url: str, identity: Identity, _: str) -> tuple[int, int]:
    return _counted(judge(_node(url, identity, with_transactions=False), signatures=False))


def _verify(_: str, __: Identity, location: str) -> tuple[int, int]:
    return _counted(judge(Evidence(Path(location))))


def _verify_unsigned(_: str, __: Identity, location: str) -> tuple[int, int]:
    return _counted(judge(Evidence(Path(location)), signatures=False))


def _receipts(url: str, identity: Identity, _: str) -> tuple[int, int]:
    """All receipts of the first blocks, from the node to their roots."""
    chain = Chain(url)
    end = chain.block(identity.first_block + _FIRST)
    source = Node(chain, identity, identity.assembly, end, with_receipts=True)
    count = blocks = 0
    for part in source.parts():
        blocks += 1
        if part.receipts:
            logs_in(sealed.opened(part.header).receipts_root, part.receipts)
            count += len(part.receipts)
    return count, blocks


def _receipts_alone(url: str, identity: Identity, _: str) -> tuple[int, int]:
    return download.receipts(url, identity, _FIRST + 1)


def _recover() -> Work:
    """Signatures that were made before the clock starts."""
    signers = [voter(number) for number in range(1, 51)]
    claims = []
    for number in range(_RECOVERED):
        by, digest = signers[number % len(signers)], keccak(number.to_bytes(32, "big"))
        signature = by.key.sign_recoverable(digest, hasher=None)
        account = bytes.fromhex(by.address[2:])
        claims.append(Claim(digest, signature[:64], signature[64], account))

    def work(_: str, __: Identity, ___: str) -> tuple[int, int]:
        if false(claims):
            raise RunFailed("a signature was not recovered")
        return len(claims), 0

    return work


WORKS: Mapping[str, Callable[[], Work]] = {
    "audit": lambda: _audit,
    "audit-unsigned": lambda: _unsigned,
    "verify": lambda: _verify,
    "verify-unsigned": lambda: _verify_unsigned,
    "receipts": lambda: _receipts,
    "receipts-alone": lambda: _receipts_alone,
    "recover": _recover,
}


def rows(folder: Path, times: int, name: str) -> Iterator[Row]:
    """Measure and give the rows of the table."""
    with served(name) as (url, identity):

        def run(kind: str) -> Run:
            place = str(folder / f"{name}.jsonl.gz")
            found = [measure(kind, url, identity, place) for _ in range(times)]
            return figures.middle(found)

        unsigned, plain = run("audit-unsigned"), run("download")
        if unsigned.events != kept(name).events:
            raise RunFailed(f"{unsigned.events:,} of {kept(name).events:,} events")
        yield figures.speed(figures.AUDIT_DOWNLOAD, unsigned, plain, "download")
        naive = measure("naive", url, identity, str(folder / "naive.db"))
        yield figures.speed(figures.AUDIT_NAIVE, unsigned, naive, "naive")
        whole, again, bare = run("audit"), run("verify"), run("verify-unsigned")
        told = f"{whole.rate:,.0f} events/s with signatures and evidence"
        yield Row("whole audit", told)
        yield Row(figures.AUDIT_MEMORY, f"{whole.events:,} events", whole.megabytes)
        yield figures.speed(figures.VERIFY, again, whole, "audit")
        more = again.seconds - bare.seconds
        yield Row(
            figures.STEP_5,
            f"{bare.seconds:.1f} s without, {again.seconds:.1f} s with",
            whole.events / more if more > 0 else None,
        )
        recovered, receipts, alone = run("recover"), run("receipts"), run("receipts-alone")
        yield Row(figures.SIGNATURES, f"{_RECOVERED:,} signatures", recovered.rate)
        yield Row(figures.RECEIPTS, f"{receipts.events:,} receipts", receipts.rate)
        yield figures.speed(figures.RECEIPTS_DOWNLOAD, receipts, alone, "download")
