"""Bylaws as files: presets, every fault named by its key, and what the contracts take."""

import re
from collections.abc import Mapping

import pytest

from indexer import abi
from indexer.rules.bylaws import DecisionClass
from node import bylaws, bylaws_lint, bylaws_text, bylaws_values
from node.bylaws import RoleTerms
from node.devnet import Devnet
from node.errors import BylawsProblem
from tests.node.bylaw_files import PRESETS, UK, good
from tests.node.desk import Desk, desk  # noqa: F401

DAY = 86_400
COURIER = RoleTerms("courier", 2_000, 1_500, 50, 1_000)


def changed(table: str, changes: Mapping[str, str | None], source: str = UK) -> str:
    """The UK bylaws with keys of one table set to other TOML values, or left away."""
    head, begin, rest = source.partition(f"[{table}]")
    body, following, tail = rest.partition("\n[")
    for key, value in changes.items():
        line = "" if value is None else f"{key} = {value}"
        body, count = re.subn(rf"^{key} = .*$", line, body, flags=re.M)
        body += "" if count else f"\n{line}"
    return head + begin + body + following + tail


def faults(source: str, roll: int = 3) -> dict[str, str]:
    """Key -> text of everything that keeps the bylaws from being used."""
    found, problems = bylaws.read(source)
    if found is not None:
        problems = [*problems, *bylaws_lint.lint(found, roll)]
    return {problem.key: problem.text for problem in problems if not problem.advice}


# Reading


def test_every_problem_is_found_at_once_and_named_by_its_key() -> None:
    source = changed(
        "removal", {"notice": '"soon"', "quorum": '"half"', "threshold": '"3/4"', "basis": "true"}
    )
    source = changed("pay_votes", {"rest": None, "wage": "3"}, source)
    found, problems = bylaws.read(source)
    assert found is None
    assert {problem.key for problem in problems} == {
        "removal.notice",
        "removal.quorum",
        "removal.threshold",
        "removal.basis",
        "pay_votes.rest",
        "pay_votes.wage",
    }


def test_a_missing_table_is_named_key_by_key() -> None:
    source = UK.replace("[recovery]", "[recovry]")
    keys = set(faults(source))
    assert "recovry" in keys
    assert "recovery.notice" in keys


def test_what_is_no_toml_is_one_problem() -> None:
    assert set(faults("[[[")) == {"file"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("14 days", 14 * DAY), ("1 day 12 hours", 129_600), ("2 weeks", 14 * DAY)],
)
def test_a_time_is_written_in_words(text: str, seconds: int) -> None:
    assert bylaws_values.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "14", "days", "-1 days", "1.5 days", 14, True, "14 days ago"])
def test_what_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="14 days"):
        bylaws_values.duration(text)


@pytest.mark.parametrize(("text", "bps"), [("50 %", 5_000), ("33.3%", 3_330), ("0.01 %", 1)])
def test_a_part_is_written_in_per_cent(text: str, bps: int) -> None:
    assert bylaws_values.percent(text) == bps


@pytest.mark.parametrize(("text", "cap"), [("none", 0), ("3:1", 300), ("4.5:1", 450)])
def test_a_ratio_is_written_with_a_colon(text: str, cap: int) -> None:
    assert bylaws_values.ratio(text) == cap


# Bounds, one by one, as the contracts have them


