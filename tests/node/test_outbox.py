"""The outbox: nothing is lost, no sequence is used twice, and it belongs to one instance."""

import dataclasses
import sqlite3
import stat
from pathlib import Path

import pytest
from eth_account import Account

from node.ballot import Ballot, PayBallot, SignedBallot, sign_ballot
from node.errors import MirrorOfAnotherChain, NotFound, StaleBallot
from node.outbox import Outbox, OutboxLocked, OutboxUnusable, Owner
from node.typed_data import Domain

ASSEMBLY = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
PAY_RATES = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0"
OWNER = Owner(31337, ASSEMBLY, PAY_RATES)
ADA = Account.from_key("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
DOMAIN = Domain("Weavers Co-op", "1", 31337, ASSEMBLY)
PAY_DOMAIN = Domain("Weavers Co-op", "1", 31337, PAY_RATES)
CONTENT = b"\xc0" * 32


def signed(sequence: int = 1, *, choice: str = "for", epoch: int = 0) -> SignedBallot:
    ballot = Ballot(7, CONTENT, choice, 3, epoch, sequence, "ça va")  # type: ignore[arg-type]
    return sign_ballot(ballot, DOMAIN, ADA)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "weavers.outbox.db"


@pytest.fixture
def outbox(path: Path) -> Outbox:
    return Outbox(path, OWNER)


def test_a_ballot_is_on_disk_once_put_returns(path: Path, outbox: Outbox) -> None:
    letter = outbox.put(signed())

    assert Outbox(path, OWNER).letters() == [letter]
    assert letter.signed == signed()
    assert letter.state == "waiting"


def test_only_the_owner_can_read_the_file(path: Path, outbox: Outbox) -> None:
    outbox.put(signed())

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_highest_sequence_is_per_subject_member_and_epoch(outbox: Outbox) -> None:
    outbox.put(signed(4))
    outbox.put(signed(9, epoch=1))
    outbox.put(sign_ballot(PayBallot(7, CONTENT, 2000, 3, 0, 20), PAY_DOMAIN, ADA))

    def highest(**change: int) -> int:
        return outbox.highest_sequence(
            ASSEMBLY,
            dataclasses.replace(Ballot(7, CONTENT, "for", 3, 0, 1), **change),  # type: ignore[arg-type]
        )

    assert highest() == 4
    assert highest(epoch=1) == 9
    assert highest(epoch=2) == highest(member_id=4) == highest(proposal_id=8) == 0


def test_a_sequence_is_used_for_one_ballot_only(outbox: Outbox) -> None:
    first = outbox.put(signed(1))

    with pytest.raises(StaleBallot, match="sequence 1 already"):
        outbox.put(signed(1, choice="against"))
    assert outbox.letters() == [first]


def test_a_dropped_ballot_is_not_sent_again_but_keeps_its_sequence(outbox: Outbox) -> None:
    number = outbox.put(signed(5)).number

    assert outbox.drop(number).state == "dropped"
    assert outbox.letters() == []
    assert outbox.highest_sequence(ASSEMBLY, signed().ballot) == 5


def test_a_ballot_goes_from_waiting_over_sent_to_counted(outbox: Outbox) -> None:
    number = outbox.put(signed()).number

    assert outbox.sent(number, "0xaa", 12).state == "sent"
    assert [letter.number for letter in outbox.letters()] == [number]
    assert outbox.final(number).state == "counted"
    assert outbox.letters() == []
    assert [letter.state for letter in outbox.letters(everything=True)] == ["counted"]


def test_a_ballot_whose_transaction_was_lost_waits_again(outbox: Outbox) -> None:
    number = outbox.put(signed()).number
    outbox.sent(number, "0xaa", 12)

    assert outbox.lost(number).state == "waiting"
    assert outbox.letter(number).tx is None


def test_a_replaced_ballot_is_no_longer_on_its_way(outbox: Outbox) -> None:
    number = outbox.put(signed()).number

    assert outbox.replaced(number).state == "replaced"
    assert outbox.letters() == []


def test_an_unknown_number_is_not_found(outbox: Outbox) -> None:
    with pytest.raises(NotFound, match="no ballot 4"):
        outbox.drop(4)


@pytest.mark.parametrize(
    "other",
    [
        Owner(1, ASSEMBLY, PAY_RATES),
        Owner(31337, PAY_RATES, PAY_RATES),
        Owner(31337, ASSEMBLY, ASSEMBLY),
    ],
    ids=["chain", "assembly", "pay rates"],
)
def test_the_outbox_of_another_instance_is_refused(
    path: Path, outbox: Outbox, other: Owner
) -> None:
    with pytest.raises(MirrorOfAnotherChain, match="belongs to chain 31337"):
        Outbox(path, other)


def test_an_outbox_of_another_version_is_refused_and_kept(path: Path, outbox: Outbox) -> None:
    outbox.put(signed())
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE owner SET schema_number = 99")
    before = path.read_bytes()

    with pytest.raises(OutboxUnusable, match="schema 99"):
        Outbox(path, OWNER)
    assert path.read_bytes() == before


def test_while_another_process_writes_the_outbox_says_so_and_changes_nothing(
    path: Path, outbox: Outbox
) -> None:
    impatient = Outbox(path, OWNER, patience=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(OutboxLocked, match="Another process"):
        impatient.put(signed())

    other.execute("ROLLBACK")
    assert outbox.letters() == []


def test_a_file_that_is_no_outbox_is_refused_and_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"my diary" * 1000)

    with pytest.raises(OutboxUnusable, match="cannot be used"):
        Outbox(path, OWNER)
    assert path.read_bytes() == b"my diary" * 1000
