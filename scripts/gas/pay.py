"""Pay votes, measured: calling one, ballots in batches, and closing it however many there are."""

from collections.abc import Iterator, Sequence
from typing import Any

from eth_utils.crypto import keccak

from scripts.gas.crowd import Crowd, packed_pay_ballots, transact
from scripts.gas.figures import Figure
from tests.contracts.artifacts import load
from tests.contracts.coop import DAY, Coop
from tests.contracts.people import Person

BATCH = "pay ballot in a batch of 100"
MOST = 65_535  # ballots that one pay vote can hold
RUNGS = 256


def pay(coop: Coop, crowd: Crowd) -> Iterator[Figure]:
    """Three pay votes at once; the last is closed once as it is and once as full as can be."""
    votes = []
    for number, name in enumerate((b"cook", b"porter", b"manager"), 1):
        opens_at = coop.now() + 2 * DAY
        call = coop.pay_rates.functions.openPayVote(name.ljust(32, b"\0"), opens_at)
        gas = coop.send(call, coop.ada)["gasUsed"]
        votes.append(number)
    yield Figure("call a pay vote, two others under way", gas)
    coop.warp(coop.now() + 2 * DAY + 10)
    fresh, touched, wide = votes
    yield Figure(f"{BATCH}, first touch", _cast(coop, fresh, crowd.row[:100]) // 100)
    _cast(coop, touched, [each for each in crowd.touchers if each[0] < crowd.first_id + 200])
    yield from _direct(coop, touched)
    hundred = crowd.others[:100]
    yield Figure(BATCH, _cast(coop, touched, hundred) // 100)
    yield Figure(f"{BATCH}, changed", _cast(coop, touched, hundred, 2) // 100)
    size = len(packed_pay_ballots(coop, fresh, crowd.row[:100], 2))
    yield Figure("bytes of calldata a pay ballot", size // 100)
    yield from _closing(coop, crowd, (fresh, touched, wide))


def _direct(coop: Coop, vote: int) -> Iterator[Figure]:
    cast = coop.pay_rates.functions.castPayBallot
    start, step = coop.pay_rates.functions.payVote(vote).call()[4:6]
    coop.send(cast(vote, 1, start, 1, ""), coop.ada)
    receipt = coop.send(cast(vote, 2, start + step, 1, ""), coop.ben)
    yield Figure("direct pay ballot, Nth voter", receipt["gasUsed"])


def _closing(coop: Coop, crowd: Crowd, votes: Sequence[int]) -> Iterator[Figure]:
    fresh, touched, wide = votes
    for start in range(0, len(crowd.row), 500):
        _cast(coop, wide, crowd.row[start : start + 500])
    functions = coop.pay_rates.functions
    coop.warp(int(functions.payVote(wide).call()[2]) + 1)
    yield Figure("close a pay vote of 100 ballots", _close(coop, fresh))
    _close(coop, touched)
    before = coop.chain.rpc("evm_snapshot")
    ballots = functions.payVote(wide).call()[8]
    yield Figure(f"close a pay vote of {ballots:,} ballots", _close(coop, wide))
    coop.chain.rpc("evm_revert", before)
    _fill(coop, wide)
    yield Figure(f"close a pay vote of {MOST:,} ballots on {RUNGS} rungs", _close(coop, wide))


def _close(coop: Coop, vote: int) -> int:
    data = coop.pay_rates.encode_abi("closePayVote", [vote])
    return transact(coop.chain, coop.ada.address, coop.pay_rates.address, data)


def _fill(coop: Coop, vote: int) -> None:
    """Writes as many ballots as there can be into the storage, nearly all on the highest rung.

    Closing then reads every word. The contract's own views must confirm what was written.
    """
    layout = load("PayRates")["storageLayout"]
    polls = _member(layout["storage"], "_polls")
    poll = layout["types"][layout["types"][polls["type"]]["value"]]["members"]
    base = int.from_bytes(keccak(vote.to_bytes(32, "big") + int(polls["slot"]).to_bytes(32, "big")))
    counts = [1] * (RUNGS - 1) + [MOST - RUNGS + 1]
    for word in range(RUNGS // 16):
        value = sum(count << 16 * place for place, count in enumerate(counts[16 * word :][:16]))
        _store(coop, base + int(_member(poll, "counts")["slot"]) + word, value)
    kept = _member(poll, "vote")
    fields = layout["types"][kept["type"]]["members"]
    ballots = _member(fields, "ballots")
    slot = base + int(kept["slot"]) + int(ballots["slot"])
    shift, present = 8 * ballots["offset"], coop.w3.eth.get_storage_at(coop.pay_rates.address, slot)
    cleared = int.from_bytes(present) & ~(0xFFFFFFFF << shift)
    _store(coop, slot, cleared | MOST << shift)
    functions = coop.pay_rates.functions
    assert functions.histogram(vote).call() == counts
    assert functions.payVote(vote).call()[8] == MOST


def _member(members: Sequence[dict[str, Any]], label: str) -> dict[str, Any]:
    return next(each for each in members if each["label"] == label)


def _store(coop: Coop, slot: int, value: int) -> None:
    words = (hex(slot), "0x" + value.to_bytes(32, "big").hex())
    coop.chain.rpc("anvil_setStorageAt", coop.pay_rates.address, *words)


def _cast(coop: Coop, vote: int, voters: Sequence[tuple[int, Person]], sequence: int = 1) -> int:
    """Gas of one batch, of which every ballot must count."""
    packed = packed_pay_ballots(coop, vote, voters, sequence)
    assert coop.pay_rates.functions.castPayBallots(vote, packed).call() == len(voters)
    data = coop.pay_rates.encode_abi("castPayBallots", [vote, packed])
    return transact(coop.chain, coop.ada.address, coop.pay_rates.address, data)