@pytest.mark.parametrize(
    ("table", "changes", "key"),
    [
        ("ordinary", {"notice": '"61 days"'}, "ordinary.notice"),
        (
            "ordinary",
            {"voting_period": '"59 minutes"', "swing_window": '"0"', "swing_cap": '"0"'},
            "ordinary.voting_period",
        ),
        ("ordinary", {"voting_period": '"61 days"'}, "ordinary.voting_period"),
        ("ordinary", {"execution_delay": '"61 days"'}, "ordinary.execution_delay"),
        ("ordinary", {"grace": '"23 hours"'}, "ordinary.grace"),
        ("ordinary", {"grace": '"181 days"'}, "ordinary.grace"),
        ("ordinary", {"cool_down": '"181 days"'}, "ordinary.cool_down"),
        ("ordinary", {"second_call_delay": '"59 minutes"'}, "ordinary.second_call_delay"),
        ("ordinary", {"second_call_delay": '"31 days"'}, "ordinary.second_call_delay"),
        (
            "ordinary",
            {"second_call_delay": '"1 day"', "second_call_quorum": '"51 %"'},
            "ordinary.second_call_quorum",
        ),
        ("ordinary", {"second_call_quorum": '"10 %"'}, "ordinary.second_call_quorum"),
        (
            "ordinary",
            {"swing_window": '"8 days"', "swing_cap": '"9 days"'},
            "ordinary.swing_window",
        ),
        ("ordinary", {"swing_cap": '"15 days"'}, "ordinary.swing_cap"),
        ("ordinary", {"swing_cap": '"11 hours"'}, "ordinary.swing_cap"),
        ("ordinary", {"swing_window": '"0"'}, "ordinary.swing_cap"),
        ("ordinary", {"quorum_members": "0"}, "ordinary.quorum_members"),
        ("ordinary", {"quorum": '"101 %"'}, "ordinary.quorum"),
        ("ordinary", {"threshold": '"at least 5/4"'}, "ordinary.threshold"),
        ("ordinary", {"threshold": '"more than 1/1"'}, "ordinary.threshold"),
        ("ordinary", {"threshold": '"at least 101/200"'}, "ordinary.threshold"),
        ("removal", {"notice": '"23 hours"'}, "removal.notice"),
        ("removal", {"execution_delay": '"0"'}, "removal.execution_delay"),
        ("recovery", {"notice": '"20 days"'}, "recovery.notice"),
        ("pay_votes", {"notice": '"61 days"'}, "pay_votes.notice"),
        ("pay_votes", {"voting_period": '"0"'}, "pay_votes.voting_period"),
        ("pay_votes", {"grace": '"0"'}, "pay_votes.grace"),
        ("pay_votes", {"rest": '"181 days"'}, "pay_votes.rest"),
        ("pay_votes", {"period": '"23 hours"'}, "pay_votes.period"),
        ("pay_votes", {"period": '"3651 days"'}, "pay_votes.period"),
        ("pay_votes", {"ratio_cap": '"0.5:1"'}, "pay_votes.ratio_cap"),
        ("pay_votes", {"ratio_cap": '"101:1"'}, "pay_votes.ratio_cap"),
        ("pay_votes", {"quorum_members": "0"}, "pay_votes.quorum_members"),
        ("pay_votes", {"quorum": '"101 %"'}, "pay_votes.quorum"),
    ],
)
def test_a_value_out_of_bounds_is_the_one_that_is_named(
    table: str, changes: Mapping[str, str | None], key: str
) -> None:
    assert set(faults(changed(table, changes))) == {key}


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("ordinary", {"notice": '"0"', "executions": None}),
        ("ordinary", {"notice": '"60 days"', "voting_period": '"60 days"'}),
        ("ordinary", {"voting_period": '"1 hour"', "swing_window": '"1 hour"'}),
        ("ordinary", {"swing_window": '"0"', "swing_cap": '"0"'}),
        ("ordinary", {"second_call_delay": '"1 hour"', "second_call_quorum": '"0 %"'}),
        ("ordinary", {"threshold": '"at least 1/1"', "basis": '"roll"'}),
        ("ordinary", {"max_against": "0"}),
        ("removal", {"notice": '"1 day"', "execution_delay": '"1 day"'}),
        ("pay_votes", {"ratio_cap": '"none"', "rest": '"0"'}),
    ],
)
def test_a_value_on_its_bound_is_allowed(table: str, changes: Mapping[str, str | None]) -> None:
    assert faults(changed(table, changes)) == {}


def test_a_probation_of_more_than_a_year_is_refused() -> None:
    assert set(faults(UK.replace('"183 days"', '"366 days"'))) == {"probation"}


