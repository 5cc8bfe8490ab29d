"""Values as JSON, as CLI.md asks for."""

import json
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from indexer.document import document
from indexer.moment import Moment
from indexer.rules.bylaws import DecisionClass


class Pair(NamedTuple):
    from_: int
    to: int


@dataclass(frozen=True)
class Sample:
    class_: str
    at: Moment
    pair: Pair
    large: int
    none: None = None


def test_reserved_words_lose_their_underscore_and_moments_are_utc() -> None:
    value = Sample("removal", Moment(1_772_355_600), Pair(1, 2), 2**53 + 1)
    assert document(value) == {
        "class": "removal",
        "at": "2026-03-01T09:00:00Z",
        "pair": {"from": 1, "to": 2},
        "large": "9007199254740993",
        "none": None,
    }


def test_the_largest_exact_integer_stays_a_number() -> None:
    assert document([2**53, -(2**53), 2**53 + 1, -(2**53) - 1]) == [
        9007199254740992,
        -9007199254740992,
        "9007199254740993",
        "-9007199254740993",
    ]


def test_bytes_are_hex_and_truth_is_no_number() -> None:
    assert (
        json.dumps(document({"hash": b"\x01\xff", "ok": True})) == '{"hash": "0x01ff", "ok": true}'
    )


def test_an_enumeration_is_its_value() -> None:
    assert document(DecisionClass.REMOVAL) == 2


def test_what_has_no_place_in_json_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no place"):
        document(object())
