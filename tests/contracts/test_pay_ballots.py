"""Casting and changing pay ballots: directly, and signed in batches that anybody carries."""

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from eth_utils.crypto import keccak
from web3.contract import Contract as Factory

from node.devnet import Devnet
from tests.contracts.coop import DAY
from tests.contracts.ledger import Contract, artifact, refused
from tests.contracts.pay import (
    DRIVER,
    Coop,
    Founding,
    PayBallot,
    Rule,
    Terms,
    ballot_refused,
    cast,
    founded,
    key,
    pack,
    skipped,
)

# castPayBallot
# ├── unknown, Pending, Counting, Closed or Expired vote → refused as a whole
# ├── BadChoice: the rate is no rung
# ├── BadReason: more than 500 bytes
# ├── UnknownMember: the number was never given
# ├── NotEligible: joined after the freeze, left, suspended, or reinstated after the freeze
# ├── StaleSequence: 0, the same or a lower one in the same epoch
# ├── BadSignature: sent by somebody else than the member's present key
# └── counts, in place of an earlier ballot

OPEN = 1


@pytest.fixture
def found(factory: Factory, chain: Devnet) -> Founding:
    """Founds a co-op with other terms than `coop` has."""
    return partial(founded, chain, factory.address)


@pytest.fixture
def coop(found: Founding) -> Iterator[Coop]:
    with found(founders=9) as coop:
        yield coop


# Directly


def test_a_direct_ballot_is_counted_and_logged(coop: Coop) -> None:
    vote = coop.opened()
    assert coop.lane(vote, 1) == (0, 0, 0)

    receipt = coop.cast(vote, 1, 2150, reason="rents rose by 8 %")

    assert cast(receipt) == [(vote, 1, 2150, 1, "rents rose by 8 %")]
    assert coop.lane(vote, 1) == (2150, 0, 1)
    assert coop.counts(vote) == {2150: 1}
    assert coop.vote(vote)["ballots"] == 1


def test_a_higher_sequence_replaces_the_ballot(coop: Coop) -> None:
    vote = coop.opened()
    for rate, sequence in ((1800, 1), (2200, 2), (2200, 7), (1810, 255)):
        coop.cast(vote, 1, rate, sequence)
        assert coop.lane(vote, 1) == (rate, 0, sequence)
        assert coop.counts(vote) == {rate: 1}
    assert coop.vote(vote)["ballots"] == 1


@pytest.mark.parametrize("sequence", [0, 4, 5])
def test_a_sequence_that_is_not_higher_is_refused(coop: Coop, sequence: int) -> None:
    vote = coop.opened()
    coop.cast(vote, 1, 1800, 5)
    with ballot_refused(vote, 1, "StaleSequence"):
        coop.cast(vote, 1, 2000, sequence)


def test_a_first_ballot_needs_a_sequence_above_zero(coop: Coop) -> None:
    vote = coop.opened()
    with ballot_refused(vote, 1, "StaleSequence"):
        coop.cast(vote, 1, 2000, 0)


@pytest.mark.parametrize("rate", [0, 1799, 1790, 1805, 2201, 2210, 2**256 - 1])
def test_a_rate_that_is_no_rung_is_refused(coop: Coop, rate: int) -> None:
    vote = coop.opened()
    with ballot_refused(vote, 1, "BadChoice"):
        coop.cast(vote, 1, rate)


def test_the_lowest_and_the_highest_rung_are_taken(coop: Coop) -> None:
    vote = coop.opened()
    coop.cast(vote, 1, 1800)
    coop.cast(vote, 2, 2200)
    assert coop.counts(vote) == {1800: 1, 2200: 1}


def test_a_reason_has_at_most_500_bytes(coop: Coop) -> None:
    vote = coop.opened()
    coop.cast(vote, 1, 2000, reason="ä" * 250)
    with ballot_refused(vote, 2, "BadReason"):
        coop.cast(vote, 2, 2000, reason="ä" * 250 + "x")


def test_a_number_never_given_has_no_ballot(coop: Coop) -> None:
    vote = coop.opened()
    for number in (0, 10, 2**32 - 1):
        with ballot_refused(vote, number, "UnknownMember"):
            coop.cast(vote, number, 2000, sender=coop.account_of[1])


def test_only_the_present_key_casts_directly(coop: Coop) -> None:
    vote = coop.opened()
    old = coop.account_of[1]
    with ballot_refused(vote, 1, "BadSignature"):
        coop.cast(vote, 1, 2000, sender=coop.account_of[2])
    coop.rekey(1, 101)
    with ballot_refused(vote, 1, "BadSignature"):
        coop.cast(vote, 1, 2000, sender=old)
    coop.cast(vote, 1, 2000)


