"""Signed pay ballots in batches that anybody carries."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from web3.contract import Contract as Factory

from node.devnet import Devnet
from tests.contracts.ledger import refused
from tests.contracts.pay import ORDER, Coop, Founding, cast, founded, pack, skipped

# castPayBallots
# ├── the same refusals of the whole vote; a truncated batch → PackedBallotsTruncated
# ├── the same refusals of one ballot → PayBallotSkipped, and the rest is counted
# └── too little gas for a contract account → SignaturesTooLittleGas


@pytest.fixture
def found(factory: Factory, chain: Devnet) -> Founding:
    """Founds a co-op with other terms than `coop` has."""
    return partial(founded, chain, factory.address)


@pytest.fixture
def coop(found: Founding) -> Iterator[Coop]:
    with found(founders=9) as coop:
        yield coop


def test_a_batch_of_signed_ballots_is_counted_whoever_carries_it(coop: Coop) -> None:
    vote = coop.opened()
    ballots = [coop.ballot(vote, member, 1800 + 10 * member) for member in range(1, 10)]
    ballots[3] = replace(ballots[3], reason="the night shifts")

    receipt = coop.carry_signed(vote, ballots)

    assert cast(receipt) == [
        (vote, ballot.member, ballot.rate, 1, ballot.reason) for ballot in ballots
    ]
    assert coop.counts(vote) == {1800 + 10 * member: 1 for member in range(1, 10)}
    assert coop.vote(vote)["ballots"] == 9


def test_an_empty_batch_counts_nothing(coop: Coop) -> None:
    vote = coop.opened()
    assert coop.carry(vote, []).events == []


def test_a_batch_tells_how_many_were_counted(coop: Coop) -> None:
    vote = coop.opened()
    good = [coop.ballot(vote, member, 2000) for member in (1, 2, 3)]
    packed = [pack(ballot, coop.sign(ballot)) for ballot in good]
    packed.append(pack(good[0], coop.sign(good[1])))
    assert coop.view("castPayBallots", vote, b"".join(packed)) == 3


def test_every_kind_of_bad_ballot_is_skipped_and_the_rest_counted(coop: Coop) -> None:
    vote = coop.call()
    coop.join(10, at=coop.vote(vote)["opensAt"] + 1)
    coop.until(coop.now() + 1)
    coop.leave(4)
    coop.cast(vote, 5, 2000, 9)
    kept = [coop.ballot(vote, member, 2100) for member in (1, 9)]
    bad = {
        "UnknownMember": replace(coop.ballot(vote, 1, 2000), member=77),
        "NotEligible": coop.ballot(vote, 10, 2000),
        "BadChoice": coop.ballot(vote, 2, 2210),
        "StaleSequence": coop.ballot(vote, 5, 2000, sequence=9),
        "BadReason": coop.ballot(vote, 7, 2000, reason="x" * 501),
    }
    left = coop.ballot(vote, 4, 2000)
    forged = coop.ballot(vote, 6, 2000)
    batch = [pack(kept[0], coop.sign(kept[0]))]
    batch += [pack(ballot, coop.sign(ballot)) for ballot in bad.values()]
    batch += [pack(left, coop.sign(left)), pack(forged, coop.sign(forged, number=1))]
    batch += [pack(kept[1], coop.sign(kept[1]))]

    receipt = coop.carry(vote, batch)

    assert skipped(receipt) == [
        (77, 1, "UnknownMember"),
        (10, 1, "NotEligible"),
        (2, 1, "BadChoice"),
        (5, 9, "StaleSequence"),
        (7, 1, "BadReason"),
        (4, 1, "NotEligible"),
        (6, 1, "BadSignature"),
    ]
    assert [values[1] for values in cast(receipt)] == [1, 9]
    assert coop.counts(vote) == {2000: 1, 2100: 2}


@pytest.mark.parametrize(
    "change",
    [
        {"vote": 2},
        {"content": b"\x11" * 32},
        {"rate": 2010},
        {"member": 2},
        {"epoch": 1},
        {"sequence": 2},
        {"reason": "another"},
        {"chain_id": 1},
        {"name": "Another Co-op"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_part_of_a_ballot_is_signed(coop: Coop, change: dict[str, object]) -> None:
    vote = coop.opened()
    sent = coop.ballot(vote, 1, 2000, reason="as sent")
    signed = replace(sent, **change)  # type: ignore[arg-type]

    receipt = coop.carry(vote, [pack(sent, coop.sign(signed, number=1))])

    assert skipped(receipt) == [(1, 1, "BadSignature")]


def test_a_ballot_for_another_instance_is_refused(coop: Coop) -> None:
    vote = coop.opened()
    ballot = coop.ballot(vote, 1, 2000)
    here, elsewhere = coop.pay, coop.clone("PayRates", b"")
    coop.pay = elsewhere
    signature = coop.sign(ballot)
    coop.pay = here
    assert skipped(coop.carry(vote, [pack(ballot, signature)])) == [(1, 1, "BadSignature")]


def test_a_ballot_counts_with_64_and_with_65_bytes_of_signature(coop: Coop) -> None:
    vote = coop.opened()
    one, two = coop.ballot(vote, 1, 2000, reason="a"), coop.ballot(vote, 2, 2000, reason="b")
    receipt = coop.carry(vote, [pack(one, coop.sign(one)), pack(two, coop.sign(two), long=True)])
    assert [values[4] for values in cast(receipt)] == ["a", "b"]


def test_malleable_and_malformed_signatures_are_refused(coop: Coop) -> None:
    vote = coop.opened()
    ballot = coop.ballot(vote, 1, 2000)
    good = coop.sign(ballot)
    s = int.from_bytes(good[32:64])
    high_s = good[:32] + (ORDER - s).to_bytes(32) + bytes([55 - good[64]])
    wrong = [high_s, good[:64] + bytes([good[64] - 27]), good[:63], good + b"\0", b"", bytes(65)]

    receipt = coop.carry(vote, [pack(ballot, signature, long=True) for signature in wrong])

    assert skipped(receipt) == [(1, 1, "BadSignature")] * len(wrong)
    assert skipped(coop.carry(vote, [pack(ballot, good)])) == []


def test_a_replayed_batch_changes_nothing(coop: Coop) -> None:
    vote = coop.opened()
    batch = [coop.ballot(vote, member, 2100) for member in (1, 2)]
    coop.carry_signed(vote, batch)

    receipt = coop.carry_signed(vote, batch)

    assert skipped(receipt) == [(1, 1, "StaleSequence"), (2, 1, "StaleSequence")]
    assert coop.counts(vote) == {2100: 2}


def test_an_older_signed_ballot_never_replaces_a_newer_direct_one(coop: Coop) -> None:
    vote = coop.opened()
    older = coop.ballot(vote, 1, 1800, sequence=1)
    coop.cast(vote, 1, 2200, 2)
    assert skipped(coop.carry_signed(vote, [older])) == [(1, 1, "StaleSequence")]
    assert coop.lane(vote, 1) == (2200, 0, 2)


def test_of_two_ballots_in_a_batch_the_later_sequence_counts(coop: Coop) -> None:
    vote = coop.opened()
    first, second = (coop.ballot(vote, 1, 1800), coop.ballot(vote, 1, 2200, sequence=2))
    receipt = coop.carry_signed(vote, [second, first])
    assert skipped(receipt) == [(1, 1, "StaleSequence")]

    receipt = coop.carry_signed(vote, [replace(first, sequence=3), replace(second, sequence=4)])

    assert skipped(receipt) == []
    assert coop.counts(vote) == {2200: 1}


def test_a_batch_may_end_nowhere_within_an_entry(coop: Coop) -> None:
    vote = coop.opened()
    ballot = coop.ballot(vote, 1, 2000, reason="ends here")
    whole = pack(ballot, coop.sign(ballot), long=True)
    for end in range(1, len(whole)):
        with refused("PackedBallotsTruncated", end):
            coop.carry(vote, [whole[:end]])
    assert skipped(coop.carry(vote, [whole])) == []
