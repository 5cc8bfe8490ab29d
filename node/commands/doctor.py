"""`coop doctor`: finds what is wrong and says how to mend it."""

from typing import TYPE_CHECKING

import click

from node.context import Context
from node.options import leaf

if TYPE_CHECKING:
    from node import examination


@click.command()
@leaf("coop doctor")
def doctor(context: Context) -> None:
    """Find what is wrong with files, chain, clock and mirror, and say how to mend it."""
    from node import examination

    findings = examination.examine(context)

    def human() -> None:
        marks = {True: "ok", False: "FAULT", None: "–"}
        context.out.table(
            ["", "Checked", "Found"],
            [[marks[each.ok], each.check, _told(each)] for each in findings],
        )

    context.out.result("doctor", findings, human=human)
    faults = [each for each in findings if each.ok is False]
    if faults:
        raise examination.first_fault(faults)


def _told(finding: "examination.Finding") -> str:
    return f"{finding.found} {finding.mend}".strip()
