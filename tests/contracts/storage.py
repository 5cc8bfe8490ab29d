"""One value in a contract's storage, by the name that the source gives it.

For what no test can live to see, such as the last member number. The place is read from the
artifact's storage layout, because the layout changes.
"""

from web3.contract import Contract

from tests.contracts.artifacts import load
from tests.contracts.coop import Coop


def word(coop: Coop, name: str, contract: Contract, label: str, block: int) -> bytes:
    """The word that bears this name, as it was stored at the end of a block."""
    (item,) = [each for each in load(name)["storageLayout"]["storage"] if each["label"] == label]
    found = coop.chain.rpc("eth_getStorageAt", contract.address, hex(int(item["slot"])), hex(block))
    return bytes.fromhex(found[2:])


def put(coop: Coop, name: str, contract: Contract, label: str, value: int) -> None:
    """Sets a number that is stored by itself, not in a mapping; its neighbours stay."""
    layout = load(name)["storageLayout"]
    (item,) = [each for each in layout["storage"] if each["label"] == label]
    bits = 8 * int(layout["types"][item["type"]]["numberOfBytes"])
    shift, place = 8 * int(item["offset"]), hex(int(item["slot"]))
    word = int(coop.chain.rpc("eth_getStorageAt", contract.address, place, "latest"), 16)
    word &= ~(((1 << bits) - 1) << shift)
    word |= value << shift
    coop.chain.rpc("anvil_setStorageAt", contract.address, place, f"0x{word:064x}")
