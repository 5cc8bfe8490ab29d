"""Lists the mutants of contracts/ as JSON, made by the operators of slither-mutate.

    build/toolbox/slither/bin/python scripts/mutants.py INPUT SOLC OUTPUT

slither-mutate itself is no use here: it works in the sources, leaves a mutant there when it is
stopped, and exits 0 whatever survives. So its operators make the mutants, and scripts/mutation.py
runs them. Left out: FHR and SBR, which change visibility and types rather than behaviour.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from slither import Slither
from slither.tools.mutator.mutators import all_mutators

WITHOUT = {"FHR", "SBR", "AbstractMutator"}


def main(standard_input: str, solc: str, output: str) -> None:
    """Write a list of [operator, file, start, end, replacement]; places are bytes."""
    slither = Slither(standard_input, compile_force_framework="solc-json", solc=solc)
    found = sorted({tuple(mutant) for mutant in _mutants(slither)})
    Path(output).write_text(json.dumps(found), encoding="utf-8")


def _mutants(slither: Any) -> Iterable[tuple[str, str, int, int, str]]:
    operators: list[Any] = [
        operator
        for name, operator in vars(all_mutators).items()
        if isinstance(operator, type) and name not in WITHOUT
    ]
    for unit in slither.compilation_units:
        for contract in unit.contracts:
            place = contract.source_mapping.filename.relative
            if not place.startswith("contracts/") or contract.is_interface:
                continue
            for operator in operators:
                mutator = operator(unit, 0, "", "", contract, None, False, Path(), [])
                text = slither.source_code[mutator.in_file]
                for patch in _patches(mutator):
                    span = _span(patch, text)
                    if span:
                        yield (operator.NAME, place, *span, patch["new_string"])


def _span(patch: Mapping[str, Any], text: str) -> tuple[int, int] | None:
    """Where the replacement belongs: some operators rewrite a statement and name a part of it."""
    source, statement = text.encode(), patch["old_string"].encode()
    start, end = patch["start"], patch["end"]
    if source[start:end] == statement:
        return start, end
    # They split it at the operator, and lose what follows the operator's second occurrence.
    before = statement.find(source[start:end])
    if before < 0 or abs(len(patch["new_string"].encode()) - len(statement)) > 1:
        return None
    start -= before
    end = start + len(statement)
    return (start, end) if source[start:end] == statement else None


def _patches(mutator: Any) -> Iterable[dict[str, Any]]:
    try:
        patches = mutator._mutate().get("patches", {})
    except (IndexError, AttributeError) as fault:
        # Some operators split text where slither's own tree has a node; the others go on.
        print(f"{mutator.NAME} gave up on {mutator.contract.name}: {fault}", file=sys.stderr)
        return
    for found in patches.values():
        yield from found


if __name__ == "__main__":
    main(*sys.argv[1:])
