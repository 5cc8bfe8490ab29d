"""All measurements in their order, history by history."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from indexer.identity import Identity
from scripts.mirror_bench import answers, audits, figures, live, peers
from scripts.mirror_bench.figures import Row, Run
from scripts.mirror_bench.histories import kept, served
from scripts.mirror_bench.runs import RunFailed, measure

PARTS = ("dense", "sparse", "live", "queries", "audit")
"""What a run may be confined to; the queries need the dense part."""


@dataclass(frozen=True)
class Asked:
    """What the command line asks for; `folder` takes the databases."""

    folder: Path
    times: int = 3
    million: bool = False
    peers: bool = False
    postgres: str | None = None
    parts: tuple[str, ...] = PARTS
    history: str = "large"


@dataclass
class _Course:
    """The measurements of one history while anvil serves it."""

    asked: Asked
    name: str
    url: str
    identity: Identity
    runs: dict[str, Run] = field(default_factory=dict)

    def run(self, kind: str, location: str | None = None) -> Run:
        """Measure so many times as asked for; the run of median speed.

        RunFailed unless each got all events of the history, where it reads events.
        """
        found, expected = [], 0 if kind == "headers" else kept(self.name).events
        for number in range(self.asked.times):
            place = location or str(self.asked.folder / f"{self.name}-{kind}-{number}.db")
            found.append(measure(kind, self.url, self.identity, place))
            if found[-1].events != expected:
                raise RunFailed(f"{kind}: {found[-1].events:,} of {expected:,} events")
        return figures.middle(found)

    @property
    def mirror(self) -> str:
        """The file of our first run."""
        return str(self.asked.folder / f"{self.name}-ours-0.db")


def rows(asked: Asked) -> Iterator[Row]:
    """Measure and give the rows of the table."""
    if "dense" in asked.parts:
        yield from _dense(asked)
    if "sparse" in asked.parts:
        with served("sparse") as (url, identity):
            course = _Course(asked, "sparse", url, identity)
            try:
                ours = course.run("every-header")
            except RunFailed as error:
                yield Row(figures.SPARSE, f"not measured: {str(error).splitlines()[-1]}")
            else:
                yield figures.pace(figures.SPARSE, ours, course.run("naive"), "naive")
                alone = course.run("headers")
                yield figures.pace(figures.SPARSE_DOWNLOAD, ours, alone, "headers alone")
    if "live" in asked.parts:
        with served("small") as (url, identity):
            yield from figures.delays(live.delays(url, identity, asked.folder / "live.db"))
    if "audit" in asked.parts:
        yield from audits.rows(asked.folder, asked.times, asked.history)


def _dense(asked: Asked) -> Iterator[Row]:
    with served("small") as (url, identity):
        small = _Course(asked, "small", url, identity).run("ours")
    with served("large") as (url, identity):
        course = _Course(asked, "large", url, identity)
        large = course.run("ours")
        yield figures.speed(figures.NAIVE, large, course.run("naive"), "naive")
        if asked.peers:
            yield from peers.rows(url, identity, kept("large"), large, asked.times)
        yield figures.speed(figures.DOWNLOAD, large, course.run("download"), "download")
        yield figures.cost(figures.COST, small, large)
        if asked.postgres:
            postgres = course.run("ours", asked.postgres)
            yield figures.speed(figures.POSTGRES, postgres, large, "SQLite")
        if not asked.million:
            yield Row(figures.MEMORY, f"{large.events:,} events", large.megabytes)
            if "queries" in asked.parts:
                yield from answers.ask_all(identity, course.mirror, f"{large.events:,} events")
            return
    with served("million") as (url, identity):
        course = _Course(asked, "million", url, identity)
        million = course.run("ours")
        yield figures.cost(figures.COST_MILLION, small, million)
        yield figures.growth(large, million)
        yield Row(figures.MEMORY, f"{million.events:,} events", million.megabytes)
        if "queries" in asked.parts:
            yield from answers.ask_all(identity, course.mirror, f"{million.events:,} events")
