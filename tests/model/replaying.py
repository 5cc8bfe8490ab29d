"""The audit's replay beside the model: what the chain logged, gone through by the rules alone."""

from eth_utils.address import to_checksum_address

from indexer.abi import CONTRACTS
from indexer.audit.replay import Replay
from node.devnet import CHAIN_ID, Devnet
from tests.indexer.audit.histories import read
from tests.model.playing import Play

IN_THE_ASSEMBLYS_NAME = {
    ("4.0.6", "not_ordered"),
    ("4.1.8", "term_runs"),  # a reinstatement that nobody voted on
}
"""What the replay rightly says of the season's orders without a proposal."""


def assert_replays(chain: Devnet, first: int, play: Play) -> None:
    """The replay finds fault with orders alone, and ends where the model ends."""
    own = play.model.world.addresses
    addresses = {word: to_checksum_address(own[name]) for word, name in CONTRACTS.items()}
    told, last = read(chain.url, addresses, first)
    replay = Replay(CHAIN_ID, addresses)
    for event, moment in told:
        replay.apply(event, moment)
    replay.finish(last)
    assert {(each.check, each.kind) for each in replay.mismatches} <= IN_THE_ASSEMBLYS_NAME

    assembly, pay_votes = play.model.assembly, play.model.pay_votes
    assert {
        number: (each.tally, each.deadline, replay.state_of(each))
        for number, each in replay.proposals.items()
    } == {
        number: (each.tally, each.deadline, assembly.state(number))
        for number, each in assembly.proposals.items()
    }
    assert {
        number: [each.counts[rate] for rate in each.ladder.rates]
        for number, each in replay.pay_votes.items()
    } == {number: each.counts for number, each in pay_votes.votes.items()}
    assert replay.roll.members == play.model.membership.roll.members
    assert {name: each.rate for name, each in replay.roles.items()} == {
        name: each.rate for name, each in play.model.roles.roles.items()
    }
    assert _guardians_replayed(replay, last) == _guardians_modelled(play)


Guarded = dict[int, tuple[bytes, set[str]]]
"""By memberId: the list in force, and for which accounts something was begun."""


def _guardians_replayed(replay: Replay, last: int) -> Guarded:
    found = {number: replay.guardians.of(number, last) for number in replay.roll.members}
    return {
        number: (bytes.fromhex(each.list_hash[2:]), set(each.recoveries))
        for number, each in found.items()
    }


def _guardians_modelled(play: Play) -> Guarded:
    membership = play.model.membership
    wards = {number: membership.guardians.ward(number) for number in membership.roll.members}
    return {number: (each.list_hash, set(each.begun)) for number, each in wards.items()}
