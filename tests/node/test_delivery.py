"""One fault at a time on the way of a ballot to the chain; all at once: test_no_vote_lost."""

from typing import Any

import pytest

from node.delivery import FeeCapReached
from node.errors import NetworkProblem, NotEnoughFunds
from node.fees import Fees
from node.sender import Sender
from tests.indexer.proxy import Answer, Request, proxy, refusing, unchanged
from tests.node.courier_post import Post
from tests.node.silent_proxy import silent_on
from tests.node.test_vote import signed_by


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


def test_a_transaction_that_is_made_a_second_time_is_the_one_that_is_kept(post: Post) -> None:
    number = Sender(post.village.chain, post.ada).count("latest")
    post.step()
    for _ in range(2):  # another program takes the number, and nothing lasts
        post.rpc("anvil_dropAllTransactions")
        post.foreign(number, 10**11)
        post.step()

    assert [each.nonce for each in post.attempts] == [number, number + 1]
    assert post.rpc("eth_getTransactionByHash", post.attempts[1].tx) is not None
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
