"""Waiting for a ballot to be carried: what is told, how it ends, and how it can be broken off."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from node.delivery import Courier, NotOpenYet
from node.errors import TransactionPending
from node.sender import Sender
from tests.node.courier_post import Post
from tests.node.test_vote import signed_by
from tests.node.village import Village
from tests.patience import until


def test_carrying_waits_for_a_block_and_tells_what_for(post: Post) -> None:
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        if len(told) == 3:
            post.mine()

    post.courier().carry(Sender(post.village.chain, post.ada), {post.number}, tell)

    assert post.letter.state == "counted"
    assert len(told) >= 3
    assert all("Waiting for a block" in each and "seconds left" in each for each in told)


def test_carrying_to_the_end_waits_until_the_block_is_final(post: Post) -> None:
    sender = Sender(post.village.chain, post.ada)

    post.courier().carry(sender, {post.number}, lambda text: post.mine(7), to_the_end=True)

    assert post.letter.state == "final"


def test_a_vote_whose_beginning_a_reorganisation_took_is_waited_for(village: Village) -> None:
    parts = village.propose()
    before = village.coop.chain.rpc("evm_snapshot")
    village.open(parts)
    signed = signed_by(village, "ada", parts)
    village.coop.chain.rpc("evm_revert", before)
    number = village.outbox().put(signed).number
    courier = Courier(village.chain, village.instance, village.outbox(), "finalized")
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        if len(told) == 1:
            assert isinstance(courier.problems[number], NotOpenYet)
            village.open(parts)

    courier.carry(village.sender("ada"), {number}, tell)

    assert "pending" in told[0]
    assert village.outbox().letter(number).state == "counted"


def test_after_its_patience_carrying_says_that_it_may_still_take_effect(post: Post) -> None:
    sender = Sender(post.village.chain, post.ada)

    with pytest.raises(TransactionPending, match="may still take effect") as pending:
        post.courier().carry(sender, {post.number}, lambda text: None, patience=0.2)

    assert pending.value.details["tx"] == post.letter.tx
    post.assert_counted_once()


def test_of_two_processes_one_sends_and_the_other_waits_for_it(post: Post) -> None:
    sender, told = Sender(post.village.chain, post.ada), list[str]()
    other_told = threading.Event()

    def tell(text: str) -> None:
        told.append(text)
        other_told.set()

    with ThreadPoolExecutor(1) as pool:
        courier = post.courier()
        with courier.outbox.sending():
            waiting = pool.submit(post.courier().carry, sender, {post.number}, tell)
            assert other_told.wait(30)
            (missing,) = courier.look()
            courier._send(sender, [missing])
            post.mine()
            waiting.result(30)

    assert "Another coop process is sending" in told[0]
    assert len(post.attempts) == 1
    post.assert_counted_once()


def test_who_breaks_off_a_vote_is_told_that_nothing_is_lost_and_how_to_go_on(
    village: Village,
) -> None:
    village.opened()
    village.coop.chain.rpc("evm_setAutomine", False)
    vote = [sys.executable, "-c", "from node.cli import main; main()", "vote", "1", "for", "--yes"]
    given = ["--key", "ada", "--password-file", str(village.home / "password")]
    try:
        with subprocess.Popen(
            [*vote, *given, "--rpc", village.coop.chain.url],
            cwd=Path(__file__).resolve().parents[2],
            env={**os.environ, "COOP_HOME": str(village.home)},
            stderr=subprocess.PIPE,
            text=True,
        ) as voting:
            until(lambda: [each.state for each in village.outbox().letters()] == ["sent"])
            voting.send_signal(signal.SIGINT)
            _, said = voting.communicate(timeout=60)
    finally:
        village.coop.chain.rpc("evm_setAutomine", True)

    assert voting.returncode == 130
    assert "Your ballot is kept as number 1; go on with: coop outbox retry." in said
    village.coop.chain.mine()
    assert village.run("outbox", "retry").exit_code == 0
    assert village.ballot_on_chain(1, 1) == (1, 0, 1)
