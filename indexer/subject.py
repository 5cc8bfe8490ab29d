"""What a scan looks at, known before anything is asked of the chain."""

from typing import NamedTuple


class Subject(NamedTuple):
    """An instance; addresses checksummed, `title` the co-op's name, `tx` made it."""

    membership: str
    bylaws: str
    assembly: str
    pay_rates: str
    factory: str
    title: str
    tx: str
