"""`coop outbox`: no ballot is lost, none is counted twice."""

import json
from pathlib import Path

from node import casting
from node.ballot import SignedBallot
from tests.node.test_vote import signed_by
from tests.node.village import Village


def kept(village: Village) -> SignedBallot:
    """Ada's ballot on an open proposal, kept just before the machine stopped."""
    signed = signed_by(village, "ada", village.opened())
    village.outbox().put(signed)
    return signed


def states(village: Village) -> list[str]:
    return [each["status"] for each in village.ask("outbox", "list", "--all").data]


def test_a_ballot_that_was_kept_and_not_sent_is_sent_by_retry(village: Village) -> None:
    signed = kept(village)

    ran = village.run("outbox", "retry")

    assert [each["status"] for each in ran.data] == ["counted"]
    assert village.ballot_on_chain(1, 1) == (1, 0, signed.ballot.sequence)
    assert village.run("outbox", "retry").exit_code == 0
    assert village.coop.votes(1) == (0, 1, 0)


def test_another_key_may_carry_what_is_kept(village: Village) -> None:
    kept(village)

    assert village.run("outbox", "retry", as_="gus").exit_code == 0
    assert village.coop.votes(1) == (0, 1, 0)


def test_a_ballot_that_somebody_else_carried_is_not_sent_again(village: Village) -> None:
    signed = kept(village)
    casting.submit(village.sender("gus"), village.instance, [signed])
    before = village.chain.head().number

    ran = village.run("outbox", "retry")

    assert (ran.exit_code, village.chain.head().number) == (0, before)


def test_a_ballot_is_settled_once_the_chain_shows_it_at_the_finality_depth(
    village: Village,
) -> None:
    kept(village)
    village.run("outbox", "retry")

    early = village.ask("outbox", "list").data
    village.coop.chain.rpc("anvil_mine", hex(100))
    late = village.ask("outbox", "list").data

    assert [each["status"] for each in early] == ["counted"]
    assert late == []
    assert states(village) == ["final"]


def test_a_reorganised_ballot_is_sent_again(village: Village) -> None:
    signed = kept(village)
    before = village.coop.chain.rpc("evm_snapshot")
    village.run("outbox", "retry")
    assert village.ballot_on_chain(1, 1) == (1, 0, 1)
    village.coop.chain.rpc("evm_revert", before)
    assert village.ballot_on_chain(1, 1) == (0, 0, 0)

    ran = village.run("outbox", "retry")

    assert ran.exit_code == 0, ran.stderr
    assert village.ballot_on_chain(1, 1) == (1, 0, signed.ballot.sequence)
    assert village.coop.votes(1) == (0, 1, 0)


def test_a_ballot_that_a_newer_one_replaced_is_sent_no_more(village: Village) -> None:
    kept(village)
    assert village.run("vote", 1, "against", "--yes").data["sequence"] == 2

    assert village.run("outbox", "retry").exit_code == 0
    assert states(village) == ["waiting", "counted"]  # a reorganisation might take the newer one
    village.coop.chain.rpc("anvil_mine", hex(100))
    assert states(village) == ["refused", "final"]
    assert village.coop.votes(1) == (1, 0, 0)


def test_a_ballot_of_an_old_key_is_given_up(village: Village) -> None:
    kept(village)
    password = ("--new-password-file", village.home / "password")
    village.run("member", "rotate", "--new-key", "gus", "--yes", *password)

    village.coop.chain.rpc("anvil_mine", hex(100))
    old, rotated = village.ask("outbox", "list", "--all").data
    assert (rotated["act"], rotated["status"]) == ("coop member rotate --new-key gus", "final")
    assert (old["status"], old["why"]) == ("refused", "The member has another key since.")


def test_a_ballot_on_a_closed_vote_stays_and_says_why(village: Village) -> None:
    kept(village)
    village.coop.close(1)

    ran = village.run("outbox", "retry")

    assert (ran.exit_code, ran.error["code"]) == (5, "voting_closed")
    assert states(village) == ["waiting"]  # until the closing itself is final
    village.coop.chain.rpc("anvil_mine", hex(100))
    assert states(village) == ["expired"]


def test_a_dropped_ballot_is_sent_no_more_and_its_number_not_used_again(village: Village) -> None:
    kept(village)

    asked = village.ask("outbox", "drop", 1)
    dropped = village.ask("outbox", "drop", 1, "--yes")

    assert (asked.exit_code, dropped.exit_code) == (2, 0)
    assert village.ask("outbox", "list").data == []
    assert village.run("outbox", "retry").exit_code == 0
    assert village.ballot_on_chain(1, 1) == (0, 0, 0)
    assert village.run("vote", 1, "for", "--yes").data["sequence"] == 2


def test_without_a_network_the_list_is_what_was_last_known(village: Village) -> None:
    kept(village)

    ran = village.ask("outbox", "list", "--rpc", "http://127.0.0.1:1")

    assert ran.exit_code == 0
    assert [each["status"] for each in ran.data] == ["waiting"]
    assert "last knew" in ran.stderr


def test_a_dry_run_sends_nothing_of_the_outbox(village: Village) -> None:
    kept(village)

    ran = village.run("outbox", "retry", "--dry-run")

    assert (ran.exit_code, [each["status"] for each in ran.data]) == (0, ["waiting"])
    assert village.ballot_on_chain(1, 1) == (0, 0, 0)


def test_whoever_asks_for_less_gets_less_finality(village: Village) -> None:
    kept(village)
    village.run("outbox", "retry")

    assert village.ask("outbox", "list", "--finality", "latest").data == []


def test_an_empty_outbox_says_so(village: Village) -> None:
    assert village.ask("outbox", "list").data == []
    assert "empty" in village.ask("outbox", "list", json=False).stdout


def test_nothing_is_kept_of_a_ballot_that_the_contract_refuses_anyway(village: Village) -> None:
    village.opened()
    village.run("vote", 1, "for", "--yes", "--dry-run")
    village.coop.close(1)

    ran = village.run("vote", 1, "for", "--yes")

    assert (ran.exit_code, ran.error["code"]) == (5, "voting_closed")
    assert village.outbox().letters(everything=True) == []


def test_a_crash_right_after_sending_ends_in_one_vote(village: Village) -> None:
    # The ballot is on the chain, and the outbox never learned it.
    casting.cast(village.sender("ada"), village.instance, kept(village))

    assert village.run("outbox", "retry").exit_code == 0
    village.coop.chain.rpc("anvil_mine", hex(100))
    assert village.ask("outbox", "list").data == []
    assert village.coop.votes(1) == (0, 1, 0)


def test_an_account_without_money_is_told_how_to_vote_all_the_same(
    village: Village, tmp_path: Path
) -> None:
    village.opened()
    village.coop.chain.rpc("anvil_setBalance", village.key("ada").address, "0x0")

    direct = village.run("vote", 1, "for", "--yes")
    offline = village.run("vote", 1, "for", "--yes", "--offline", tmp_path / "ada.json")
    carried = village.run("ballot", "submit", tmp_path / "ada.json", as_="gus")

    assert (direct.exit_code, direct.error["code"]) == (6, "not_enough_funds")
    assert "--offline FILE" in direct.error["hint"]
    assert (offline.exit_code, carried.exit_code) == (0, 0)
    assert json.loads((tmp_path / "ada.json").read_text())["schema"] == "coop/ballot/v1"
    assert village.coop.votes(1) == (0, 1, 0)
