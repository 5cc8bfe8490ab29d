"""Moments are read in the co-op's own time zone, wherever the member's machine is."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from node import zones
from node.devnet import Devnet
from node.errors import ConfigurationProblem
from node.output import day, when
from node.proposals import earliest
from tests.node.desk import FOUNDERS, Desk, desk  # noqa: F401
from tests.node.village import Village, factory, village  # noqa: F401

EASTER = 1_775_380_000  # 2026-04-05 09:06:40 UTC
KIRITIMATI = "Pacific/Kiritimati"  # a day ahead of everybody: UTC+14


def test_people_read_moments_in_the_zone_in_use_and_in_utc() -> None:
    with zones.using("Europe/Madrid"):
        assert when(EASTER) == "2026-04-05 11:06:40 CEST (09:06:40 UTC)"
    with zones.using(KIRITIMATI):
        assert when(EASTER + 3 * 3600) == "2026-04-06 02:06:40 +14 (2026-04-05 12:06:40 UTC)"
        assert day(EASTER + 3 * 3600) == "2026-04-06"


def test_a_vote_opens_at_the_beginning_of_a_day_in_the_zone_in_use() -> None:
    for name in ("Europe/London", KIRITIMATI, "America/Los_Angeles"):
        with zones.using(name):
            opens = datetime.fromtimestamp(earliest(EASTER, 14 * 86_400), ZoneInfo(name))
        assert (opens.hour, opens.minute, opens.second) == (0, 0, 0)


def test_a_zone_that_nobody_knows_is_refused_where_it_stands(
    desk: Desk,  # noqa: F811
) -> None:
    with pytest.raises(ConfigurationProblem, match="Atlantis"):
        zones.named("Atlantis/Capital")
    desk.file("config.toml", 'zone = "Atlantis/Capital"\n')
    said = desk.run("key", "list")
    assert (said.code, "Atlantis/Capital" in said.err) == (11, True)


def test_the_zone_that_a_co_op_was_founded_with_travels_with_its_invitation(
    desk: Desk,  # noqa: F811
    chain: Devnet,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    desk.dev_key()
    founders = ", ".join(f'"{each}"' for each in FOUNDERS)
    text = f'name = "pioneers"\npreset = "uk-worker-coop"\nfounders = [{founders}]\n'
    plan = desk.file("founding.toml", f'{text}zone = "{KIRITIMATI}"\n')
    key = ("--key", "dev", "--password-file", desk.home / "password", "--rpc", chain.url)
    made = desk.run("instance", "create", "--plan", plan, *key, "--json")
    assert made.data["zone"] == KIRITIMATI, made.err

    invitation = desk.home / "invitation.toml"
    assert desk.run("instance", "export", "pioneers", invitation).code == 0
    monkeypatch.setenv("COOP_HOME", str(tmp_path / "other"))
    taken = desk.run("instance", "import", invitation, "--rpc", chain.url, "--json")
    assert taken.data["zone"] == KIRITIMATI, taken.err


def test_every_command_reads_moments_in_the_co_op_s_zone(
    village: Village,  # noqa: F811
) -> None:
    number = village.opened("# Buy a bicycle").proposal_id
    assert "+14 (" not in village.ask("proposal", "show", number, json=False).stdout
    (village.home / "config.toml").write_text(f'zone = "{KIRITIMATI}"\n')
    assert "+14 (" in village.ask("proposal", "show", number, json=False).stdout
