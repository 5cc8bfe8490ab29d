"""Ballots: digest, signature, file and packed form. Expected hashes come from ethers and viem."""

import dataclasses
import json
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from indexer.proofs.keys import HALF_ORDER
from node import ballot_file, typed_data
from node.ballot import CHOICES, Ballot, PayBallot, SignedBallot, ballot_hash, sign_ballot
from node.ballot_file import BallotFile
from node.packing import Ladder, pack
from node.typed_data import Domain, Malformed

DOMAIN = Domain("Weavers Co-op", "1", 31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
CONTENT = bytes.fromhex("c0" * 32)
BALLOT = Ballot(7, CONTENT, "for", 3, 1, 2, "Über die Löhne")
PAY_BALLOT = PayBallot(4, CONTENT, 2150, 3, 0, 255)
LADDER = Ladder(start=1900, step=50, rungs=11)
# The first account of the well-known test mnemonic.
ADA = Account.from_key("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

# ethers 6 and viem 2 agree on these.
DIGEST = "19e207879a57a7ea5a89cc75112e20b4bed2c86aac66f9fec63f6ec7e180d83a"
PAY_DIGEST = "017528e7f71fdc11d7233bc1d8eaf0262c31a7faea197d89e8b323ac75b41a1b"
SIGNATURE = (
    "e41f4c37712ae2bd6f83aa065b4fc235d443cc7f3405f27342e4eeab03230426"
    "16d4f0358ce0772ec2406cb2eb06e85aa5e7855998af3f908bcd056ee301aa02"
    "1b"
)
PAY_COMPACT = (
    "ec61ceee96a72364edd2507c3ecde206f3d7d1623c90243775b42ae45d52bb72"
    "80691702aeb0c2cdcd9282a95bdee867796d61bff5bdcbf2cbc9b58d3854fe75"
)


# Digest


def test_a_ballot_hashes_as_ethers_and_viem_hash_it() -> None:
    assert ballot_hash(BALLOT, DOMAIN).hex() == DIGEST


def test_a_pay_ballot_hashes_as_ethers_and_viem_hash_it() -> None:
    assert ballot_hash(PAY_BALLOT, DOMAIN).hex() == PAY_DIGEST


def test_the_digest_follows_the_formula_of_eip_712_step_by_step() -> None:
    def word(value: int) -> bytes:
        return value.to_bytes(32)

    domain_separator = keccak(
        keccak(
            b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        )
        + keccak(b"Weavers Co-op")
        + keccak(b"1")
        + word(31337)
        + word(int(DOMAIN.verifying_contract, 16))
    )
    struct_hash = keccak(
        keccak(
            b"Ballot(uint256 proposalId,bytes32 content,string choice,uint32 memberId,"
            b"uint32 epoch,uint32 sequence,string reason)"
        )
        + word(7)
        + CONTENT
        + keccak(b"for")
        + word(3)
        + word(1)
        + word(2)
        + keccak("Über die Löhne".encode())
    )

    assert ballot_hash(BALLOT, DOMAIN) == keccak(b"\x19\x01" + domain_separator + struct_hash)


@given(
    proposal=st.integers(1, 2**256 - 1),
    content=st.binary(min_size=32, max_size=32),
    choice=st.sampled_from(CHOICES),
    member=st.integers(1, 2**32 - 1),
    epoch=st.integers(0, 2**32 - 1),
    sequence=st.integers(1, 255),
    reason=st.text(max_size=100),
    name=st.text(max_size=50),
    contract=st.binary(min_size=20, max_size=20),
)
def test_any_ballot_hashes_and_is_signed_as_eth_account_does_it(
    proposal: int,
    content: bytes,
    choice: Any,
    member: int,
    epoch: int,
    sequence: int,
    reason: str,
    name: str,
    contract: bytes,
) -> None:
    ballot = Ballot(proposal, content, choice, member, epoch, sequence, reason)
    whole = ballot.typed_data(Domain(name, "1", 31337, to_checksum_address(contract)))
    signable = encode_typed_data(full_message=whole)
    theirs = keccak(b"\x19" + signable.version + signable.header + signable.body)
    assert typed_data.digest(whole) == theirs
    signature = typed_data.sign(whole, ADA)
    assert signature == ADA.sign_message(signable).signature
    assert typed_data.signer_of(whole, signature) == ADA.address


@pytest.mark.parametrize(
    "change",
    [
        {"proposal_id": 8},
        {"content": bytes(32)},
        {"choice": "against"},
        {"member_id": 4},
        {"epoch": 2},
        {"sequence": 3},
        {"reason": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_field_of_a_ballot_is_in_its_hash(change: dict[str, Any]) -> None:
    assert ballot_hash(dataclasses.replace(BALLOT, **change), DOMAIN).hex() != DIGEST


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Other Co-op"},
        {"version": "2"},
        {"chain_id": 1},
        {"verifying_contract": ADA.address},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_field_of_the_domain_is_in_its_hash(change: dict[str, Any]) -> None:
    assert ballot_hash(BALLOT, dataclasses.replace(DOMAIN, **change)).hex() != DIGEST


# What no ballot can be


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"choice": "yes"}, "none of for, against, abstain"),
        ({"choice": "For"}, "none of for, against, abstain"),
        ({"proposal_id": 0}, "numbered from 1"),
        ({"member_id": 0}, "numbered from 1"),
        ({"sequence": 0}, "between 1 and 255"),
        ({"sequence": 256}, "between 1 and 255"),
        ({"reason": "é" * 251}, "502 bytes; at most 500"),
    ],
)
def test_a_ballot_that_cannot_count_is_not_made(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        dataclasses.replace(BALLOT, **change)


def test_a_reason_of_500_bytes_is_allowed() -> None:
    assert len(dataclasses.replace(BALLOT, reason="é" * 250).reason.encode()) == 500


@pytest.mark.parametrize(
    "change",
    [
        {"member_id": 1 << 32},
        {"epoch": -1},
        {"epoch": "1"},
        {"content": b"short"},
        {"reason": "\ud800"},
    ],
    ids=["member too large", "negative epoch", "text for a number", "content", "half a surrogate"],
)
def test_a_ballot_with_a_value_outside_its_type_is_not_encoded(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        ballot_hash(dataclasses.replace(BALLOT, **change), DOMAIN)


# Signature


def test_a_key_signs_as_ethers_does() -> None:
    assert sign_ballot(BALLOT, DOMAIN, ADA).signature.hex() == SIGNATURE


def test_a_signed_ballot_is_recognised_as_its_members() -> None:
    signed = sign_ballot(BALLOT, DOMAIN, ADA)

    assert signed.by_key
    assert typed_data.signer_of(BALLOT.typed_data(DOMAIN), signed.signature) == ADA.address


def test_a_ballot_that_was_changed_after_signing_is_not_its_members() -> None:
    signed = sign_ballot(BALLOT, DOMAIN, ADA)
    changed = dataclasses.replace(BALLOT, choice="against")

    assert not dataclasses.replace(signed, ballot=changed).by_key


def test_the_malleable_twin_of_a_signature_is_refused() -> None:
    proper = bytes.fromhex(SIGNATURE)
    s = ORDER - int.from_bytes(proper[32:64])
    twin = proper[:32] + s.to_bytes(32) + bytes([27 + 28 - proper[64]])

    with pytest.raises(Malformed, match="high s"):
        typed_data.signer_of(BALLOT.typed_data(DOMAIN), twin)
    assert not SignedBallot(BALLOT, DOMAIN, ADA.address, twin).by_key


def test_the_limit_of_s_is_half_the_order_of_the_curve() -> None:
    assert HALF_ORDER == ORDER // 2


@pytest.mark.parametrize(
    "signature",
    [b"", bytes(64), bytes(66), bytes(64) + b"\x00", bytes(64) + b"\x1b", b"\xff" * 64 + b"\x1b"],
    ids=["empty", "64 bytes", "66 bytes", "v of 0", "r and s of 0", "r above the order"],
)
def test_what_no_key_can_have_signed_is_refused(signature: bytes) -> None:
    with pytest.raises(Malformed):
        typed_data.signer_of(BALLOT.typed_data(DOMAIN), signature)


# File


@pytest.mark.parametrize("ballot", [BALLOT, PAY_BALLOT], ids=["ballot", "pay ballot"])
def test_a_ballot_file_reads_back_as_the_same_ballot(ballot: Ballot | PayBallot) -> None:
    unsigned = BallotFile(ballot, DOMAIN, ADA.address)
    signed = ballot_file.signed_file(sign_ballot(ballot, DOMAIN, ADA))

    assert ballot_file.parse(ballot_file.dump(unsigned)) == unsigned
    assert ballot_file.parse(ballot_file.dump(signed)) == signed
    assert ballot_file.parse(ballot_file.dump(signed)).signed().by_key


def test_an_unsigned_file_gives_no_signed_ballot() -> None:
    with pytest.raises(Malformed, match="Nobody has signed it"):
        BallotFile(BALLOT, DOMAIN, ADA.address).signed()


def _edited(*path: str, to: Any) -> str:
    document = json.loads(
        ballot_file.dump(ballot_file.signed_file(sign_ballot(BALLOT, DOMAIN, ADA)))
    )
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return json.dumps(document)


MESSAGE = ("data", "typed_data", "message")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no JSON"),
        ("[]", "no document of schema"),
        ("null", "no document of schema"),
        ("[" * 20_000, "no JSON"),
        ("{" + " " * 70_000 + "}", "longer than"),
        ('{"schema": "coop/ballot/v1", "schema": "coop/ballot/v1"}', "names a field twice"),
        (_edited("schema", to="coop/ballot/v2"), "no document of schema"),
        (_edited("extra", to=1), "other parts"),
        (_edited("data", to=[]), "just the fields"),
        (_edited("data", "extra", to=1), "just the fields"),
        (_edited("data", "typed_data", to="Ballot"), "neither a Ballot"),
        (_edited("data", "typed_data", "primaryType", to="Permit"), "neither a Ballot"),
        (_edited("data", "typed_data", "extra", to=1), "unknown field 'extra'"),
        (_edited("data", "typed_data", "types", "Ballot", to=[]), "not those of the contract"),
        (_edited("data", "typed_data", "domain", to={}), "lacks 'name'"),
        (_edited("data", "typed_data", "domain", "salt", to="0x"), "unknown field 'salt'"),
        (_edited(*MESSAGE, "extra", to=1), "unknown field 'extra'"),
        (_edited(*MESSAGE, "proposalId", to="7"), "no uint256"),
        (_edited(*MESSAGE, "proposalId", to=True), "no uint256"),
        (_edited(*MESSAGE, "memberId", to=3.0), "no uint32"),
        (_edited(*MESSAGE, "content", to="0xc0"), "no bytes32"),
        (_edited(*MESSAGE, "choice", to="maybe"), "none of for, against"),
        (_edited(*MESSAGE, "choice", to="against"), "it was changed"),
        (_edited("data", "account", to=ADA.address.lower()), "checksummed"),
        (_edited("data", "account", to=None), "checksummed"),
        (_edited("data", "signature", to="beef"), "no hex number"),
        (_edited("data", "signature", to="0xzz"), "no hex number"),
        (_edited("data", "ballot_hash", to="0x" + "00" * 32), "it was changed"),
    ],
)
def test_a_malformed_ballot_file_is_refused_with_its_fault(text: str, complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        ballot_file.parse(text)


# Packed form


def test_a_short_entry_is_flags_member_sequence_and_compact_signature() -> None:
    plain = dataclasses.replace(BALLOT, reason="")
    signed = sign_ballot(plain, DOMAIN, ADA)

    packed = pack([signed])

    assert len(packed) == 1 + 4 + 1 + 64
    assert packed[:6].hex() == "01" + "00000003" + "02"


def test_a_reason_follows_with_its_length_in_bytes() -> None:
    packed = pack([sign_ballot(BALLOT, DOMAIN, ADA)])

    assert packed[:6].hex() == "05" + "00000003" + "02"
    assert packed[6:70].hex() == SIGNATURE[:128]  # v = 27: the parity bit is 0
    assert packed[70:] == b"\x00\x10" + "Über die Löhne".encode()


def test_a_pay_entry_names_its_rung_and_carries_the_parity_in_s() -> None:
    packed = pack([sign_ballot(PAY_BALLOT, DOMAIN, ADA)], LADDER)

    assert packed.hex() == "00" + "00000003" + "ff" + "05" + PAY_COMPACT


@pytest.mark.parametrize(("choice", "flags"), [("against", 0), ("for", 1), ("abstain", 2)])
def test_the_choice_is_numbered_as_in_governor_bravo(choice: Any, flags: int) -> None:
    ballot = dataclasses.replace(BALLOT, choice=choice, reason="")

    assert pack([sign_ballot(ballot, DOMAIN, ADA)])[0] == flags


def test_what_another_than_the_key_signed_goes_long_for_the_members_contract_to_judge() -> None:
    signature = b"\xaa" * 130
    signed = SignedBallot(dataclasses.replace(BALLOT, reason=""), DOMAIN, ADA.address, signature)

    assert pack([signed]).hex() == "09" + "00000003" + "02" + "0082" + signature.hex()


def test_a_batch_is_in_the_order_of_member_and_sequence() -> None:
    def signed(member_id: int, sequence: int) -> SignedBallot:
        ballot = Ballot(7, CONTENT, "for", member_id, 0, sequence)
        return sign_ballot(ballot, DOMAIN, ADA)

    packed = pack([signed(5, 1), signed(2, 2), signed(2, 1)])

    heads = [packed[at : at + 6].hex() for at in range(0, len(packed), 70)]
    assert heads == ["010000000201", "010000000202", "010000000501"]


def test_ballots_on_two_proposals_do_not_go_in_one_batch() -> None:
    other = dataclasses.replace(BALLOT, proposal_id=8)

    with pytest.raises(Malformed, match="one proposal"):
        pack([sign_ballot(BALLOT, DOMAIN, ADA), sign_ballot(other, DOMAIN, ADA)])


@pytest.mark.parametrize("rate", [1850, 1925, 2450], ids=["below", "between rungs", "above"])
def test_a_rate_off_the_ladder_is_not_packed(rate: int) -> None:
    ballot = dataclasses.replace(PAY_BALLOT, rate=rate)

    with pytest.raises(Malformed, match="no rung of the ladder 1900 to 2400 by 50"):
        pack([sign_ballot(ballot, DOMAIN, ADA)], LADDER)
