"""Drafts of proposals, the texts that stay off the chain, and what a plan says before proposing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from pathlib import Path
from time import tzset
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node import drafts, proposals
from node.actions import Own, UnreadableAction, build
from node.content import hashed_description
from node.drafts import Draft, UnreadableDraft, from_markdown, from_toml, title_of
from node.errors import NotFound
from tests.node.test_actions import OWN
from tests.node.village import DAY, Village

ACTION = '[[actions]]\ndo = "set-probation"\nprobation = "30 days"\n'
BUILT = build("set-probation", OWN, {"probation": "30 days"})


# Drafts


def test_a_markdown_file_is_its_text() -> None:
    draft = from_markdown("\n# Buy a bicycle\n\nFor the couriers.\n", OWN)

    assert draft == Draft("# Buy a bicycle\n\nFor the couriers.")
    assert draft.title == "Buy a bicycle"


def test_actions_may_stand_before_the_text_in_markdown() -> None:
    draft = from_markdown(f"+++\n{ACTION}+++\n# Longer probation\n", OWN)

    assert draft == Draft("# Longer probation", (BUILT,))


def test_a_toml_file_has_title_text_actions_and_opening() -> None:
    source = 'title = "Longer probation"\ntext = """\nWhy."""\nopens_at = 2030-01-01T00:00:00Z\n'

    draft = from_toml(source + ACTION, OWN)

    assert draft == Draft("# Longer probation\n\nWhy.", (BUILT,), 1_893_456_000)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Buy a bicycle", "Buy a bicycle"),
        ("\n\n##  Buy a bicycle \nmore", "Buy a bicycle"),
        ("#\n\nAfter an empty heading", "After an empty heading"),
        ("", ""),
    ],
)
def test_the_title_is_the_first_line_that_says_something(text: str, title: str) -> None:
    assert title_of(text) == title


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("", "lacks a title"),
        ("title = 3", "lacks a title"),
        ('title = "a\\nb"', "lacks a title"),
        ('title = "x"\ntext = 3', "must be a text"),
        ('title = "x"\nauthor = "me"', "key 'author'"),
        ('title = "x"\nactions = "all"', "[[actions]]"),
        ('title = "x"\n[[actions]]\nmember = 3', "lacks its name"),
        ('title = "x"\nopens_at = "soon"', "no moment"),
        ('title = "x"\nopens_at = 2030-01-01T00:00:00', "time zone"),
        ('title = "x', "not valid TOML"),
        (f'title = "x"\ntext = "{"y" * 20_001}"', "at most 20000"),
    ],
)
def test_a_toml_draft_that_cannot_be_understood_is_refused_with_its_fault(
    source: str, complaint: str
) -> None:
    with pytest.raises(UnreadableDraft) as raised:
        from_toml(source, OWN)
    assert complaint in raised.value.message


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("", "says nothing"),
        ("#\n##\n", "says nothing"),
        ("+++\n# never ended", "no line of"),
        ('+++\ntitle = "x"\n+++\n# x', "key 'title'"),
        ("+++\nnonsense\n+++\n# x", "not valid TOML"),
    ],
)
def test_a_markdown_draft_that_cannot_be_understood_is_refused_with_its_fault(
    source: str, complaint: str
) -> None:
    with pytest.raises(UnreadableDraft) as raised:
        from_markdown(source, OWN)
    assert complaint in raised.value.message


def test_a_wrong_action_of_a_draft_is_named() -> None:
    with pytest.raises(UnreadableAction, match="probation must be a time"):
        from_toml('title = "x"\n[[actions]]\ndo = "set-probation"\nprobation = "long"', OWN)


def test_the_kind_of_a_draft_follows_from_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('title = "T"')
    (tmp_path / "a.md").write_text('title = "T"')

    assert drafts.read(tmp_path / "a.toml", OWN).text == "# T"
    assert drafts.read(tmp_path / "a.md", OWN).text == 'title = "T"'


def test_a_missing_or_binary_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "picture.md").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(NotFound):
        drafts.read(tmp_path / "none.md", OWN)
    with pytest.raises(UnreadableDraft, match="cannot be read"):
        drafts.read(tmp_path / "picture.md", OWN)


# Texts off the chain


def test_a_kept_text_is_found_by_its_hash_and_readable_by_the_owner_only(tmp_path: Path) -> None:
    path = proposals.keep_text(tmp_path / "texts", "Über Eve.\r\n")

    assert path.stat().st_mode & 0o777 == 0o600
    assert proposals.kept_text(tmp_path / "texts", hashed_description("Über Eve.\r\n")) == (
        "Über Eve.\r\n"
    )


def test_a_kept_text_that_was_changed_is_not_believed(tmp_path: Path) -> None:
    description = hashed_description("About Eve.")
    proposals.keep_text(tmp_path, "About Eve.").write_text("About Dan.")

    assert proposals.kept_text(tmp_path, description) is None
    assert proposals.kept_text(tmp_path, hashed_description("unknown")) is None


# Plans


def test_a_plan_says_class_sentences_and_times(village: Village) -> None:
    action = build("set-probation", village.own, {"probation": "30 days"})
    now = village.chain.head().timestamp

    plan = proposals.plan(village.chain, village.instance, village.own, Draft("# x", (action,)))

    assert plan.decision_class == "bylaws"
    assert plan.sentences == ("Set the probation of candidates to 30 days.",)
    assert plan.closes_at - plan.opens_at == 4 * DAY
    assert now + 2 * DAY < plan.opens_at
    assert (plan.description, plan.warnings) == ("# x", ())


@given(
    now=st.integers(1_700_000_000, 2_000_000_000),
    days=st.integers(1, 60),
    zone=st.sampled_from(["UTC", "Europe/London", "America/Los_Angeles", "Pacific/Auckland"]),
)
def test_a_notice_of_days_is_proposed_in_clear_days_of_the_place(
    now: int, days: int, zone: str
) -> None:
    with local_zone(zone):
        opens_at = proposals.earliest(now, days * DAY)
    opening = datetime.fromtimestamp(opens_at, ZoneInfo(zone))
    called = datetime.fromtimestamp(now, ZoneInfo(zone))
    assert opening.time() == time()
    assert opens_at >= now + days * DAY
    between = (opening.date() - called.date()).days - 1
    assert between in (days, days + 1)  # one more when the last day would end within minutes


def test_a_notice_of_hours_ends_on_a_full_five_minutes() -> None:
    now = 1_700_000_123
    opens_at = proposals.earliest(now, 3_600)
    assert opens_at % 300 == 0
    assert 3_600 <= opens_at - now < 3_600 + 600


@contextmanager
def local_zone(name: str) -> Iterator[None]:
    """A machine that stands in another time zone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", name)
        tzset()
        yield
    tzset()


