"""Answers from the mirror: as of which block they hold, and everything at once."""

import json
from typing import Any

import pytest

from indexer import queries
from indexer.document import document
from indexer.errors import BlockNotMirrored
from indexer.rules.bylaws import Tally
from indexer.store import read_mirror
from tests.contracts.coop import AGAINST, FOR
from tests.indexer.acts import opened
from tests.indexer.mirrored import Mirrored

# As of


def test_an_answer_says_as_of_which_block_it_holds(mirror: Mirrored) -> None:
    mirror.coop.chain.mine()
    mirror.sync()
    head = mirror.chain.head()
    with mirror.asking() as (_, as_of):
        assert as_of == (31337, head.number, head.hash, head.timestamp, "latest")
    with mirror.asking("safe") as (_, as_of):
        assert (as_of.block, as_of.finality) == (mirror.chain.head("safe").number, "safe")


def test_before_anything_is_final_there_is_no_final_answer(mirror: Mirrored) -> None:
    mirror.sync()
    assert mirror.chain.head("finalized").number < mirror.identity.first_block
    with pytest.raises(BlockNotMirrored, match="finalized"), mirror.asking("finalized"):
        pytest.fail("answered")


def test_a_mirror_that_read_nothing_answers_nothing(mirror: Mirrored) -> None:
    with pytest.raises(BlockNotMirrored, match="latest"), mirror.asking():
        pytest.fail("answered")


def test_any_past_block_gives_the_answers_of_that_moment(mirror: Mirrored) -> None:
    coop = mirror.coop
    number = opened(coop)
    moments: list[tuple[int, Any, str]] = []
    for member, choice in ((coop.ada, FOR), (coop.ben, FOR), (coop.cleo, AGAINST)):
        coop.vote(member, number, choice)
        votes = mirror.view("Assembly", "proposalVotes", number)
        moments.append((mirror.chain.head().number, votes, coop.state(number)))
    coop.close(number)
    coop.chain.mine()
    mirror.sync()
    for block, votes, state in moments:
        with mirror.asking(block) as (session, as_of):
            (summary,) = queries.proposals(session, as_of)
            assert summary.tally == Tally(
                votes["forVotes"], votes["againstVotes"], votes["abstainVotes"]
            )
            assert summary.state == state == "active"
    with mirror.asking() as (session, as_of):
        assert queries.proposal(session, as_of, number).state == "succeeded"


def test_a_block_between_takes_its_header_from_the_chain(mirror: Mirrored) -> None:
    for _ in range(5):
        mirror.coop.chain.mine()
    mirror.sync()
    between = mirror.identity.first_block + 1
    with mirror.store.reading() as session:
        with pytest.raises(BlockNotMirrored, match=str(between)) as caught:
            queries.as_of(session, between)
        assert caught.value.details["nearest"] == between - 1
        found = queries.as_of(session, between, mirror.chain)
        assert found.block_hash == mirror.chain.block(between).hash


@pytest.mark.parametrize("beyond", [-1, 1])
def test_blocks_outside_of_the_mirror_are_refused(mirror: Mirrored, beyond: int) -> None:
    mirror.sync()
    edge = mirror.identity.first_block if beyond < 0 else mirror.chain.head().number
    with mirror.store.reading() as session, pytest.raises(BlockNotMirrored):
        queries.as_of(session, edge + beyond, mirror.chain)


def test_a_reader_needs_neither_chain_nor_identity(mirror: Mirrored) -> None:
    mirror.sync()
    with read_mirror(mirror.path).reading() as session:
        as_of = queries.as_of(session)
        assert len(queries.members(session, as_of)) == 5


# Export


def test_an_export_holds_every_event_once_in_order(mirror: Mirrored) -> None:
    number = opened(mirror.coop)
    mirror.coop.vote(mirror.coop.ada, number, FOR, 1, "yes")
    mirror.sync()
    with mirror.asking() as (session, as_of):
        events = list(queries.events(session, as_of))
        places = [(each.block, each.log_index) for each in events]
        assert places == sorted(set(places))
        assert len(events) == queries.mirror_status(session).events
        assert events[-1].event == "VoteCast"
        assert events[-1].args["reason"] == "yes"
        assert events[-1].at == mirror.chain.head().timestamp
        newer = queries.events(session, as_of, after=mirror.identity.first_block)
        assert [each.event for each in newer] == ["ProposalCreated", "ProposalFrozen", "VoteCast"]
        json.dumps(document(events))


def test_the_status_counts_what_the_mirror_holds(mirror: Mirrored) -> None:
    mirror.coop.chain.mine()
    head = mirror.chain.head().number
    mirror.sync(to=head - 1)
    with mirror.asking() as (session, _):
        status = queries.mirror_status(session)
    assert (status.from_block, status.to_block) == (mirror.identity.first_block, head - 1)
    assert (status.chain_head, status.lag_blocks, status.chronicle_ok) == (head, 1, True)
