"""Tables that wrap between words: rich's own way of making one fit breaks addresses and dates.

Imports rich, which takes a tenth of a second: import it where a table is printed.
"""

from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

_GAP = 2  # blanks between two columns


def grid(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, ruled: bool
) -> Table | None:
    """Return a table of so many cells' width; None if its longest words have no room in that.

    `ruled` draws a rule below the heads.
    """
    # 1. As wide as the longest line, at least as the longest word.
    texts = list(zip(columns, *rows, strict=True))
    widths = [max(cell_len(line) for text in each for line in text.split("\n")) for each in texts]
    least = [max(cell_len(word) for text in each for word in [*text.split(), ""]) for each in texts]
    room = width - _GAP * (len(columns) - 1)
    if sum(least) > room:
        return None
    # 2. The widest that can give way does.
    while sum(widths) > room:
        widest = max(range(len(widths)), key=lambda at: (widths[at] > least[at], widths[at]))
        widths[widest] -= 1
    table = Table(
        box=box.SIMPLE_HEAD if ruled else None,
        show_edge=False,
        pad_edge=False,
        padding=(0, _GAP - ruled, 0, 0),  # a rule is one blank more
    )
    for column, wide in zip(columns, widths, strict=True):
        table.add_column(column, width=wide)
    for row in rows:
        table.add_row(*map(Text, row))
    return table
