"""Runs mutants of contracts/ against the forge suite, in copies, and gates on the score.

Of each file in mutation_copy.SUITES as many as the sample says, chosen by the seed.
A mutant counts as killed when a test fails or none ends in time; as stillborn, and not at all, when
it does not compile. Red: a score under the floor, a survivor without a reason in
scripts/mutants-explained.toml, a reason for a line that is gone, a suite that runs no test.
"""

import argparse
import json
import queue
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from scripts import summary
from scripts.mutant_values import (
    Explanation,
    Mutant,
    explanations,
    in_order,
    outdated,
    worth_running,
)
from scripts.mutation_copy import SUITES, Copy, Verdict
from scripts.solidity import ROOT, closure, fingerprint, standard_input

EXPLAINED = ROOT / "scripts" / "mutants-explained.toml"
PYTHON = ROOT / "build" / "toolbox" / "slither" / "bin" / "python"
INPUT = summary.FOLDER / "mutants-input.json"
LIST = summary.FOLDER / "mutants-list.json"
SURVIVORS = summary.FOLDER / "survivors.toml"
FLOOR = 90.0
SAMPLE = 12
SEED = 1
OUTPUTS = ["abi", "metadata", "devdoc", "userdoc", "evm.bytecode", "evm.deployedBytecode"]


