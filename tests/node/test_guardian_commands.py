"""`coop member guardians`: naming them, their help, and a word against it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.guardianship import List, complete, name, started
from tests.node.village import DAY, Ran, Village

WEEK = 7 * DAY


def named(
    village: Village, guardians: str = "ben cleo gus", needed: int = 2, as_: str = "ada"
) -> Ran:
    """Somebody, ada unless said otherwise, names guardians."""
    options = [
        word for each in guardians.split() for word in ("--guardian", address(village, each))
    ]
    words = ("member", "guardians", "set", *options, "--needed", needed, "--yes")
    return village.run(*words, as_=as_)


def address(village: Village, who: str) -> str:
    return str(village.key(who).address)


def in_force(village: Village) -> Path:
    """Ada's guardians ben, cleo and gus are in force; the file of their list."""
    ran = named(village)
    assert ran.exit_code == 0, ran.stderr
    village.coop.warp(village.chain.head().timestamp + WEEK)
    return Path(ran.data["list_file"])


def vouch(village: Village, file: Path, as_: str, new: str = "fay", number: int = 1) -> Ran:
    options = ("--account", address(village, new), "--list", file, "--yes")
    return village.run("member", "guardians", "support", number, *options, as_=as_)


def shown(village: Village) -> dict[str, Any]:
    """What the mirror says of ada's guardians."""
    ran = village.ask("member", "guardians", "show", 1)
    assert ran.exit_code == 0, ran.stderr
    return dict(ran.data)


# Naming


def test_the_chain_gets_a_hash_and_the_member_a_list_to_hand_on(village: Village) -> None:
    ran = named(village)

    kept = Path(ran.data["list_file"])
    assert kept.stat().st_mode & 0o777 == 0o600
    data = json.loads(kept.read_text())["data"]
    assert (data["member_id"], data["needed"]) == (1, 2)
    assert data["accounts"] == sorted(
        (address(village, who) for who in ("ben", "cleo", "gus")), key=str.lower
    )
    # The hash is computed here from IMembership's text, with the tests' own code.
    salted = List(2, tuple(data["accounts"]), bytes.fromhex(data["salt"][2:]))
    assert ran.data["list_hash"] == "0x" + salted.hash(1).hex()
    stood = village.coop.membership.functions.guardiansOf(1).call()
    assert stood[1] == salted.hash(1)
    assert all(address(village, "gus")[2:].lower() not in str(each).lower() for each in stood)


def test_two_lists_of_the_same_people_cannot_be_told_to_be_the_same(village: Village) -> None:
    first, second = named(village), named(village, as_="dan")

    assert first.data["list_hash"] != second.data["list_hash"]


@pytest.mark.parametrize(
    ("guardians", "needed", "says"),
    [
        ("ben ben", 1, "named twice"),
        ("ben gus", 3, "3 of 2 guardians"),
        ("ben ada", 1, "your own guardian"),
    ],
)
def test_a_list_that_could_not_be_used_is_refused_before_anything_is_kept(
    village: Village, guardians: str, needed: int, says: str
) -> None:
    ran = named(village, guardians, needed)

    assert (ran.exit_code, says in ran.error["message"]) == (2, True)
    assert ran.error["message"].endswith("Your guardians are as before.")
    assert not (village.home / "guardians").exists()


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--needed", 1),
        ("--guardian", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
        ("--none", "--keep"),
        ("--none", "--needed", 1),
        ("--guardian", "0x70997970c51812dc3A010C7d01b50e0d17dc79C8", "--needed", 1),
    ],
)
def test_what_is_meant_must_be_clear(village: Village, words: tuple[object, ...]) -> None:
    ran = village.run("member", "guardians", "set", *words, "--yes")

    assert ran.exit_code == 2
    assert village.coop.membership.functions.guardiansOf(1).call()[2] == 0


def test_who_is_no_member_names_nobody_and_keeps_nothing(village: Village) -> None:
    ran = named(village, "ben cleo", as_="fay")

    assert (ran.exit_code, ran.error["code"]) == (4, "not_a_member")
    assert not (village.home / "guardians").exists()


def test_a_dry_run_names_nobody_and_keeps_nothing(village: Village) -> None:
    account = address(village, "ben")
    ran = village.run(
        *("member", "guardians", "set", "--guardian", account, "--needed", 1),
        *("--yes", "--dry-run"),
    )

    assert (ran.exit_code, ran.data["tx"], ran.data["list_file"]) == (0, None, None)
    assert not (village.home / "guardians").exists()


def test_a_change_that_waits_is_shown_and_dropped_at_once(village: Village) -> None:
    in_force(village)
    before = shown(village)
    named(village, "dan eve", 1)
    waiting = shown(village)

    ran = village.run("member", "guardians", "set", "--keep")

    assert (ran.exit_code, ran.data["list_hash"]) == (0, before["list_hash"])
    assert waiting["next_from"] is not None
    assert waiting["list_hash"] == before["list_hash"]
    after = shown(village)
    assert (after["next_from"], after["list_hash"]) == (None, before["list_hash"])


def test_guardians_are_given_up_after_a_week(village: Village) -> None:
    in_force(village)

    ran = village.run("member", "guardians", "set", "--none")

    assert ran.exit_code == 0
    assert shown(village)["list_hash"] is not None
    village.coop.warp(village.chain.head().timestamp + WEEK)
    assert shown(village)["list_hash"] is None


