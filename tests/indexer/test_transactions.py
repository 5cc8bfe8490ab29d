"""What a signed transaction's bytes say, against those that eth-account signs."""

from typing import Any

import pytest
from eth_account import Account

from indexer.proofs.transactions import Call, call

COMMON: dict[str, Any] = {
    "to": "0x00000000000000000000000000000000000e15E7",
    "gas": 100_000,
    "nonce": 3,
    "data": "0x0102",
}
KINDS: dict[str, dict[str, Any]] = {
    "legacy": {"gasPrice": 7},
    "bound to a chain": {"gasPrice": 7, "chainId": 31337},
    "with an access list": {"type": 1, "gasPrice": 7, "chainId": 31337, "accessList": []},
    "with a dynamic fee": {
        "type": 2,
        "maxFeePerGas": 9,
        "maxPriorityFeePerGas": 1,
        "chainId": 31337,
    },
}


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("value", [0, 5, 10**27])
def test_a_transaction_says_whom_it_calls_with_what_and_how_much(kind: str, value: int) -> None:
    key = Account.from_key(b"\x07" * 32)
    signed = key.sign_transaction({**COMMON, **KINDS[kind], "value": value})
    assert call(bytes(signed.raw_transaction)) == Call(
        to=bytes.fromhex("00000000000000000000000000000000000e15e7"),
        data=b"\x01\x02",
        sender=bytes.fromhex(key.address[2:]),
        value=value,
    )
