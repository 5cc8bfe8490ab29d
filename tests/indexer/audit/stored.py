"""All that contracts store on a chain, as anvil dumps it, beside what a replay expects."""

import gzip
import json
from collections.abc import Iterable, Mapping

from indexer.abi import ContractName
from indexer.audit.storage.words import Words, slot_of
from indexer.events import Event
from node.devnet import Devnet

Storage = dict[ContractName, dict[int, int]]
"""Contract -> slot -> word, for all words that are not zero."""
CHRONICLE_HEAD = 0
SUPPORTS = 9  # of Membership


def dumped(chain: Devnet, addresses: Mapping[ContractName, str]) -> Storage:
    """Everything that the contracts store now."""
    packed = bytes.fromhex(chain.rpc("anvil_dumpState").removeprefix("0x"))
    accounts = json.loads(gzip.decompress(packed))["accounts"]
    found: Storage = {}
    for name, address in addresses.items():
        storage = accounts[address.lower()]["storage"]
        words = {int(slot, 16): int(word, 16) for slot, word in storage.items()}
        found[name] = {slot: word for slot, word in words.items() if word}
    return found


def told_apart(
    stored: Storage, wanted: Mapping[ContractName, Words], events: Iterable[Event]
) -> list[str]:
    """In words, what is stored and not expected, or expected and not stored."""
    wrong = []
    for name, there in left_out(stored, events).items():
        words = wanted[name]
        for slot, word in words.items():
            if (found := there.get(slot, 0)) != word.value:
                wrong.append(f"{name}, {word.what}: {word.value:#x} expected, {found:#x} stored")
        rest = [slot for slot in there if slot not in words]
        wrong += [f"{name}, slot {slot:#x}: {there[slot]:#x} is not expected" for slot in rest]
    return wrong


def left_out(storage: Storage, events: Iterable[Event]) -> Storage:
    """The storage without what no replay can know: chronicle heads and guardians' supports."""
    given = [event.args for event in events if event.key == "Membership.RecoverySupported"]
    supports = {
        slot_of(int(each["newAccount"], 16), slot_of(each["memberId"], SUPPORTS)) for each in given
    }
    assert supports <= set(storage["membership"])
    without = {name: {CHRONICLE_HEAD} for name in storage} | {
        "membership": {CHRONICLE_HEAD, *supports}
    }
    return {
        name: {slot: word for slot, word in words.items() if slot not in without[name]}
        for name, words in storage.items()
    }
