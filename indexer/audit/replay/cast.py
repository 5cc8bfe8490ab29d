"""What the replay hands on of each ballot, for whoever checks who signed it."""

from typing import NamedTuple

from indexer.abi import ContractName


class Cast(NamedTuple):
    """One ballot as the chain told of it; accounts checksummed, `content` of what was voted on."""

    contract: ContractName
    """assembly: a ballot on a proposal; pay_rates: one in a pay vote."""
    poll: int
    """Number of the proposal or of the pay vote."""
    member_id: int
    sequence: int
    counted: bool
    """False: it was skipped, and of the rest only contract, poll, member and sequence are known."""
    account: str = ""
    epoch: int = 0
    content: bytes = b""
    said: int = 0
    """Number of the choice, or the rung of the ladder."""
    rate: int = 0
    """In a pay vote, in minor units per hour."""
    reason: str = ""
    """As it is read: see `indexer.abi.readable`."""
