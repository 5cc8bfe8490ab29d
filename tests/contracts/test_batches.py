"""Signed ballots that anyone carries: a bad one is skipped with its reason and spoils nothing.

Members whose account is a contract: test_contract_accounts.
"""

import random
from typing import Any

import pytest
from eth_account import Account
from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import refused, wrong_state
from tests.contracts.artifacts import at, deploy
from tests.contracts.coop import ABSTAIN, AGAINST, DAY, FOR, Coop
from tests.contracts.founding import found, rule
from tests.contracts.ledger import clone_code, named
from tests.contracts.people import NAMES, person
from tests.contracts.roll import act, ask, ballot_message, sign_ballot, skipped
from tests.contracts.signing import compact, entry

ORDER_OF_CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
ALTERED: list[dict[str, Any]] = [
    {"proposalId": 2},
    {"content": b"\x01" * 32},
    {"choice": "against"},
    {"choice": "For"},
    {"memberId": 3},
    {"epoch": 1},
    {"epoch": 64},
    {"sequence": 2},
    {"sequence": 257},
    {"reason": "no"},
    {"name": "Bakers"},
    {"version": "2"},
    {"chainId": 1},
    {"verifyingContract": person("gus").address},
]


@pytest.fixture
def vote(coop: Coop) -> int:
    """An open vote on a resolution in words."""
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    return proposal


def signed(
    coop: Coop, name: str, proposal: int, choice: int = FOR, sequence: int = 1, reason: str = ""
) -> bytes:
    """One good entry of a batch."""
    by = coop.people[name]
    signature = coop.sign(by, proposal, choice, sequence, reason)
    return entry(coop.id_of(by), choice, signature, sequence, reason)


def counted(coop: Coop, proposal: int, packed: bytes) -> int:
    """What `castBallots` would return."""
    return int(coop.assembly.functions.castBallots(proposal, packed).call())


# Counting


def test_a_batch_counts_every_good_ballot_whoever_carries_it(coop: Coop, vote: int) -> None:
    choices = {"ada": FOR, "ben": AGAINST, "cleo": ABSTAIN, "eve": FOR}
    packed = b"".join(
        signed(coop, name, vote, choice, reason=name) for name, choice in choices.items()
    )
    assert counted(coop, vote, packed) == 4
    receipt = coop.cast_batch(coop.tom, vote, packed)
    told = [event["args"] for event in coop.events(receipt, "VoteCast")]
    assert [(args["voter"], args["support"], args["reason"]) for args in told] == [
        (coop.people[name].address, choice, name) for name, choice in choices.items()
    ]
    assert coop.votes(vote) == (1, 2, 1)
    assert len(receipt["logs"]) == 4


def test_a_batch_of_twenty_counts_twenty(factory: Contract, chain: Devnet) -> None:
    coop = found(chain, factory, founders=NAMES)
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    order = random.Random(0).sample(NAMES, 20)
    packed = b"".join(signed(coop, name, proposal, number % 3) for number, name in enumerate(order))
    assert counted(coop, proposal, packed) == 20
    receipt = coop.cast_batch(coop.ada, proposal, packed)
    assert coop.votes(proposal) == (7, 7, 6)
    for number, name in enumerate(order):
        support = coop.assembly.functions.ballotOf(proposal, NAMES.index(name) + 1).call()
        assert support == [number % 3, 0, 1]
    # A direct ballot costs 62,000, and 41,700 each is the best batch of the field.
    assert receipt["gasUsed"] / 20 < 27_000


def test_signatures_travel_in_sixty_four_or_sixty_five_bytes(coop: Coop, vote: int) -> None:
    signatures = {name: coop.sign(coop.people[name], vote, FOR) for name in ("ada", "ben", "cleo")}
    packed = (
        entry(1, FOR, signatures["ada"])
        + entry(2, FOR, signatures["ben"], long=True)
        + entry(3, FOR, compact(signatures["cleo"]), long=True)
    )
    coop.cast_batch(coop.tom, vote, packed)
    assert coop.votes(vote) == (0, 3, 0)


def test_an_empty_batch_counts_nothing_and_tells_nothing(coop: Coop, vote: int) -> None:
    head = coop.assembly.functions.chronicleHead().call()
    assert counted(coop, vote, b"") == 0
    receipt = coop.cast_batch(coop.tom, vote, b"")
    assert receipt["logs"] == []
    assert coop.assembly.functions.chronicleHead().call() == head


def test_of_two_ballots_of_one_member_the_higher_sequence_stands(coop: Coop, vote: int) -> None:
    first, second = signed(coop, "ben", vote, FOR), signed(coop, "ben", vote, AGAINST, 2)
    receipt = coop.cast_batch(coop.tom, vote, first + second)
    assert len(coop.events(receipt, "VoteCast")) == 2
    assert coop.votes(vote) == (1, 0, 0)


