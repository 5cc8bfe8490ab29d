"""The slots and fields that storage is computed from are the compiler's own."""

import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest

from indexer.audit.storage import assembly, bylaws, membership, pay_rates, pay_votes
from indexer.audit.storage.words import CHECKPOINT, Fields
from tests.contracts.artifacts import load
from tests.indexer.audit.stored import CHRONICLE_HEAD, SUPPORTS

# Contract -> the names of its variables' slots, but for variables that share the word STATE.
MODULES: Mapping[str, tuple[ModuleType, ...]] = {
    "Membership": (membership,),
    "Bylaws": (bylaws,),
    "Assembly": (assembly,),
    "PayRates": (pay_rates, pay_votes),
}
LEFT_OUT = {("Membership", "SUPPORTS"): SUPPORTS}
STRUCTS = [
    ("Membership", "Member", membership.MEMBER_FIELDS, 0),
    ("Membership", "Roll.Course", membership.COURSE_FIELDS, 0),
    ("Membership", "Guardianship", membership.GUARDIANSHIP_FIELDS, 2),
    ("Membership", "Checkpoints.Checkpoint208", CHECKPOINT, 0),
    ("Assembly", "ProposalBook.Later", assembly.LATER_FIELDS, 0),
    ("Assembly", "Proposals.Newest", assembly.NEWEST_FIELDS, 0),
    ("PayRates", "PayRule", pay_rates.RULE_FIELDS, 0),
    ("PayRates", "PayRoles.Beginning", pay_rates.BEGINNING_FIELDS, 0),
    ("PayRates", "PayRoles.RoleRecord", pay_rates.ROLE_FIELDS, 0),
    ("PayRates", "PayVoteBook.Vote", pay_votes.VOTE_FIELDS, 0),
]
Variables = list[dict[str, Any]]


def snake(label: str) -> str:
    """A name of Solidity's as Python spells it."""
    word = re.sub(r"([A-Z])", r"_\1", label.lstrip("_")).lower()
    return "from_" if word == "from" else word


def places(variables: Variables, types: Mapping[str, Any], slot: int) -> dict[str, tuple[int, int]]:
    """Name -> lowest bit and number of bits, of the variables in one slot."""
    return {
        snake(each["label"]): (
            8 * int(each["offset"]),
            8 * int(types[each["type"]]["numberOfBytes"]),
        )
        for each in variables
        if int(each["slot"]) == slot
    }


def struct(contract: str, name: str) -> tuple[Variables, Mapping[str, Any]]:
    """The members of a struct, and all types."""
    types = load(contract)["storageLayout"]["types"]
    (found,) = [each for each in types.values() if each["label"] == f"struct {name}"]
    return found["members"], types


@pytest.mark.parametrize("contract", MODULES)
def test_every_variable_lies_in_the_slot_that_bears_its_name(contract: str) -> None:
    layout = load(contract)["storageLayout"]
    named = {
        name: value
        for module in MODULES[contract]
        for name, value in vars(module).items()
        if name.isupper() and name != "STATE"
    }
    state: Fields | None = getattr(MODULES[contract][0], "STATE_FIELDS", None)
    shared = state.places if state else {}
    for variable in layout["storage"]:
        name, slot = snake(variable["label"]), int(variable["slot"])
        if name in shared:
            assert slot == MODULES[contract][0].STATE
        elif name == "chronicle_head":
            assert slot == CHRONICLE_HEAD
        else:
            known = LEFT_OUT.get((contract, name.upper()), named.get(name.upper()))
            assert known == slot, name


@pytest.mark.parametrize("module", [membership, bylaws, pay_rates], ids=lambda each: each.__name__)
def test_the_variables_of_one_word_lie_in_it_as_the_compiler_puts_them(module: ModuleType) -> None:
    (contract,) = [name for name, modules in MODULES.items() if module in modules]
    layout = load(contract)["storageLayout"]
    assert places(layout["storage"], layout["types"], module.STATE) == module.STATE_FIELDS.places


@pytest.mark.parametrize(
    ("contract", "name", "fields", "slot"),
    STRUCTS,
    ids=lambda each: "" if isinstance(each, Fields) else str(each),
)
def test_the_fields_of_a_struct_lie_in_its_word_as_the_compiler_puts_them(
    contract: str, name: str, fields: Fields, slot: int
) -> None:
    members, types = struct(contract, name)
    assert places(members, types, slot) == fields.places


def test_the_words_of_a_guardianship_follow_its_two_hashes() -> None:
    members, _ = struct("Membership", "Guardianship")
    assert {each["label"]: int(each["slot"]) for each in members if int(each["slot"]) < 2} == {
        "listHash": 0,
        "nextHash": 1,
    }


def test_the_parts_of_a_pay_vote_follow_each_other_as_the_compiler_puts_them() -> None:
    members, _ = struct("PayRates", "PayVoteBook.Poll")
    assert {each["label"]: int(each["slot"]) for each in members} == {
        "vote": 0,
        "content": pay_votes.CONTENT,
        "counts": pay_votes.COUNTS,
        "lanes": pay_votes.LANES,
    }


def test_words_packed_by_the_contracts_themselves_are_full_or_as_wide_as_their_type() -> None:
    widths = {
        fields: sum(bits for _, bits in fields.places.values())
        for fields in (
            assembly.POLL_FIELDS,
            assembly.LANE_FIELDS,
            bylaws.RULE_FIELDS,
            pay_votes.LANE_FIELDS,
        )
    }
    assert list(widths.values()) == [256, assembly.LANE_BITS, 256, pay_votes.LANE_BITS]
