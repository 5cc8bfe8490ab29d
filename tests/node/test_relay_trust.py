"""A relayer can neither forge, nor change, nor hide a vote without being found out."""

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from node import casting, delivery, promises, relaying, voting
from node.ballot import Ballot, SignedBallot, sign_ballot
from node.delivery import Courier
from node.errors import NetworkProblem
from node.outbox import Promised
from node.promises import Promise
from node.relaying import RelayRefused
from node.typed_data import Malformed
from tests.node.relayed import cheat, relayer, word
from tests.node.test_vote import signed_by
from tests.node.village import Village


def by_promise(village: Village) -> list[Promised]:
    """What relayers promised ada's node."""
    return village.outbox().promises()


def test_a_member_without_money_votes_by_a_relayer(village: Village) -> None:
    village.opened()
    village.coop.chain.rpc("anvil_setBalance", village.key("ada").address, "0x0")
    with relayer(village) as (url, _):
        ran = village.run("vote", 1, "for", "--yes", "--relay", url)

    assert ran.exit_code == 0, ran.stderr
    assert ran.data["status"] == "counted"
    assert "promised to bring it before" in ran.stderr
    assert village.ballot_on_chain(1, 1) == (1, 0, 1)
    (kept,) = by_promise(village)
    assert promises.read(json.loads(kept.document)).relayer == village.key("gus").address


def test_a_pay_vote_goes_by_a_relayer_too(village: Village) -> None:
    opened = village.run("pay", "open", "courier", "--yes")
    assert opened.exit_code == 0, opened.stderr
    number = opened.data["pay_vote_id"]
    parts = voting.pay_vote_parts(village.chain, village.instance, number)
    village.coop.warp(parts.opens_at + 1)
    with relayer(village) as (url, _):
        ran = village.run("pay", "vote", number, 2_000, "--yes", "--relay", url)

    assert ran.exit_code == 0, ran.stderr
    assert ran.data["status"] == "counted"


@contextmanager
def silent_one(village: Village, seconds: int) -> Iterator[tuple[str, list[SignedBallot]]]:
    """It promises, and does nothing."""
    with cheat(lambda signed: word(village, signed, seconds)) as found:
        yield found


def test_when_the_promise_nears_its_end_the_ballot_goes_on_its_own_way(village: Village) -> None:
    village.opened()
    with silent_one(village, delivery.MARGIN) as (url, taken):
        ran = village.run("vote", 1, "for", "--yes", "--relay", url)

    assert ran.exit_code == 0, ran.stderr
    assert [each.ballot.member_id for each in taken] == [1]
    assert village.ballot_on_chain(1, 1) == (1, 0, 1)


def test_then_another_relayer_carries_it(village: Village) -> None:
    village.opened()
    village.coop.chain.rpc("anvil_setBalance", village.key("ada").address, "0x0")
    with silent_one(village, delivery.MARGIN) as (bad, _), relayer(village) as (good, _desk):
        ran = village.run("vote", 1, "for", "--yes", "--relay", bad, "--relay", good)

    assert ran.exit_code == 0, ran.stderr
    assert village.ballot_on_chain(1, 1) == (1, 0, 1)
    assert [each.relay for each in by_promise(village)] == [bad, good]


def test_a_relayer_that_is_away_is_passed_over(village: Village) -> None:
    village.opened()
    with relayer(village) as (good, _):
        ran = village.run(
            "vote", 1, "for", "--yes", "--relay", "http://127.0.0.1:1", "--relay", good
        )

    assert ran.exit_code == 0, ran.stderr
    assert "gives no answer" in ran.stderr


def promised(village: Village, seconds: int = 60) -> tuple[SignedBallot, Courier]:
    """Ada's ballot, kept, and promised by somebody who will do nothing."""
    signed = signed_by(village, "ada", village.opened())
    letter = village.outbox().put(signed)
    given = promises.promise(signed, village.coop.now() + seconds, village.key("hal"))
    village.outbox().promise(letter.number, "http://hal", given.before, promises.dump(given))
    return signed, Courier(village.chain, village.instance, village.outbox(), "finalized")


