"""Artifacts: what the contracts understand and say."""

import pytest

from indexer import abi
from indexer.errors import AbiMissing

ADA = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def test_a_function_is_found_by_its_name_or_its_full_text() -> None:
    short = abi.function("Assembly", "castBallot")
    assert short is abi.function("Assembly", "castBallot(uint256,uint32,uint8,uint8,string)")
    assert short.text == "castBallot(uint256,uint32,uint8,uint8,string)"


def test_a_function_that_nobody_has_is_refused() -> None:
    with pytest.raises(AbiMissing, match=r"Assembly\.seize"):
        abi.function("Assembly", "seize")
    with pytest.raises(AbiMissing, match="Junta"):
        abi.artifact("Junta")


def test_a_call_comes_back_as_it_was_encoded() -> None:
    propose = abi.function("Assembly", "propose")
    action = {"target": ADA, "value": 5, "data": b"\x01\x02"}
    calldata = abi.encode_call(propose, [[action], "text", 1_000])
    assert abi.decode_call("Assembly", calldata) == (
        propose,
        {"actions": [action], "description": "text", "opensAt": 1_000},
    )


def test_a_struct_may_be_given_by_names_or_in_order() -> None:
    propose = abi.function("Assembly", "propose")
    named = abi.encode_call(propose, [[{"data": b"", "target": ADA, "value": 5}], "", 0])
    assert named == abi.encode_call(propose, [[(ADA, 5, b"")], "", 0])


def test_calldata_that_is_no_call_is_none() -> None:
    assert abi.decode_call("Assembly", b"") is None
    assert abi.decode_call("Assembly", b"\x00\x01\x02\x03") is None
    assert abi.decode_call("Assembly", abi.function("Assembly", "cancel").selector) is None


def test_a_revert_is_named_with_its_values() -> None:
    error = next(each for each in abi.errors().values() if each.name == "AssemblyProposerBusy")
    data = error.selector + (3).to_bytes(32, "big") + (9).to_bytes(32, "big")
    assert abi.decode_error(data) == ("AssemblyProposerBusy", {"memberId": 3, "proposalId": 9})


def test_a_revert_that_nobody_declared_keeps_its_bytes() -> None:
    assert abi.decode_error(b"\x01\x02\x03\x04") == ("UnknownError", {"data": b"\x01\x02\x03\x04"})
    assert abi.decode_error(b"") == ("NoReason", {})


def test_no_two_errors_of_our_contracts_share_a_selector() -> None:
    declared = {
        (error["name"], tuple(each["type"] for each in error["inputs"]))
        for name in abi.artifact_names()
        for error in abi.artifact(name)["abi"]
        if error["type"] == "error"
    }
    assert len(abi.errors()) == len(declared) + 2