def test_a_plan_about_a_person_puts_only_a_hash_on_the_chain(village: Village) -> None:
    expel = build("expel", village.own, {"member": 5})

    plan = proposals.plan(village.chain, village.instance, village.own, Draft("Eve", (expel,)))

    assert plan.description == hashed_description("Eve")


@pytest.mark.parametrize(
    ("name", "fields", "warning"),
    [
        ("admit", {"account": OWN.membership}, "has not applied"),
        ("expel", {"member": 99}, "There is no member 99"),
        ("reinstate", {"member": 5}, "Member 5 is active"),
        ("retire-role", {"role": "pilot"}, "There is no role pilot"),
        ("suspend", {"member": 5, "days": 61}, "suspension of 61 days"),
    ],
)
def test_a_plan_warns_of_what_would_fail_now(
    village: Village, name: str, fields: dict[str, object], warning: str
) -> None:
    action = build(name, village.own, fields)

    plan = proposals.plan(village.chain, village.instance, village.own, Draft("x", (action,)))

    assert len(plan.warnings) == 1
    assert warning in plan.warnings[0]


def test_a_rule_under_which_nobody_could_pass_anything_is_warned_of(village: Village) -> None:
    rule = {
        "notice": "2 days",
        "voting_period": "4 days",
        "execution_delay": "1 day",
        "grace": "10 days",
        "quorum_members": 500,
        "quorum": "50 %",
        "threshold": "more than 1/2",
        "basis": "cast",
    }
    action = build("set-rule", village.own, {"class": "ordinary", "rule": rule})

    plan = proposals.plan(village.chain, village.instance, village.own, Draft("x", (action,)))

    assert "no proposal of class ordinary could pass with 5 members" in plan.warnings[0]


def test_targets_whose_code_changed_since_are_named(village: Village) -> None:
    shop = village.key("gus").address
    parts = village.propose(acts=[build("call", village.own, {"target": shop, "value": 1})])
    assert proposals.changed_since(village.chain, parts) == ()

    village.coop.chain.rpc("anvil_setCode", shop, "0x6001")

    assert proposals.changed_since(village.chain, parts) == (shop,)


def test_own_contracts_are_those_of_the_instance(village: Village) -> None:
    instance = village.instance

    assert village.own == Own(
        instance.membership, instance.bylaws, instance.assembly, instance.pay_rates, "GBP"
    )
