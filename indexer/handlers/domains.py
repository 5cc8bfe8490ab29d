"""EIP-712 domains, which our contracts declare by ERC-5267 and never change."""

from indexer.handlers.known import Known
from indexer.handlers.row import Row, row
from indexer.tables import DomainChange


def membership_domain_changed(_: Known) -> list[Row]:
    """The roll says that its domain changed."""
    return [row(DomainChange, contract="membership")]


def assembly_domain_changed(_: Known) -> list[Row]:
    """The Assembly says that its domain changed."""
    return [row(DomainChange, contract="assembly")]


def pay_rates_domain_changed(_: Known) -> list[Row]:
    """The pay rates' contract says that its domain changed."""
    return [row(DomainChange, contract="pay_rates")]