def after(village: Village, seconds: int) -> None:
    """Let time go by, and blocks become final."""
    village.coop.warp(village.coop.now() + seconds)
    village.coop.chain.rpc("anvil_mine", "0x5")


def test_a_broken_promise_is_noticed_and_kept(village: Village) -> None:
    _, courier = promised(village)
    after(village, 61)

    courier.look()

    (kept,) = by_promise(village)
    assert kept.broken
    ran = village.ask("outbox", "list")
    assert "http://hal broke its promise" in ran.stderr
    assert ran.data[0]["promise"] == {"relay": "http://hal", "before": ANY, "broken": True}
    evidence = village.home / "promise.json"
    assert village.ask("outbox", "promise", 1, evidence).exit_code == 0
    assert promises.read(json.loads(evidence.read_text())).relayer == village.key("hal").address


class _Any:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


ANY = _Any()


def test_a_promise_is_not_broken_before_its_time(village: Village) -> None:
    _, courier = promised(village)
    after(village, 50)

    courier.look()

    assert [each.broken for each in by_promise(village)] == [False]


def test_until_then_the_ballot_is_not_sent_twice(village: Village) -> None:
    promised(village, 600)

    ran = village.run("outbox", "retry")

    assert (ran.exit_code, ran.error["code"]) == (7, "promised")
    assert "http://hal promised to bring it before" in ran.error["message"]
    assert village.ballot_on_chain(1, 1) == (0, 0, 0)


def test_near_its_end_retry_sends_the_ballot(village: Village) -> None:
    promised(village, 600)
    village.coop.warp(village.coop.now() + 580)

    assert village.run("outbox", "retry").exit_code == 0
    assert village.ballot_on_chain(1, 1) == (1, 0, 1)


def test_a_member_who_overtakes_their_own_ballot_frames_nobody(village: Village) -> None:
    signed, courier = promised(village)
    newer = dataclasses.replace(signed.ballot, sequence=2)
    later = sign_ballot(newer, signed.domain, village.key("ada"))
    casting.cast(village.sender("ada"), village.instance, later)
    after(village, 61)

    courier.look()

    assert [each.broken for each in by_promise(village)] == [False]


def test_a_member_who_left_frames_nobody(village: Village) -> None:
    _, courier = promised(village)
    village.coop.send(village.coop.membership.functions.leaveCooperative(), village.coop.ada)
    after(village, 61)

    courier.look()

    assert [each.broken for each in by_promise(village)] == [False]


def test_a_kept_promise_is_not_broken(village: Village) -> None:
    signed, courier = promised(village)
    casting.submit(village.sender("hal"), village.instance, [signed])
    after(village, 61)

    courier.look()

    assert [each.broken for each in by_promise(village)] == [False]


def test_a_changed_ballot_is_counted_by_nobody(village: Village) -> None:
    signed = signed_by(village, "ada", village.opened())
    assert isinstance(signed.ballot, Ballot)
    turned = dataclasses.replace(signed.ballot, choice="against")

    (receipt,) = casting.submit(
        village.sender("hal"), village.instance, [dataclasses.replace(signed, ballot=turned)]
    )

    assert (receipt.status, receipt.refusal) == ("skipped", 4)
    assert village.ballot_on_chain(1, 1) == (0, 0, 0)


def hand(village: Village, signed: SignedBallot, answer: Any) -> Promise:
    with cheat(answer) as (url, _):
        now = village.coop.now()
        return relaying.hand_over(url, signed, now=now, deadline=now + 1_000)


