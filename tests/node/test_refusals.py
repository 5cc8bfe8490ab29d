"""Refusals of the contracts: every error of every ABI is told in plain words."""

import string

import pytest
from eth_abi.abi import encode

from indexer import abi
from indexer.errors import ContractReverted
from node.errors import CoopError, undone
from node.refusals import BALLOT_REFUSALS, REFUSALS
from node.reverts import in_plain_words, told

BALLOT_EXITS = {
    "UnknownMember": 4,
    "NotEligible": 4,
    "PersonConcerned": 4,
    "BadSignature": 6,
    "StaleSequence": 5,
    "AlreadyVoted": 4,
    "BadChoice": 6,
    "BadReason": 6,
}


def test_every_error_of_the_contracts_has_a_sentence_and_no_sentence_is_left_over() -> None:
    declared = {error.name for error in abi.errors().values()}
    assert len(declared) > 50
    assert declared == set(REFUSALS)


@pytest.mark.parametrize("error", list(abi.errors().values()), ids=lambda each: each.name)
def test_a_sentence_uses_only_values_that_its_error_bears(error: abi.Signature) -> None:
    refusal = REFUSALS[error.name]
    used = {
        field
        for text in (refusal.sentence, refusal.hint)
        for _, field, _, _ in string.Formatter().parse(text)
        if field
    }
    assert used <= {each.name for each in error.inputs}
    assert refusal.sentence.endswith((".", "}"))


@pytest.mark.parametrize("error", list(abi.errors().values()), ids=lambda each: each.name)
def test_every_error_can_be_told_from_its_bytes(error: abi.Signature) -> None:
    kinds = [each.type for each in error.inputs]
    data = error.selector + encode(kinds, [_any(kind) for kind in kinds])
    name, args = abi.decode_error(data)
    known = told(name, args)
    assert "{" not in known.message + known.hint
    assert "?" not in known.message
    assert not known.message.startswith("0x")
    assert known.exit_code in range(3, 7)
    assert known.details["error"] == error.name


@pytest.mark.parametrize(("place", "exit_code"), list(enumerate(BALLOT_EXITS.values(), 1)))
@pytest.mark.parametrize("contract", ["Assembly", "PayRates"])
def test_a_refused_ballot_ends_with_the_exit_code_of_its_reason(
    contract: str, place: int, exit_code: int
) -> None:
    known = told(
        f"{contract}BallotRefused",
        {"proposalId": 7, "payVoteId": 7, "memberId": 3, "refusal": place},
    )
    assert known.exit_code == exit_code


def test_there_is_a_sentence_for_each_reason_of_the_contract() -> None:
    assert len(BALLOT_REFUSALS) == 1 + len(BALLOT_EXITS)


def test_voting_outside_the_voting_period_is_voting_closed() -> None:
    args = {"proposalId": 7, "state": 4, "expected": 1 << 1}
    assert told("AssemblyUnexpectedState", args).exit_code == 5
    assert "succeeded" in told("AssemblyUnexpectedState", args).message
    pay = {"payVoteId": 7, "state": 0, "expected": 1}
    assert told("PayRatesUnexpectedState", pay).exit_code == 5


def test_another_act_in_the_wrong_state_is_a_refusal_that_names_the_states() -> None:
    args = {"proposalId": 7, "state": 3, "expected": 1 << 4 | 1 << 5}
    known = told("AssemblyUnexpectedState", args)
    assert known.exit_code == 6
    assert "defeated" in known.message
    assert "succeeded or queued" in known.message


def test_a_failed_action_tells_what_its_contract_said() -> None:
    signature = next(e for e in abi.errors().values() if e.name == "MembershipProbationRuns")
    reason = signature.selector + encode(["address", "uint256"], ["0x" + "11" * 20, 1_775_380_000])
    known = told("AssemblyActionFailed", {"index": 0, "reason": reason})
    assert known.exit_code == 6
    assert "probation" in known.message


def test_an_unknown_error_is_told_without_leading_hex() -> None:
    known = told(*abi.decode_error(bytes.fromhex("deadbeef")))
    assert known.exit_code == 6
    assert known.message == "The contract refused without a known reason."


def test_a_view_that_refuses_is_told_in_the_same_words() -> None:
    with pytest.raises(CoopError) as raised, undone("Nothing was signed."):
        raise ContractReverted("AssemblyUnknownProposal", {"proposalId": 99})
    known = in_plain_words(raised.value)
    assert known.exit_code == 3
    assert known.message == "There is no proposal 99. Nothing was signed."


def _any(kind: str) -> object:
    if kind == "address":
        return "0x" + "11" * 20
    if kind == "string":
        return "text"
    if kind.startswith("bytes"):
        return (
            b"\x01" if kind == "bytes" else b"notice".ljust(int(kind[5:]), b"\0")[: int(kind[5:])]
        )
    return kind == "bool" or 1


def test_an_order_that_came_too_late_is_not_said_to_be_worth_another_try() -> None:
    errors = abi.errors().values()
    (outdated,) = (each for each in errors if each.name == "MembershipOrderOutdated")
    reason = outdated.selector + encode(["uint256", "uint256"], [1_796_671_696, 1_796_412_496])
    known = told("AssemblyActionFailed", {"index": 0, "reason": reason})
    assert known.exit_code == 6
    assert "The vote opened at 2026-12-04" in known.message
    assert "newer, of 2026-12-07" in known.message
    assert known.hint == "It stays without effect. Propose it again if it is still wanted."