def test_the_roll_freezes_with_the_opening_second(coop: Coop) -> None:
    vote = coop.call()
    opens_at = coop.vote(vote)["opensAt"]
    coop.join(10, at=opens_at)
    coop.join(11, at=opens_at + 1)
    coop.cast(vote, 10, 2000, at=opens_at + 2)
    with ballot_refused(vote, 11, "NotEligible"):
        coop.cast(vote, 11, 2000)


def test_who_left_is_suspended_or_came_back_cannot_cast_but_ballots_cast_stand(coop: Coop) -> None:
    vote = coop.opened()
    coop.cast(vote, 1, 2200)
    coop.leave(1)
    coop.enrol("suspend", 2, DAY)
    coop.enrol("expel", 3)
    for member in (1, 2, 3):
        with ballot_refused(vote, member, "NotEligible"):
            coop.cast(vote, member, 2000, 2)
    coop.enrol("reinstate", 2)
    with ballot_refused(vote, 2, "NotEligible"):
        coop.cast(vote, 2, 2000)
    assert coop.counts(vote) == {2200: 1}


def test_ballots_are_taken_while_the_vote_is_open_and_at_no_other_time(coop: Coop) -> None:
    with refused("PayRatesUnknownPayVote", 1):
        coop.cast(1, 1, 2000)
    vote = coop.call()
    opens_at, deadline = coop.vote(vote)["opensAt"], coop.vote(vote)["deadline"]
    with refused("PayRatesUnexpectedState", vote, 0, OPEN):
        coop.cast(vote, 1, 2000, at=opens_at)
    coop.cast(vote, 1, 2000, 1, at=opens_at + 1)
    coop.cast(vote, 1, 2000, 2, at=deadline)
    with refused("PayRatesUnexpectedState", vote, 2, OPEN):
        coop.cast(vote, 1, 2000, 3, at=deadline + 1)
    with refused("PayRatesUnexpectedState", vote, 2, OPEN):
        coop.carry(vote, [])
    coop.close(vote)
    with refused("PayRatesUnexpectedState", vote, 3, OPEN):
        coop.cast(vote, 1, 2000, 3)
    second = coop.call(at=coop.now() + 31 * DAY)
    with refused("PayRatesUnexpectedState", second, 4, OPEN):
        coop.cast(second, 1, 2000, at=coop.vote(second)["deadline"] + 14 * DAY + 1)


# Keys


def test_a_new_key_overwrites_what_the_old_one_cast_whatever_its_sequence(coop: Coop) -> None:
    vote = coop.opened()
    coop.cast(vote, 1, 1800, 255)
    stolen = coop.ballot(vote, 1, 1810, sequence=255)
    signature = coop.sign(stolen)
    coop.rekey(1, 101)

    ballot = coop.ballot(vote, 1, 2200)
    assert ballot.epoch == 1
    receipt = coop.carry(vote, [pack(ballot, coop.sign(ballot, 101)), pack(stolen, signature)])

    assert skipped(receipt) == [(1, 255, "BadSignature")]
    assert coop.counts(vote) == {2200: 1}
    assert coop.lane(vote, 1) == (2200, 1, 1)
    assert coop.vote(vote)["ballots"] == 1


def test_invariant_2_a_member_has_one_ballot_whatever_keys_it_goes_through(coop: Coop) -> None:
    vote = coop.opened()
    for turn in range(4):
        coop.cast(vote, 3, 1800 + 10 * turn, turn + 1)
        coop.rekey(3, 200 + turn)
    coop.cast(vote, 3, 2200)
    assert coop.counts(vote) == {2200: 1}
    assert coop.vote(vote)["ballots"] == 1


# Contract accounts


def becomes(coop: Coop, member: int, name: str, *arguments: int) -> Contract:
    """Give a member a contract as account."""
    account = coop.deploy(name, *arguments)
    coop.enrol("recover", member, account.address)
    return account


def test_a_contract_account_is_asked_after_its_key(coop: Coop) -> None:
    vote = coop.opened()
    account = becomes(coop, 1, "ListAccount")
    ballot = coop.ballot(vote, 1, 2100)
    coop.send(account, "accept", coop.digest(ballot))

    receipt = coop.carry(vote, [pack(ballot, b"any words", long=True)])

    assert cast(receipt) == [(vote, 1, 2100, 1, "")]
    other = replace(ballot, sequence=2)
    assert skipped(coop.carry(vote, [pack(other, b"", long=True)])) == [(1, 2, "BadSignature")]


def test_an_account_with_delegated_code_signs_with_its_key(coop: Coop) -> None:
    vote = coop.opened()
    code = coop.chain.rpc("eth_getCode", coop.deploy("HostileAccount", 0).address, "latest")
    coop.chain.rpc("anvil_setCode", coop.account_of[1], code)
    assert skipped(coop.carry_signed(vote, [coop.ballot(vote, 1, 2000)])) == []


