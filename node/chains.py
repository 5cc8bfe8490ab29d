"""What is known of each chain before it is asked: its name, whether it is public, its habits."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Profile:
    """What is known of one chain beforehand."""

    chain_id: int
    name: str
    currency: str
    public: bool
    log_range: int
    """Blocks to ask for at once when looking for a log."""

    @property
    def title(self) -> str:
        """Name and number, for people."""
        return f"{self.name} (chain {self.chain_id})"


def profile(chain_id: int) -> Profile:
    """Return a chain's profile; one that is not listed counts as public, with cautious habits."""
    known = profiles().get(chain_id)
    return known or Profile(chain_id, "an unlisted chain", "ETH", public=True, log_range=1_000)


@cache
def profiles() -> Mapping[int, Profile]:
    """Return chain id -> profile of all listed chains."""
    text = (resources.files("node") / "chains.toml").read_text(encoding="utf-8")
    listed: Mapping[str, Mapping[str, Any]] = tomllib.loads(text)
    return {int(number): Profile(int(number), **values) for number, values in listed.items()}
