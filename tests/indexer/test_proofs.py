"""Headers, state and receipts of real chains, proven from their hashes alone."""

import re
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import ProofInvalid
from indexer.proofs.headers import Header, header, may_contain
from indexer.proofs.state import CHRONICLE_SLOT, account, storage
from node.devnet import Devnet
from tests.indexer.mirrored import Mirrored

LAYOUT = Path(__file__).resolve().parents[2] / "docs" / "layout"
CLONED = ("Membership", "Bylaws", "Assembly", "PayRates")
NOBODY = "0x00000000000000000000000000000000000000aa"


def said(chain: Devnet, number: int | str) -> dict[str, Any]:
    block = hex(number) if isinstance(number, int) else number
    answer: dict[str, Any] = chain.rpc("eth_getBlockByNumber", block, False)
    return answer


def proof(chain: Devnet, address: str, block: int, *slots: int) -> dict[str, Any]:
    keys = [f"0x{slot:064x}" for slot in slots]
    answer: dict[str, Any] = chain.rpc("eth_getProof", address, keys, hex(block))
    return answer


def contracts(mirror: Mirrored) -> dict[str, str]:
    identity = mirror.identity
    addresses = (identity.membership, identity.bylaws, identity.assembly, identity.pay_rates)
    return dict(zip(CLONED, addresses, strict=True))


@pytest.fixture
def founded(mirror: Mirrored) -> Header:
    """The block in which the co-op was made."""
    return header(said(mirror.coop.chain, mirror.identity.first_block))


@pytest.mark.parametrize("name", CLONED)
def test_every_contract_keeps_its_chronicle_in_the_slot_that_is_proven(name: str) -> None:
    table = (LAYOUT / f"{name}.md").read_text(encoding="utf-8")
    assert re.findall(r"\| (\d+) \| 0 \| 32 \| `bytes32` \| `_chronicleHead` \|", table) == [
        str(CHRONICLE_SLOT)
    ]


def test_every_header_hashes_to_its_hash_and_names_its_parent(each_chain: Devnet) -> None:
    each_chain.mine()
    newest = int(each_chain.rpc("eth_blockNumber"), 16)
    headers = [header(said(each_chain, number)) for number in range(newest + 1)]
    assert [each.number for each in headers] == list(range(newest + 1))
    assert [each.parent_hash for each in headers[1:]] == [each.hash for each in headers[:-1]]
    assert headers[-1].timestamp == each_chain.now()


def test_the_bloom_tells_whose_logs_a_block_may_hold(mirror: Mirrored, founded: Header) -> None:
    chain = mirror.coop.chain
    logs = chain.rpc("eth_getLogs", {"blockHash": founded.hash})
    addresses = {bytes.fromhex(log["address"][2:]) for log in logs}
    assert bytes.fromhex(mirror.identity.membership[2:]) in addresses
    assert all(may_contain(founded.logs_bloom, address) for address in addresses)
    chain.mine()
    empty = header(said(chain, "latest"))
    assert not any(may_contain(empty.logs_bloom, address) for address in addresses)


def test_the_chronicle_is_proven_by_the_header(mirror: Mirrored, founded: Header) -> None:
    chain = mirror.coop.chain
    for name, address in contracts(mirror).items():
        answer = proof(chain, address, founded.number, CHRONICLE_SLOT)
        (word,) = storage(founded.state_root, answer, address, [CHRONICLE_SLOT])
        assert word.to_bytes(32, "big") == mirror.view(name, "chronicleHead")


def test_words_are_proven_in_the_order_in_which_they_were_asked_for(
    mirror: Mirrored, founded: Header
) -> None:
    address = mirror.identity.membership
    slots = [1, 2**256 - 1, CHRONICLE_SLOT]
    answer = proof(mirror.coop.chain, address, founded.number, *slots)
    first, never_written, chronicle = storage(founded.state_root, answer, address, slots)
    stored = mirror.coop.chain.rpc("eth_getStorageAt", address, "0x1", "latest")
    assert first == int(stored, 16)
    assert never_written == 0
    assert chronicle.to_bytes(32, "big") == mirror.view("Membership", "chronicleHead")


