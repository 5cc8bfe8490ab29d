"""Changing a key by the signatures of both: the present one and the new one."""

from itertools import pairwise
from typing import Any

import pytest
from eth_account import Account
from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import refused, rotate
from tests.contracts.artifacts import at as contract_at
from tests.contracts.artifacts import deploy
from tests.contracts.coop import DAY, Coop
from tests.contracts.founding import found
from tests.contracts.ledger import clone_code, named
from tests.contracts.people import NAMES, person
from tests.contracts.roll import (
    EXPELLED,
    LEFT,
    PROFILE,
    SUSPENDED,
    ZERO,
    act,
    ask,
    order,
    standing,
    tell,
)
from tests.contracts.rotation import PAUSE, rotation, rotation_digest, sign_rotation, signed, submit

ORDER_OF_CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
ALTERED: list[dict[str, Any]] = [
    {"memberId": 2},
    {"presentAccount": person("ben").address},
    {"newAccount": person("gus").address},
    {"epoch": 1},
    {"deadline": 1},
    {"name": "Bakers"},
    {"version": "2"},
    {"chainId": 1},
    {"verifyingContract": person("gus").address},
]


def test_a_rotation_signed_by_both_keys_changes_the_key(coop: Coop) -> None:
    since = ask(coop, "memberOf", 1)[1]
    receipt = submit(coop, *signed(coop, coop.ada, coop.fay))
    [event] = coop.events(receipt, "KeyRotated")
    assert event["args"] == {
        "memberId": 1,
        "presentAccount": coop.ada.address,
        "newAccount": coop.fay.address,
        "epoch": 1,
    }
    assert ask(coop, "memberOf", 1) == (coop.fay.address, since, 0, 1)
    assert ask(coop, "activeMemberIdOf", coop.fay.address) == 1
    assert ask(coop, "activeMemberIdOf", coop.ada.address) == 0
    assert ask(coop, "rollSize") == 5


def test_each_rotation_raises_the_epoch(coop: Coop) -> None:
    keys = [coop.people[name] for name in ("ada", "fay", "gus", "hal")]
    for epoch, (present, new) in enumerate(pairwise(keys), 1):
        rotate(coop, present, new)
        assert ask(coop, "memberOf", 1)[3] == epoch
        coop.warp(coop.now() + PAUSE)


@pytest.mark.parametrize("changed", ALTERED, ids=lambda changed: next(iter(changed)))
def test_either_signature_over_another_field_is_refused(
    coop: Coop, changed: dict[str, Any]
) -> None:
    message, present, new = signed(coop, coop.ada, coop.fay)
    with refused("MembershipBadSignature", coop.ada.address):
        submit(coop, message, sign_rotation(coop, coop.ada, message, **changed), new)
    with refused("MembershipBadSignature", coop.fay.address):
        submit(coop, message, present, sign_rotation(coop, coop.fay, message, **changed))


def test_neither_key_signs_for_the_other(coop: Coop) -> None:
    message, present, new = signed(coop, coop.ada, coop.fay)
    with refused("MembershipBadSignature", coop.ada.address):
        submit(coop, message, new, present)
    with refused("MembershipBadSignature", coop.fay.address):
        submit(coop, message, present, present)
    with refused("MembershipBadSignature", coop.ada.address):
        submit(coop, message, b"", new)


def test_a_rotation_is_not_replayed(coop: Coop) -> None:
    first = signed(coop, coop.ada, coop.fay, coop.now() + 9 * DAY)
    submit(coop, *first)
    coop.warp(coop.now() + PAUSE)
    with refused("MembershipBadSignature", coop.fay.address):
        submit(coop, *first)
    rotate(coop, coop.fay, coop.gus)
    coop.warp(coop.now() + PAUSE)
    with refused("MembershipBadSignature", coop.gus.address):
        submit(coop, *first)


def test_a_rotation_holds_through_its_deadline_and_not_a_second_longer(coop: Coop) -> None:
    deadline = coop.now() + 100
    late = signed(coop, coop.ben, coop.gus, deadline)
    submit(coop, *signed(coop, coop.ada, coop.fay, deadline), at=deadline)
    with refused("MembershipRotationExpired", deadline):
        submit(coop, *late, at=deadline + 1)


def test_a_rotation_of_another_instance_is_refused(coop: Coop, factory: Contract) -> None:
    twin = found(coop.chain, factory, nonce=1)
    message, present, new = signed(twin, coop.ada, coop.fay)
    with refused("MembershipBadSignature", coop.ada.address):
        submit(coop, message, present, new)
    submit(twin, message, present, new)


def test_the_malleable_twin_of_a_signature_is_refused(coop: Coop) -> None:
    message, present, new = signed(coop, coop.ada, coop.fay)
    high_s = ORDER_OF_CURVE - int.from_bytes(present[32:64], "big")
    twin = present[:32] + high_s.to_bytes(32, "big") + bytes([55 - present[64]])
    with refused("MembershipBadSignature", coop.ada.address):
        submit(coop, message, twin, new)