def test_in_the_wrong_order_the_older_ballot_is_skipped(coop: Coop, vote: int) -> None:
    newer, older = signed(coop, "ben", vote, AGAINST, 2), signed(coop, "ben", vote, FOR)
    receipt = coop.cast_batch(coop.tom, vote, newer + older)
    assert skipped(coop, receipt) == [(2, 1, "StaleSequence")]
    assert coop.votes(vote) == (1, 0, 0)


def test_a_batch_sent_twice_counts_once(coop: Coop, vote: int) -> None:
    one = signed(coop, "ben", vote)
    receipt = coop.cast_batch(coop.tom, vote, one + one)
    assert skipped(coop, receipt) == [(2, 1, "StaleSequence")]
    assert skipped(coop, coop.cast_batch(coop.ada, vote, one)) == [(2, 1, "StaleSequence")]
    assert coop.votes(vote) == (0, 1, 0)


def test_gaps_between_sequences_are_told_right_before_the_vote(coop: Coop, vote: int) -> None:
    packed = signed(coop, "ada", vote) + signed(coop, "ben", vote, FOR, 5)
    receipt = coop.cast_batch(coop.tom, vote, packed)
    [gap] = coop.events(receipt, "BallotSequence")
    assert gap["args"] == {"proposalId": vote, "memberId": 2, "sequence": 5}
    last = coop.events(receipt, "VoteCast")[1]
    assert (gap["logIndex"], last["logIndex"]) == (1, 2)


# Refusals


def test_each_bad_ballot_is_skipped_for_its_own_reason_and_the_others_count(
    factory: Contract, chain: Devnet
) -> None:
    removal = rule(swingWindow=DAY, swingCap=2 * DAY, quorumMin=10, quorumBps=0)
    coop = found(chain, factory, founders=NAMES, rules={"Removal": removal})
    proposal = coop.personal(coop.ada, "expel", 19)
    coop.open(proposal)
    coop.cast_batch(coop.tom, proposal, b"".join(signed(coop, n, proposal) for n in NAMES[:9]))
    deadline = coop.assembly.functions.proposalDeadline(proposal).call()
    coop.warp(deadline - 100)
    coop.cast_batch(coop.tom, proposal, signed(coop, "jon", proposal))
    coop.warp(deadline + 1)  # the tenth ballot made the quorum late: the vote is extended
    act(coop, coop.tom, "leaveCooperative")

    garbage = bytes(64) + b"\x1b"
    packed = (
        signed(coop, "lea", proposal)
        + entry(99, FOR, garbage)
        + entry(20, FOR, coop.sign(coop.tom, proposal, FOR))
        + entry(19, AGAINST, coop.sign(coop.sue, proposal, AGAINST))
        + entry(13, AGAINST, coop.sign(coop.max, proposal, FOR))
        + signed(coop, "ada", proposal, AGAINST)
        + signed(coop, "ben", proposal, AGAINST, 2)
        + entry(14, 3, coop.sign(coop.nia, proposal, FOR))
        + signed(coop, "oto", proposal, reason="x")
        + entry(15, FOR, coop.sign(coop.oto, proposal, FOR, 0), 0)
        + signed(coop, "pia", proposal, AGAINST)
    )
    assert counted(coop, proposal, packed) == 2
    receipt = coop.cast_batch(coop.ada, proposal, packed)
    assert skipped(coop, receipt) == [
        (99, 1, "UnknownMember"),
        (20, 1, "NotEligible"),
        (19, 1, "PersonConcerned"),
        (13, 1, "BadSignature"),
        (1, 1, "StaleSequence"),
        (2, 2, "AlreadyVoted"),
        (14, 1, "BadChoice"),
        (15, 1, "BadReason"),
        (15, 0, "StaleSequence"),
    ]
    voters = [event["args"]["voter"] for event in coop.events(receipt, "VoteCast")]
    assert voters == [coop.lea.address, coop.pia.address]
    assert coop.votes(proposal) == (1, 11, 0)


@pytest.mark.parametrize("changed", ALTERED, ids=str)
def test_a_ballot_signed_over_another_field_is_skipped(
    coop: Coop, vote: int, changed: dict[str, Any]
) -> None:
    signature = sign_ballot(
        coop, coop.ben, ballot_message(coop, 2, vote, "for", 1, "yes"), **changed
    )
    packed = entry(2, FOR, signature, 1, "yes") + signed(coop, "ada", vote)
    receipt = coop.cast_batch(coop.tom, vote, packed)
    assert skipped(coop, receipt) == [(2, 1, "BadSignature")]
    assert coop.votes(vote) == (0, 1, 0)


