"""A receipt that proves itself: the block's header, and one receipt out of its receipts trie.

JSON of schema "coop/receipt-proof/v1". Whoever knows the block's hash needs no network to see that
the co-op's contract logged this ballot in it. What one log does not say is left out: of a ballot on
a proposal the number and sequence, of a pay ballot the account.
"""

import json
from typing import Any, NamedTuple

from eth_utils.address import to_checksum_address

from indexer import abi
from indexer.blocks import RawLog
from indexer.chain import Chain
from indexer.errors import ChainRefused, HandlerFailed, ProofInvalid, UnknownEvent
from indexer.events import Event, decode
from indexer.proofs import receipts, rlp, sealed, trie
from indexer.rules.ballots import CHOICES
from indexer.rules.pay import logged_ballot
from node.instance import Instance
from node.receipt_check import ReceiptMismatch
from node.receipts import Receipt
from node.typed_data import Malformed

SCHEMA = "coop/receipt-proof/v1"


class Shown(NamedTuple):
    """What a proof shows: `said` are the ballot's values by name."""

    block: int
    block_hash: str
    moment: int
    """The block's second."""
    said: dict[str, Any]


def make(chain: Chain, instance: Instance, found: Receipt) -> str:
    """Return the text of a proof of a ballot that was counted, checked once.

    ProofInvalid if the node's receipts are not the block's.
    """
    assert found.block is not None
    assert found.log_index is not None
    block = chain.request("eth_getBlockByNumber", hex(found.block), False)
    with chain.sensible():
        header = sealed.sealed(block)
        hashes = [str(each) for each in block["transactions"]]
    try:
        answers = chain.request("eth_getBlockReceipts", hex(found.block))
    except ChainRefused:  # some clients know only the receipts of single transactions
        answers = chain.request_many([("eth_getTransactionReceipt", [each]) for each in hashes])
    with chain.sensible():
        held = [receipts.encoded(each) for each in answers]
        index = next(
            place for place, each in enumerate(answers) if each["transactionHash"] == found.tx
        )
        own = [int(log["logIndex"], 16) for log in answers[index]["logs"]]
    document = {
        "schema": SCHEMA,
        "data": {
            "chain_id": instance.chain_id,
            "assembly": instance.assembly,
            "pay_rates": instance.pay_rates,
            "header": _hex(header),
            "transaction": index,
            "log": own.index(found.log_index),
            "nodes": [_hex(node) for node in trie.ordered_proof(held, index)],
        },
    }
    text = json.dumps(document, indent=2) + "\n"
    check(text, instance)
    return text


def is_proof(text: str) -> bool:
    """Whether a text is meant to be such a proof."""
    try:
        return bool(json.loads(text)["schema"] == SCHEMA)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def check(text: str, instance: Instance) -> Shown:
    """Return what a proof shows, with no network.

    `Malformed` if it is no proof, ReceiptMismatch if it proves nothing of this co-op.
    """
    try:
        data = json.loads(text)["data"]
        raw, nodes = _bytes(data["header"]), [_bytes(each) for each in data["nodes"]]
        index, place, chain_id = data["transaction"], data["log"], data["chain_id"]
        if not all(type(each) is int and each >= 0 for each in (index, place, chain_id)):
            raise ValueError("a number is none")
        header = sealed.opened(raw)
    except (ValueError, KeyError, TypeError, RecursionError, ProofInvalid) as error:
        raise Malformed(f"This is no proof of a receipt: {error}.") from error
    if chain_id != instance.chain_id:
        raise ReceiptMismatch(
            f"The proof is of chain {chain_id}, {instance.name} lives on {instance.chain_id}."
        )
    try:
        held = trie.proven(header.receipts_root, rlp.number(index), nodes)
        logs = receipts.logs_of(held) if held else []
    except ProofInvalid as error:
        raise ReceiptMismatch(f"The proof proves nothing: {error.message}") from error
    if place >= len(logs):
        raise ReceiptMismatch(f"The block's transaction {index} has no log {place}.")
    address, topics, logged = logs[place]
    event = _event(
        instance,
        RawLog(
            header.number, place, "", index, to_checksum_address(address), b"".join(topics), logged
        ),
    )
    return Shown(header.number, header.hash, header.timestamp, _said(event))


def _event(instance: Instance, log: RawLog) -> Event:
    contracts: dict[str, abi.ContractName] = {
        instance.assembly: "assembly",
        instance.pay_rates: "pay_rates",
    }
    name = contracts.get(log.address)
    if name is None:
        raise ReceiptMismatch(f"The log is of {log.address}, no contract of {instance.name}.")
    try:
        return decode(name, log)
    except (HandlerFailed, UnknownEvent) as error:
        raise ReceiptMismatch(f"The log is no ballot: {error.message}") from error


def _said(event: Event) -> dict[str, Any]:
    args = event.args
    if event.name == "VoteCast" and args["support"] < len(CHOICES):
        return {
            "proposal_id": args["proposalId"],
            "account": args["voter"],
            "choice": CHOICES[args["support"]],
            "reason": args["reason"],
        }
    if event.name in ("PayBallotCast", "PayBallotCastWithReason"):
        ballot = logged_ballot(args["ballot"])
        return {
            "pay_vote_id": ballot.pay_vote_id,
            "member_id": ballot.member_id,
            "sequence": ballot.sequence,
            "rate": ballot.rate,
            "reason": args.get("reason", ""),
        }
    raise ReceiptMismatch(f"The log is no counted ballot: it is {event.name}.")


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str) or not text.startswith("0x"):
        raise ValueError("bytes are written as 0x and hex digits")
    return bytes.fromhex(text[2:])
