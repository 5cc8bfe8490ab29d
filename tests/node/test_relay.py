"""The relayer: takes what would be counted, promises it, brings it, and refuses the rest."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from node import ballot_file, paying, promises, voting
from node.ballot import Ballot, SignedBallot, sign_ballot
from node.errors import CoopError
from node.relay import desk as counter
from node.relay.desk import Desk
from node.relay.terms import BODY_LIMIT, Allowance, Terms
from node.typed_data import Domain
from tests.indexer.proxy import Request, proxy, refusing
from tests.node.relayed import QUICK, post, relayer
from tests.node.test_vote import signed_by
from tests.node.village import DAY, Village
from tests.patience import until

NEVER = Terms(age=10_000.0, batch=1_000)
"""Ballots are taken and not sent: they wait for others."""


def told(url: str, signed: SignedBallot) -> dict[str, object]:
    """What the relayer says of a ballot."""
    reply = requests.get(f"{url}/v1/ballots/0x{signed.ballot_hash.hex()}", timeout=30)
    found: dict[str, object] = reply.json()["data"]
    return found


def test_a_ballot_is_promised_at_once_and_then_counted(village: Village) -> None:
    signed = signed_by(village, "ada", village.opened())
    now = village.coop.now()
    with relayer(village) as (url, _):
        reply = post(url, signed)
        given = promises.read(reply.json())
        until(lambda: village.ballot_on_chain(1, 1) == (1, 0, 1))
        village.coop.chain.rpc("anvil_mine", hex(5))
        until(lambda: told(url, signed)["status"] == "final")
        status = told(url, signed)

    assert reply.status_code == 202
    assert (given.ballot, given.relayer) == (signed, village.key("gus").address)
    assert now + 290 <= given.before <= now + 310
    assert (status["tx"] is not None, status["why"]) == (True, None)


def test_a_pay_ballot_is_taken_as_well(village: Village) -> None:
    made = paying.open_vote(
        village.sender("ada"), village.instance, "courier", village.coop.now() + 2 * DAY
    )
    number = made.event("PayVoteOpened").args["payVoteId"]
    village.coop.warp(village.coop.now() + 2 * DAY + 1)
    parts = voting.pay_vote_parts(village.chain, village.instance, number)
    poll = voting.poll_on_rate(village.chain, village.instance, parts)
    who = voting.voter(village.chain, village.instance, village.key("ben").address)
    ballot = voting.draft_pay_ballot(poll, who, parts.ladder, parts.ladder.start)
    signed = sign_ballot(ballot, poll.domain, village.key("ben"))

    with relayer(village) as (url, _):
        assert post(url, signed).status_code == 202
        until(lambda: told(url, signed)["status"] in ("counted", "final"))


def test_ballots_that_come_together_go_in_one_transaction(village: Village) -> None:
    parts = village.opened()
    signed = [signed_by(village, name, parts) for name in ("ada", "ben", "cleo", "dan")]
    with relayer(village, replace(NEVER, batch=4)) as (url, _):
        assert [post(url, each).status_code for each in signed] == [202] * 4
        until(lambda: all(told(url, each)["tx"] for each in signed))
        carried = {str(told(url, each)["tx"]) for each in signed}

    assert len(carried) == 1
    assert village.coop.votes(1) == (0, 4, 0)


def test_a_promise_ends_no_later_than_the_vote(village: Village) -> None:
    parts = village.opened()
    deadline = int(village.coop.assembly.functions.proposalDeadline(1).call())
    village.coop.warp(deadline - 100)
    with relayer(village) as (url, _):
        given = promises.read(post(url, signed_by(village, "ada", parts)).json())

    assert given.before == deadline


def test_no_ballot_is_taken_that_might_wait_for_others_until_its_vote_is_over(
    village: Village,
) -> None:
    parts = village.opened()
    deadline = int(village.coop.assembly.functions.proposalDeadline(1).call())
    village.coop.warp(deadline - 110)
    with relayer(village, Terms(age=100.0)) as (url, _):
        assert refused(post(url, signed_by(village, "ada", parts))) == (409, "too_late")


def test_what_cannot_be_counted_any_more_is_not_tried_again_in_the_same_block(
    village: Village,
) -> None:
    signed = signed_by(village, "ada", village.opened())
    with relayer(village, replace(NEVER, batch=2)) as (url, desk):
        assert post(url, signed).status_code == 202
        village.coop.send(village.coop.membership.functions.leaveCooperative(), village.coop.ada)
        desk.carrier.stop()
        carrier, calls = desk.carrier, list[str]()
        carrier.terms = replace(NEVER, batch=1)
        request = carrier.courier.chain.request
        for _ in range(3):
            carrier.step()
            calls.clear()

        def counted(method: str, *params: object) -> object:
            calls.append(method)
            return request(method, *params)

        carrier.courier.chain.request = counted  # type: ignore[method-assign]
        carrier.step()

    assert calls == ["eth_getBlockByNumber"]


def test_a_fault_of_its_own_is_told_and_ends_its_promises_until_it_is_over(
    village: Village,
) -> None:
    parts = village.opened()

    def faulty(*_: object) -> object:
        raise ZeroDivisionError("a fault")

    with relayer(village, NEVER) as (url, desk):
        admit, desk.intake.admit = desk.intake.admit, faulty  # type: ignore[method-assign, assignment]
        assert post(url, signed_by(village, "ada", parts)).status_code == 500
        desk.intake.admit = admit  # type: ignore[method-assign]
        step, desk.carrier.step = desk.carrier.step, faulty  # type: ignore[method-assign, assignment]
        until(lambda: desk.carrier.broken)
        assert refused(post(url, signed_by(village, "ada", parts))) == (503, "relay_busy")
        assert requests.get(f"{url}/health", timeout=30).status_code == 503
        desk.carrier.step = step  # type: ignore[method-assign]
        until(lambda: not desk.carrier.broken)
        assert post(url, signed_by(village, "ada", parts)).status_code == 202
    assert "ZeroDivisionError: a fault" in village.capsys.readouterr().err


@pytest.fixture
def waiting(village: Village) -> Iterator[tuple[str, Desk]]:
    """A relayer that takes and does not send."""
    with relayer(village, NEVER) as found:
        yield found


def refused(reply: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal, which always says what to do."""
    error = reply.json()["error"]
    assert error["message"]
    return reply.status_code, error["code"]