# Help


def test_guardians_together_give_a_member_another_key_after_a_week(village: Village) -> None:
    file = in_force(village)

    first, second = vouch(village, file, "ben"), vouch(village, file, "gus")
    early = village.run("member", "guardians", "complete", 1, as_="fay")
    village.coop.warp(village.chain.head().timestamp + WEEK)
    ran = village.run("member", "guardians", "complete", 1, as_="fay")

    assert (first.exit_code, first.data["due_at"]) == (0, None)
    assert (second.exit_code, second.data["due_at"] is None) == (0, False)
    assert (early.exit_code, "is not over" in early.error["message"]) == (6, True)
    assert early.error["message"].endswith("Nobody's key was changed.")
    assert (ran.exit_code, ran.data["account"]) == (0, address(village, "fay"))
    member = village.ask("member", "show", 1).data
    assert (member["account"], member["epoch"]) == (address(village, "fay"), 1)
    assert shown(village)["recovered_at"] is not None


def test_what_guardians_began_is_shown_until_the_old_key_says_no(village: Village) -> None:
    file = in_force(village)
    vouch(village, file, "ben")
    (begun,) = shown(village)["recoveries"]

    ran = village.run("member", "guardians", "cancel", address(village, "fay"))

    assert begun["account"] == address(village, "fay")
    assert begun["supporters"] == [address(village, "ben")]
    assert ran.exit_code == 0, ran.stderr
    assert shown(village)["recoveries"] == []
    again = village.run("member", "guardians", "cancel", address(village, "fay"))
    assert (again.exit_code, again.error["code"]) == (6, "refused_by_contract")


def test_people_read_guardians_and_what_they_began_as_text(village: Village) -> None:
    file = in_force(village)
    vouch(village, file, "ben")

    said = village.ask("member", "guardians", "show", 1, json=False)

    assert said.exit_code == 0
    assert f"1 vouched for {address(village, 'fay')}; more are needed." in said.stdout
    assert "none" in village.ask("member", "guardians", "show", 2, json=False).stdout


def test_who_is_not_on_the_list_vouches_for_nobody(village: Village) -> None:
    ran = vouch(village, in_force(village), "dan")

    assert ran.exit_code == 4
    assert ran.error["message"].endswith("You vouched for nobody.")


def test_a_list_is_not_in_force_before_its_week_is_over(village: Village) -> None:
    ran = vouch(village, Path(named(village).data["list_file"]), "ben")

    assert (ran.exit_code, "guardians in force" in ran.error["message"]) == (6, True)


def test_the_list_of_another_member_is_not_sent(village: Village) -> None:
    ran = vouch(village, in_force(village), "ben", number=2)

    assert (ran.exit_code, "is of member 1" in ran.error["message"]) == (2, True)


@pytest.mark.parametrize("fault", ["no json", "no list", "schema", "salt", "account", "needed"])
def test_a_file_that_is_no_list_is_told_so(village: Village, fault: str) -> None:
    document = json.loads(in_force(village).read_text())
    if fault == "schema":
        document["schema"] = "coop/ballot/v1"
    elif fault in ("salt", "account", "needed"):
        field = {"account": "accounts"}.get(fault, fault)
        document["data"][field] = {"salt": "0x12", "account": ["0x12"], "needed": 0}[fault]
    text = {"no json": "{", "no list": "[]"}.get(fault, json.dumps(document))

    ran = vouch(village, village.file("list.json", text), "ben")

    assert (ran.exit_code, ran.error["code"]) == (2, "unreadable_guardian_list")


def test_the_list_of_another_coop_is_told_apart(village: Village) -> None:
    file = in_force(village)
    other = file.read_text().replace(village.instance.membership, village.instance.assembly)

    ran = vouch(village, village.file("list.json", other), "ben")

    assert (ran.exit_code, "another co-op" in ran.error["message"]) == (2, True)


def test_guardians_named_without_the_node_are_shown_too(village: Village) -> None:
    coop = village.coop
    theirs = name(coop, coop.ada, List(1, (coop.ida.address,)))
    due = started(coop, coop.fay, theirs, [coop.ida])
    complete(coop, coop.fay, at=due)

    found = shown(village)

    assert found["list_hash"] == "0x" + theirs.hash(1).hex()
    assert found["recoveries"] == []


def test_the_status_warns_the_present_key_while_there_is_time(village: Village) -> None:
    file = in_force(village)
    quiet = village.ask("status", json=False).stdout
    vouch(village, file, "ben")
    vouch(village, file, "gus")
    named(village, "dan eve", 1)

    loud = village.ask("status", json=False).stdout

    fay = address(village, "fay")
    assert "Guardians" not in quiet
    assert f"Guardians vouched for {fay}, which can take over from" in loud
    assert f"coop member guardians cancel {fay} --key ada" in loud
    assert "coop member guardians set --keep --key ada" in loud
    told = {each["key"]: each["guardians"] for each in village.ask("status").data["you"]}
    assert [each["account"] for each in told["ada"]["recoveries"]] == [fay]
    assert (told["gus"], told["ben"]["recoveries"]) == (None, [])
