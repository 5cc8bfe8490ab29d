"""What a look at the chain asks again, and what it need not."""

from collections.abc import Iterator
from contextlib import contextmanager

from node.sender import Sender
from tests.indexer.proxy import Request, proxy, unchanged
from tests.node.courier_post import Post
from tests.node.test_vote import signed_by


@contextmanager
def listened(post: Post) -> Iterator[tuple[str, list[Request]]]:
    """The chain's address, and what state it is asked for there."""
    asked: list[Request] = []

    def heard(request: Request) -> bool:
        if request["method"] == "eth_call":
            asked.append(request)
        return False

    with proxy(post.village.coop.chain.url, unchanged, swallows=heard) as url:
        yield url, asked


def test_a_counted_ballot_is_not_asked_for_again_until_its_block_is_final(post: Post) -> None:
    with listened(post) as (url, asked):
        courier = post.step(post.courier(url))
        post.mine()
        courier.look()
        assert post.letter.state == "counted"
        asked.clear()

        courier.look()
        assert asked == []

        post.mine(100)
        courier.look()
        assert asked != []
    assert post.letter.state == "final"


def test_a_ballot_whose_block_is_gone_is_asked_for_again(post: Post) -> None:
    before = post.rpc("evm_snapshot")
    with listened(post) as (url, asked):
        courier = post.step(post.courier(url))
        post.mine()
        courier.look()
        asked.clear()
        post.rpc("evm_revert", before)
        post.mine(3)

        (missing,) = courier.look()

        assert asked != []
    assert (missing.number, post.letter.state) == (post.number, "sent")


def test_a_ballot_that_another_block_holds_now_is_asked_for_again(post: Post) -> None:
    before = post.rpc("evm_snapshot")
    with listened(post) as (url, asked):
        courier = post.step(post.courier(url))
        post.mine()
        courier.look()
        asked.clear()
        post.rpc("evm_revert", before)
        post.mine()
        post.rpc("eth_sendRawTransaction", post.attempts[0].raw)
        post.mine()

        courier.look()

        assert asked != []
    assert post.letter.state == "counted"


def test_a_ballot_that_cannot_be_sent_does_not_keep_others_from_their_turn(post: Post) -> None:
    village = post.village
    with post.automining():
        parts = village.open(village.propose("# Another one", by="ben"))
        bad = village.outbox().put(signed_by(village, "cleo", parts)).number
        village.coop.send(village.coop.membership.functions.leaveCooperative(), village.coop.cleo)
    post.step()
    post.mine()
    good = village.outbox().put(signed_by(village, "ben", parts)).number

    courier = post.courier(window=1)
    for _ in range(2):
        courier.step(Sender(courier.chain, post.ada))

    assert list(courier.problems) == [bad]
    assert village.outbox().letter(good).state == "sent"
