"""What must always hold of ballots.

One scenario on a real chain each, by the numbers of contracts/README.md: the shortest story that
would break. The edges of each are tested where they belong.
"""

import random
from dataclasses import dataclass, field
from typing import Any

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    info,
    leave,
    rotate,
)
from tests.contracts.coop import ABSTAIN, AGAINST, DAY, FOR, Coop
from tests.contracts.founding import found, rule
from tests.contracts.people import NAMES
from tests.contracts.rates import (
    cast_pay,
    driver,
    opened_pay_vote,
    pay_vote,
)
from tests.contracts.refusals import Reverted
from tests.contracts.roll import ballot_refused, join, order, skipped
from tests.contracts.signing import entry


@dataclass
class Count:
    """What a teller who reads the accepted ballots has on paper."""

    newest: dict[int, int] = field(default_factory=dict)

    def tally(self) -> tuple[int, int, int]:
        choices = list(self.newest.values())
        return choices.count(AGAINST), choices.count(FOR), choices.count(ABSTAIN)


def test_invariant_01_the_tally_is_the_sum_of_the_newest_ballots_and_at_most_the_roll(
    coop: Coop,
) -> None:
    dice, count, sequences = random.Random(1), Count(), dict.fromkeys(range(1, 6), 0)
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    for turn in range(30):
        if turn == 20:
            leave(coop, coop.eve)  # her ballot stands
        member, choice = dice.randint(1, 5), dice.choice((AGAINST, FOR, ABSTAIN))
        sequence = sequences[member] + dice.choice((0, 1, 1, 2))
        by = coop.people[NAMES[member - 1]]
        accepted = sequence > sequences[member] and not (member == 5 and turn >= 20)
        if dice.random() < 0.5:
            packed = entry(member, choice, coop.sign(by, proposal, choice, sequence), sequence)
            assert (skipped(coop, coop.cast_batch(coop.tom, proposal, packed)) == []) == accepted
        elif accepted:
            coop.vote(by, proposal, choice, sequence)
        else:
            with pytest.raises(Reverted, match="AssemblyBallotRefused"):
                coop.vote(by, proposal, choice, sequence)
        if accepted:
            count.newest[member], sequences[member] = choice, sequence
        assert coop.votes(proposal) == count.tally()
        assert sum(coop.votes(proposal)) <= coop.assembly.functions.proposalRoll(proposal).call()
    assert len(count.newest) == 5


def test_invariant_02_a_member_has_one_ballot_whatever_keys_it_goes_through(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, rules={"Ordinary": rule(votingPeriod=9 * DAY)}, roles=[driver()])
    proposal = coop.propose(coop.ben)
    coop.open(proposal)
    vote = opened_pay_vote(coop)
    keys = [coop.ada, coop.fay, coop.gus, coop.hal]
    for turn, key in enumerate(keys):
        coop.vote(key, proposal, (FOR, AGAINST)[turn % 2])
        cast_pay(coop, key, vote, 2_000 + 10 * turn)
        assert sum(coop.votes(proposal)) == 1
        if turn == 0:
            rotate(coop, key, keys[1])
        elif turn < 3:
            order(coop, "recover", 1, keys[turn + 1].address)
    assert coop.votes(proposal) == (1, 0, 0)
    counts, terms = coop.pay_rates.functions.histogram(vote).call(), pay_vote(coop, vote)
    assert (sum(counts), terms["ballots"]) == (1, 1)
    assert counts[terms["presentRung"] + 3] == 1
    # The one ballot is the newest key's; the earlier keys have none to add.
    for key in keys[:-1]:
        with ballot_refused(proposal, 1, "BadSignature"):
            coop.vote(key, proposal, FOR, 9)


def test_invariant_03_a_ballot_counts_only_for_a_member_of_the_roll_with_its_key(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, probation=0)
    twin = found(chain, factory, probation=0, nonce=1)
    proposal, other = coop.propose(coop.ada), coop.propose(coop.ben)
    twin.propose(coop.ada)
    coop.open(other)
    join(coop, coop.fay)
    leave(coop, coop.eve)
    order(coop, "suspend", 4, DAY)

    def cast(member: int, signature: bytes, reason: str = "") -> str:
        packed = entry(member, FOR, signature, reason=reason)
        found_ = skipped(coop, coop.cast_batch(coop.tom, proposal, packed))
        return found_[0][2] if found_ else "counted"

    for who, why in (("fay", "NotEligible"), ("eve", "NotEligible"), ("dan", "NotEligible")):
        by = coop.people[who]
        assert cast(coop.id_of(by), coop.sign(by, proposal, FOR)) == why
    assert cast(9, coop.sign(coop.tom, proposal, FOR, memberId=1)) == "UnknownMember"
    assert cast(1, coop.sign(coop.ben, proposal, FOR, memberId=1)) == "BadSignature"
    others: list[dict[str, Any]] = [
        {"chainId": 1},
        {"verifyingContract": twin.assembly.address},
        {"proposalId": other},
        {"content": info(coop, other)["content"]},
        {"epoch": 1},
        {"sequence": 2},
        {"reason": "Because"},
        {"memberId": 2},
        {"name": "Bakers"},
    ]
    for changed in others:
        assert cast(1, coop.sign(coop.ada, proposal, FOR, **changed)) == "BadSignature", changed
    assert cast(1, coop.sign(coop.ada, proposal, AGAINST)) == "BadSignature"
    assert coop.votes(proposal) == (0, 0, 0)
    before = coop.sign(coop.ada, proposal, FOR)
    rotate(coop, coop.ada, coop.gus)
    assert cast(1, before) == "BadSignature"
    assert cast(1, coop.sign(coop.gus, proposal, FOR)) == "counted"
    assert coop.votes(proposal) == (0, 1, 0)


def test_invariant_04_an_older_ballot_never_replaces_a_newer_one_of_the_same_epoch(
    coop: Coop,
) -> None:
    proposal = coop.propose(coop.ben)
    coop.open(proposal)
    older = {n: entry(1, FOR, coop.sign(coop.ada, proposal, FOR, n), n) for n in (0, 1, 4, 5)}
    coop.vote(coop.ada, proposal, AGAINST, 5)
    for sequence, packed in older.items():
        receipt = coop.cast_batch(coop.tom, proposal, packed)
        assert skipped(coop, receipt) == [(1, sequence, "StaleSequence")]
        with ballot_refused(proposal, 1, "StaleSequence"):
            coop.vote(coop.ada, proposal, FOR, sequence)
    assert coop.votes(proposal) == (1, 0, 0)
    coop.vote(coop.ada, proposal, FOR, 6)
    assert coop.votes(proposal) == (0, 1, 0)
    order(coop, "recover", 1, coop.fay.address)
    coop.vote(coop.fay, proposal, ABSTAIN, 1)  # another epoch counts anew
    assert coop.votes(proposal) == (0, 0, 1)
