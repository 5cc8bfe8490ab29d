"""`coop pay`: rates, and a pay vote from its call to the new rate."""

from tests.node.village import DAY, Village


def called(village: Village, role: str = "courier") -> int:
    ran = village.run("pay", "open", role, "--yes")
    assert ran.exit_code == 0, ran.stderr
    return int(ran.data["pay_vote_id"])


def opened(village: Village) -> int:
    number = called(village)
    village.coop.warp(village.coop.pay_rates.functions.payVote(number).call()[1] + 1)
    return number


def ended(village: Village, number: int) -> None:
    village.coop.warp(village.coop.pay_rates.functions.payVote(number).call()[2] + 1)


def test_the_rates_hold_what_scripts_rely_on(village: Village) -> None:
    (rate,) = village.ask("pay", "show").data

    assert (rate["role"], rate["rate"], rate["currency"]) == ("courier", 2_000, "GBP")
    assert {"since", "pay_vote_id"} <= set(rate)
    assert "courier" in village.ask("pay", "show", json=False).stdout


def test_a_pay_vote_sets_the_rate_that_most_can_live_with(village: Village) -> None:
    before = village.chain.head().timestamp
    number = opened(village)
    for name, rate in (("ada", 2_100), ("ben", 2_200), ("cleo", 2_050)):
        ran = village.run("pay", "vote", number, rate, "--yes", as_=name)
        assert (ran.exit_code, ran.data["rate"], ran.data["status"]) == (0, rate, "counted")
    early = village.run("pay", "close", number, as_="gus")
    ended(village, number)

    closed = village.run("pay", "close", number, as_="gus")

    assert early.exit_code == 6
    assert (closed.data["state"], closed.data["result"]) == ("closed", 2_100)
    assert village.ask("pay", "show").data[0]["rate"] == 2_100
    history = village.ask("pay", "history", "courier").data
    assert [(each["rate"], each["pay_vote_id"]) for each in history] == [(2_000, None), (2_100, 1)]
    (then,) = village.ask("pay", "history", "courier", "--at", _rfc3339(before)).data
    assert then["rate"] == 2_000


def test_a_pay_vote_shows_what_scripts_rely_on(village: Village) -> None:
    number = opened(village)
    village.run("pay", "vote", number, 2_050, "--yes", as_="ben")

    shown = village.ask("pay", "show", number).data

    assert set(shown["ladder"]) == {"from", "to", "step"}
    assert (shown["role"], shown["state"], shown["result"]) == ("courier", "open", None)
    assert shown["ballots"] == 1
    assert shown["histogram"] == [{"rate": 2_050, "ballots": 1}]
    assert "2050" in village.ask("pay", "show", number, json=False).stdout


def test_a_member_is_shown_role_present_rate_and_own_rate_before_signing(village: Village) -> None:
    number = opened(village)

    ran = village.run("pay", "vote", number, 2_050, "--reason", "rent", "--yes", json=False)

    assert "1: courier" in ran.stderr
    assert "2000 minor units of GBP an hour" in ran.stderr
    assert "2050 minor units of GBP an hour" in ran.stderr
    assert "rent" in ran.stderr


def test_a_rate_off_the_ladder_is_not_signed(village: Village) -> None:
    number = opened(village)

    ran = village.run("pay", "vote", number, 2_049, "--yes")

    assert (ran.exit_code, ran.error["code"]) == (2, "malformed")
    assert ran.error["message"].endswith("Your vote was not sent.")
    assert village.outbox().letters() == []


def test_a_pay_ballot_is_written_to_a_file_and_carried_by_somebody_else(village: Village) -> None:
    number = opened(village)
    file = village.home / "ada.json"

    written = village.run("pay", "vote", number, 2_050, "--offline", file, "--yes")
    carried = village.run("ballot", "submit", file, as_="gus")

    assert (written.exit_code, written.data["status"]) == (0, "waiting")
    (receipt,) = carried.data
    assert (receipt["status"], receipt["ballot_hash"]) == ("counted", written.data["ballot_hash"])
    proof = village.ask("receipt", "show", "--pay-vote", number, "--member", 1).data
    assert (proof["rate"], proof["ballot_hash"]) == (2_050, written.data["ballot_hash"])


def test_who_is_no_member_calls_no_pay_vote(village: Village) -> None:
    ran = village.run("pay", "open", "courier", "--yes", as_="gus")

    assert (ran.exit_code, ran.error["code"]) == (4, "not_a_member")


def test_an_unknown_role_is_not_found(village: Village) -> None:
    opened_ = village.run("pay", "open", "pilot", "--yes")
    history = village.ask("pay", "history", "pilot")

    assert (opened_.exit_code, history.exit_code) == (3, 3)


def test_a_role_has_one_vote_at_a_time(village: Village) -> None:
    called(village)

    ran = village.run("pay", "open", "courier", "--yes", as_="ben")

    assert ran.exit_code == 6
    assert "under way" in ran.error["message"]


def test_a_moment_without_a_time_zone_is_refused(village: Village) -> None:
    ran = village.ask("pay", "history", "--at", "2026-05-01T09:00:00")

    assert ran.exit_code == 2
    assert "time zone" in ran.error["message"]


def test_the_vote_opens_after_the_notice_of_the_pay_rule(village: Village) -> None:
    now = village.chain.head().timestamp
    called(village)

    opens = village.coop.pay_rates.functions.payVote(1).call()[1]

    assert now + DAY < opens <= now + 2 * DAY + 600  # at the beginning of a day


def _rfc3339(seconds: int) -> str:
    from indexer.moment import Moment

    return Moment(seconds).rfc3339
