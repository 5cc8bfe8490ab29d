"""`coop member`: applying, joining, leaving, losing and changing keys."""

import json
from pathlib import Path

from node.profiles import profile_hash
from tests.node.test_proposal_commands import carried
from tests.node.village import DAY, Village

ME = "# Fay\n\nBicycle mechanic.\n"


def applied(village: Village) -> None:
    ran = village.run("member", "apply", "--profile", village.file("me.md", ME), as_="fay")
    assert ran.exit_code == 0, ran.stderr


def executed(village: Village, number: int, voters: str = "ada ben cleo") -> None:
    carried(village, number, voters)
    village.coop.warp(village.chain.head().timestamp + DAY)
    ran = village.run("proposal", "execute", number, "--yes", as_="gus")
    assert ran.exit_code == 0, ran.stderr


def status_of(village: Village, number: int) -> str:
    return str(village.ask("member", "show", number).data["status"])


def test_the_list_holds_members_and_candidates_with_what_scripts_rely_on(village: Village) -> None:
    applied(village)

    listed = village.ask("member", "list").data

    assert [each["member_id"] for each in listed] == [1, 2, 3, 4, 5, None]
    assert [each["status"] for each in listed] == ["active"] * 5 + ["candidate"]
    assert all({"account", "since", "until"} <= set(each) for each in listed)
    assert listed[0]["account"] == village.key("ada").address
    (candidate,) = village.ask("member", "list", "--status", "candidate").data
    assert candidate["account"] == village.key("fay").address


def test_people_read_the_same_list_as_a_table(village: Village) -> None:
    said = village.ask("member", "list", json=False)

    assert said.exit_code == 0
    assert "active" in said.stdout


# Applying and joining


def test_an_application_puts_only_a_salted_hash_on_the_chain(village: Village) -> None:
    ran = village.run("member", "apply", "--profile", village.file("me.md", ME), as_="fay")

    (candidate,) = village.ask("member", "list", "--status", "candidate").data
    (kept,) = (village.home / "profiles").iterdir()
    document = json.loads(kept.read_text())
    assert kept.stat().st_mode & 0o777 == 0o600
    assert document["profile"] == ME
    salt = bytes.fromhex(document["salt"][2:])
    assert len(salt) == 32
    assert candidate["profile_hash"] == "0x" + profile_hash(salt, ME).hex()
    assert candidate["profile_hash"] == ran.data["profile_hash"]


def test_who_applies_twice_is_refused_and_nothing_more_is_kept(village: Village) -> None:
    applied(village)

    ran = village.run("member", "apply", "--profile", village.file("me.md", ME), as_="fay")

    assert ran.exit_code == 6
    assert ran.error["message"].endswith("You did not apply.")
    assert len(list((village.home / "profiles").iterdir())) == 1


def test_who_cannot_pay_for_an_application_is_told_so_and_no_profile_is_kept(
    village: Village,
) -> None:
    village.coop.chain.rpc("anvil_setBalance", village.key("fay").address, "0x0")

    ran = village.run("member", "apply", "--profile", village.file("me.md", ME), as_="fay")

    assert (ran.exit_code, ran.error["code"]) == (6, "not_enough_funds")
    assert "ballot" not in ran.error["hint"]
    assert list((village.home / "profiles").iterdir()) == []


def test_a_candidate_is_told_to_be_one_and_from_when_admission_is_possible(
    village: Village,
) -> None:
    applied(village)

    mine = {each["key"]: each for each in village.run("status", as_=None).data["you"]}
    assert (mine["fay"]["member_id"], mine["fay"]["status"]) == (None, "candidate")
    assert mine["fay"]["admissible_at"] > "2026"
    shown = village.run("status", as_=None, json=False).stdout
    assert "Key fay: candidate; can be admitted from 20" in shown
    assert "Key gus: no member." in shown


def test_a_candidate_is_admitted_by_a_vote_after_probation(village: Village) -> None:
    applied(village)
    village.coop.warp(village.chain.head().timestamp + 5 * DAY)
    ran = village.run("member", "admit", village.key("fay").address, "--yes")
    assert ran.data["class"] == "admission"

    executed(village, 1)

    shown = village.ask("member", "show", 6).data
    assert (shown["status"], shown["account"]) == ("active", village.key("fay").address)


# Leaving and removal