def test_a_contract_account_takes_over_by_its_own_word(coop: Coop) -> None:
    account = deploy(coop.w3, "ListAccount")
    message = rotation(coop, 1, account.address, coop.now() + DAY)
    present = sign_rotation(coop, coop.ada, message)
    with refused("MembershipBadSignature", account.address):
        submit(coop, message, present, b"")
    tell(coop, account, "accept", rotation_digest(coop, message))
    submit(coop, message, present, b"")
    assert ask(coop, "activeMemberIdOf", account.address) == 1


def test_a_contract_account_hands_over_to_a_plain_key(coop: Coop) -> None:
    account = deploy(coop.w3, "ListAccount")
    order(coop, "recover", 1, account.address)
    coop.warp(coop.now() + PAUSE)
    message = rotation(coop, 1, coop.fay.address, coop.now() + DAY)
    tell(coop, account, "accept", rotation_digest(coop, message))
    submit(coop, message, b"anything", sign_rotation(coop, coop.fay, message))
    assert ask(coop, "memberOf", 1)[0] == coop.fay.address


def test_the_new_account_must_be_nobodys(coop: Coop) -> None:
    rotate(coop, coop.ben, coop.gus)
    act(coop, coop.fay, "applyToJoin", PROFILE)
    act(coop, coop.eve, "leaveCooperative")
    for taken in ("ada", "cleo", "ben", "gus", "fay", "eve"):
        with refused("MembershipAccountTaken", coop.people[taken].address):
            submit(coop, *signed(coop, coop.ada, coop.people[taken]))
        with refused("MembershipAccountTaken", coop.people[taken].address):
            order(coop, "recover", 1, coop.people[taken].address)


def test_nobody_rotates_to_the_zero_account(coop: Coop) -> None:
    message = rotation(coop, 1, ZERO, coop.now() + DAY)
    present = sign_rotation(coop, coop.ada, message)
    for new in (b"", bytes(64), bytes(65)):
        with refused("MembershipBadSignature", ZERO):
            submit(coop, message, present, new)
    with refused("MembershipAccountTaken", ZERO):
        order(coop, "recover", 1, ZERO)


def test_a_suspended_member_rotates_and_comes_back_with_the_new_key(coop: Coop) -> None:
    order(coop, "suspend", 1, 3 * DAY)
    off = coop.now()
    coop.warp(off + PAUSE)
    rotate(coop, coop.ada, coop.fay)
    assert ask(coop, "memberOf", 1)[2:] == (off, 1)
    assert standing(coop, 1) == SUSPENDED
    assert ask(coop, "getVotes", coop.fay.address) == 0
    coop.warp(off + 3 * DAY)
    act(coop, coop.tom, "reinstate", 1)
    assert ask(coop, "activeMemberIdOf", coop.fay.address) == 1


def test_only_members_have_a_key_to_change(coop: Coop) -> None:
    act(coop, coop.ben, "leaveCooperative")
    order(coop, "expel", 3)
    for member, who, now in ((2, coop.ben, LEFT), (3, coop.cleo, EXPELLED)):
        with refused("MembershipWrongStanding", member, now):
            submit(coop, *signed(coop, who, coop.fay))
        with refused("MembershipWrongStanding", member, now):
            order(coop, "recover", member, coop.fay.address)
    message = rotation(coop, 9, coop.fay.address, coop.now() + DAY)
    with refused("MembershipUnknownMember", 9):
        submit(coop, message, b"", sign_rotation(coop, coop.fay, message))
    with refused("MembershipUnknownMember", 9):
        order(coop, "recover", 9, coop.fay.address)


# The digest


def test_both_keys_sign_the_digest_that_viem_computes(factory: Contract, chain: Devnet) -> None:
    # viem 2: hashTypedData of Rotation(1, ada, fay, 0, 2000000000) in the domain
    # ("Weavers’ Guild", "1", 31337, 0x3e3b…02)
    digest = "0x6bd6abc6199999adbd399011ed64d5fb562d05b14c0fd7f0bd5ab5a0500fbf63"
    place = Web3.to_checksum_address("0x3e3be50000000000000000000000000000000002")
    coop = found(chain, factory)
    implementation = factory.functions.implementations().call()[0]
    code = clone_code(implementation, named("Weavers’ Guild"))
    chain.rpc("anvil_setCode", place, "0x" + code.hex())
    coop.membership = contract_at(coop.w3, "Membership", place)
    founders = [person(name).address for name in NAMES[:5]]
    act(coop, coop.tom, "initialize", coop.assembly.address, 0, founders)

    present, new = (
        bytes(Account.unsafe_sign_hash(digest, who.key.key).signature)
        for who in (coop.ada, coop.fay)
    )
    act(coop, coop.tom, "rotate", 1, coop.fay.address, 2_000_000_000, present, new)
    assert ask(coop, "memberOf", 1)[0] == coop.fay.address
