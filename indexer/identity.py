"""Which co-op a mirror mirrors."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from indexer.abi import CONTRACTS, ContractName, checksummed
from indexer.errors import ContractMissing
from indexer.hashing import keccak

if TYPE_CHECKING:
    from indexer.chain import Chain


class Identity(NamedTuple):
    """One deployed instance; addresses checksummed, `code_hash` over the code of all four."""

    chain_id: int
    membership: str
    bylaws: str
    assembly: str
    pay_rates: str
    code_hash: str
    first_block: int

    @property
    def addresses(self) -> dict[ContractName, str]:
        """Our word for each contract -> its address."""
        return {
            "membership": self.membership,
            "bylaws": self.bylaws,
            "assembly": self.assembly,
            "pay_rates": self.pay_rates,
        }


def identify(
    chain: "Chain",
    *,
    membership: str,
    bylaws: str,
    assembly: str,
    pay_rates: str,
    first_block: int,
) -> Identity:
    """Return the identity of the instance at these addresses; ContractMissing if one has no code.

    `first_block` is the block in which the instance was made.
    """
    addresses = [checksummed(each) for each in (membership, bylaws, assembly, pay_rates)]
    return Identity(
        chain_id=chain.chain_id(),
        membership=addresses[0],
        bylaws=addresses[1],
        assembly=addresses[2],
        pay_rates=addresses[3],
        code_hash=code_hash(chain, addresses),
        first_block=first_block,
    )


def code_hash(chain: "Chain", addresses: Sequence[str]) -> str:
    """Return `combined` over the present code of an instance's contracts."""
    hashes = []
    for name, address in zip(CONTRACTS.values(), addresses, strict=True):
        code = chain.code(address)
        if not code:
            raise ContractMissing(name, address)
        hashes.append(keccak(code))
    return combined(hashes)


def combined(hashes: Sequence[bytes]) -> str:
    """Return keccak256 over the contracts' code hashes in the order of CONTRACTS, 0x-hex."""
    return "0x" + keccak(b"".join(hashes)).hex()
