"""Whatever happens in a co-op, the replay finds fault with nothing but orders without a vote."""

from collections import Counter
from pathlib import Path

import pytest

from indexer.abi import CONTRACTS, ContractName
from indexer.audit.replay import Replay
from node import devnet
from node.demo.season import play
from tests.indexer.audit.histories import History, history, read
from tests.indexer.mirrored import Mirrored
from tests.indexer.season import Season

# What those seasons have done in the Assembly's name, without a proposal.
ORDERS = {
    "Membership.MemberSuspended",
    "Membership.MemberExpelled",
    "Membership.KeyRecovered",
    "Membership.ProbationSet",
    "Membership.MemberAdmitted",
    "Bylaws.RuleSet",
    "PayRates.RoleAdded",
    "PayRates.RoleChanged",
    "PayRates.RoleRetired",
}


def _ordered(told: History) -> int:
    """How many orders took effect after the founding; none of those seasons votes on any."""
    beginning = told.events[0][0].tx_hash
    keys = Counter(event.key for event, _ in told.events if event.tx_hash != beginning)
    return sum(keys[key] for key in ORDERS)


@pytest.mark.parametrize("seed", range(4))
def test_a_random_season_follows_the_rules_but_for_orders_that_nobody_voted_on(
    mirror: Mirrored, seed: int
) -> None:
    season = Season(mirror.coop, seed)
    season.play(200)
    told = history(mirror.coop, mirror.identity.first_block)
    replay = told.replayed()
    executed = [each for each in replay.proposals.values() if each.executed]
    kinds = Counter((each.check, each.kind) for each in replay.mismatches)
    early = kinds.pop(("4.1.8", "term_runs"), 0)  # reinstated in the Assembly's name
    unordered = kinds.pop(("4.0.6", "not_ordered"))
    assert kinds == {}, season.done
    assert early <= season.done["roll_changes"]
    voted = _carried_out(replay)
    assert unordered == _ordered(told) - voted, (executed, season.done)
    _agrees(told, replay)


def test_the_demo_s_season_holds_no_mismatch(tmp_path: Path) -> None:
    with devnet.start("anvil") as chain:
        season = play(chain, 11, tmp_path, lambda text: None)
        addresses: dict[ContractName, str] = {
            name: address
            for name in CONTRACTS
            for title, address, _ in season.stage.instance.contracts
            if title == CONTRACTS[name]
        }
        events, last = read(chain.url, addresses, 0)
    replay = Replay(devnet.CHAIN_ID, addresses)
    for event, moment in events:
        replay.apply(event, moment)
    replay.finish(last)
    assert replay.mismatches == []
    assert len(replay.proposals) == 16
    states = Counter(replay.state_of(each) for each in replay.proposals.values())
    assert states == season.proposals


def _carried_out(replay: Replay) -> int:
    """Orders of executed proposals that took effect."""
    checks = {each.id: each for each in replay.checks}
    return checks["4.0.7"].counted - checks["4.0.7"].failed


def _agrees(told: History, replay: Replay) -> None:
    said = told.said.proposals
    assert {number: replay.state_of(each) for number, each in replay.proposals.items()} == {
        number: each[0] for number, each in said.items()
    }
    assert {
        number: (each.tally.against, each.tally.for_, each.tally.abstain)
        for number, each in replay.proposals.items()
    } == {number: each[1] for number, each in said.items()}
    assert {name: each.rate for name, each in replay.roles.items()} == told.said.rates
    assert replay.roll.size_at(told.last) == told.said.roll
    assert told.misstored() == []
