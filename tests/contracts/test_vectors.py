"""The checked-in EIP-712 vectors are what two encoders that are not ours make of the cases."""

import json

import pytest

from tests.forge.vectors import encoders


@pytest.fixture(scope="module")
def checked_in() -> encoders.Cases:
    return json.loads(encoders.VECTORS.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_eth_account_gives_the_vectors_that_are_checked_in(checked_in: encoders.Cases) -> None:
    assert encoders.by_eth_account(encoders.read_cases()) == checked_in


def test_ethers_gives_the_vectors_that_are_checked_in(checked_in: encoders.Cases) -> None:
    assert encoders.by_ethers() == checked_in


def test_the_solidity_constants_are_the_vectors_that_are_checked_in(
    checked_in: encoders.Cases,
) -> None:
    assert encoders.SOLIDITY.read_text(encoding="utf-8") == encoders.solidity(checked_in)


def test_every_signed_type_has_a_vector() -> None:
    given = encoders.read_cases()
    assert {case["type"] for case in given["cases"]} == set(given["types"])
