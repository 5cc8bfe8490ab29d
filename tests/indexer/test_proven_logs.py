"""The logs of real blocks, with transactions of every type, proven by their receipts root."""

from typing import Any

import pytest
from web3 import Web3

from indexer.errors import ProofInvalid
from indexer.proofs.headers import Header, header
from indexer.proofs.receipts import logs
from node.devnet import Devnet
from tests.contracts.coop import Coop
from tests.contracts.people import Person
from tests.indexer.mirrored import Mirrored

GWEI = 10**9
DYNAMIC: dict[str, Any] = {"maxFeePerGas": 10 * GWEI, "maxPriorityFeePerGas": 0}
BLOB = bytes(4_096 * 32)


def as_type(kind: int, carrier: Person) -> dict[str, Any]:
    """What makes a transaction one of that type."""
    if kind == 4:
        # Of a nonce that the account never has, so it sets no code; the list must not be empty.
        authorization = {"chainId": 31337, "address": "0x" + "00" * 20, "nonce": 2**32}
        return DYNAMIC | {"authorizationList": [carrier.key.sign_authorization(authorization)]}
    types: dict[int, dict[str, Any]] = {
        0: {"gasPrice": 10 * GWEI},
        1: {"gasPrice": 10 * GWEI, "accessList": [], "type": 1},
        2: DYNAMIC,
        3: DYNAMIC | {"maxFeePerBlobGas": 10 * GWEI, "type": 3},
    }
    return types[kind]


def send(coop: Coop, by: Person, kind: int) -> None:
    """An application to join in a transaction of that type; a member's one fails."""
    transaction = {
        "chainId": 31337,
        "nonce": coop.w3.eth.get_transaction_count(Web3.to_checksum_address(by.address)),
        "gas": 200_000,
        "to": coop.membership.address,
        "value": 0,
        "data": coop.membership.encode_abi("applyToJoin", [bytes([kind + 1]) * 32]),
    }
    signed = by.key.sign_transaction(
        transaction | as_type(kind, by), **({"blobs": [BLOB]} if kind == 3 else {})
    )
    coop.w3.eth.send_raw_transaction(signed.raw_transaction)


def latest(chain: Devnet) -> tuple[Header, list[dict[str, Any]]]:
    """The newest block's header and receipts."""
    found = header(chain.rpc("eth_getBlockByNumber", "latest", False))
    return found, chain.rpc("eth_getBlockReceipts", hex(found.number))


@pytest.fixture
def crowded(coop: Coop) -> tuple[Header, list[dict[str, Any]]]:
    """A block with transactions of every type, and one that fails among them."""
    coop.chain.rpc("evm_setAutomine", False)
    try:
        applicants = (coop.fay, coop.gus, coop.hal, coop.ida, coop.jon)
        for kind, applicant in enumerate(applicants):
            send(coop, applicant, kind)
            if kind == 1:
                send(coop, coop.ada, 2)
        coop.chain.mine()
    finally:
        coop.chain.rpc("evm_setAutomine", True)
    found, receipts = latest(coop.chain)
    assert sorted(int(each["type"], 16) for each in receipts) == [0, 1, 2, 2, 3, 4]
    assert sorted(int(each["status"], 16) for each in receipts) == [0, 1, 1, 1, 1, 1]
    return found, receipts


def same(chain: Devnet, found: Header) -> list[tuple[Any, ...]]:
    """What the node says of the block's logs when asked for logs."""
    return [
        (
            int(log["logIndex"], 16),
            int(log["transactionIndex"], 16),
            bytes.fromhex(log["address"][2:]),
            tuple(bytes.fromhex(topic[2:]) for topic in log["topics"]),
            bytes.fromhex(log["data"][2:]),
        )
        for log in chain.rpc("eth_getLogs", {"blockHash": found.hash})
    ]


def test_logs_of_transactions_of_every_type_are_proven(
    coop: Coop, crowded: tuple[Header, list[dict[str, Any]]]
) -> None:
    found, receipts = crowded
    proven = logs(found.receipts_root, receipts)
    assert len(proven) == 5
    assert [tuple(log) for log in proven] == same(coop.chain, found)


def test_the_many_logs_of_a_foundation_are_proven(mirror: Mirrored) -> None:
    found, receipts = latest(mirror.coop.chain)
    proven = logs(found.receipts_root, receipts)
    assert len(proven) > 10
    assert [tuple(log) for log in proven] == same(mirror.coop.chain, found)


def test_a_block_without_transactions_is_proven_to_have_no_logs(coop: Coop) -> None:
    coop.chain.mine()
    found, receipts = latest(coop.chain)
    assert logs(found.receipts_root, receipts) == []


def test_a_log_kept_back_is_noticed(mirror: Mirrored) -> None:
    found, receipts = latest(mirror.coop.chain)
    next(each for each in receipts if each["logs"])["logs"].pop()
    with pytest.raises(ProofInvalid, match="receipts root"):
        logs(found.receipts_root, receipts)
