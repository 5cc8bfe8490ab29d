"""One fault at a time on the way of a ballot to the chain; all at once: test_no_vote_lost."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from indexer.chain import Chain
from node.delivery import Courier, FeeCapReached, NotOpenYet
from node.errors import NetworkProblem, NotEnoughFunds, TransactionPending
from node.fees import Fees
from node.outbox import Letter
from node.sender import Sender
from tests.indexer.proxy import Answer, Request, proxy, refusing, unchanged
from tests.node.silent_proxy import silent_on
from tests.node.test_vote import signed_by
from tests.node.village import Village
from tests.patience import until


@pytest.fixture
def post(village: Village) -> Iterator["Post"]:
    """Ada's node with a ballot of hers in the outbox, on a chain that mines only when told."""
    parts = village.opened()
    letter = village.outbox().put(signed_by(village, "ada", parts))
    village.coop.chain.rpc("evm_setAutomine", False)
    yield Post(village, letter.number)
    village.coop.chain.rpc("evm_setAutomine", True)


class Post:
    """A courier, its chain, and the one ballot that it carries."""

    def __init__(self, village: Village, number: int) -> None:
        self.village, self.number = village, number
        self.rpc = village.coop.chain.rpc
        self.ada = village.key("ada")

    def courier(self, url: str = "", **more: Any) -> Courier:
        chain = Chain(url) if url else self.village.chain
        return Courier(chain, self.village.instance, self.village.outbox(), "finalized", **more)

    def step(self, courier: Courier | None = None, **more: Any) -> Courier:
        """One step, by a courier who knows nothing but the outbox unless one is given."""
        courier = courier or self.courier()
        courier.step(Sender(courier.chain, self.ada, **more))
        return courier

    @contextmanager
    def automining(self) -> Iterator[None]:
        """Let every transaction have its block meanwhile."""
        self.rpc("evm_setAutomine", True)
        yield
        self.rpc("evm_setAutomine", False)

    def mine(self, blocks: int = 1) -> None:
        self.rpc("anvil_mine", hex(blocks))

    @property
    def letter(self) -> Letter:
        return self.village.outbox().letter(self.number)

    @property
    def attempts(self) -> list[Any]:
        return [each.transaction for each in self.village.outbox().attempts([self.number])]

    def foreign(self, nonce: int, price: int) -> str:
        """A transaction of the same account that another program made."""
        made = self.ada.sign_transaction(
            {
                "to": self.ada.address,
                "value": 0,
                "gas": 21_000,
                "gasPrice": price,
                "nonce": nonce,
                "chainId": 31337,
            }
        )
        return str(self.rpc("eth_sendRawTransaction", made.raw_transaction.to_0x_hex()))

    def assert_counted_once(self) -> None:
        self.mine(100)
        self.courier().look()
        assert self.letter.state == "final"
        cast = self.village.coop.assembly.events.VoteCast().get_logs(
            from_block=self.village.instance.first_block
        )
        assert [each["args"]["voter"] for each in cast] == [self.ada.address]


def test_what_is_sent_is_kept_before(post: Post) -> None:
    def unplugged(request: Request, answer: Answer) -> Answer:
        if request["method"] == "eth_sendRawTransaction":
            kept.extend(post.attempts)
        return answer

    kept: list[Any] = []
    with proxy(post.village.coop.chain.url, unplugged) as url:
        post.step(post.courier(url))

    assert kept == post.attempts
    assert len(kept) == 1
    assert post.letter.state == "sent"


def test_a_transaction_on_its_way_is_left_alone(post: Post) -> None:
    post.step()
    post.step()

    assert len(post.attempts) == 1
    post.mine()
    post.step()
    assert post.letter.state == "counted"
    post.assert_counted_once()


def test_a_block_that_comes_between_looking_and_sending_is_no_problem(post: Post) -> None:
    post.step()

    def mined_first(request: Request) -> bool:
        # What the courier asks for first once it has looked and found nothing.
        if request["method"] == "eth_getTransactionCount" and request["params"][1] == "latest":
            post.mine()
        return False

    with proxy(post.village.coop.chain.url, unchanged, swallows=mined_first) as url:
        courier = post.step(post.courier(url))

    assert courier.problems == {}
    assert len(post.attempts) == 1
    post.assert_counted_once()


def test_a_dropped_transaction_is_sent_again_as_it_was(post: Post) -> None:
    post.step()
    post.rpc("anvil_dropAllTransactions")
    assert post.rpc("eth_getTransactionByHash", post.letter.tx) is None

    post.step()

    assert post.rpc("eth_getTransactionByHash", post.letter.tx) is not None
    assert len(post.attempts) == 1
    post.assert_counted_once()


def test_a_stuck_transaction_offers_an_eighth_more_under_the_same_number(post: Post) -> None:
    post.step()
    post.step(post.courier(patience=0))

    first, second = post.attempts
    assert second.nonce == first.nonce
    assert second.tip >= first.tip * 1.125
    assert second.most >= first.most * 1.125
    assert post.rpc("eth_getTransactionByHash", first.tx) is None  # the node took the better offer
    assert post.letter.tx == second.tx
    post.assert_counted_once()


def test_the_offer_ends_at_the_cap_and_that_is_told(post: Post) -> None:
    post.step()
    cap = post.attempts[0].most

    courier = post.step(post.courier(patience=0), fee_cap=cap)

    assert isinstance(courier.problems[post.number], FeeCapReached)
    assert len(post.attempts) == 1
    post.assert_counted_once()


