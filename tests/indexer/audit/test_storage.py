"""What the replay says of the contracts' storage is what lies there, and nothing is forgotten."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from indexer.abi import CONTRACTS, ContractName
from indexer.audit.storage import Words, assembly, bylaws, expected, mapped, membership, pay_rates
from indexer.proofs.state import CHRONICLE_SLOT
from tests.indexer.audit.conftest import Played
from tests.indexer.audit.histories import History, history
from tests.indexer.audit.stored import Stored, stored
from tests.indexer.mirrored import Mirrored
from tests.indexer.season import Season

LAYOUT = Path(__file__).resolve().parents[3] / "docs" / "layout"
GUARDIANSHIPS, SUPPORTS, NEWEST_SAME = 8, 9, 6
SLOTS: dict[str, tuple[ModuleType, dict[str, str]]] = {
    "Membership": (
        membership,
        {
            "MEMBERS": "_members",
            "COURSES": "_courses",
            "MEMBER_IDS": "_memberIds",
            "CANDIDATES": "_candidates",
            "ROLL_SIZES": "_rollSizes",
            "ACCOUNTS": "_accounts",
            "STATE": "_probation",
        },
    ),
    "Bylaws": (bylaws, {"STATE": "_versions", "RULES": "_rules"}),
    "Assembly": (
        assembly,
        {
            "COUNT": "_proposalCount",
            "POLLS": "_polls",
            "LATERS": "_laters",
            "CONTENTS": "_contents",
            "NEWEST_OF": "_newestOf",
            "LANES": "_lanes",
        },
    ),
    "PayRates": (
        pay_rates,
        {
            "RULES": "_rules",
            "STATE": "_currency",
            "NAMES": "_names",
            "RETIRED": "_retired",
            "BEGINNINGS": "_beginnings",
            "ROLES": "_roles",
            "RATES": "_rates",
            "PAY_VOTE_COUNT": "_payVoteCount",
            "POLLS": "_polls",
        },
    ),
}


@pytest.mark.parametrize("contract", SLOTS)
def test_the_slots_are_those_that_the_compiler_gives(contract: str) -> None:
    text = (LAYOUT / f"{contract}.md").read_text(encoding="utf-8")
    laid_out = {
        name: int(slot)
        for slot, name in re.findall(r"^\| (\d+) \|.*\| `(\w+)` \|$", text, re.MULTILINE)
    }
    module, names = SLOTS[contract]
    told = {constant: getattr(module, constant) for constant in names}
    assert told == {constant: laid_out[name] for constant, name in names.items()}


def test_every_word_of_the_season_is_what_the_replay_says(played: Played) -> None:
    replay = played.history.replayed()
    assert differences(expected(replay, played.history.addresses), played.stored) == []


def test_no_word_of_the_season_is_forgotten(played: Played) -> None:
    assert forgotten(played.history, played.stored) == []


def test_of_a_co_op_that_only_began_storage_is_what_the_replay_says(mirror: Mirrored) -> None:
    told = history(mirror.coop, mirror.identity.first_block)
    held = stored(mirror.coop.chain, told.addresses)
    assert differences(expected(told.replayed(), told.addresses), held) == []
    assert forgotten(told, held) == []


@pytest.mark.parametrize("seed", range(10, 14))
def test_after_a_random_season_storage_is_what_the_replay_says(mirror: Mirrored, seed: int) -> None:
    season = Season(mirror.coop, seed)
    season.play(150)
    told = history(mirror.coop, mirror.identity.first_block)
    replay, held = told.replayed(), stored(mirror.coop.chain, told.addresses)
    assert differences(expected(replay, told.addresses), held) == [], season.done
    assert forgotten(told, held) == [], season.done


def differences(words: Mapping[ContractName, Words], held: Stored) -> list[str]:
    """What lies there otherwise, in words; there must be some words of each contract."""
    assert all(words[name] for name in CONTRACTS)
    assert sum(len(words[name]) for name in CONTRACTS) > 25
    return [
        f"{name}: {word.what}"
        for name in CONTRACTS
        for slot, word in words[name].items()
        if held[name].get(slot, 0) & word.mask != word.value & word.mask
    ]


def forgotten(told_: History, held: Stored) -> list[tuple[str, int]]:
    """Words that lie there, are not told by the replay, and not among those left out on purpose."""
    replay = told_.replayed()
    told = expected(replay, told_.addresses)
    supported = {
        str(event.args["newAccount"])
        for event, _ in told_.events
        if event.name == "RecoverySupported"
    }
    left_out = {name: {CHRONICLE_SLOT} for name in CONTRACTS}
    for number in replay.roll.members:
        guardianship = mapped(number, GUARDIANSHIPS)
        left_out["membership"] |= set(range(guardianship, guardianship + 3))
        of_member = mapped(number, SUPPORTS)
        accounts = {*replay.roll.member_ids, *supported}
        left_out["membership"] |= {mapped(int(each, 16), of_member) for each in accounts}
    found = [
        (name, slot)
        for name in CONTRACTS
        for slot in held[name]
        if slot not in told[name] and slot not in left_out[name]
    ]
    # What a hash of the substance leads to: one word at most for each proposal, and its number.
    same = [slot for name, slot in found if name == "assembly"]
    numbers = sorted(held["assembly"][slot] for slot in same)
    assert set(numbers) <= set(replay.proposals)
    assert len(numbers) == len(set(numbers))
    return [each for each in found if each[0] != "assembly"]
