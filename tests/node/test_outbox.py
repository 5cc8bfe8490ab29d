"""The outbox: nothing is lost, no sequence is used twice, and it belongs to one instance."""

import dataclasses
import json
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account

from node import ballot_file
from node.ballot import Ballot, PayBallot, SignedBallot, sign_ballot
from node.errors import MirrorOfAnotherChain, NotFound, StaleBallot
from node.outbox import End, Outbox, OutboxLocked, OutboxUnusable, Owner
from node.sender import SignedTransaction
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
    dropped = outbox.drop(outbox.put(signed(5)).number)

    assert (dropped.state, dropped.why) == ("refused", "You dropped it.")
    assert outbox.letters() == []
    assert outbox.highest_sequence(ASSEMBLY, signed().ballot) == 5


def transaction(nonce: int = 0, most: int = 9 * 10**18) -> SignedTransaction:
    tx = f"0x{nonce:032x}{most:032x}"
    return SignedTransaction(ADA.address, nonce, 1, most, 21_000, tx, "0x02")


def test_a_ballot_goes_from_waiting_over_sent_and_counted_to_final(outbox: Outbox) -> None:
    number = outbox.put(signed()).number

    made = outbox.attempt(transaction(), [number])
    assert (outbox.letter(number).state, outbox.letter(number).tx) == ("sent", made.transaction.tx)
    outbox.note(counted={number: True}, blocks={made.number: 12})
    assert (outbox.letter(number).state, outbox.letter(number).block) == ("counted", 12)
    assert [letter.number for letter in outbox.letters()] == [number]
    outbox.note(ended={number: ("final", "")})
    assert outbox.letters() == []
    assert [letter.state for letter in outbox.letters(everything=True)] == ["final"]


def test_a_ballot_that_a_reorganisation_took_out_is_on_its_way_again(outbox: Outbox) -> None:
    number = outbox.put(signed()).number
    made = outbox.attempt(transaction(), [number])
    outbox.note(counted={number: True}, blocks={made.number: 12})

    outbox.note(counted={number: False}, blocks={made.number: None})

    assert outbox.letter(number).state == "sent"
    assert outbox.letter(number).block is None


def test_all_attempts_are_kept_and_the_one_in_a_block_is_the_ballots_own(outbox: Outbox) -> None:
    first, second = (outbox.put(signed(each)).number for each in (1, 2))
    slow = outbox.attempt(transaction(7), [first])
    fast = outbox.attempt(transaction(7, most=10**18), [first, second])

    assert outbox.attempts([first]) == [slow, replace(fast, letters=frozenset({first}))]
    assert outbox.letter(first).tx == fast.transaction.tx
    outbox.note(blocks={slow.number: 3})
    assert outbox.letter(first).tx == slow.transaction.tx
    assert [each.number for each in outbox.carried(fast.transaction.tx)] == [first, second]


@pytest.mark.parametrize("end", ["final", "expired", "refused"])
def test_what_ended_stays_so(outbox: Outbox, end: End) -> None:
    number = outbox.put(signed()).number
    outbox.note(ended={number: (end, "so it is")})

    outbox.note(ended={number: ("refused", "later")})

    assert (outbox.letter(number).state, outbox.letter(number).why) == (end, "so it is")
    assert outbox.letters() == []


def test_of_many_ballots_those_with_a_used_sequence_are_named_and_the_others_kept(
    outbox: Outbox,
) -> None:
    outbox.put(signed(2))

    kept = outbox.put_all([signed(1), signed(2, choice="against"), signed(3)])

    assert [isinstance(each, StaleBallot) for each in kept] == [False, True, False]
    assert [each.signed for each in outbox.letters()] == [signed(2), signed(1), signed(3)]


def test_only_one_process_sends_and_a_dead_one_is_not_in_the_way(path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path), json.dumps(dataclasses.astuple(OWNER))],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    outbox = Outbox(path, OWNER)

    with pytest.raises(OutboxLocked, match="Another coop process is sending"), outbox.sending():
        pass
    assert outbox.put(signed()).state == "waiting"  # keeping is always possible
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with outbox.sending():
        pass


_HOLD = """
import json, sys
from pathlib import Path
from node.outbox import Outbox, Owner
with Outbox(Path(sys.argv[1]), Owner(*json.loads(sys.argv[2]))).sending():
    print("holding", flush=True)
    sys.stdin.read()
    import threading
    threading.Event().wait()
"""


def test_an_outbox_of_the_first_version_keeps_all_that_it_knew(path: Path) -> None:
    path.parent.mkdir()
    documents = [ballot_file.dump(ballot_file.signed_file(signed(each))) for each in range(1, 6)]
    facts = [
        (None, None, 0, 0, 0),
        ("0xaa", 12, 0, 0, 0),
        ("0xbb", 13, 1, 0, 0),
        (None, None, 0, 1, 0),
        (None, None, 0, 0, 1),
    ]
    with sqlite3.connect(path) as old:
        old.executescript(_SCHEMA_1)
        old.execute("INSERT INTO owner VALUES (1, 1, 31337, ?, ?)", (ASSEMBLY, PAY_RATES))
        for number, (document, fact) in enumerate(zip(documents, facts, strict=True), 1):
            old.execute(
                "INSERT INTO ballots VALUES (?, ?, 7, 3, 0, ?, ?, 1700000000, ?, ?, ?, ?, ?)",
                (number, ASSEMBLY, number, document, *fact),
            )
    old.close()

    found = Outbox(path, OWNER).letters(everything=True)

    assert [(each.state, each.tx, each.block) for each in found] == [
        ("waiting", None, None),
        ("sent", "0xaa", 12),
        ("final", "0xbb", 13),
        ("refused", None, None),
        ("refused", None, None),
    ]
    assert [each.signed for each in found] == [signed(each) for each in range(1, 6)]
    assert [each.state for each in Outbox(path, OWNER).letters()] == ["waiting", "sent"]


_SCHEMA_1 = """
CREATE TABLE owner (id INTEGER NOT NULL PRIMARY KEY, schema_number INTEGER NOT NULL,
    chain_id INTEGER NOT NULL, assembly VARCHAR NOT NULL, pay_rates VARCHAR NOT NULL);
CREATE TABLE ballots (number INTEGER NOT NULL PRIMARY KEY, contract VARCHAR NOT NULL,
    subject INTEGER NOT NULL, member_id INTEGER NOT NULL, epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL, document VARCHAR NOT NULL, saved_at INTEGER NOT NULL, tx VARCHAR,
    block INTEGER, final BOOLEAN NOT NULL, replaced BOOLEAN NOT NULL, dropped BOOLEAN NOT NULL,
    UNIQUE (contract, subject, member_id, epoch, sequence));
"""


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
