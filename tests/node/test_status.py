"""`coop status` and `coop bylaws show`: where you stand, from the mirror."""

import json
import time
from datetime import datetime

from indexer.document import document
from indexer.moment import Moment
from indexer.rules.bylaws import DecisionClass
from node import cli
from node.actions import build
from node.commands import status
from tests.node.desk import NOBODY_LISTENS
from tests.node.village import Village, factory, village  # noqa: F401


def test_the_status_tells_who_you_are_and_what_is_voted_on(village: Village) -> None:  # noqa: F811
    parts = village.opened("# Buy a bicycle")
    assert village.run("vote", parts.proposal_id, "for", "--yes").exit_code == 0
    data = village.run("status", as_=None).data
    assert (data["instance"], data["title"], data["members"]) == ("weavers", "Weavers", 5)
    mine = {each["key"]: each for each in data["you"]}
    assert (mine["ada"]["member_id"], mine["ada"]["status"]) == (1, "active")
    assert mine["ada"]["voted_on"] == [parts.proposal_id]
    assert mine["ben"]["voted_on"] == []
    assert mine["gus"]["member_id"] is None
    (proposal,) = data["proposals"]
    assert (proposal["title"], proposal["state"]) == ("Buy a bicycle", "active")
    assert proposal["tally"] == {"for": 1, "against": 0, "abstain": 0}


def test_people_see_the_open_vote_and_that_they_have_voted(village: Village) -> None:  # noqa: F811
    parts = village.opened("# Buy a bicycle")
    assert "voted" not in village.run("status", as_=None, json=False).stdout
    village.run("vote", parts.proposal_id, "for", "--yes")
    shown = village.run("status", as_=None, json=False).stdout
    assert "Weavers (weavers): 5 members." in shown
    assert "Buy a" in shown
    assert "voted" in shown


def test_without_the_chain_the_mirror_answers_with_a_warning(village: Village) -> None:  # noqa: F811
    before = village.run("status", as_=None).data
    assert cli.run(["status", "--json", "--rpc", NOBODY_LISTENS]) == 0
    printed = village.capsys.readouterr()
    assert json.loads(printed.out)["data"] == before
    assert "does not answer" in printed.err


def test_a_block_that_is_not_final_enough_is_not_shown_as_final(village: Village) -> None:  # noqa: F811
    village.coop.chain.rpc("anvil_mine", hex(200))
    village.mirror()
    village.propose("# Too new to be final")
    final = village.run("status", "--finality", "finalized", as_=None)
    assert json.loads(final.stdout)["as_of"]["finality"] == "finalized"
    assert final.data["proposals"] == []
    assert len(village.run("status", as_=None).data["proposals"]) == 1


def test_the_bylaws_are_shown_as_the_chain_has_them(village: Village) -> None:  # noqa: F811
    shown = village.run("bylaws", "show", as_=None).data
    assert set(shown["classes"]) == {each.word for each in DecisionClass}
    assert {rule["version"] for rule in shown["classes"].values()} == {1}
    stated = village.chain.view("Bylaws", village.instance.bylaws, "ruleOf", 2, 1)
    removal = shown["classes"]["removal"]
    assert removal["voting_period"] == stated["votingPeriod"]
    assert removal["subject_votes"] == stated["subjectVotes"]
    currency = village.chain.view("PayRates", village.instance.pay_rates, "currency")
    assert shown["currency"] == currency.decode()
    words = village.run("bylaws", "show", as_=None, json=False).stdout
    assert "Suspending or expelling a member (version 1)" in words


# What waits


def test_what_waits_for_my_vote_is_told_with_its_closing_until_i_have_voted(
    village: Village,  # noqa: F811
) -> None:
    parts = village.opened("# Buy a bicycle")
    number = parts.proposal_id
    waiting = village.run("status", as_=None).data["waiting"]
    assert [each["key"] for each in waiting] == ["ada", "ben", "cleo", "dan", "eve"]
    closes = village.ask("proposal", "show", number).data["closes_at"]
    assert waiting[0] == {
        "key": "ada",
        "member_id": 1,
        "proposal_id": number,
        "pay_vote_id": None,
        "title": "Buy a bicycle",
        "closes_at": closes,
    }
    said = village.run("status", as_=None, json=False).stdout
    assert f"Waiting for ada: coop vote {number} for|against|abstain (until " in said

    village.run("vote", number, "for", "--yes")

    waiting = village.run("status", as_=None).data["waiting"]
    assert [each["key"] for each in waiting] == ["ben", "cleo", "dan", "eve"]
    village.coop.close(number)
    assert village.run("status", as_=None).data["waiting"] == []


def test_a_vote_waits_for_nobody_who_may_not_cast_in_it(village: Village) -> None:  # noqa: F811
    village.propose("# Expel eve", [build("expel", village.own, {"member": 5})])
    village.coop.open(1)
    village.coop.send(village.coop.membership.functions.leaveCooperative(), village.coop.dan)
    rule = village.ask("proposal", "show", 1).data["rule"]
    assert rule["subject_votes"] is False
    waiting = village.run("status", as_=None).data["waiting"]
    assert [each["key"] for each in waiting] == ["ada", "ben", "cleo"]


def test_an_open_pay_vote_waits_too(village: Village) -> None:  # noqa: F811
    opened = village.run("pay", "open", "courier", "--yes")
    assert opened.exit_code == 0, opened.stderr
    number = opened.data["pay_vote_id"]
    vote = village.ask("pay", "show", number).data
    village.coop.warp(int(datetime.fromisoformat(vote["opens_at"]).timestamp()) + 1)
    waiting = village.run("status", as_=None).data["waiting"]
    assert {(each["pay_vote_id"], each["title"]) for each in waiting} == {(number, "courier")}
    assert len(waiting) == 5
    village.run("pay", "vote", number, vote["ladder"]["from"], "--yes", as_="ben")
    assert "ben" not in {each["key"] for each in village.run("status", as_=None).data["waiting"]}


def test_the_way_to_the_quorum_is_told(village: Village) -> None:  # noqa: F811
    parts = village.opened("# Buy a bicycle")
    village.run("vote", parts.proposal_id, "abstain", "--yes")
    (quorum,) = village.run("status", as_=None).data["quorums"]
    assert (quorum["needed"], quorum["counted"], quorum["missing"]) == (3, 1, 2)
    assert quorum["left"] == 4
    said = village.run("status", as_=None, json=False).stdout
    assert "Proposal 1: 1 of 3 votes needed for the quorum; 2 to go, " in said
    for name in ("ben", "cleo"):
        village.run("vote", parts.proposal_id, "against", "--yes", as_=name)
    said = village.run("status", as_=None, json=False).stdout
    assert "3 of 3 votes needed for the quorum; reached, " in said


def test_ballots_on_their_way_and_the_age_of_the_mirror_are_told(village: Village) -> None:  # noqa: F811
    parts = village.opened("# Buy a bicycle")
    assert village.run("status", as_=None).data["outbox"] == {}
    assert not (village.home / "weavers.outbox.db").exists()
    village.run("vote", parts.proposal_id, "for", "--yes")
    data = village.run("status", as_=None).data
    assert sum(data["outbox"].values()) == 1
    assert data["mirror_at"] == document(Moment(village.chain.head().timestamp))
    said = village.run("status", as_=None, json=False).stdout
    assert "Outbox: 1 " in said
    assert "a chain whose clock is ahead" in said
    assert "up to date" in status._age(int(time.time()) - 30)
    assert status._age(int(time.time()) - 3 * 86_400 - 60) == "3 days old"
