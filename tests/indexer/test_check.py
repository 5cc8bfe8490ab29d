"""A mirror that was tampered with, or damaged, is found out and the place is named."""

import sqlite3

import pytest

from indexer import digests
from indexer.check import check
from tests.contracts.coop import AGAINST, FOR
from tests.indexer.mirrored import Mirrored, rows


@pytest.fixture
def voted(mirror: Mirrored) -> Mirrored:
    """A mirror of a proposal with two ballots."""
    coop = mirror.coop
    number = coop.propose(coop.ada, opens_in=5)
    coop.open(number)
    coop.vote(coop.ada, number, FOR)
    coop.vote(coop.ben, number, AGAINST)
    mirror.sync()
    return mirror


def tamper(mirror: Mirrored, *statements: str) -> None:
    connection = sqlite3.connect(mirror.path)
    for statement in statements:
        assert connection.execute(statement).rowcount > 0
    connection.commit()
    connection.close()


def without_logs(mirror: Mirrored) -> str:
    """The digest that the last block with logs would have if it had none."""
    number = max(log[0] for log in rows(mirror.store)["logs"])
    return digests.of_block(mirror.chain.block(number), ())


def kinds(mirror: Mirrored, *, with_chain: bool = False) -> set[str]:
    found = check(mirror.store, mirror.chain if with_chain else None)
    assert found.ok == (not found.faults)
    return {fault.kind for fault in found.faults}


def test_a_mirror_left_alone_has_no_faults(voted: Mirrored) -> None:
    found = check(voted.store, voted.chain)
    assert (found.ok, found.faults) == (True, ())
    assert found.events > 20
    assert found.blocks > 3


LAST_LOG = "(SELECT max(block) FROM logs)"


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (f"DELETE FROM logs WHERE block = {LAST_LOG}", "chronicle"),
        ("UPDATE logs SET data = zeroblob(length(data)) WHERE contract = 'pay_rates'", "chronicle"),
        ("UPDATE logs SET contract = 'assembly' WHERE contract = 'bylaws'", "chronicle"),
        (f"UPDATE blocks SET timestamp = timestamp + 1 WHERE number = {LAST_LOG}", "chronicle"),
        ("UPDATE ballots SET choice = 'for' WHERE choice = 'against'", "row"),
        ("UPDATE ballots SET sequence = sequence + 1", "row"),
        ("UPDATE ballots SET member_id = 3 WHERE member_id = 2", "row"),
        ("DELETE FROM ballots WHERE member_id = 2", "row"),
        ("INSERT INTO ballots SELECT block, log_index + 1, proposal_id, 3, voter, epoch, choice,"
         " weight, sequence, reason, votes_for, votes_against, votes_abstain"
         " FROM ballots WHERE member_id = 2", "row"),
        ("UPDATE rates SET rate = rate + 1", "row"),
        ("UPDATE member_changes SET account = upper(account)", "row"),
        ("UPDATE chronicle_heads SET head = replace(head, 'a', 'b')", "chronicle"),
        ("UPDATE blocks SET parent_hash = hash", "link"),
        (f"UPDATE blocks SET timestamp = 0 WHERE number = {LAST_LOG}", "moment"),
        ("UPDATE cursor SET block = block - 1", "cursor"),
        ("UPDATE cursor SET head = head + 1", "digest"),
        ("UPDATE cursor SET id = 2", "row"),
        ("UPDATE logs SET tx_hash = '0x' || log_index", "digest"),
        ("UPDATE logs SET contract = 'assembl0' WHERE contract = 'assembly'", "row"),
        (f"UPDATE blocks SET hash = '0x' WHERE number = {LAST_LOG}", "digest"),
        ("DELETE FROM blocks WHERE number = (SELECT max(number) FROM blocks)", "reference"),
    ],
)  # fmt: skip
def test_each_kind_of_tampering_is_named(voted: Mirrored, statement: str, kind: str) -> None:
    tamper(voted, statement)
    assert kind in kinds(voted)


def test_a_history_forged_as_a_whole_is_found_by_the_chain(voted: Mirrored) -> None:
    # All of the newest block's events gone, with every trace of them.
    tamper(
        voted,
        f"DELETE FROM ballots WHERE block = {LAST_LOG}",
        f"DELETE FROM chronicle_heads WHERE block = {LAST_LOG}",
        f"UPDATE blocks SET digest = '{without_logs(voted)}' WHERE number = {LAST_LOG}",
        f"DELETE FROM logs WHERE block = {LAST_LOG}",
    )
    assert kinds(voted) == set()
    assert kinds(voted, with_chain=True) == {"chronicle"}


def test_a_block_that_the_chain_does_not_hold_is_found(voted: Mirrored) -> None:
    tamper(voted, "UPDATE blocks SET hash = '0x' || number, parent_hash = '0x' || (number - 1)")
    assert kinds(voted) == {"digest"}
    assert kinds(voted, with_chain=True) == {"digest", "chain"}


def test_a_chain_that_went_back_is_found(voted: Mirrored) -> None:
    voted.coop.chain.rpc("anvil_reorg", 1, [])
    assert "chain" in kinds(voted, with_chain=True)


def test_a_fault_says_where_and_what_was_expected(voted: Mirrored) -> None:
    tamper(voted, "UPDATE ballots SET choice = 'abstain' WHERE member_id = 2")
    (fault,) = check(voted.store).faults
    assert fault.where.startswith("ballots (")
    assert ("'against'" in fault.expected, "'abstain'" in fault.found) == (True, True)