@dataclass(frozen=True)
class Score:
    """What came of the mutants that compiled."""

    killed: int
    survivors: tuple[Mutant, ...]
    stillborn: int

    @property
    def total(self) -> int:
        """Mutants that count."""
        return self.killed + len(self.survivors)

    @property
    def percent(self) -> float:
        """Killed in a hundred; nothing run is no score."""
        return 100 * self.killed / self.total if self.total else 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the mutants, run as many as asked for, print the figures, return the exit code."""
    chosen = _options(arguments)
    only = tuple(chosen.only.split(","))
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in sorted((ROOT / "contracts").glob("**/*.sol"))
    }
    explained = explanations(tomllib.loads(EXPLAINED.read_text(encoding="utf-8")))
    mutants = [
        mutant
        for mutant in in_order(_candidates(), sources, chosen.seed)
        if mutant.file.endswith(only) and worth_running(mutant, sources[mutant.file])
    ]
    of_file = {
        file: [mutant for mutant in mutants if mutant.file == file]
        for file in SUITES
        if file.endswith(only)
    }
    wanted = len(mutants) if chosen.all else chosen.sample
    scores = run(of_file, sources, wanted, chosen.copies)

    score = together(scores.values())
    faults = judge(score, explained, sources)
    for file, part in sorted(scores.items()):
        print(f"{part.percent:5.1f} % of {part.total:3} of {len(of_file[file]):4}  {file}")
    _report(score, faults, chosen.seed, sum(map(len, of_file.values())), sources)
    return 1 if faults else 0


def run(
    mutants: Mapping[str, Sequence[Mutant]], sources: Mapping[str, bytes], wanted: int, copies: int
) -> dict[str, Score]:
    """Run the mutants of each file until `wanted` of them compiled, several copies side by side.

    A file stays in one copy, so that forge compiles anew only what hangs on it.
    """
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for file in mutants:
        waiting.put(file)
    scores: dict[str, Score] = {}

    def work(number: int) -> None:
        copy = Copy(ROOT / "build" / "mutants" / str(number))
        copy.prepare()
        for file in _taken(waiting):
            scores[file] = _run_file(copy, mutants[file], sources[file], wanted)

    with ThreadPoolExecutor(max_workers=copies) as pool:
        for done in [pool.submit(work, number) for number in range(copies)]:
            done.result()
    return scores


def _run_file(copy: Copy, mutants: Sequence[Mutant], source: bytes, wanted: int) -> Score:
    verdicts: dict[Mutant, Verdict] = {}
    counting = 0
    for mutant in mutants:
        if counting == wanted:
            break
        verdicts[mutant] = copy.judge(mutant, source)
        if verdicts[mutant] is not Verdict.STILLBORN:
            counting += 1
            _tell(mutant, verdicts[mutant], source, f"{counting}/{min(wanted, len(mutants))}")
    kinds = list(verdicts.values())
    return Score(
        killed=kinds.count(Verdict.KILLED),
        survivors=tuple(sorted(m for m, v in verdicts.items() if v is Verdict.SURVIVED)),
        stillborn=kinds.count(Verdict.STILLBORN),
    )


def together(scores: Iterable[Score]) -> Score:
    """Add the scores of several files up."""
    parts = list(scores)
    return Score(
        killed=sum(part.killed for part in parts),
        survivors=tuple(sorted(mutant for part in parts for mutant in part.survivors)),
        stillborn=sum(part.stillborn for part in parts),
    )


def judge(
    score: Score, explained: frozenset[Explanation], sources: Mapping[str, bytes]
) -> list[str]:
    """Return every fault as a sentence; none means green."""
    faults = [
        f"survived, and nobody has said why: {survivor.file}\n  - {before}\n  + {after}"
        for survivor in score.survivors
        for before, after in [survivor.change(sources[survivor.file])]
        if Explanation(survivor.file, before, after) not in explained
    ]
    faults += [
        f"explained, but the line is gone: {entry.file}: {entry.before}"
        for entry in outdated(sorted(explained, key=str), sources)
    ]
    if score.total == 0:
        faults.append("no mutant was run")
    elif score.percent < FLOOR:
        faults.append(f"the score is {score.percent:.1f} %, under {FLOOR:.0f} %")
    return faults


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/mutate", description=__doc__)
    parser.add_argument(
        "--sample", type=int, default=SAMPLE, help="mutants of each file that compile"
    )
    parser.add_argument("--seed", type=int, default=SEED, help="which ones come first")
    parser.add_argument("--all", action="store_true", help="every mutant; takes hours")
    parser.add_argument(
        "--only", default="", help="how the names of the files end, with commas between"
    )
    parser.add_argument("--copies", type=int, default=2, help="copies side by side")
    return parser.parse_args(arguments)


def _candidates() -> Iterator[Mutant]:
    """All mutants; made anew, which takes a minute, only when a source or a setting has changed."""
    units = closure(sorted((ROOT / "contracts").glob("**/*.sol")))
    stamp, current = LIST.with_suffix(".sha256"), fingerprint(units)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != current:
        request = standard_input(units, OUTPUTS)
        # The mutants hang on the sources alone, and without IR they are listed in half the time.
        request["settings"] |= {"viaIR": False}
        _list_anew(request)
        stamp.write_text(current, encoding="utf-8")
    for operator, file, start, end, text in json.loads(LIST.read_text(encoding="utf-8")):
        yield Mutant(file=file, start=start, end=end, text=text, operator=operator)


def _list_anew(request: Mapping[str, object]) -> None:
    summary.FOLDER.mkdir(parents=True, exist_ok=True)
    INPUT.write_text(json.dumps(request), encoding="utf-8")
    LIST.unlink(missing_ok=True)
    command = [str(PYTHON), "scripts/mutants.py", str(INPUT), "scripts/solc", str(LIST)]
    subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)


def _taken(waiting: "queue.SimpleQueue[str]") -> Iterator[str]:
    while True:
        try:
            yield waiting.get_nowait()
        except queue.Empty:
            return


def _tell(mutant: Mutant, verdict: Verdict, source: bytes, place: str) -> None:
    before, after = mutant.change(source)
    mark = "" if verdict is Verdict.KILLED else f"\n  - {before}\n  + {after}"
    print(f"{place} {verdict.value}: {mutant.operator} {mutant.file}{mark}", flush=True)


def _report(
    score: Score,
    faults: Sequence[str],
    seed: int,
    candidates: int,
    sources: Mapping[str, bytes],
) -> None:
    _write_survivors(SURVIVORS, score, sources)
    for fault in faults:
        print(fault, file=sys.stderr)
    figures = {
        "candidates": candidates,
        "total": score.total,
        "killed": score.killed,
        "survivors": len(score.survivors),
        "stillborn": score.stillborn,
        "score": round(score.percent, 1),
        "floor": FLOOR,
        "seed": seed,
        "faults": len(faults),
    }
    summary.write("mutation", figures)
    print(
        f"mutation: {score.total} mutants of {candidates}, {score.killed} killed, "
        f"{len(score.survivors)} survivors, {score.stillborn} stillborn, "
        f"score {score.percent:.1f} %, seed {seed}"
    )


def _write_survivors(path: Path, score: Score, sources: Mapping[str, bytes]) -> None:
    """The form that scripts/mutants-explained.toml wants, with the reason left to be given."""
    entries = []
    for survivor in score.survivors:
        before, after = survivor.change(sources[survivor.file])
        rows = [("file", survivor.file), ("before", before), ("after", after), ("why", "")]
        entries.append(
            "[[survivor]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in rows)
        )
    path.write_text("\n".join(entries), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
