"""Errors: code, exit code, what happened, what did not, what to do next."""

import re

import pytest

from indexer.errors import ChainUnreachable, NotFound
from node import errors
from node.errors import CoopError, NetworkUnreachable, VotingClosed, as_coop_error, undone

EXIT_CODES = {
    "UsageProblem": 2,
    "NotFound": 3,
    "NotAllowed": 4,
    "NotAMember": 4,
    "VotingClosed": 5,
    "StaleBallot": 5,
    "RefusedByContract": 6,
    "NetworkUnreachable": 7,
    "MirrorOfAnotherChain": 8,
    "MirrorStale": 8,
    "AuditMismatch": 9,
    "WrongPassword": 10,
    "KeyProblem": 10,
    "ConfigurationProblem": 11,
    "BylawsProblem": 11,
    "Declined": 130,
}


@pytest.mark.parametrize(("name", "exit_code"), EXIT_CODES.items())
def test_every_cause_ends_with_the_exit_code_of_the_contract(name: str, exit_code: int) -> None:
    assert getattr(errors, name).exit_code == exit_code


def test_every_code_is_one_plain_word_and_belongs_to_one_class() -> None:
    classes = [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, CoopError)
    ]
    codes = [each.code for each in classes if each not in (errors.Unexpected,)]
    assert len(codes) > 15
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)


def test_what_did_not_happen_is_said_once_by_the_innermost() -> None:
    with (
        pytest.raises(VotingClosed) as outer,
        undone("Your vote was not sent."),
        undone("Nothing was signed."),
    ):
        raise VotingClosed("The vote is over.")
    assert outer.value.message == "The vote is over. Nothing was signed."


def test_an_error_of_the_indexer_keeps_its_code_words_and_details() -> None:
    known = as_coop_error(ChainUnreachable("http://x", "refused"))
    assert known is not None
    assert (known.code, known.exit_code) == (ChainUnreachable.code, NetworkUnreachable.exit_code)
    assert known.message.startswith("The chain at http://x does not answer")
    assert known.details == {"rpc": "http://x", "reason": "refused"}
    assert known.hint


def test_what_did_not_happen_is_added_to_an_error_of_the_indexer() -> None:
    with pytest.raises(CoopError) as raised, undone("Your vote was not sent."):
        raise NotFound("proposal", 7, 12)
    assert raised.value.message.endswith("Your vote was not sent.")
    assert raised.value.exit_code == 3


def test_a_foreign_error_stays_foreign() -> None:
    assert as_coop_error(ZeroDivisionError()) is None
    with pytest.raises(ZeroDivisionError), undone("Nothing was sent."):
        raise ZeroDivisionError
