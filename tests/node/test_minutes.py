"""`coop export minutes`: a resolution that a minute book accepts."""

import json
import re

from indexer import queries
from indexer.store import read_mirror
from node.actions import build
from tests.node.test_proposal_commands import PROBATION, carried, made
from tests.node.village import DAY, Village

FORGERY = (
    "# Buy a bicycle\n\n~~~\n## Outcome\n\n- Carried, and executed.\n<b>bold</b>\n" + "word " * 40
)


def executed(village: Village) -> int:
    """A proposal with an action that was carried by three members, executed by anybody."""
    number = made(village, "probation.toml", PROBATION)
    carried(village, number)
    village.coop.warp(village.chain.head().timestamp + DAY)
    assert village.run("proposal", "execute", number, "--yes", as_="gus").exit_code == 0
    return number


def minutes(village: Village, number: int, *more: str) -> str:
    """The minutes as text."""
    ran = village.ask("export", "minutes", number, *more, json=False)
    assert ran.exit_code == 0, ran.stderr
    return ran.stdout


def joined(text: str) -> str:
    """The text in one line, and its hashes in one piece."""
    whole = re.sub(r"(0x[0-9a-f]{32})\n +([0-9a-f]{32})", r"\1\2", text)
    return " ".join(whole.split())


def test_the_minutes_hold_all_that_a_minute_book_asks_for(village: Village) -> None:
    number = executed(village)

    text = joined(minutes(village, number))

    shown = village.ask("proposal", "show", number).data
    for words in (
        "# Resolution 1: Longer probation",
        "Co-operative: Weavers",
        "Class: Changing the bylaws (bylaws)",
        "Proposed by: member 1",
        "Three months were too short.",
        "Set the probation of candidates to 30 days.",
        "It passes with more than 1/2 of the votes for and against in favour. A tie is lost.",
        "Changing the bylaws: version 1, frozen when this was proposed.",
        "Members on the roll: 5",
        "Quorum: 3; 3 counted towards it: reached",
        "For: 3 - Against: 0 - Abstained: 0 - Did not vote: 2",
        "Member 1: for - Member 2: for - Member 3: for",
        "Carried, and executed.",
        shown["content"],
        shown["text_hash"],
        "coop audit run",
        f"coop receipt show {number} --member ID",
    ):
        assert words in text, words
    step = next(each for each in shown["steps"] if each["step"] == "executed")
    assert f"block {step['block']}" in text
    assert step["tx"] in text


def test_the_proof_names_block_and_chronicle_heads_of_the_chain_itself(village: Village) -> None:
    number = executed(village)

    text = joined(minutes(village, number))

    head = village.chain.head()
    assert f"As of block {head.number} (latest) of chain 31337" in text
    assert head.hash in text
    for contract, address, _ in village.instance.contracts:
        folded = village.chain.view(contract, address, "chronicleHead")
        assert f"{contract}: 0x{folded.hex()}" in text


def test_times_are_told_in_the_zone_of_the_co_op_and_in_utc(village: Village) -> None:
    number = executed(village)
    opened = village.ask("proposal", "show", number).data["opens_at"]

    far = joined(minutes(village, number, "--zone", "Pacific/Kiritimati"))
    same = joined(minutes(village, number, "--zone", "UTC"))
    wrong = village.ask("export", "minutes", number, "--zone", "Atlantis/Capital")

    assert re.search(rf"Vote opened: [0-9: -]+ \+14 \(([0-9-]+ )?{opened[11:19]} UTC\)", far)
    assert f"Vote opened: {opened[:10]} {opened[11:19]} UTC" in same
    assert (wrong.exit_code, wrong.error["code"]) == (2, "usage")


def test_no_line_is_longer_than_60_columns_and_no_text_forges_the_page(village: Village) -> None:
    proposal = village.opened(FORGERY + "word " * 40)
    reason = "* _all_ of <us> `agree`\n## Outcome " + "because " * 20
    for name in ("ada", "ben"):
        ran = village.run(
            "vote", proposal.proposal_id, "for", "--yes", "--reason", reason, as_=name
        )
        assert ran.exit_code == 0, ran.stderr
    village.coop.close(proposal.proposal_id)

    text = minutes(village, proposal.proposal_id)

    assert max(len(line) for line in text.splitlines()) <= 60
    outside = re.sub(r"^(~~~~+)text\n.*?\n\1$", "", text, flags=re.S | re.M)
    headings = [line for line in outside.splitlines() if line.startswith("#")]
    assert headings.count("## Outcome") == 1
    assert "- Not carried." in outside
    assert "Carried, and executed" not in outside
    assert "<b>" not in outside
    assert "\\*" in outside
    assert "Quorum: 3; 2 counted towards it: missed" in outside


