"""What was sent to found a co-op, kept beside the instance files until the instance is there.

The file (COOP_HOME/instances/NAME.founding) is written before each transaction is handed over and
after each that a block holds, whole or not at all. So a founding that ends anywhere goes on where
it stood: a signed transaction is handed over again as it is, never signed anew while it could
still be taken.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import tomli_w

from node.errors import ConfigurationProblem, UsageProblem
from node.files import read_toml, write_private
from node.founding.plan import Plan


@dataclass(frozen=True)
class Attempt:
    """One signed transaction of a step; `max_fee` and `tip` in wei a gas."""

    step: str
    tx: str
    raw: str
    account: str
    nonce: int
    max_fee: int
    tip: int
    block: int = -1
    """The block that holds it; -1 as long as none is known to."""


@dataclass(frozen=True)
class Journal:
    """One founding under way."""

    path: Path
    chain_id: int
    terms: str
    """The plan's digest."""
    factory: str
    first_block: int
    """The newest block when it began: everything of it is behind."""
    attempts: tuple[Attempt, ...] = ()

    def of(self, step: str) -> list[Attempt]:
        """Return what was signed for a step, the newest last."""
        return [each for each in self.attempts if each.step == step]

    def adding(self, attempt: Attempt) -> "Journal":
        """Keep a transaction that is about to be handed over."""
        return self._kept([*self.attempts, attempt])

    def confirming(self, tx: str, block: int) -> "Journal":
        """Keep which block holds a transaction."""
        return self._kept(
            replace(each, block=block) if each.tx == tx else each for each in self.attempts
        )

    def dropping(self, tx: str) -> "Journal":
        """Forget a transaction that can no longer be taken."""
        return self._kept(each for each in self.attempts if each.tx != tx)

    def end(self) -> None:
        """Take the file away: the instance file says everything now."""
        self.path.unlink(missing_ok=True)

    def _kept(self, attempts: Iterable[Attempt]) -> "Journal":
        changed = replace(self, attempts=tuple(attempts))
        changed.write()
        return changed

    def write(self) -> None:
        """Write the file, whole or not at all."""
        values = {
            "chain_id": self.chain_id,
            "terms": self.terms,
            "factory": self.factory,
            "first_block": self.first_block,
            "attempt": [asdict(each) for each in self.attempts],
        }
        write_private(self.path, tomli_w.dumps(values))


def begun(folder: Path, plan: Plan, chain_id: int, factory: str) -> Journal | None:
    """Return the founding that is under way by that name; None if nothing of one was sent.

    One of other terms, or on another chain, is refused: it would be left half way.
    """
    path = folder / f"{plan.name}.founding"
    if not path.exists():
        return None
    found = _read(path)
    if not found.attempts:
        return None
    asked = (("chain", found.chain_id, chain_id), ("terms", found.terms, plan.digest))
    for what, kept, wanted in (*asked, ("factory", found.factory, factory)):
        if kept != wanted:
            raise UsageProblem(
                f"A founding of {plan.name} is under way with another {what}.",
                undone="Nothing was sent.",
                hint=f"Give the same options as then; or choose another name; or give it up by "
                f"deleting {path} (what was sent stays on the chain).",
                details={"kept": kept, "given": wanted},
            )
    return found


def begin(folder: Path, plan: Plan, chain_id: int, factory: str, block: int) -> Journal:
    """Keep that a founding begins, before anything of it is sent."""
    journal = Journal(folder / f"{plan.name}.founding", chain_id, plan.digest, factory, block)
    journal.write()
    return journal


def _read(path: Path) -> Journal:
    values = read_toml(path)
    try:
        attempts = tuple(Attempt(**each) for each in values.pop("attempt"))
        return Journal(path, attempts=attempts, **values)
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationProblem(
            f"{path} is no record of a founding: {error}.",
            undone="Nothing was sent.",
            hint="If nothing of it can be saved, delete it and begin again: what stands on the "
            "chain is found there.",
        ) from error