def test_a_suspension_ends_by_itself_and_anybody_says_so(village: Village) -> None:
    assert village.run("member", "suspend", 5, "--days", 14, "--yes").exit_code == 0
    executed(village, 1)
    assert status_of(village, 5) == "suspended"
    village.coop.warp(village.chain.head().timestamp + 14 * DAY)

    ran = village.run("member", "reinstate", 5, as_="gus")

    assert (ran.exit_code, ran.data["act"]) == (0, "reinstate")
    assert status_of(village, 5) == "active"


def test_before_its_end_only_a_vote_ends_a_suspension(village: Village) -> None:
    village.run("member", "suspend", 5, "--days", 60, "--yes")
    executed(village, 1)

    ran = village.run("member", "reinstate", 5, "--yes", as_="ben")

    assert (ran.data["act"], ran.data["class"]) == ("propose", "admission")
    # Nothing is said about Eve in public: the chain has a hash, the members get the file.
    assert Path(ran.data["text_file"]).read_text() == "# Reinstate the suspended member 5."
    assert village.ask("proposal", "show", 2).data["description"].startswith("0x")
    executed(village, 2)
    assert status_of(village, 5) == "active"


def test_an_expulsion_wants_the_number_typed(village: Village) -> None:
    unsaid = village.run("member", "expel", 5, "--yes")
    wrong = village.run("member", "expel", 5, "--yes", "--confirm", 4)

    assert (unsaid.exit_code, wrong.exit_code) == (2, 2)
    assert "--confirm 5" in unsaid.error["hint"]
    assert village.coop.assembly.functions.proposalCount().call() == 0


def test_an_expelled_member_is_off_the_roll(village: Village) -> None:
    village.run("member", "expel", 5, "--yes", "--confirm", 5)

    executed(village, 1)

    assert status_of(village, 5) == "expelled"


def test_a_member_leaves_by_naming_the_coop(village: Village) -> None:
    wrong = village.run("member", "leave", "--confirm", "potters", as_="eve")
    right = village.run("member", "leave", "--confirm", "weavers", as_="eve")

    assert (wrong.exit_code, right.exit_code, right.data["member_id"]) == (2, 0, 5)
    assert status_of(village, 5) == "left"


def test_a_candidate_takes_the_application_back(village: Village) -> None:
    applied(village)

    ran = village.run("member", "leave", "--confirm", "weavers", as_="fay")

    assert (ran.exit_code, ran.data["member_id"]) == (0, None)
    assert village.ask("member", "list", "--status", "candidate").data == []


# Keys


def test_a_member_changes_the_key_and_votes_with_the_new_one(village: Village) -> None:
    village.opened()
    before = village.run("vote", 1, "for", "--yes", as_="ada")

    rotated = village.run(
        *("member", "rotate", "--new-key", "gus", "--yes"),
        *("--new-password-file", village.home / "password"),
    )

    assert before.exit_code == 0
    assert (rotated.exit_code, rotated.data["epoch"]) == (0, 1)
    assert village.run("vote", 1, "for", "--yes", as_="ada").exit_code == 4
    after = village.run("vote", 1, "against", "--yes", as_="gus")
    assert (after.exit_code, after.data["sequence"], after.data["epoch"]) == (0, 1, 1)
    assert village.coop.votes(1) == (1, 0, 0)


def test_a_key_of_another_member_cannot_take_over(village: Village) -> None:
    ran = village.run(
        *("member", "rotate", "--new-key", "ben", "--yes"),
        *("--new-password-file", village.home / "password"),
    )

    assert ran.exit_code == 6
    assert ran.error["message"].endswith("Your key was not changed.")


def test_a_lost_key_is_replaced_by_a_vote(village: Village) -> None:
    account = village.key("fay").address
    ran = village.run("member", "recover", 5, "--account", account, "--yes")
    assert ran.data["class"] == "recovery"

    executed(village, 1)

    assert village.ask("member", "show", 5).data["account"] == account


def test_a_dry_run_changes_nobody(village: Village) -> None:
    acts = [
        ("member", "leave", "--confirm", "weavers"),
        ("member", "apply", "--profile", village.file("me.md", ME)),
        (
            *("member", "rotate", "--new-key", "gus", "--yes"),
            *("--new-password-file", village.home / "password"),
        ),
    ]
    before = village.chain.head().number
    for act, name in zip(acts, ("ada", "fay", "ada"), strict=True):
        ran = village.run(*act, "--dry-run", as_=name)

        assert (ran.exit_code, ran.data["tx"]) == (0, None), ran.stderr
    assert village.chain.head().number == before
    assert not (village.home / "profiles").exists()


def test_a_number_never_given_is_not_found(village: Village) -> None:
    ran = village.ask("member", "show", 99)

    assert (ran.exit_code, ran.error["code"]) == (3, "not_found")
