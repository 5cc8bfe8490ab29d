"""A co-op's records outlive its suppliers: what the mirror has seen stays readable."""

import pytest

from tests.flow.shells import Shell


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A member's machine after a season whose chain no longer runs."""
    home = tmp_path_factory.mktemp("away")
    ran = Shell(home).coop("demo", "--fast", "--quiet")
    assert ran.returncode == 0, ran.stderr
    return Shell(home / "demo")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("status", "A summer party"),
        ("member list", "0x273cD2209495F285086D299d67825587F3df3A88"),
        ("member show 2", "2"),
        ("proposal list", "Expel jon"),
        ("proposal show 8", "The lender agreed to half the price."),
        ("proposal show 14", "Expel member 10."),
        ("pay show", "coordinator"),
        ("pay show 1", "courier"),
        ("pay history cook", "1440"),
        ("bylaws show", "75 % of the roll"),
        ("index status", "proved complete"),
        ("index check", "all is well"),
    ],
)
def test_reading_goes_on_without_the_chain_and_says_so(
    shell: Shell, words: str, shown: str
) -> None:
    ran = shell.coop(*words.split())

    assert ran.returncode == 0, ran.stderr
    assert shown in ran.stdout
    assert "does not answer" in ran.stderr or words == "index check"


def test_voting_without_the_chain_sends_nothing_and_says_so(shell: Shell) -> None:
    ran = shell.coop("vote", "16", "for", "--yes", "--password-file", "password")

    assert ran.returncode == 7
    assert "Your vote was not sent." in ran.stderr
