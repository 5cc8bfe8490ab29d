"""Everything that contracts hold in their storage, as anvil dumps it."""

import gzip
import json
from collections.abc import Mapping

from indexer.abi import ContractName
from node.devnet import Devnet

Stored = dict[ContractName, dict[int, int]]
"""Contract -> slot -> word, of all words but zero."""


def stored(chain: Devnet, addresses: Mapping[ContractName, str]) -> Stored:
    """What the contracts hold now."""
    dump = json.loads(gzip.decompress(bytes.fromhex(chain.rpc("anvil_dumpState")[2:])))
    accounts = {address.lower(): account for address, account in dump["accounts"].items()}
    return {
        name: {
            int(slot, 16): int(word, 16)
            for slot, word in accounts[address.lower()]["storage"].items()
            if int(word, 16)
        }
        for name, address in addresses.items()
    }