def test_only_a_promise_about_just_this_ballot_that_can_be_kept_is_one(village: Village) -> None:
    parts = village.opened()
    signed, other = signed_by(village, "ada", parts), signed_by(village, "ben", parts)

    assert hand(village, signed, lambda each: word(village, each, 60)).ballot == signed
    bad: dict[str, Any] = {
        "another ballot": lambda _: word(village, other, 60),
        "no promise": lambda _: {"schema": "coop/thanks/v1", "data": {}},
        "lies before": lambda each: word(village, each, -1),
        "after the vote": lambda each: word(village, each, 1_001),
        "did not sign": lambda each: forged(word(village, each, 60), village),
        "than it names": lambda each: swapped(word(village, each, 60)),
    }
    for words, answer in bad.items():
        with pytest.raises(RelayRefused, match=words):
            hand(village, signed, answer)


def forged(document: dict[str, Any], village: Village) -> dict[str, Any]:
    document["data"]["relayer"] = village.key("ben").address
    return document


def swapped(document: dict[str, Any]) -> dict[str, Any]:
    document["data"]["typed_data"]["message"]["sequence"] = 2
    return document


def test_a_promise_is_read_only_as_it_was_signed(village: Village) -> None:
    signed = signed_by(village, "ada", village.opened())
    good = word(village, signed, 60)
    assert promises.read(good).ballot == signed
    for part in ("ballot", "relayer", "signature", "typed_data"):
        broken = json.loads(json.dumps(good))
        del broken["data"][part]
        with pytest.raises(Malformed):
            promises.read(broken)
    with pytest.raises(Malformed):
        promises.read([good])


def test_a_relayer_that_says_nothing_sensible_is_a_network_problem(village: Village) -> None:
    signed = signed_by(village, "ada", village.opened())
    with pytest.raises(NetworkProblem, match="gives no answer"):
        relaying.hand_over("http://127.0.0.1:1", signed, now=0, deadline=2**40)


def audited(village: Village) -> tuple[int, dict[str, Any]]:
    """Exit code of an audit that is given ada's promise, and its check of it."""
    file = village.home / "word.json"
    (kept,) = by_promise(village)
    file.write_text(kept.document)
    ran = village.ask("audit", "run", "--promise", file)
    (check,) = [each for each in ran.data["checks"] if each["id"] == "5.6"]
    return ran.exit_code, check


def test_the_audit_proves_a_broken_promise(village: Village) -> None:
    promised(village)
    after(village, 61)

    code, check = audited(village)

    assert (code, check["counted"], check["failed"]) == (9, 1, 1)


def test_a_ballot_that_came_a_second_too_late_breaks_the_promise(village: Village) -> None:
    signed, _ = promised(village)
    (kept,) = by_promise(village)
    village.coop.next_at(kept.before + 1)
    casting.submit(village.sender("hal"), village.instance, [signed])
    after(village, 10)

    assert audited(village)[0] == 9


@pytest.mark.parametrize("end", ["in time", "overtaken", "left", "still open"])
def test_the_audit_blames_no_relayer_without_reason(village: Village, end: str) -> None:
    signed, _ = promised(village)
    if end == "in time":
        (kept,) = by_promise(village)
        village.coop.next_at(kept.before)
        casting.submit(village.sender("hal"), village.instance, [signed])
    elif end == "overtaken":
        newer = dataclasses.replace(signed.ballot, sequence=2)
        later = sign_ballot(newer, signed.domain, village.key("ada"))
        casting.cast(village.sender("ada"), village.instance, later)
    elif end == "left":
        leave = village.coop.membership.functions.leaveCooperative()
        village.coop.send(leave, village.coop.ada)
    after(village, 30 if end == "still open" else 61)

    code, check = audited(village)

    assert (code, check["counted"], check["failed"]) == (0, 1, 0)


def test_a_promise_about_another_co_ops_ballot_is_refused(village: Village) -> None:
    signed, _ = promised(village)
    chain = dataclasses.replace(signed.domain, chain_id=5)
    other = sign_ballot(signed.ballot, chain, village.key("ada"))
    second = village.home / "second.json"
    second.write_text(promises.dump(promises.promise(other, 2**31, village.key("hal"))))

    assert village.ask("audit", "run", "--promise", second).exit_code == 8
