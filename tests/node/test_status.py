"""`coop status` and `coop bylaws show`: where you stand, from the mirror."""

import json

from indexer.rules.bylaws import DecisionClass
from node import cli
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