@pytest.mark.parametrize("way", range(5))
def test_a_hostile_account_fails_alone(coop: Coop, way: int) -> None:
    vote = coop.opened()
    becomes(coop, 2, "HostileAccount", way)
    ballots = [coop.ballot(vote, member, 2100) for member in (1, 2, 3)]
    batch = [pack(ballots[0], coop.sign(ballots[0])), pack(ballots[1], b"x" * 65, long=True)]
    batch.append(pack(ballots[2], coop.sign(ballots[2])))

    receipt = coop.carry(vote, batch, gas=600_000)

    assert skipped(receipt) == [(2, 1, "BadSignature")]
    assert coop.counts(vote) == {2100: 2}


def test_a_starved_check_reverts_the_batch_instead_of_skipping_the_ballot(coop: Coop) -> None:
    vote = coop.opened()
    account = becomes(coop, 1, "ListAccount")
    ballot = coop.ballot(vote, 1, 2100)
    coop.send(account, "accept", coop.digest(ballot))
    coop.send(account, "spend", 90_000)
    entry = pack(ballot, b"", long=True)

    with refused("SignaturesTooLittleGas"):
        coop.carry(vote, [entry], gas=150_000)
    assert coop.vote(vote)["ballots"] == 0

    assert skipped(coop.carry(vote, [entry], gas=400_000)) == []


# The counts


def test_invariant_14_the_counts_sum_to_the_members_who_cast(found: Founding) -> None:
    dice = random.Random(14)
    with found(founders=20, rule=Rule(quorum_min=11), roles=[Terms(DRIVER, step=2)]) as coop:
        vote = coop.opened()
        present, sequence = coop.vote(vote)["presentRung"], [0] * 21
        newest: dict[int, int] = {}
        for _ in range(12):
            batch: list[PayBallot] = []
            for member in dice.sample(range(1, 21), dice.randint(1, 12)):
                sequence[member] += dice.randint(1, 3)
                rate = 1800 + 2 * dice.randint(0, 200)
                batch.append(coop.ballot(vote, member, rate, sequence=sequence[member]))
                newest[member] = rate
            coop.carry_signed(vote, batch)

            by_rate = {rate: list(newest.values()).count(rate) for rate in newest.values()}
            assert coop.counts(vote) == by_rate
            assert coop.vote(vote)["ballots"] == len(newest)

        filled = max(0, 11 - len(newest))
        filled += 1 - (len(newest) + filled) % 2
        ballots = sorted([*newest.values(), *[1800 + 2 * present] * filled])
        receipt = coop.close(vote)
        middle = ballots[len(ballots) // 2]
        assert receipt.values("PayVoteClosed") == [(vote, len(newest), filled, middle, middle)]


def test_ballots_of_two_votes_are_kept_apart(found: Founding) -> None:
    cook = b"cook".ljust(32, b"\0")
    with found(roles=[Terms(DRIVER), Terms(cook)]) as coop:
        first = coop.call()
        second = coop.call(cook)
        coop.until(coop.vote(second)["opensAt"] + 1)
        coop.cast(first, 1, 1800)
        coop.cast(second, 1, 2200)
        assert coop.counts(first) == {1800: 1}
        assert coop.counts(second) == {2200: 1}
        assert coop.view("payBallotOf", second, 1) == (2200, 0, 1)


def test_the_key_of_a_stranger_opens_nothing(coop: Coop) -> None:
    vote = coop.opened()
    ballot = coop.ballot(vote, 1, 2000)
    forged = pack(ballot, coop.sign(ballot, number=999))
    assert key(999).address not in coop.account_of.values()
    assert skipped(coop.carry(vote, [forged])) == [(1, 1, "BadSignature")]


def test_a_vote_holds_65535_ballots_and_refuses_one_more(coop: Coop) -> None:
    vote = coop.opened()
    coop.cast(vote, 1, 2000)
    slot = _slot_of_vote(coop, vote)
    word = int(coop.chain.rpc("eth_getStorageAt", coop.pay.address, slot, "latest"), 16)
    full = word & (2**224 - 1) | 65_535 << 224
    coop.chain.rpc("anvil_setStorageAt", coop.pay.address, slot, f"0x{full:064x}")
    assert coop.vote(vote)["ballots"] == 65_535
    with refused("HistogramFull", 65_536):
        coop.cast(vote, 2, 2000)
    coop.cast(vote, 1, 2010, 2)


def _slot_of_vote(coop: Coop, vote: int) -> str:
    """Where the vote's facts lie, from the artifact's storage layout."""
    layout = artifact("PayRates")["storageLayout"]
    base = next(int(v["slot"]) for v in layout["storage"] if v["label"] == "_polls")
    poll = next(kind for name, kind in layout["types"].items() if name.endswith("Poll)_storage"))
    assert poll["members"][0]["label"] == "vote"
    return "0x" + keccak(vote.to_bytes(32) + base.to_bytes(32)).hex()