def test_no_transaction_ever_offers_more_than_the_cap(post: Post) -> None:
    post.step(fee_cap=5 * 10**8)

    assert post.attempts[0].most == 5 * 10**8
    assert post.attempts[0].tip <= post.attempts[0].most


def test_when_another_transaction_took_the_number_the_ballot_goes_under_the_next(
    post: Post,
) -> None:
    post.step()
    (ours,) = post.attempts
    post.foreign(ours.nonce, 10 * ours.most)
    post.step()  # it waits in the pool already
    post.mine()
    post.step()

    assert [each.nonce for each in post.attempts] == [ours.nonce, ours.nonce + 1]
    post.assert_counted_once()


def test_a_gap_below_the_number_is_closed(post: Post) -> None:
    nonce = Sender(post.village.chain, post.ada).count("latest")
    before = post.foreign(nonce, 10**11)
    post.step()
    assert [each.nonce for each in post.attempts] == [nonce + 1]
    post.rpc("anvil_dropTransaction", before)
    post.mine()
    assert post.village.ballot_on_chain(1, 1) == (0, 0, 0)

    post.step()

    assert [each.nonce for each in post.attempts] == [nonce + 1, nonce]
    post.assert_counted_once()


@pytest.mark.parametrize("words", ["already known", "ALREADY_EXISTS", "the moon is full"])
def test_whatever_a_node_says_on_sending_the_chain_decides(post: Post, words: str) -> None:
    lying = refusing(-32000, words, lambda each: each["method"] == "eth_sendRawTransaction")
    with proxy(post.village.coop.chain.url, lying) as url:
        courier = post.step(post.courier(url))  # it sent, and says that it did not

    assert isinstance(courier.problems[post.number], NetworkProblem)
    post.step()
    assert len(post.attempts) == 1
    post.assert_counted_once()


@pytest.mark.parametrize("sent", [True, False], ids=["after sending", "before sending"])
def test_a_node_that_falls_silent_while_it_is_handed_a_transaction_loses_nothing(
    post: Post, sent: bool
) -> None:
    url = post.village.coop.chain.url
    with silent_on("eth_sendRawTransaction", url, passed_on=sent) as url:
        post.step(post.courier(url))
    assert (post.rpc("eth_getTransactionByHash", post.letter.tx) is not None) == sent

    post.step()

    assert len(post.attempts) == 1
    post.assert_counted_once()


def test_a_reorganisation_takes_a_counted_ballot_back_and_it_is_sent_again(post: Post) -> None:
    before = post.rpc("evm_snapshot")
    post.step()
    post.mine()
    post.step()
    assert (post.letter.state, post.letter.block is not None) == ("counted", True)
    post.rpc("evm_revert", before)
    post.rpc("evm_setAutomine", False)

    post.step()

    assert (post.letter.state, post.letter.block) == ("sent", None)
    post.mine()
    post.assert_counted_once()


def test_an_account_that_cannot_pay_is_told_so_and_the_ballot_stays(post: Post) -> None:
    post.rpc("anvil_setBalance", post.ada.address, "0x1")

    courier = post.step()

    assert isinstance(courier.problems[post.number], NotEnoughFunds)
    post.rpc("anvil_setBalance", post.ada.address, hex(10**20))
    post.step()
    post.assert_counted_once()


def test_ballots_on_one_proposal_travel_together_and_a_bad_one_stays_behind(post: Post) -> None:
    village = post.village
    with post.automining():
        parts = village.open(village.propose("# Another one", by="ben"))
    outbox = village.outbox()
    numbers = [
        outbox.put(signed_by(village, name, parts)).number for name in ("ben", "cleo", "dan")
    ]
    # Meanwhile cleo leaves.
    with post.automining():
        village.coop.send(village.coop.membership.functions.leaveCooperative(), village.coop.cleo)

    courier = post.courier()
    for _ in range(3):
        courier.step(village.sender("gus"))
        post.mine()
    courier.step(village.sender("gus"))

    numbers = [post.number, *numbers]
    standing = [outbox.letter(number).state in ("counted", "final") for number in numbers]
    assert standing == [True, True, False, True]
    assert courier.problems[numbers[2]].exit_code == 4  # no member any more
    assert outbox.letter(numbers[1]).tx == outbox.letter(numbers[3]).tx
    assert len(outbox.carried(str(outbox.letter(numbers[1]).tx))) == 2


def test_only_what_was_asked_for_is_sent_the_first_time(post: Post) -> None:
    with post.automining():
        parts = post.village.opened(by="ben")
    other = post.village.outbox().put(signed_by(post.village, "ben", parts))

    courier = post.courier()
    courier.step(Sender(courier.chain, post.ada), only={other.number})

    assert post.letter.state == "waiting"
    assert post.village.outbox().letter(other.number).state == "sent"


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


@pytest.mark.parametrize(
    ("old", "suggested", "raised"),
    [
        (Fees(8, 80), Fees(1, 10), Fees(9, 90)),
        (Fees(8, 80), Fees(20, 200), Fees(20, 200)),
        (Fees(1, 1), Fees(0, 0), Fees(2, 2)),
        (Fees(100, 100), Fees(0, 0), Fees(113, 113)),
        (Fees(0, 7), Fees(0, 0), Fees(0, 8)),
    ],
)
def test_an_offer_is_raised_by_an_eighth_at_least(old: Fees, suggested: Fees, raised: Fees) -> None:
    assert old.raised(suggested) == raised
