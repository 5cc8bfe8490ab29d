"""`coop member label`: names of this machine, compared with what the chain vouches for."""

import json
import tomllib
from pathlib import Path

import pytest

from tests.node.test_member_commands import executed
from tests.node.village import DAY, Village

ME = "# Fay Weaver\n\nBicycle mechanic.\n"


def joined(village: Village) -> Path:
    """Fay applies with a profile, becomes member 6, and gives the members her profile's file."""
    me = village.file("me.md", ME)
    assert village.run("member", "apply", "--profile", me, as_="fay").exit_code == 0
    village.coop.warp(village.chain.head().timestamp + 5 * DAY)
    admission = village.run("member", "admit", village.key("fay").address, "--yes")
    executed(village, admission.data["proposal_id"])
    (kept,) = (village.home / "profiles").iterdir()
    return kept


def test_a_name_is_shown_where_a_number_was_and_added_to_json(village: Village) -> None:
    assert village.ask("member", "label", 1, "Ada").exit_code == 0
    proposal = village.opened("# Buy a bicycle")
    assert village.run("vote", proposal.proposal_id, "for", "--yes").exit_code == 0

    assert "Ada (1)" in village.ask("member", "list", json=False).stdout
    assert "Ada (1)" in village.ask("member", "show", 1, json=False).stdout
    assert "Ada (1)" in village.ask("proposal", "list", json=False).stdout
    shown = village.ask("proposal", "show", proposal.proposal_id, json=False).stdout
    assert "member Ada (1)" in shown
    assert "Ada (1)  for" in shown
    listed = village.ask("member", "list").data
    assert [(each["member_id"], each["label"]) for each in listed[:2]] == [(1, "Ada"), (2, None)]
    data = village.ask("proposal", "show", proposal.proposal_id).data
    assert (data["proposer_id"], data["label"]) == (1, "Ada")
    assert [(each["member_id"], each["label"]) for each in data["ballots"]] == [(1, "Ada")]


def test_the_file_is_private_and_holds_names_of_this_co_op_only(village: Village) -> None:
    village.ask("member", "label", 1, "Ada")
    path = village.home / "labels.toml"
    other = path.read_text().replace(village.instance.membership, village.instance.assembly)
    path.write_text(path.read_text() + other.replace('"Ada"', '"Eve"').replace("= 1", "= 2"))

    assert village.ask("member", "label", 1, "Ada L.").exit_code == 0

    names = [each["name"] for each in tomllib.loads(path.read_text())["label"]]
    assert sorted(names) == ["Ada L.", "Eve"]
    assert village.ask("member", "show", 2).data["label"] is None
    assert path.stat().st_mode & 0o777 == 0o600
    assert village.ask("member", "label", 1, "--remove").exit_code == 0
    assert village.ask("member", "show", 1).data["label"] is None
    assert village.ask("member", "label", 1, "--remove").exit_code == 3


def test_a_name_is_vouched_for_by_the_profile_whose_hash_is_on_the_chain(village: Village) -> None:
    profile = joined(village)

    ran = village.ask("member", "label", 6, "Fay", "--profile", profile)

    assert ran.exit_code == 0, ran.stderr
    assert ran.data["profile_hash"] is not None
    listed = village.ask("member", "list", json=False)
    assert "Fay (6)" in listed.stdout
    assert "Warning" not in listed.stderr


@pytest.mark.parametrize(
    ("this", "that", "name"),
    [("mechanic", "merchant", "Fay"), ('name = "Fay"', 'name = "Gus"', "Gus")],
)
def test_a_label_changed_in_the_file_is_shown_with_a_warning(
    village: Village, this: str, that: str, name: str
) -> None:
    village.ask("member", "label", 6, "Fay", "--profile", joined(village))
    path = village.home / "labels.toml"
    path.write_text(path.read_text().replace(this, that))

    people = village.ask("member", "list", json=False)
    scripts = village.ask("member", "list")

    assert f"{name}? (6)" in people.stdout
    assert "is not the one with which member 6 applied" in " ".join(people.stderr.split())
    assert scripts.data[5]["label"] is None
    assert "member 6" in scripts.stderr


@pytest.mark.parametrize("change", ["salt", "profile", "name", "founder", "no profile"])
def test_a_label_that_its_profile_does_not_bear_out_is_not_kept(
    village: Village, change: str
) -> None:
    kept = json.loads(joined(village).read_text(encoding="utf-8"))
    if change == "salt":
        kept["salt"] = "0x" + "11" * 32
    if change == "profile":
        kept["profile"] = ME + "!"
    if change == "no profile":
        kept = ["Fay"]
    file = village.file("given.json", json.dumps(kept))
    name = "Gus" if change == "name" else "Fay"

    ran = village.ask("member", "label", 1 if change == "founder" else 6, name, "--profile", file)

    assert ran.exit_code == 2, ran.stdout
    assert "The label was not kept." in ran.error["message"]
    assert not (village.home / "labels.toml").exists()


@pytest.mark.parametrize("text", ["label = 1", "[[label]]\nmember_id = 'x'", "not toml"])
def test_a_file_that_makes_no_sense_is_named(village: Village, text: str) -> None:
    mark = f"\nchain_id = 31337\nmembership = '{village.instance.membership}'\n"
    village.file("labels.toml", text + (mark if "[[" in text else ""))
    ran = village.ask("member", "list")
    assert (ran.exit_code, ran.error["code"]) == (11, "configuration")
    assert "labels.toml" in ran.error["message"]


def test_nobody_is_named_who_is_no_member(village: Village) -> None:
    assert village.ask("member", "label", 9, "Nobody").exit_code == 3
    assert village.ask("member", "label", 1).exit_code == 2
    assert village.ask("member", "label", 1, "two\nlines").exit_code == 2
    assert village.ask("member", "label", 1, "Ada", "--dry-run").exit_code == 0
    assert not (village.home / "labels.toml").exists()
