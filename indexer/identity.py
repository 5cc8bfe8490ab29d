"""Which co-op a mirror mirrors."""

from typing import TYPE_CHECKING, NamedTuple

from eth_utils.crypto import keccak

from indexer.abi import CONTRACTS, ContractName, checksummed
from indexer.errors import ContractMissing

if TYPE_CHECKING:
    from indexer.chain import Chain


class Identity(NamedTuple):
    """One deployed instance; addresses checksummed, `code_hash` over the code of all three."""

    chain_id: int
    membership: str
    assembly: str
    pay_rates: str
    code_hash: str
    first_block: int

    @property
    def addresses(self) -> dict[ContractName, str]:
        """Our word for each contract -> its address."""
        return {
            "membership": self.membership,
            "assembly": self.assembly,
            "pay_rates": self.pay_rates,
        }


def identify(
    chain: "Chain", membership: str, assembly: str, pay_rates: str, first_block: int
) -> Identity:
    """Return the identity of the instance at these addresses; ContractMissing if one has no code.

    `first_block` is the block in which the instance was made.
    """
    addresses = [checksummed(each) for each in (membership, assembly, pay_rates)]
    return Identity(
        chain.chain_id(), *addresses, code_hash=code_hash(chain, addresses), first_block=first_block
    )


def code_hash(chain: "Chain", addresses: list[str]) -> str:
    """Return keccak256 over the code hashes of an instance's contracts, 0x-hex."""
    hashes = []
    for name, address in zip(CONTRACTS.values(), addresses, strict=True):
        code = chain.code(address)
        if not code:
            raise ContractMissing(name, address)
        hashes.append(keccak(code))
    return "0x" + keccak(b"".join(hashes)).hex()
