"""The chain, and what a node says of it (7: network, 6: refused by the contract)."""

from indexer.errors.base import IndexerError


class ChainUnreachable(IndexerError):
    """Raised when the node behind the RPC address gives no usable answer."""

    code = "chain_unreachable"
    exit_code = 7

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"The chain at {url} does not answer: {reason}. Nothing was read or changed.",
            "Check the address (--rpc) and whether the node runs, then try again.",
            rpc=url,
            reason=reason,
        )


class ChainBusy(IndexerError):
    """Raised when the node asks to be asked less; `retry_after` is in seconds, if it said so."""

    code = "chain_busy"
    exit_code = 7

    def __init__(self, url: str, reason: str, retry_after: float | None) -> None:
        self.retry_after = retry_after
        super().__init__(
            f"The node at {url} takes no more requests now: {reason}. Nothing was changed.",
            "Wait and try again, or use another node (--rpc).",
            rpc=url,
            reason=reason,
            retry_after=retry_after,
        )


class ChainRefused(IndexerError):
    """Raised when the node answers a request with an error of its own."""

    code = "chain_refused"
    exit_code = 7

    def __init__(self, method: str, number: int, reason: str) -> None:
        super().__init__(
            f"The chain's node refused {method}: {reason}. Nothing was changed.",
            "The node may lack this method or the old state it needs; try another one (--rpc).",
            method=method,
            rpc_error=number,
            reason=reason,
        )


class BlockMissing(IndexerError):
    """Raised when the chain holds no block of that number, hash or tag."""

    code = "block_missing"
    exit_code = 7

    def __init__(self, block: str) -> None:
        super().__init__(
            f"The chain's node has no block {block}. Nothing was read.",
            "It may lag behind, or the block was reorganised away; try again in a moment.",
            block=block,
        )


class LogsInconsistent(IndexerError):
    """Raised when the logs that a node gives contradict the request, its headers or themselves."""

    code = "logs_inconsistent"
    exit_code = 7

    def __init__(self, reason: str, block: int) -> None:
        super().__init__(
            f"The chain's node gave contradictory logs: {reason} (block {block}). "
            "None of them was stored.",
            "Try again; if it persists, use another node (--rpc).",
            reason=reason,
            block=block,
        )


class HeaderForged(IndexerError):
    """Raised when a block's header does not hash to the hash that the node gives it."""

    code = "header_forged"
    exit_code = 7

    def __init__(self, number: object, claimed: object, found: str) -> None:
        super().__init__(
            f"The chain's node gave a false header of block {number}: it hashes to {found}, "
            f"not to {claimed}. Nothing of it was stored.",
            "Use another node (--rpc). If all say the same, the chain may have been upgraded: "
            "install a newer rochdale.",
            block=number,
            claimed=claimed,
            found=found,
        )


class ProofInvalid(IndexerError):
    """Raised when what a node gives as a proof does not prove what was asked for."""

    code = "proof_invalid"
    exit_code = 7

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The chain's node gave a proof that proves nothing: {reason}. Nothing was stored.",
            "Use another node (--rpc).",
            reason=reason,
        )


class ContractMissing(IndexerError):
    """Raised when there is no such contract at the address on this chain."""

    code = "contract_missing"
    exit_code = 11

    def __init__(self, name: str, address: str) -> None:
        super().__init__(
            f"There is no {name} contract at {address} on this chain. Nothing was read.",
            "Compare the instance's addresses and chain with `coop instance show` and --rpc.",
            contract=name,
            address=address,
        )


class ContractReverted(IndexerError):
    """Raised when a view refuses; `name` is the custom error, `args_by_name` its values."""

    code = "contract_reverted"
    exit_code = 6

    def __init__(self, name: str, args_by_name: dict[str, object]) -> None:
        self.name = name
        self.args_by_name = args_by_name
        values = ", ".join(f"{key} {value}" for key, value in args_by_name.items())
        super().__init__(
            f"The contract refused to answer: {name}({values}). Nothing was read.",
            "The error's meaning is written beside it in contracts/interfaces.",
            error=name,
            values={key: str(value) for key, value in args_by_name.items()},
        )


class AbiMissing(IndexerError):
    """Raised when the package holds no artifact, function or event of that name."""

    code = "abi_missing"
    exit_code = 1

    def __init__(self, what: str) -> None:
        super().__init__(
            f"This installation knows no {what}. Nothing was done.",
            "Install rochdale anew, or run scripts/compile in a checkout.",
            what=what,
        )