def test_what_is_no_ballot_is_refused(waiting: tuple[str, Desk], village: Village) -> None:
    url, desk = waiting
    where = f"{url}/v1/ballots"
    good = ballot_file.dump(ballot_file.signed_file(signed_by(village, "ada", village.opened())))
    for body in (b"", b"{}", b"\xff\xfe", b"[" * 10_000, good.replace("for", "far").encode()):
        assert refused(requests.post(where, data=body, timeout=30))[0] == 400, body[:20]
    long = requests.post(where, data=b" " * (BODY_LIMIT + 1), timeout=30)
    assert (long.status_code, "bytes" in long.json()["error"]["message"]) == (400, True)
    assert requests.get(where, timeout=30).status_code == 405
    assert desk.intake.outbox.letters(everything=True) == []


def test_what_the_contract_would_not_count_is_refused_and_not_kept(
    waiting: tuple[str, Desk], village: Village
) -> None:
    url, desk = waiting
    parts = village.opened()
    good = signed_by(village, "ada", parts)
    foreign = replace(good.domain, chain_id=1)
    stranger = replace(good, account=village.key("ben").address)
    elsewhere = sign_ballot(good.ballot, foreign, village.key("ada"))
    nobody = sign_ballot(replace(good.ballot, member_id=99), good.domain, village.key("ada"))
    assert isinstance(good.ballot, Ballot)
    unknown = sign_ballot(replace(good.ballot, proposal_id=9), good.domain, village.key("ada"))
    other = sign_ballot(replace(good.ballot, content=bytes(32)), good.domain, village.key("ada"))
    assert [refused(post(url, each))[0] for each in (stranger, elsewhere, other)] == [409] * 3
    assert refused(post(url, nobody))[0] in (403, 404, 409)
    assert refused(post(url, unknown))[0] == 404
    village.coop.close(1)
    assert refused(post(url, good)) == (409, "too_late")
    assert desk.intake.outbox.letters(everything=True) == []