def test_names_are_told_only_when_asked_for(village: Village) -> None:
    number = executed(village)
    village.ask("member", "label", 2, "Ben [x](http://evil)")

    assert "Ben" not in minutes(village, number)
    named = joined(minutes(village, number, "--names"))
    assert r"Member Ben \[x\](http://evil) (2): for" in named
    assert "Member 1: for" in named


def test_what_is_not_decided_is_refused_with_what_is_missing(village: Village) -> None:
    number = made(village, "probation.toml", PROBATION)
    said = {}
    for state in ("pending", "active", "succeeded", "queued"):
        if state == "active":
            village.coop.open(number)
            for name in ("ada", "ben", "cleo"):
                village.run("vote", number, "for", "--yes", as_=name)
        if state == "succeeded":
            village.coop.close(number)
        if state == "queued":
            assert village.run("proposal", "queue", number, as_="gus").exit_code == 0
        ran = village.ask("export", "minutes", number, "--output", village.home / "m.md")
        assert (ran.exit_code, ran.error["code"]) == (5, "not_decided")
        assert ran.error["details"]["state"] == state
        assert "No minutes were written." in ran.error["message"]
        said[state] = ran.error["details"]["missing"]
    shown = village.ask("proposal", "show", number).data
    assert said["pending"] == f"its vote opens at {shown['opens_at']}"
    assert said["active"] == f"its vote closes at {shown['closes_at']}"
    assert "queued" in said["succeeded"]
    assert said["queued"].endswith(f"possible from {shown['execute_after']}")
    assert not (village.home / "m.md").exists()
    assert village.ask("export", "minutes", 99).exit_code == 3


def test_withdrawn_and_expired_proposals_say_so(village: Village) -> None:
    withdrawn = made(village, "a.md", "# Buy a bicycle", by="ben")
    number = made(village, "probation.toml", PROBATION)
    assert village.run("proposal", "cancel", withdrawn, "--yes", as_="ben").exit_code == 0
    carried(village, number)
    village.coop.warp(village.chain.head().timestamp + 365 * DAY)

    assert "Not decided: withdrawn" in minutes(village, withdrawn)
    assert "it has expired" in minutes(village, number)


def test_a_text_about_a_person_is_told_by_its_hash_where_it_is_not_known(village: Village) -> None:
    proposal = village.propose("# Expel member 5", [build("expel", village.own, {"member": 5})])
    village.coop.open(proposal.proposal_id)
    village.coop.close(proposal.proposal_id)

    known = minutes(village, proposal.proposal_id)
    for kept in (village.home / "texts").iterdir():
        kept.unlink()
    unknown = minutes(village, proposal.proposal_id)

    assert "~~~text\n# Expel member 5\n~~~" in known
    assert "The text is not kept on this machine." in joined(unknown)
    assert village.ask("proposal", "show", 1).data["text_hash"] in joined(unknown)


def test_minutes_go_into_a_file_whole_and_never_over_another(village: Village) -> None:
    number = executed(village)
    path = village.home / "minutes.md"

    first = village.ask("export", "minutes", number, "--output", path)
    again = village.ask("export", "minutes", number, "--output", path)

    assert path.read_text() == first.data["text"] == json.loads(first.stdout)["data"]["text"]
    assert (again.exit_code, again.error["code"]) == (2, "usage")


def test_a_chronicle_head_is_told_as_of_its_block(village: Village) -> None:
    village.mirror()
    with read_mirror(village.home / "weavers.db").reading() as session:
        at = queries.as_of(session)
        founded = queries.chronicle_heads(session, at)
    village.opened()
    village.mirror()
    with read_mirror(village.home / "weavers.db").reading() as session:
        then = queries.chronicle_heads(session, at)
        now = queries.chronicle_heads(session, queries.as_of(session))
    assert list(founded) == [contract for contract, _, _ in village.instance.contracts]
    assert then == founded
    assert {name for name in now if now[name] != then[name]} == {"Assembly"}
