"""What wallets show of a ballot: every field, in words, for just this co-op's contracts."""

import copy
from typing import Any

import jsonschema
import pytest

from node.ballot import Ballot, PayBallot
from node.clear_signing import descriptor
from node.domains import expected_domain
from node.instance import CodeHashes, Instance
from tests.node.desk import FOUNDERS
from tests.node.other_tools import by_library

MEMBERSHIP, ASSEMBLY, PAY_RATES = FOUNDERS
WEAVERS = Instance(
    name="weavers",
    title="Weavers",
    chain_id=100,
    rpc="",
    membership=MEMBERSHIP,
    bylaws=MEMBERSHIP,
    assembly=ASSEMBLY,
    pay_rates=PAY_RATES,
    factory=MEMBERSHIP,
    first_block=1,
    tx="",
    code_hashes=CodeHashes("", "", "", ""),
    bylaws_hash="",
)
BALLOT = Ballot(7, bytes(32), "for", 3, 1, 2).typed_data(expected_domain(WEAVERS, "Assembly"))
PAY_BALLOT = PayBallot(4, bytes(32), 2150, 3, 0, 1).typed_data(expected_domain(WEAVERS, "PayRates"))

# The part of ERC-7730 that ballots need, in our own words, and stricter where it leaves room. From
# specs/erc7730-v2.schema.json and specs/erc-7730.md of ethereum/clear-signing-erc7730-registry.
TEXT = {"type": "string", "minLength": 1}
ADDRESS = {"type": "string", "pattern": "^0x[0-9a-fA-F]{40}$"}
ERC_7730 = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["$schema", "context", "metadata", "display"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "pattern": "/erc7730-v2\\.schema\\.json$"},
        "context": {
            "type": "object",
            "required": ["eip712"],
            "additionalProperties": False,
            "properties": {
                "eip712": {
                    "type": "object",
                    "required": ["domain", "deployments"],
                    "additionalProperties": False,
                    "properties": {
                        "domain": {
                            "type": "object",
                            "required": ["name", "version"],
                            "additionalProperties": False,
                            "properties": {"name": TEXT, "version": TEXT},
                        },
                        "deployments": {
                            "type": "array",
                            "minItems": 1,
                            "items": {
                                "type": "object",
                                "required": ["chainId", "address"],
                                "additionalProperties": False,
                                "properties": {
                                    "chainId": {"type": "integer", "minimum": 1},
                                    "address": ADDRESS,
                                },
                            },
                        },
                    },
                }
            },
        },
        "metadata": {
            "type": "object",
            "required": ["owner"],
            "additionalProperties": False,
            "properties": {"owner": TEXT, "contractName": TEXT},
        },
        "display": {
            "type": "object",
            "required": ["formats"],
            "additionalProperties": False,
            "properties": {
                "formats": {
                    "type": "object",
                    "minProperties": 1,
                    # What encodeType of EIP-712 gives for a message without structs inside.
                    "propertyNames": {"pattern": "^[A-Z]\\w*\\((\\w+ \\w+)(,\\w+ \\w+)*\\)$"},
                    "additionalProperties": {
                        "type": "object",
                        "required": ["intent", "fields"],
                        "additionalProperties": False,
                        "properties": {
                            "intent": TEXT,
                            "fields": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "object",
                                    "required": ["path", "label", "format"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "path": {"type": "string", "pattern": "^\\w+$"},
                                        "label": TEXT,
                                        "format": {"const": "raw"},
                                        "visible": {"enum": ["always", "never", "optional"]},
                                    },
                                },
                            },
                        },
                    },
                }
            },
        },
    },
}


def faults(document: dict[str, Any]) -> list[str]:
    checker = jsonschema.Draft202012Validator(ERC_7730)
    return [each.message for each in checker.iter_errors(document)]


def shown(whole: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Label and visibility of each field of a message, found as a wallet finds them."""
    (name,) = by_library("ethers", "encode", messages=[whole])
    format_ = descriptor(WEAVERS, currency="GBP")["display"]["formats"][name]
    return {each["path"]: (each["label"], each["visible"]) for each in format_["fields"]}


def test_the_descriptor_has_the_form_of_erc_7730() -> None:
    jsonschema.Draft202012Validator.check_schema(ERC_7730)
    assert faults(descriptor(WEAVERS)) == []


@pytest.mark.parametrize(
    "path",
    [
        ("$schema",),
        ("context", "eip712", "domain", "name"),
        ("context", "eip712", "deployments", 0, "chainId"),
        ("metadata", "owner"),
        ("display", "formats"),
    ],
    ids=str,
)
def test_a_descriptor_that_lacks_a_part_is_found_faulty(path: tuple[Any, ...]) -> None:
    document = copy.deepcopy(descriptor(WEAVERS))
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    assert faults(document) != []


def test_it_counts_for_the_messages_of_this_co_op_only() -> None:
    bound = descriptor(WEAVERS)["context"]["eip712"]
    deployments = [(each["chainId"], each["address"]) for each in bound["deployments"]]
    for whole in (BALLOT, PAY_BALLOT):
        domain = whole["domain"]
        assert (domain["chainId"], domain["verifyingContract"]) in deployments
        assert bound["domain"] == {"name": domain["name"], "version": domain["version"]}
    assert deployments == [(100, ASSEMBLY), (100, PAY_RATES)]


@pytest.mark.parametrize("whole", [BALLOT, PAY_BALLOT], ids=["Ballot", "PayBallot"])
def test_every_field_that_is_signed_has_a_label_of_its_own(whole: dict[str, Any]) -> None:
    found = shown(whole)
    assert set(found) == set(whole["message"])
    assert len({label for label, _ in found.values()}) == len(found)


def test_what_is_voted_on_and_how_is_always_shown_first() -> None:
    always = [path for path, (_, visible) in shown(BALLOT).items() if visible == "always"]
    assert always == list(shown(BALLOT))[:3] == ["proposalId", "choice", "reason"]
    always = [path for path, (_, visible) in shown(PAY_BALLOT).items() if visible == "always"]
    assert always == list(shown(PAY_BALLOT))[:3] == ["payVoteId", "rate", "reason"]


def test_a_rate_is_named_with_its_unit() -> None:
    assert shown(PAY_BALLOT)["rate"][0] == "My rate per hour, GBP minor units"
