"""`coop proposal`: from a draft file to execution, and the rights of the person concerned."""

from eth_utils.crypto import keccak

from node.actions import build
from node.content import hashed_description
from tests.node.village import DAY, Village

PROBATION = """
title = "Longer probation"
text = "Three months were too short."

[[actions]]
do = "set-probation"
probation = "30 days"
"""


def made(village: Village, name: str, text: str, by: str = "ada") -> int:
    """Create a proposal from a file and return its id."""
    ran = village.run("proposal", "create", village.file(name, text), "--yes", as_=by)
    assert ran.exit_code == 0, ran.stderr
    return int(ran.data["proposal_id"])


def carried(village: Village, number: int, voters: str = "ada ben cleo") -> None:
    """Let members vote for a proposal and queue it."""
    village.coop.open(number)
    for name in voters.split():
        assert village.run("vote", number, "for", "--yes", as_=name).exit_code == 0
    village.coop.close(number)
    assert village.run("proposal", "queue", number, as_="gus").exit_code == 0


# Reading


def test_a_markdown_file_becomes_a_resolution_in_words(village: Village) -> None:
    number = made(village, "bicycle.md", "# Buy a bicycle\n\nFor the couriers.\n")

    shown = village.ask("proposal", "show", number).data

    assert shown["title"] == "Buy a bicycle"
    assert shown["text"] == "# Buy a bicycle\n\nFor the couriers."
    assert (shown["class"], shown["state"], shown["actions"]) == ("ordinary", "pending", [])


def test_a_toml_file_becomes_a_proposal_with_decoded_actions(village: Village) -> None:
    number = made(village, "probation.toml", PROBATION)

    shown = village.ask("proposal", "show", number).data

    assert shown["class"] == "bylaws"
    assert shown["text"] == "# Longer probation\n\nThree months were too short."
    (action,) = shown["actions"]
    assert action["sentence"] == "Set the probation of candidates to 30 days."
    assert action["function"] == "setProbation"


def test_show_and_list_hold_what_scripts_rely_on(village: Village) -> None:
    number = made(village, "bicycle.md", "# Buy a bicycle")
    village.coop.open(number)
    village.run("vote", number, "for", "--reason", "yes!", "--yes", as_="ben")

    (listed,) = village.ask("proposal", "list", "--state", "active").data
    shown = village.ask("proposal", "show", number).data

    common = {"proposal_id", "class", "state", "proposer_id", "title", "opens_at", "closes_at"}
    common |= {"execute_after", "expires_at", "tally", "roll", "quorum"}
    assert common <= set(listed)
    assert common | {"text", "actions", "content", "rule", "ballots"} <= set(shown)
    assert listed["tally"] == shown["tally"] == {"for": 1, "against": 0, "abstain": 0}
    assert (listed["roll"], listed["quorum"]) == (5, 3)
    (ballot,) = shown["ballots"]
    assert (ballot["member_id"], ballot["choice"], ballot["sequence"]) == (2, "for", 1)
    assert ballot["reason"] == "yes!"
    assert {"block", "tx"} <= set(ballot)
    assert village.ask("proposal", "list", "--state", "executed").data == []


def test_show_tells_people_what_json_tells_scripts(village: Village) -> None:
    number = made(village, "probation.toml", PROBATION)

    said = village.ask("proposal", "show", number, json=False).stdout

    for words in (
        "Proposal 1: Longer probation",
        "Three months were too short.",
        "If it passes: Set the probation of candidates to 30 days.",
        "more than 1/2 of the votes for and against",
        "Nobody has voted yet.",
    ):
        assert words in said


# Making


def test_the_vote_opens_after_the_notice_unless_a_later_moment_is_named(village: Village) -> None:
    now = village.chain.head().timestamp
    file = village.file("bicycle.md", "# Buy a bicycle")

    soon = village.run("proposal", "create", file, "--yes", as_="ada")
    later = village.run("proposal", "create", file, "--yes", "--opens-at", "2050-01-01", as_="ben")

    assert soon.exit_code == 0
    opens = village.coop.assembly.functions.proposalSnapshot(1).call()
    assert now + 2 * DAY < opens <= now + 3 * DAY + 600  # at the beginning of a day
    assert opens % 300 == 0
    assert (later.exit_code, later.error["code"]) == (6, "refused_by_contract")


def test_a_dry_run_proposes_nothing_and_keeps_nothing(village: Village) -> None:
    expel = village.file("eve.md", '+++\n[[actions]]\ndo = "expel"\nmember = 5\n+++\n# Eve\n')

    ran = village.run("proposal", "create", expel, "--yes", "--dry-run")

    assert (ran.exit_code, ran.data["proposal_id"], ran.data["tx"]) == (0, None, None)
    assert village.coop.assembly.functions.proposalCount().call() == 0
    assert not (village.home / "texts").exists()


def test_what_would_fail_and_what_may_change_is_warned_of_before_proposing(
    village: Village,
) -> None:
    account = village.key("gus").address
    draft = f"""
title = "Pay and admit"
[[actions]]
do = "call"
target = "{account}"
value = "1000000000000000000000"
"""
    ran = village.run("proposal", "create", village.file("pay.toml", draft), "--yes")

    assert ran.exit_code == 0
    assert "has no code" in ran.stderr
    assert "does not hold that much money" in ran.stderr


def test_a_member_has_one_proposal_at_a_time(village: Village) -> None:
    made(village, "bicycle.md", "# Buy a bicycle")

    ran = village.run("proposal", "create", village.file("two.md", "# Buy two"), "--yes")

    assert ran.exit_code == 6
    assert "another open proposal, number 1" in ran.error["message"]
    assert "Nothing was proposed." in ran.error["message"]