def test_a_word_tampered_with_later_does_not_change_what_the_old_block_proves(
    mirror: Mirrored, founded: Header
) -> None:
    chain, address = mirror.coop.chain, mirror.identity.assembly
    genuine = mirror.view("Assembly", "chronicleHead")
    chain.mine()
    chain.rpc("anvil_setStorageAt", address, f"0x{CHRONICLE_SLOT:064x}", "0x" + "11" * 32)
    answer = proof(chain, address, founded.number, CHRONICLE_SLOT)
    (word,) = storage(founded.state_root, answer, address, [CHRONICLE_SLOT])
    assert word.to_bytes(32, "big") == genuine


def test_a_tampered_state_proves_nothing_by_the_header_from_before(
    mirror: Mirrored, founded: Header
) -> None:
    chain, address = mirror.coop.chain, mirror.identity.assembly
    chain.rpc("anvil_setStorageAt", address, f"0x{CHRONICLE_SLOT:064x}", "0x" + "11" * 32)
    chain.mine()
    answer = proof(chain, address, founded.number + 1, CHRONICLE_SLOT)
    with pytest.raises(ProofInvalid):
        storage(founded.state_root, answer, address, [CHRONICLE_SLOT])


def test_what_the_node_says_beside_the_proof_is_ignored(mirror: Mirrored, founded: Header) -> None:
    address = mirror.identity.bylaws
    answer = proof(mirror.coop.chain, address, founded.number, CHRONICLE_SLOT)
    expected = storage(founded.state_root, answer, address, [CHRONICLE_SLOT])
    answer |= dict.fromkeys(("balance", "nonce", "codeHash", "storageHash", "address"), "0x1")
    answer["storageProof"][0] |= {"value": "0x1", "key": "0x2"}
    assert storage(founded.state_root, answer, address, [CHRONICLE_SLOT]) == expected


def test_proofs_of_another_account_or_another_word_prove_nothing(
    mirror: Mirrored, founded: Header
) -> None:
    chain, at = mirror.coop.chain, founded.number
    answer = proof(chain, mirror.identity.bylaws, at, CHRONICLE_SLOT, 1)
    with pytest.raises(ProofInvalid):
        storage(founded.state_root, answer, mirror.identity.assembly, [CHRONICLE_SLOT, 1])
    with pytest.raises(ProofInvalid):
        storage(founded.state_root, answer, mirror.identity.bylaws, [1, CHRONICLE_SLOT])
    with pytest.raises(ProofInvalid):
        storage(founded.state_root, answer, mirror.identity.bylaws, [CHRONICLE_SLOT])


@pytest.mark.parametrize("part", ["accountProof", "storageProof"])
@pytest.mark.parametrize("broken", [None, [], "0x", [None], ["0xzz"], [{"proof": None}]])
def test_an_answer_without_its_proofs_proves_nothing(
    mirror: Mirrored, founded: Header, part: str, broken: object
) -> None:
    address = mirror.identity.bylaws
    answer = proof(mirror.coop.chain, address, founded.number, CHRONICLE_SLOT)
    with pytest.raises(ProofInvalid):
        storage(founded.state_root, answer | {part: broken}, address, [CHRONICLE_SLOT])


def test_an_account_that_does_not_exist_holds_zeros(mirror: Mirrored, founded: Header) -> None:
    answer = proof(mirror.coop.chain, NOBODY, founded.number, 0, 1)
    assert account(founded.state_root, answer, NOBODY) is None
    assert storage(founded.state_root, answer, NOBODY, [0, 1]) == [0, 0]


def test_an_account_without_storage_holds_zeros(mirror: Mirrored, founded: Header) -> None:
    chain = mirror.coop.chain
    person = chain.rpc("eth_accounts")[0]
    answer = proof(chain, person, founded.number, 0)
    found = account(founded.state_root, answer, person)
    assert found is not None
    assert found.balance == int(chain.rpc("eth_getBalance", person, "latest"), 16)
    assert storage(founded.state_root, answer, person, [0]) == [0]