def test_a_good_ballot_is_taken_beside_bad_ones(
    waiting: tuple[str, Desk], village: Village
) -> None:
    _, desk = waiting
    parts = village.opened()
    good, bad = signed_by(village, "ada", parts), signed_by(village, "ben", parts)
    bad = replace(bad, signature=good.signature)

    answers = desk.intake.admit([bad, good, bad, good])

    assert [isinstance(each, tuple) for each in answers] == [False, True, False, True]
    assert len(desk.intake.outbox.letters()) == 1


def test_the_same_ballot_again_is_the_same_promise_and_another_one_is_stale(
    waiting: tuple[str, Desk], village: Village
) -> None:
    url, desk = waiting
    parts = village.opened()
    signed, other = (signed_by(village, "ada", parts, each) for each in ("for", "against"))

    first, again = (promises.read(post(url, signed).json()) for _ in range(2))

    assert again.ballot == first.ballot
    assert again.before <= first.before
    assert refused(post(url, other)) == (409, "stale_ballot")
    assert len(desk.intake.outbox.letters()) == 1


def test_a_restart_loses_nothing(village: Village) -> None:
    parts = village.opened()
    signed = [signed_by(village, name, parts) for name in ("ada", "ben")]
    with relayer(village, NEVER) as (url, _):
        assert [post(url, each).status_code for each in signed] == [202, 202]
    assert village.coop.votes(1) == (0, 0, 0)

    with relayer(village, QUICK) as (url, desk):
        assert desk.intake.open == 2
        until(lambda: village.coop.votes(1) == (0, 2, 0))


def test_without_money_it_refuses_politely_and_says_so(village: Village) -> None:
    signed = signed_by(village, "ada", village.opened())
    village.coop.chain.rpc("anvil_setBalance", village.key("gus").address, "0x1000")
    with relayer(village) as (url, _):
        reply, health = post(url, signed), requests.get(f"{url}/health", timeout=30)

    assert refused(reply) == (503, "not_enough_funds")
    assert reply.headers["Retry-After"] == "60"
    assert (health.status_code, health.json()["data"]["ok"]) == (503, False)
    assert "no money" in health.json()["data"]["problem"]


def test_a_member_and_an_address_have_so_many_ballots_a_minute(village: Village) -> None:
    parts = village.opened()
    signed = [signed_by(village, "ada", parts, sequence=n) for n in range(1, 5)]
    with relayer(village, replace(NEVER, per_member=2)) as (url, _):
        assert [post(url, each).status_code for each in signed[:3]] == [202, 202, 429]
        assert post(url, signed_by(village, "ben", parts)).status_code == 202
    with relayer(village, replace(NEVER, per_address=1)) as (url, _):
        assert post(url, signed[3]).status_code == 202
        reply = post(url, signed_by(village, "cleo", parts))
    assert refused(reply) == (429, "too_many")
    assert reply.headers["Retry-After"] == "60"


def test_a_stranger_cannot_use_up_a_members_allowance(village: Village) -> None:
    signed = signed_by(village, "ada", village.opened())
    forged = replace(signed, signature=signed_by_stranger(village, signed))
    with relayer(village, replace(NEVER, per_member=1)) as (url, _):
        assert [post(url, forged).status_code for _ in range(3)] == [409] * 3
        assert post(url, signed).status_code == 202


def signed_by_stranger(village: Village, signed: SignedBallot) -> bytes:
    return sign_ballot(signed.ballot, signed.domain, village.key("hal")).signature