def test_a_ballot_for_another_proposal_of_the_same_member_is_skipped(coop: Coop) -> None:
    first, second = coop.propose(coop.ada), coop.propose(coop.ben)
    coop.open(second)
    receipt = coop.cast_batch(coop.tom, second, signed(coop, "cleo", first))
    assert skipped(coop, receipt) == [(3, 1, "BadSignature")]


def test_a_ballot_for_another_instance_is_skipped(coop: Coop, factory: Contract) -> None:
    twin = found(coop.chain, factory, nonce=1)
    proposals = [instance.propose(coop.ada) for instance in (coop, twin)]
    assert proposals == [1, 1]
    twin.open(1)
    receipt = twin.cast_batch(coop.tom, 1, signed(coop, "ben", 1))
    assert skipped(twin, receipt) == [(2, 1, "BadSignature")]


def test_a_signature_has_one_form_only(coop: Coop, vote: int) -> None:
    good = coop.sign(coop.ben, vote, FOR)
    r, s, v = good[:32], int.from_bytes(good[32:64], "big"), good[64]
    twin = r + (ORDER_OF_CURVE - s).to_bytes(32, "big")
    bad = [twin + bytes([55 - v])]
    bad += [good[:64] + bytes([wrong]) for wrong in (0, 1, 26, 29, 55 - v, 255)]
    bad += [bytes(65), b"\xff" * 65, good[:32] + bytes(32) + good[64:]]
    packed = b"".join(entry(2, FOR, signature, long=True) for signature in bad)
    receipt = coop.cast_batch(coop.tom, vote, packed)
    assert skipped(coop, receipt) == [(2, 1, "BadSignature")] * len(bad)
    coop.cast_batch(coop.tom, vote, entry(2, FOR, good, long=True))
    assert coop.votes(vote) == (0, 1, 0)


@pytest.mark.parametrize("length", [0, 1, 63, 66, 96, 4_000])
def test_a_signature_of_another_length_is_skipped(coop: Coop, vote: int, length: int) -> None:
    good = coop.sign(coop.ben, vote, FOR)
    garbage = (good * 70)[:length]
    packed = entry(2, FOR, garbage, long=True) + signed(coop, "ada", vote)
    receipt = coop.cast_batch(coop.tom, vote, packed)
    assert skipped(coop, receipt) == [(2, 1, "BadSignature")]
    assert coop.votes(vote) == (0, 1, 0)


def test_reasons_in_a_batch_have_at_most_five_hundred_bytes(coop: Coop, vote: int) -> None:
    packed = signed(coop, "ben", vote, reason="é" * 250)
    packed += signed(coop, "cleo", vote, reason="é" * 250 + "x")
    receipt = coop.cast_batch(coop.tom, vote, packed)
    assert skipped(coop, receipt) == [(3, 1, "BadReason")]
    assert coop.events(receipt, "VoteCast")[0]["args"]["reason"] == "é" * 250


# Replay


def test_an_older_ballot_never_replaces_a_newer_one(coop: Coop, vote: int) -> None:
    old, new = signed(coop, "ben", vote, FOR, 3), signed(coop, "ben", vote, AGAINST, 4)
    coop.cast_batch(coop.tom, vote, old)
    coop.cast_batch(coop.tom, vote, new)
    assert skipped(coop, coop.cast_batch(coop.tom, vote, old)) == [(2, 3, "StaleSequence")]
    assert coop.votes(vote) == (1, 0, 0)


def test_a_direct_ballot_outranks_every_ballot_signed_before_it(coop: Coop, vote: int) -> None:
    old = signed(coop, "ben", vote, FOR, 1)
    coop.vote(coop.ben, vote, AGAINST, 2)
    assert skipped(coop, coop.cast_batch(coop.tom, vote, old)) == [(2, 1, "StaleSequence")]
    coop.cast_batch(coop.tom, vote, signed(coop, "ben", vote, ABSTAIN, 3))
    assert coop.votes(vote) == (0, 0, 1)


# The form of a batch


def test_a_batch_cut_anywhere_within_an_entry_is_refused_as_a_whole(coop: Coop, vote: int) -> None:
    entries = [
        signed(coop, "ada", vote, reason="✓"),
        entry(2, FOR, coop.sign(coop.ben, vote, FOR), long=True),
        entry(3, FOR, coop.sign(coop.cleo, vote, FOR, 1, "no"), 1, "no", long=True),
    ]
    packed = b"".join(entries)
    whole = {0, len(entries[0]), len(entries[0]) + len(entries[1])}
    head = coop.assembly.functions.chronicleHead().call()
    for cut in range(len(packed)):
        if cut in whole:
            assert counted(coop, vote, packed[:cut]) == sorted(whole).index(cut)
            continue
        with refused("PackedBallotsTruncated", cut):
            coop.cast_batch(coop.tom, vote, packed[:cut])
    assert coop.votes(vote) == (0, 0, 0)
    assert coop.assembly.functions.chronicleHead().call() == head
    assert counted(coop, vote, packed) == 3


