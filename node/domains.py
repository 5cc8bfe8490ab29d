"""The EIP-712 domain of a contract, read from it (ERC-5267) and compared with the instance file."""

from typing import Literal

from indexer.chain import Chain
from node.errors import MirrorOfAnotherChain
from node.instance import Instance
from node.typed_data import Domain

Signing = Literal["Membership", "Assembly", "PayRates"]

# Name, version, chain id and contract: what the contracts hash, and nothing else.
_FIELDS = b"\x0f"


def address_of(instance: Instance, contract: Signing) -> str:
    """The address of one of the instance's contracts by its artifact's name."""
    return {name: address for name, address, _ in instance.contracts}[contract]


def expected_domain(instance: Instance, contract: Signing) -> Domain:
    """The domain that follows from the instance file alone: for machines without a network."""
    return Domain(instance.title, "1", instance.chain_id, address_of(instance, contract))


def read_domain(chain: Chain, instance: Instance, contract: Signing) -> Domain:
    """The domain as the contract states it; refused when it is not that of the instance file."""
    address = address_of(instance, contract)
    # The answer's parts are in ERC-5267's order; their names are each contract's own.
    fields, name, version, chain_id, contract_address, salt, extensions = chain.view(
        contract, address, "eip712Domain"
    ).values()
    found = Domain(name, version, chain_id, contract_address)
    plain = (fields, salt, list(extensions)) == (_FIELDS, bytes(32), [])
    expected = expected_domain(instance, contract)
    if not plain or found != expected:
        raise MirrorOfAnotherChain(
            f"The contract at {address} signs for {found.name!r} on chain {found.chain_id}, "
            f"the instance file says {expected.name!r} on chain {expected.chain_id}.",
            undone="Nothing was signed.",
            hint="Compare the instance with another member's: coop instance show",
            details={"expected": expected.values(), "found": found.values()},
        )
    return found
