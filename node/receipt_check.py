"""Checks a receipt against the chain alone: neither the mirror nor whoever gave it is believed."""

import json
import re
from collections.abc import Mapping
from typing import Any

from eth_utils.address import to_checksum_address

from indexer import abi
from indexer.chain import Chain
from indexer.rules.pay import logged_ballot
from node.ballot import CHOICES, AnyBallot, Ballot, PayBallot, ballot_hash
from node.domains import Signing, address_of, read_domain
from node.errors import AuditMismatch
from node.instance import Instance
from node.places import places
from node.receipts import Receipt
from node.typed_data import Malformed
from node.voting import contract_of

SCHEMA = "coop/receipt/v1"
_HASH = re.compile(r"0x[0-9a-f]{64}")
_COUNTED: dict[Signing, tuple[str, ...]] = {
    "Assembly": ("VoteCast",),
    "PayRates": ("PayBallotCast", "PayBallotCastWithReason"),
}


class ReceiptMismatch(AuditMismatch):
    """A receipt says something else than the chain."""

    code = "receipt_mismatch"


def check(chain: Chain, instance: Instance, text: str) -> Receipt:
    """Return the receipt with its present status (counted or replaced) if the chain bears it out.

    Raises `Malformed` if it is no receipt of a counted ballot, `ReceiptMismatch` if it is wrong.
    """
    stated = _stated(text)
    # 1. The transaction succeeded in that block and holds that log of our contract.
    log = _log(chain, stated)
    # 2. The log is a counted ballot with just these values.
    ballot = _ballot(chain, instance, stated, log)
    # 3. The hash that the member signed follows from them and from the content on the chain.
    domain = read_domain(chain, instance, contract_of(ballot))
    found = ballot_hash(ballot, domain)
    _same("ballot_hash", stated["ballot_hash"], "0x" + found.hex())
    # 4. What stands now: this ballot, or a newer one of the member.
    ((place, _),) = places(chain, instance, [ballot])
    if place in ("absent", "rekeyed"):
        raise _mismatch("sequence", stated["sequence"], "none counted")
    return Receipt(
        ballot=ballot,
        ballot_hash=found,
        status=place,
        tx=stated["tx"],
        block=stated["block"],
        log_index=stated["log_index"],
    )


def _stated(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
        data = document["data"]
        if document["schema"] != SCHEMA:
            raise KeyError("schema")
        numbers = ("member_id", "sequence", "epoch", "block", "log_index")
        if not all(type(data[name]) is int for name in numbers):
            raise KeyError("number")
        if not all(_HASH.fullmatch(data[name]) for name in ("tx", "ballot_hash")):
            raise KeyError("hash")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed(
            "This is no receipt of a counted ballot.",
            hint="Make one with: coop receipt show PROPOSAL --json > FILE",
        ) from error
    return dict(data)


def _log(chain: Chain, stated: Mapping[str, Any]) -> Mapping[str, Any]:
    receipt = chain.request("eth_getTransactionReceipt", stated["tx"])
    if receipt is None:
        raise _mismatch("tx", stated["tx"], "no such transaction")
    _same("block", stated["block"], int(receipt["blockNumber"], 16))
    for log in receipt["logs"]:
        if int(log["logIndex"], 16) == stated["log_index"]:
            return dict(log)
    raise _mismatch("log_index", stated["log_index"], "no such log in the transaction")


def _ballot(
    chain: Chain, instance: Instance, stated: Mapping[str, Any], log: Mapping[str, Any]
) -> AnyBallot:
    pay = "pay_vote_id" in stated
    contract: Signing = "PayRates" if pay else "Assembly"
    address = address_of(instance, contract)
    _same("contract", address, to_checksum_address(log["address"]))
    args = _arguments(contract, log)
    if pay:
        cast = logged_ballot(args["ballot"])
        _same("pay_vote_id", stated["pay_vote_id"], cast.pay_vote_id)
        _same("member_id", stated["member_id"], cast.member_id)
        _same("rate", stated.get("rate"), cast.rate)
        _same("sequence", stated["sequence"], cast.sequence)
        content = chain.view("PayRates", address, "payVote", cast.pay_vote_id)["content"]
        numbers = (stated["member_id"], stated["epoch"], stated["sequence"])
        return PayBallot(cast.pay_vote_id, content, cast.rate, *numbers, args.get("reason", ""))
    _same("proposal_id", stated.get("proposal_id"), args["proposalId"])
    _same("choice", stated.get("choice"), CHOICES[args["support"]])
    # An account that was once a member's key stays that member's for ever.
    voter = chain.view("Membership", instance.membership, "memberIdOf", args["voter"])
    _same("member_id", stated["member_id"], voter)
    content = chain.view("Assembly", address, "proposal", args["proposalId"])["content"]
    numbers = (stated["member_id"], stated["epoch"], stated["sequence"])
    return Ballot(args["proposalId"], content, CHOICES[args["support"]], *numbers, args["reason"])


def _arguments(contract: Signing, log: Mapping[str, Any]) -> dict[str, Any]:
    topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
    known = abi.events(contract).get(topics[0]) if topics else None
    expected = _COUNTED[contract]
    if known is None or known.name not in expected:
        found = known.name if known else "an unknown event"
        raise _mismatch("log_index", " or ".join(expected), found)
    indexed = [each for each in known.inputs if each.indexed]
    plain = [each for each in known.inputs if not each.indexed]
    return {
        **abi.decode_named(indexed, b"".join(topics[1:])),
        **abi.decode_named(plain, bytes.fromhex(log["data"][2:])),
    }


def _same(field: str, stated: Any, found: Any) -> None:
    if stated != found:
        raise _mismatch(field, stated, found)


def _mismatch(field: str, stated: Any, found: Any) -> ReceiptMismatch:
    return ReceiptMismatch(
        f"The receipt is wrong: it says {field} {stated}, the chain says {found}.",
        hint="Ask for a new one, and ask why.",
        details={"field": field, "expected": stated, "found": found},
    )