def test_an_allowance_comes_back_with_time_and_never_beyond_a_minutes_worth() -> None:
    now = 0.0
    allowance = Allowance(2, lambda: now)
    assert [allowance.take("a") for _ in range(3)] == [True, True, False]
    assert allowance.take("b")
    now = 30.0
    assert [allowance.take("a") for _ in range(2)] == [True, False]
    now = 10_000.0
    assert [allowance.take("a") for _ in range(3)] == [True, True, False]


def test_a_request_that_comes_too_slowly_is_given_up(
    waiting: tuple[str, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counter, "_SLOW", 0.1)
    host, port = waiting[0].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as slow:
        slow.sendall(b"POST /v1/ballots HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        answer = b""
        while b"}" not in answer and (part := slow.recv(10_000)):
            answer += part
    assert b"503" in answer.split(b"\r\n")[0]
    assert b"too long to arrive" in answer


def test_without_its_chain_it_takes_nothing_and_says_so(village: Village) -> None:
    signed = signed_by(village, "ada", village.opened())
    with relayer(village, NEVER) as (url, desk):
        desk.intake.sender.chain._provider._message.url = "http://127.0.0.1:1/"
        reply, health = post(url, signed), requests.get(f"{url}/health", timeout=30)
        assert desk.intake.outbox.letters(everything=True) == []

    assert refused(reply) == (503, "network_problem")
    assert health.status_code == 503


def test_a_node_that_refuses_once_while_a_block_is_made_costs_nobody_their_ballot(
    village: Village,
) -> None:
    signed, refusals = signed_by(village, "ada", village.opened()), 1

    def once(request: Request) -> bool:
        nonlocal refusals
        if request["method"] != "eth_call" or not refusals:
            return False
        refusals -= 1
        return True

    odd = refusing(-32603, "block height is 33 but requested was 32", once)
    with relayer(village, NEVER) as (_, desk), proxy(village.coop.chain.url, odd) as url:
        desk.intake.sender.chain._provider._message.url = url
        (answer,) = desk._admitted([signed])

    assert refusals == 0
    assert not isinstance(answer, CoopError), answer


def test_its_figures_and_its_description_are_there(
    waiting: tuple[str, Desk], village: Village
) -> None:
    url, desk = waiting
    post(url, signed_by(village, "ada", village.opened()))
    requests.post(f"{url}/v1/ballots", data=b"{}", timeout=30)

    figures = requests.get(f"{url}/metrics", timeout=30).text
    description = requests.get(f"{url}/openapi.json", timeout=30).json()

    assert "relay_ballots_taken_total 1.0" in figures
    assert 'relay_ballots_refused_total{code="malformed"} 1.0' in figures
    assert "relay_ballots_open 1.0" in figures
    routes = {getattr(each, "path", "") for each in desk.app.routes}
    assert set(description["paths"]) == routes - {"/openapi.json"}


def test_it_says_who_it_is_and_on_what_terms(waiting: tuple[str, Desk], village: Village) -> None:
    ran = village.ask("relay", "status", waiting[0])

    assert ran.exit_code == 0
    assert ran.data["account"] == village.key("gus").address
    assert (ran.data["ok"], ran.data["promise_seconds"]) == (True, 300)


def test_a_ballot_that_nobody_gave_it_is_not_found(waiting: tuple[str, Desk]) -> None:
    reply = requests.get(f"{waiting[0]}/v1/ballots/0x{'00' * 32}", timeout=30)
    assert refused(reply) == (404, "not_found")


def test_the_domain_of_a_promise_is_no_ballots(village: Village, tmp_path: Path) -> None:
    signed = signed_by(village, "ada", village.opened())
    given = promises.promise(signed, 2_000_000_000, village.key("gus"))
    whole = given.document["data"]["typed_data"]
    assert whole["domain"] != Domain.values(signed.domain)
    assert promises.read(json.loads(promises.dump(given))) == given
