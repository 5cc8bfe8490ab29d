"""The model and the chain side by side: each receives the same calls, and they must agree."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from tests.model.bench import Bench, Mined
from tests.model.coop import CoopModel
from tests.model.expectations import expectations
from tests.model.words import Call, Event, Refused, log_text, refusal_text


class Play:
    """A course of calls. `done` counts (function, how it ended); `compared` the views read."""

    def __init__(self, bench: Bench, model: CoopModel, accounts: tuple[str, ...]) -> None:
        self.bench, self.model, self.accounts = bench, model, accounts
        self.done: Counter[tuple[str, str]] = Counter()
        self.logged: Counter[str] = Counter()
        self.compared = 0
        self.trail: list[str] = []

    def block(self, acts: Sequence[tuple[str, Call]]) -> None:
        """Sends calls to both, in this order in the block that has begun in the model, and
        compares everything."""
        said: list[tuple[Refused | None, list[Event]]] = []
        for sender, call in acts:
            self.trail.append(
                f"at {self.model.world.now} {sender[:8]} {call.function}{_short(call.args)}"
            )
            self.model, refusal = self.model.after(sender, call)
            said.append((refusal, list(self.model.world.events)))
            self.done[call.function, refusal.name if refusal else "accepted"] += 1
        mined = self.bench.mine(acts, self.model.world.now)
        for (refusal, events), found in zip(said, mined, strict=True):
            if found.refusal != (refusal.data if refusal else None):
                told = "accepted" if found.refusal is None else refusal_text(found.refusal)
                self._fail(f"the model says {refusal or 'accepted'}\nthe chain says {told}")
            self.logged.update(event.name for event in events)
            self._compare_logs(events, found)
        self.model.world.events[:] = [event for _, events in said for event in events]
        self.compare()

    def compare(self) -> None:
        """Asks the chain everything that the model knows."""
        expected = list(expectations(self.model, self.accounts))
        answers = self.bench.ask([call for call, _ in expected], self.model.world.block)
        self.compared += len(answers)
        for (call, wanted), found in zip(expected, answers, strict=True):
            if wanted != found:
                told = (_answer(call, wanted), _answer(call, found))
                self._fail(f"{call.function}{call.args}\nmodel {told[0]}\nchain {told[1]}")

    def _compare_logs(self, events: Sequence[Event], mined: Mined) -> None:
        """The chronicle would tell too, but not in words."""
        contracts = {address.lower(): name for name, address in self.bench.addresses.items()}
        found = [(contracts[address], topics, data) for address, topics, data in mined.logs]
        wanted = [(event.contract, *event.encoded()) for event in events]
        if found != wanted:
            told = [log_text(*log) for log in wanted], [log_text(*log) for log in found]
            self._fail("logs\nmodel {}\nchain {}".format(*told))

    def _fail(self, what: str) -> None:
        trail = "\n".join(self.trail[-12:])
        pytest.fail(f"Model and chain disagree after {len(self.trail)} acts: {what}\n{trail}")


def _answer(call: Call, answer: bytes) -> Any:
    return call.read(answer)


def _short(args: tuple[Any, ...]) -> str:
    text = ", ".join(part.hex()[:8] if isinstance(part, bytes) else str(part) for part in args)
    return f"({text[:300]})"