def test_who_is_no_member_cannot_propose(village: Village) -> None:
    ran = village.run("proposal", "create", village.file("x.md", "# Mine"), "--yes", as_="gus")

    assert (ran.exit_code, ran.error["code"]) == (4, "not_a_member")


# On the way


def test_a_passed_proposal_is_queued_and_executed_by_anybody(village: Village) -> None:
    number = made(village, "probation.toml", PROBATION)
    carried(village, number)
    early = village.run("proposal", "execute", number, "--yes", as_="gus")
    village.coop.warp(village.chain.head().timestamp + DAY)

    ran = village.run("proposal", "execute", number, "--yes", as_="gus")

    assert early.exit_code == 6
    assert (ran.exit_code, ran.data["act"]) == (0, "execute")
    assert village.coop.membership.functions.probation().call() == 30 * DAY
    assert village.ask("proposal", "show", number).data["state"] == "executed"


def test_a_proposer_withdraws_before_the_vote_opens_and_nobody_else(village: Village) -> None:
    number = made(village, "bicycle.md", "# Buy a bicycle")

    other = village.run("proposal", "cancel", number, "--yes", as_="ben")
    own = village.run("proposal", "cancel", number, "--yes", as_="ada")

    assert (other.exit_code, own.exit_code) == (4, 0)
    assert village.ask("proposal", "show", number).data["state"] == "canceled"


def test_nothing_is_withdrawn_without_a_yes(village: Village) -> None:
    number = made(village, "bicycle.md", "# Buy a bicycle")

    ran = village.run("proposal", "cancel", number, as_="ada")

    assert (ran.exit_code, ran.error["code"]) == (2, "missing_answer")
    assert village.coop.state(number) == "pending"


# People


def test_the_text_about_a_person_stays_off_the_chain_and_is_kept_here(village: Village) -> None:
    text = "# Expel member 5\n\nNot seen since May."
    village.run("member", "expel", 5, "--confirm", 5, "--yes", "--text", village.file("e.md", text))

    shown = village.ask("proposal", "show", 1).data

    assert shown["description"] == hashed_description(text)
    assert (shown["title"], shown["text"]) == ("Expel member 5", text)
    kept = village.home / "texts" / f"{keccak(text.encode()).hex()}.txt"
    assert kept.read_text() == text
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_text_that_came_as_a_file_is_compared_with_the_hash_and_kept(village: Village) -> None:
    text = "# Expel member 5\n\nNot seen since May."
    file = village.file("came.md", text + "\n")
    village.run("member", "expel", 5, "--confirm", 5, "--yes", "--text", file)
    for kept in (village.home / "texts").iterdir():
        kept.unlink()

    unknown = village.ask("proposal", "show", 1).data
    wrong = village.ask("proposal", "show", 1, "--text", village.file("w.md", "# Forged"))
    right = village.ask("proposal", "show", 1, "--text", file)

    assert unknown["text"] is None
    assert (wrong.exit_code, wrong.error["code"]) == (2, "unreadable_draft")
    assert right.data["text"] == text
    assert village.ask("proposal", "show", 1).data["text"] == text


def test_the_person_concerned_replies_appeals_and_is_heard_again(village: Village) -> None:
    village.run("member", "expel", 5, "--confirm", 5, "--yes")
    reply = village.file("reply.md", "I was ill.")
    replied = village.run("proposal", "reply", 1, "--text", reply, as_="eve")
    carried(village, 1)

    stranger = village.run("proposal", "appeal", 1, "--yes", as_="dan")
    appealed = village.run("proposal", "appeal", 1, "--yes", as_="eve")

    assert (replied.exit_code, stranger.exit_code, appealed.exit_code) == (0, 4, 0)
    steps = village.ask("proposal", "show", 1).data["steps"]
    assert steps[0]["reply_hash"] == "0x" + keccak(b"I was ill.").hex()
    assert appealed.data["confirmation"] == 2
    # The confirming vote is for the content of the first one; a member can vote on it as on any.
    village.coop.open(2)
    voted = village.run("vote", 2, "against", "--yes", as_="ben")
    assert voted.exit_code == 0, voted.stderr
    assert "Confirmation of proposal 1" in voted.stderr


def test_a_member_objects_to_another_key_for_them(village: Village) -> None:
    account = village.key("fay").address
    village.run("member", "recover", 5, "--account", account, "--yes")

    other = village.run("member", "object", 1, as_="dan")
    own = village.run("member", "object", 1, as_="eve")

    assert (other.exit_code, own.exit_code) == (4, 0)
    assert village.coop.state(1) == "canceled"


def test_executing_compares_what_is_shown_with_what_was_voted_on(village: Village) -> None:
    probation = build("set-probation", village.own, {"probation": "30 days"})
    village.propose("# Longer probation", [probation])
    carried(village, 1)
    village.coop.warp(village.chain.head().timestamp + DAY)
    village.forge("UPDATE proposals SET description = '# Shorter probation'")

    ran = village.run("proposal", "execute", 1, "--yes", as_="gus")

    assert (ran.exit_code, ran.error["code"]) == (9, "content_disagrees")
    assert village.coop.state(1) == "queued"


def test_a_text_with_a_zero_byte_is_refused_and_its_line_is_named(village: Village) -> None:
    text = village.file("text.md", "# A bicycle\n\nred\0 or blue\n")
    ran = village.run("proposal", "create", text, "--yes")
    assert ran.exit_code != 0
    assert "zero byte in line 3" in ran.error["message"]
    assert village.coop.assembly.functions.proposalCount().call() == 0