def test_lengths_beyond_the_batch_are_refused(coop: Coop, vote: int) -> None:
    good = signed(coop, "ada", vote)
    for tail in (b"\x09" + bytes(5) + b"\xff\xff", b"\x0d" + bytes(5) + b"\x00\x00\xff\xff"):
        with refused("PackedBallotsTruncated", len(good + tail)):
            coop.cast_batch(coop.tom, vote, good + tail)


def test_the_shortest_entries_fill_a_batch_without_harm(coop: Coop, vote: int) -> None:
    shortest = entry(2, FOR, b"", long=True)
    assert len(shortest) == 8
    receipt = coop.cast_batch(coop.tom, vote, shortest * 300)
    assert skipped(coop, receipt) == [(2, 1, "BadSignature")] * 300


def test_a_batch_is_taken_only_while_the_vote_is_open(coop: Coop) -> None:
    with refused("AssemblyUnknownProposal", 1):
        coop.cast_batch(coop.tom, 1, b"")
    proposal = coop.propose(coop.ada)
    packed = signed(coop, "ada", proposal)
    with wrong_state(proposal, "pending", "active"):
        coop.cast_batch(coop.tom, proposal, packed)
    coop.close(proposal)
    with wrong_state(proposal, "defeated", "active"):
        coop.cast_batch(coop.tom, proposal, packed)


# The digest


def test_a_member_signs_the_digest_that_ethers_computes(factory: Contract, chain: Devnet) -> None:
    # ethers 6: TypedDataEncoder.hash of Ballot(1, content, "abstain", 1, 0, 3, "because ✓") in
    # the domain ("Weavers’ Guild", "1", 31337, 0xa55e…01); content by AbiCoder and keccak256
    content = "c69bfb24ffa7cf9eb785ee623614129460c73ecefbd765c6ce10f2782dc7e4af"
    digest = "0x14cf31bdaaae3bcd4168d97620cd5dbcd69791d70e959ccd9fe7c362ec9b8aa0"
    place = Web3.to_checksum_address("0xa55e000000000000000000000000000000000001")
    coop = found(chain, factory)
    own = [contract.address for contract in (coop.membership, coop.bylaws, coop.pay_rates)]
    implementation = factory.functions.implementations().call()[2]
    code = clone_code(implementation, named("Weavers’ Guild", *own))
    chain.rpc("anvil_setCode", place, "0x" + code.hex())
    coop.assembly = at(coop.w3, "Assembly", place)
    coop.send(coop.assembly.functions.initialize(), coop.tom)

    coop.next_at(2_000_000_000 - 3 * DAY)
    propose = coop.assembly.functions.propose([], "We close on Fridays ✓", 2_000_000_000)
    coop.send(propose, coop.ada)
    assert coop.assembly.functions.proposal(1).call()[10].hex() == content
    coop.open(1)
    signature = bytes(Account.unsafe_sign_hash(digest, coop.ada.key.key).signature)
    coop.cast_batch(coop.tom, 1, entry(1, ABSTAIN, signature, 3, "because ✓"))
    assert coop.votes(1) == (0, 0, 1)


def test_each_contract_names_the_domain_of_its_signatures(coop: Coop) -> None:
    for contract in (coop.membership, coop.assembly, coop.pay_rates):
        fields, name, version, chain_id, place, salt, more = (
            contract.functions.eip712Domain().call()
        )
        assert (fields, name, version, chain_id) == (b"\x0f", "Weavers", "1", 31337)
        assert (place, salt, more) == (contract.address, bytes(32), [])
    assert coop.assembly.functions.name().call() == "Weavers"
    assert coop.assembly.functions.version().call() == "1"


# EIP-7702


def test_an_account_with_delegated_code_still_votes_by_its_key(coop: Coop, vote: int) -> None:
    for name, target in (("ben", "HostileAccount"), ("cleo", "WrongMagicAccount")):
        arguments = (1,) if target == "HostileAccount" else ()
        delegate = deploy(coop.w3, target, *arguments).address
        account = coop.people[name].address
        coop.chain.rpc("anvil_setCode", account, "0xef0100" + delegate[2:])
        assert bytes(coop.w3.eth.get_code(coop.people[name].key.address))[:3] == b"\xef\x01\x00"
    coop.cast_batch(coop.tom, vote, signed(coop, "ben", vote) + signed(coop, "cleo", vote))
    assert coop.votes(vote) == (0, 2, 0)
    coop.vote(coop.ben, vote, AGAINST, 2)
    assert coop.votes(vote) == (1, 1, 0)
    assert ask(coop, "activeMemberIdOf", coop.ben.address) == 2
