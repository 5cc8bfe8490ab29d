"""What a transaction offers for its gas, and how the offer is raised."""

from typing import NamedTuple

GWEI = 10**9
CAP = 500 * GWEI
"""The most that is offered for a unit of gas unless somebody says otherwise."""


class Fees(NamedTuple):
    """Wei for a unit of gas: `tip` beyond the base fee, `most` altogether.

    On a chain without base fee both are the price.
    """

    tip: int
    most: int

    def raised(self, suggested: "Fees") -> "Fees":
        """At least an eighth more of both, which nodes ask of a replacement, or what is suggested.

        Source: geth's `txpool.pricebump` is 10 %, of others 12.5 %.
        """
        tip = max(_eighth_more(self.tip), suggested.tip)
        return Fees(tip, max(_eighth_more(self.most), suggested.most, tip))

    def within(self, cap: int) -> "Fees":
        """The same, never beyond the cap."""
        return Fees(min(self.tip, cap), min(self.most, cap))


def _eighth_more(value: int) -> int:
    return value + (value + 7) // 8
