"""What a proposal does when executed: raw, as `execute` wants it, and decoded for reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from indexer.abi import CONTRACTS, ContractName, decode_call
from indexer.queries.as_of import AsOf
from indexer.queries.facts import facts
from indexer.tables import FrozenCode, Mirror, ProposalAction


@dataclass(frozen=True)
class ActionInfo:
    """One action; `value` is wei as decimal text, `calldata` and `code_hash` are 0x-hex.

    `contract`, `function` and `args` are None where the target is none of our contracts or the
    calldata is no call that its ABI knows.
    """

    position: int
    target: str
    value: str
    calldata: str
    code_hash: str
    contract: str | None
    function: str | None
    args: Mapping[str, Any] | None


def actions(session: Session, as_of: AsOf, proposal_id: int) -> tuple[ActionInfo, ...]:
    """Return a proposal's actions in order; empty for a resolution in words."""
    frozen = facts(session, as_of, FrozenCode, FrozenCode.proposal_id == proposal_id)
    hashes = {row.position: row.code_hash for _, row in frozen}
    mirror = session.get_one(Mirror, 1)
    rows = facts(session, as_of, ProposalAction, ProposalAction.proposal_id == proposal_id)
    found = [_info(row, hashes.get(row.position, ""), mirror) for _, row in rows]
    return tuple(sorted(found, key=lambda action: action.position))


def contract_at(mirror: Mirror, address: str) -> ContractName | None:
    """Return our word for the instance's contract at an address, None for any other account."""
    return next((name for name in CONTRACTS if getattr(mirror, name) == address), None)


def _info(row: ProposalAction, code_hash: str, mirror: Mirror) -> ActionInfo:
    name = contract_at(mirror, row.target)
    calldata = bytes.fromhex(row.calldata.removeprefix("0x"))
    call = decode_call(CONTRACTS[name], calldata) if name else None
    return ActionInfo(
        position=row.position,
        target=row.target,
        value=row.value,
        calldata=row.calldata,
        code_hash=code_hash,
        contract=CONTRACTS[name] if name else None,
        function=call[0].name if call else None,
        args=call[1] if call else None,
    )