def test_a_rule_that_nobody_could_pass_is_named_for_the_roll_given() -> None:
    source = changed("removal", {"quorum_members": "4"})
    said = {"removal.quorum_members": "asks for 4 members: with 3 nothing of this class can pass"}
    assert faults(source, roll=3) == said
    assert faults(source, roll=4) == {}  # all, less the person concerned where they have no vote


def test_a_quorum_of_the_whole_roll_can_be_met_by_any_roll() -> None:
    source = changed("removal", {"quorum_members": "1", "quorum": '"100 %"'})
    assert [faults(source, roll) for roll in (2, 3, 50)] == [{}, {}, {}]
    # The other classes ask for two members; who is alone can meet the quorum of all.
    alone = {each.split(".")[0]: said for each, said in faults(source, 1).items()}
    assert set(alone.values()) == {"asks for 2 members: with 1 nothing of this class can pass"}
    assert "removal" not in alone


# Roles


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"name": "x" * 32}, "role 1.name"),
        ({"name": ""}, "role 1.name"),
        ({"rate": 1_499}, "role 1.floor"),
        ({"step": 0}, "role 1.step"),
        ({"max_change_bps": 0}, "role 1.max_change"),
        ({"max_change_bps": 10_001}, "role 1.max_change"),
    ],
)
def test_a_role_out_of_bounds_is_named(change: Mapping[str, object], key: str) -> None:
    from dataclasses import replace

    terms = replace(good(), roles=(replace(COURIER, **change),))  # type: ignore[arg-type]
    assert [problem.key for problem in bylaws_lint.lint(terms, 3)] == [key]


def test_roles_further_apart_than_the_ratio_cap_are_refused() -> None:
    from dataclasses import replace

    office = replace(COURIER, name="office", rate=6_001)
    terms = replace(good(), roles=(COURIER, office))
    assert [problem.key for problem in bylaws_lint.lint(terms, 3)] == ["pay_votes.ratio_cap"]
    terms = replace(good(), roles=(COURIER, replace(office, rate=6_000)))
    assert bylaws_lint.lint(terms, 3) == []


def test_a_role_named_twice_is_refused() -> None:
    from dataclasses import replace

    terms = replace(good(), roles=(COURIER, COURIER))
    assert [problem.key for problem in bylaws_lint.lint(terms, 3)] == ["role"]


def test_roles_are_read_from_a_file_of_their_own() -> None:
    text = '[[role]]\nname = "courier"\nrate = 2000\nfloor = 1500\nstep = 50\nmax_change = "10 %"\n'
    assert bylaws.read_roles(text) == (COURIER,)
    with pytest.raises(BylawsProblem, match=r"role 1\.rate"):
        bylaws.read_roles(text.replace("2000", '"2000"'))


# Advice


@pytest.mark.parametrize(
    ("table", "changes", "key"),
    [
        ("bylaws", {"threshold": '"more than 1/2"'}, "bylaws.threshold"),
        (
            "pay",
            {"second_call_delay": '"1 day"', "second_call_quorum": '"50 %"'},
            "pay.second_call_quorum",
        ),
        ("pay", {"max_against": "3"}, "pay.max_against"),
    ],
)
def test_what_is_legal_and_contradicts_itself_is_advised_against(
    table: str, changes: Mapping[str, str | None], key: str
) -> None:
    problems = bylaws_lint.lint(good(changed(table, changes)), 3)
    assert [(problem.key, problem.advice) for problem in problems] == [(key, True)]


# What the contracts take


def test_the_values_stand_in_the_order_of_the_contracts_structs() -> None:
    create = abi.function("CooperativeFactory", "create")
    terms, roles = create.inputs[2], create.inputs[3]
    rule = terms.components[1]
    snake = [re.sub(r"([A-Z])", r"_\1", part.name).lower() for part in rule.components]
    assert snake == list(good().rules[0].__dataclass_fields__)
    pay = [re.sub(r"([A-Z])", r"_\1", part.name).lower() for part in terms.components[3].components]
    assert pay == list(good().pay_rule.__dataclass_fields__)
    assert [part.name for part in terms.components] == ["probation", "rules", "currency", "payRule"]
    assert [part.name for part in roles.components] == [
        "role",
        "rate",
        "floor",
        "step",
        "maxChangeBps",
    ]


