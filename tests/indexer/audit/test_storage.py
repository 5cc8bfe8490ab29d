"""After a replayed history the contracts store what the replay expects, and nothing else."""

from dataclasses import replace
from random import Random

import pytest

from indexer.abi import CONTRACTS
from indexer.audit.replay import Replay
from indexer.audit.storage import expected
from indexer.audit.storage.words import NO_WORD, Fields
from node import devnet
from scripts.mirror_bench import making
from scripts.mirror_bench.coop import found
from scripts.mirror_bench.wire import Wire
from tests.contracts.coop import Coop
from tests.indexer.audit.histories import History, history, read
from tests.indexer.audit.stored import dumped, told_apart
from tests.indexer.audit.tampering import spaced
from tests.indexer.audit.test_nonsense import nonsense
from tests.indexer.season import Season

MEMBERS, VOTES = 75, 2


def test_after_a_season_with_every_event_all_storage_is_as_expected(told: History) -> None:
    assert told.misstored() == []


def test_every_expected_word_is_the_chain_s_own_answer(coop: Coop) -> None:
    first = int(coop.w3.eth.block_number)
    Season(coop, 20).play(200)
    ended = history(coop, first)
    assert ended.misstored() == []
    wanted = expected(ended.replayed(), ended.addresses)
    asked = {
        (name, slot): int(
            coop.chain.rpc("eth_getStorageAt", ended.addresses[name], hex(slot), "latest"), 16
        )
        for name, words in wanted.items()
        for slot in words
    }
    assert asked == {
        (name, slot): word.value for name, words in wanted.items() for slot, word in words.items()
    }


def test_after_batches_over_many_lanes_all_storage_is_as_expected() -> None:
    with devnet.start("anvil") as chain, Wire(chain.url) as wire:
        coop = found(chain, wire, MEMBERS)
        making.ballots(coop, VOTES, lambda text: None)
        addresses = {name: str(coop.contracts[word].address) for name, word in CONTRACTS.items()}
        events, last = read(chain.url, addresses, coop.first_block)
        stored = dumped(chain, addresses)
    replay = Replay(devnet.CHAIN_ID, addresses)
    for event, moment in events:
        replay.apply(event, moment)
    replay.finish(last)
    assert [len(each.ballots) for each in replay.proposals.values()] == [MEMBERS] * VOTES
    assert [len(each.ballots) for each in replay.pay_votes.values()] == [MEMBERS] * 3
    wanted = expected(replay, addresses)
    assert told_apart(stored, wanted, [event for event, _ in events]) == []
    lanes = [word.what for words in wanted.values() for word in words.values()]
    assert sum("ballots of members 64 to 79 on" in each for each in lanes) == VOTES
    assert sum("ballots of members 70 to 79 in" in each for each in lanes) == 3


def test_a_changed_word_is_told_by_what_it_is(told: History) -> None:
    wanted = expected(told.replayed(), told.addresses)["assembly"]
    (slot,) = [slot for slot, each in wanted.items() if each.what == "proposal 3 with its tally"]
    words = told.stored["assembly"]
    one_more = {**words, slot: words[slot] + (1 << 137)}
    forged = replace(told, stored={**told.stored, "assembly": one_more})
    (said,) = forged.misstored()
    assert said.startswith("assembly, proposal 3 with its tally: ")


def test_a_word_that_no_event_explains_is_told(told: History) -> None:
    planted = {**told.stored["membership"], 10: 1}
    forged = replace(told, stored={**told.stored, "membership": planted})
    assert forged.misstored() == ["membership, slot 0xa: 0x1 is not expected"]


@pytest.mark.parametrize("seed", range(60))
def test_nonsense_never_stops_the_computation(told: History, seed: int) -> None:
    replay = told.replayed(nonsense(spaced(told.events), Random(seed)))
    wanted = expected(replay, told.addresses)
    kept = {word.what for word in wanted["assembly"].values()}
    assert {f"proposal {number} with its tally" for number in replay.proposals} <= kept


def test_a_value_too_wide_for_its_field_gives_a_number_that_is_no_word() -> None:
    fields = Fields(low=8, high=40)
    assert fields.word_of(low=255, high=2) == 0x2FF
    for values in ({"low": 256}, {"low": 1, "high": 1 << 40}, {"high": -1}):
        assert fields.word_of(**values) >= NO_WORD
