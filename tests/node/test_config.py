"""Settings: precedence, origins, and what is refused."""

import itertools
from pathlib import Path

import pytest

from node import config
from node.config import Source, resolve
from node.errors import ConfigurationProblem, UsageProblem
from tests.node.desk import Desk, desk  # noqa: F401

STRONGEST_FIRST = ("flag", "COOP_RPC_URL", "./coop.toml", "user config", "instance file")


@pytest.mark.parametrize(
    "places",
    [
        places
        for count in range(1, len(STRONGEST_FIRST) + 1)
        for places in itertools.combinations(STRONGEST_FIRST, count)
    ],
)
def test_the_strongest_source_that_says_something_wins(
    places: tuple[str, ...], tmp_path: Path
) -> None:
    flags: dict[str, str | None] = {"instance": "weavers"}
    environment = {"COOP_HOME": str(tmp_path / "home")}
    folder = tmp_path / "work"
    (tmp_path / "home" / "instances").mkdir(parents=True)
    folder.mkdir()
    for place in places:
        url = f"http://{STRONGEST_FIRST.index(place)}"
        line = f'rpc = "{url}"\n'
        if place == "flag":
            flags["rpc"] = url
        elif place == "COOP_RPC_URL":
            environment[place] = url
        elif place == "./coop.toml":
            (folder / "coop.toml").write_text(line)
        elif place == "user config":
            (tmp_path / "home" / "config.toml").write_text(line)
        else:
            (tmp_path / "home" / "instances" / "weavers.toml").write_text(line)
    settings = config.read(flags, environment, folder)
    assert settings.rpc_url == f"http://{STRONGEST_FIRST.index(places[0])}"


def test_every_value_says_where_it_comes_from(desk: Desk) -> None:  # noqa: F811
    desk.file("coop.toml", 'finality = "safe"\n')
    shown = desk.run("config", "show", "--origin", "--json", "--rpc", "http://x").data
    assert shown["rpc"] == {"value": "http://x", "origin": "--rpc"}
    assert shown["finality"] == {"value": "safe", "origin": "./coop.toml"}
    assert shown["home"] == {"value": str(desk.home), "origin": "COOP_HOME"}
    assert shown["lang"] == {"value": "en", "origin": "default"}


def test_the_origin_is_shown_to_people_when_asked_for(desk: Desk) -> None:  # noqa: F811
    assert "COOP_HOME" in desk.run("config", "show", "--origin").out
    assert "COOP_HOME" not in desk.run("config", "show").out


def test_a_mistyped_setting_is_refused_with_the_right_name(desk: Desk) -> None:  # noqa: F811
    desk.file("coop.toml", 'finalty = "safe"\n')
    said = desk.run("config", "show", "--json")
    assert said.code == 11
    assert "finalty" in said.error["message"]
    assert "finality" in said.error["hint"]


def test_a_broken_file_is_refused_by_its_name(desk: Desk) -> None:  # noqa: F811
    path = desk.file("config.toml", "rpc = \n")
    said = desk.run("config", "show", "--json")
    assert said.code == 11
    assert str(path) in said.error["message"]


def test_a_setting_must_be_a_text(desk: Desk) -> None:  # noqa: F811
    desk.file("coop.toml", "rpc = 8545\n")
    assert desk.run("config", "show").code == 11


def test_a_finality_that_does_not_exist_is_refused_wherever_it_stands() -> None:
    with pytest.raises(ConfigurationProblem, match=r"final.*\./coop\.toml"):
        resolve(Path("/"), "default", [Source("./coop.toml", {"finality": "final"})])


def test_an_instance_name_cannot_lead_out_of_the_folder(desk: Desk) -> None:  # noqa: F811
    with pytest.raises(UsageProblem):
        config.read({"instance": "../../etc/passwd"}, {}, desk.home)


def test_no_password_is_ever_taken_from_flags_or_environment() -> None:
    assert not any("pass" in each or "secret" in each for each in config._ENVIRONMENT.values())
    assert not any("pass" in each or "secret" in each for each in config._DEFAULTS)


def test_the_database_and_further_nodes_come_from_the_environment(desk: Desk) -> None:  # noqa: F811
    environment = {
        "COOP_HOME": str(desk.home),
        "COOP_DATABASE_URL": "postgresql://coops@/coops",
        "COOP_RPC_URL": "http://one, http://two",
    }
    settings = config.read({}, environment, desk.home)
    assert settings.database.value == "postgresql://coops@/coops"
    assert settings.database.origin == "COOP_DATABASE_URL"
    assert (settings.rpc_url, settings.rpc_urls) == ("http://one", ("http://one", "http://two"))


def test_a_password_inside_a_database_address_is_not_shown(desk: Desk) -> None:  # noqa: F811
    desk.file("coop.toml", 'database = "postgresql://ada:sw%40n@db.example/coop"\n')
    said = desk.run("config", "show", "--json")
    assert said.data["database"]["value"] == "postgresql://ada:***@db.example/coop"
    assert "sw%40n" not in said.out + said.err + desk.run("config", "show").out


def test_a_language_that_does_not_exist_yet_is_said(desk: Desk) -> None:  # noqa: F811
    said = desk.run("config", "show", "--lang", "es")
    assert (said.code, said.err) == (0, "There are no texts in es yet; this is English.\n")