# In words


@pytest.mark.parametrize("name", PRESETS)
def test_rules_are_told_in_whole_sentences(name: str) -> None:
    terms = good(bylaws.preset_text(name))
    for rule in terms.rules:
        said = bylaws_text.sentences(rule)
        assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in said)
        assert "_" not in "".join(said)
    assert len(bylaws_text.pay_sentences(terms.pay_rule)) >= 5


def test_the_words_say_the_numbers() -> None:
    said = " ".join(bylaws_text.sentences(good().by_class()[DecisionClass.REMOVAL]))
    for part in ("21 days", "at least 3/4", "50 %", "15 days", "person concerned has no vote"):
        assert part in said


# Commands


def test_a_good_file_is_found_good(desk: Desk) -> None:  # noqa: F811
    path = desk.file("bylaws.toml", UK)
    said = desk.run("bylaws", "lint", path, "--json")
    assert said.code == 0
    assert (said.data["ok"], said.data["roll"], said.data["problems"]) == (True, 3, [])


def test_a_good_file_is_told_in_plain_words_with_who_sees_to_each_clause(
    desk: Desk,  # noqa: F811
) -> None:
    source = bylaws.preset_text("es-trabajo-asociado")
    path = desk.file("bylaws.toml", source)
    said = desk.run("bylaws", "lint", path)
    assert said.code == 0
    for sentence in bylaws_text.sentences(good(source).by_class()[DecisionClass.REMOVAL]):
        assert sentence in said.out
    _, unsupported = said.out.split("What cannot be done with these contracts")
    assert "LC art. 25.3: votes are secret" in unsupported
    clauses = desk.run("bylaws", "lint", path, "--json").data["clauses"]
    assert {each["kept"] for each in clauses} == {"on chain", "on paper", "unsupported"}


def test_a_clause_that_nobody_can_be_said_to_keep_is_a_fault() -> None:
    clause = '[[clause]]\narticle = "Art. 1"\ndemands = "a vote"\nkept = "perhaps"\nhow = "so"\n'
    assert faults(UK + clause)["clause 11.kept"].startswith("must be one of: on chain")


def test_a_bad_file_ends_with_eleven_and_names_every_key(desk: Desk) -> None:  # noqa: F811
    source = changed("removal", {"notice": '"0"', "quorum_members": "9"})
    said = desk.run("bylaws", "lint", desk.file("b.toml", source), "--roll", 5, "--json")
    assert said.code == 11
    keys = [problem["key"] for problem in said.error["details"]["problems"]]
    assert keys[0] == "removal.notice"
    source = changed("removal", {"notice": '"21 days"', "quorum_members": "9"})
    said = desk.run("bylaws", "lint", desk.file("b.toml", source), "--roll", 5)
    assert "removal.quorum_members" in said.err


def test_advice_does_not_fail_a_file(desk: Desk) -> None:  # noqa: F811
    source = changed("bylaws", {"threshold": '"more than 1/2"'})
    said = desk.run("bylaws", "lint", desk.file("b.toml", source))
    assert said.code == 0
    assert "Think about bylaws.threshold" in said.out


def test_a_file_is_checked_for_the_present_roll_of_the_co_op(
    desk: Desk,  # noqa: F811
    chain: Devnet,
) -> None:
    desk.dev_key()
    fourth = ("--founder", "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65")
    assert desk.found(chain.url, "pioneers", *fourth).code == 0
    assert desk.run("index", "sync").code == 0
    source = changed("removal", {"quorum_members": "5"})
    said = desk.run("bylaws", "lint", desk.file("b.toml", source), "--present")
    assert said.code == 11
    assert "with 4 nothing of this class can pass" in said.err
    assert desk.run("bylaws", "lint", "b.toml", "--present", "--roll", 9).code == 2


def test_a_missing_file_is_not_found(desk: Desk) -> None:  # noqa: F811
    assert desk.run("bylaws", "lint", "none.toml").code == 3
