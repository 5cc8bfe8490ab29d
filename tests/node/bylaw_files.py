"""Bylaws to test with: the presets by name, and reading what must be good."""

from node import bylaws
from node.bylaws import Bylaws

PRESETS = ("ca-ab816", "consensus-minus-one", "es-trabajo-asociado", "uk-worker-coop")
UK = bylaws.preset_text("uk-worker-coop")


def good(source: str = UK) -> Bylaws:
    found, problems = bylaws.read(source)
    assert not problems
    assert found is not None
    return found
