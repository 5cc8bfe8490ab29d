"""Whose key made a signature (secp256k1), in the one place where its library is chosen."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

from indexer.hashing import keccak

HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
"""The highest s that counts: of the two signatures that a key can give only the one up to here, or
anyone could change a signed ballot into a second one."""


_PORTION = 2_000
"""Claims that are checked at a time: some 0.1 seconds of work."""
_ENOUGH = 3
"""Portions from which other processes are worth their start."""


class Claim(NamedTuple):
    """That the 20-byte account's key signed the digest; `rs` and `parity` are as in `signer`."""

    digest: bytes
    rs: bytes
    parity: int
    account: bytes


def signer(digest: bytes, rs: bytes, parity: int) -> bytes | None:
    """Return the 20-byte account whose key signed the digest; None if it is no key's signature.

    `rs` is r ‖ s, 32 bytes each, `parity` 0 or 1. The upper s of a signature is none.
    """
    if parity not in (0, 1) or int.from_bytes(rs[32:], "big") > HALF_ORDER:
        return None
    try:
        point = _RECOVER(rs + bytes((parity,)), digest)
    except Exception:  # both libraries raise several kinds for what is no signature
        return None
    return keccak(point)[12:]


def false(claims: Sequence[Claim]) -> list[int]:
    """Return the places of the claims that do not hold."""
    return [
        place
        for place, (digest, rs, parity, account) in enumerate(claims)
        if signer(digest, rs, parity) != account
    ]


class Claims:
    """Checks claims many at a time, on all cores once there are many; a context that ends them.

    `add` and `settle` yield the label and the account of each claim that turned out false.
    """

    def __init__(self) -> None:
        self._labels: list[tuple[str, str]] = []
        self._claims: list[Claim] = []
        self._pool: ProcessPoolExecutor | None = None
        self._portions = 0
        self._running: deque[tuple[list[tuple[str, str]], Future[list[int]]]] = deque()

    def __enter__(self) -> "Claims":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def add(self, label: str, account: str, claim: Claim) -> Iterator[tuple[str, str]]:
        """Take one more claim."""
        self._labels.append((label, account))
        self._claims.append(claim)
        return self._portion() if len(self._claims) == _PORTION else iter(())

    def settle(self) -> Iterator[tuple[str, str]]:
        """Finish all that were taken."""
        yield from self._portion()
        while self._running:
            yield from self._finished()

    def _portion(self) -> Iterator[tuple[str, str]]:
        labels, claims = self._labels, self._claims
        self._labels, self._claims = [], []
        self._portions += 1
        if self._portions < _ENOUGH or (os.cpu_count() or 1) < 2:
            yield from (labels[place] for place in false(claims))
            return
        if self._pool is None:
            # Spawned: a fork would copy threads' locks.
            self._pool = ProcessPoolExecutor(mp_context=get_context("spawn"))
        self._running.append((labels, self._pool.submit(false, claims)))
        if len(self._running) > 2 * (os.cpu_count() or 1):  # so that memory stays bounded
            yield from self._finished()

    def _finished(self) -> Iterator[tuple[str, str]]:
        labels, running = self._running.popleft()
        yield from (labels[place] for place in running.result())


def _recover() -> Callable[[bytes, bytes], bytes]:
    """Return the quickest way to the 64 bytes of a public key that this Python has."""
    try:
        from coincurve import PublicKey
    except ImportError:  # no wheel for this Python yet
        from eth_keys.datatypes import Signature

        return lambda signature, digest: bytes(
            Signature(signature).recover_public_key_from_msg_hash(digest).to_bytes()
        )

    make = PublicKey.from_signature_and_message
    return lambda signature, digest: make(signature, digest, None).format(False)[1:]


_RECOVER = _recover()
