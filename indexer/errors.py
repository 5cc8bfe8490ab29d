"""Everything that can go wrong on the read side, one small class per cause.

Each error says what happened, what did not happen, and what to do next. `code` is stable (scripts
match on it), `exit_code` is what the command ends with, `details` holds plain JSON values.
"""

from typing import ClassVar


class IndexerError(Exception):
    """Base of all errors of the read side."""

    code: ClassVar[str] = "indexer"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "", **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details


# The chain (7: network, 6: refused by the contract)


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


# The mirror (8: stale or of another chain)


class MirrorMissing(IndexerError):
    """Raised when a reader opens a mirror that was never made."""

    code = "mirror_missing"
    exit_code = 8

    def __init__(self, path: str) -> None:
        super().__init__(
            f"There is no mirror at {path} yet. Nothing was read.",
            "Run `coop index sync` to make it.",
            path=path,
        )


class MirrorOfAnotherChain(IndexerError):
    """Raised when the file mirrors another chain or instance than the one asked for."""

    code = "mirror_of_another_chain"
    exit_code = 8

    def __init__(self, path: str, field: str, expected: object, found: object) -> None:
        super().__init__(
            f"The mirror {path} belongs to another instance: its {field} is {found}, "
            f"not {expected}. It was neither read nor changed.",
            "Choose the right instance (--instance), or run `coop index rebuild`.",
            path=path,
            field=field,
            expected=str(expected),
            found=str(found),
        )


class MirrorSchemaUnknown(IndexerError):
    """Raised when the file was written by another version, or is no mirror at all."""

    code = "mirror_schema_unknown"
    exit_code = 8

    def __init__(self, path: str, found: object, expected: int) -> None:
        super().__init__(
            f"The mirror {path} has schema {found}; this version reads schema {expected}. "
            "It was neither read nor changed.",
            "A mirror can always be made anew from the chain: `coop index rebuild`.",
            path=path,
            found=str(found),
            expected=expected,
        )


class MirrorLocked(IndexerError):
    """Raised when another process holds the mirror for longer than we wait."""

    code = "mirror_locked"
    exit_code = 8

    def __init__(self, path: str) -> None:
        super().__init__(
            f"Another process is writing to the mirror {path}. This one changed nothing.",
            "Wait for the other `coop index` to finish, or stop it.",
            path=path,
        )


class MirrorUnusable(IndexerError):
    """Raised when the disk or the file itself stops us: full, read-only, damaged."""

    code = "mirror_unusable"
    exit_code = 8

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"The mirror {path} cannot be used: {reason}. The last step was rolled back.",
            "Free the disk or fix the permissions and sync again. A damaged mirror is made anew by "
            "coop index rebuild",
            path=path,
            reason=reason,
        )


class MirrorDamaged(MirrorUnusable):
    """Raised when the file is no longer what SQLite wrote: a bad disk, or a foreign hand."""


class BlockNotMirrored(IndexerError):
    """Raised when an answer is asked for as of a block whose header the mirror does not hold."""

    code = "block_not_mirrored"
    exit_code = 8

    def __init__(self, wanted: object, nearest: int | None) -> None:
        super().__init__(
            f"The mirror does not hold block {wanted}; nothing was answered.",
            "Run `coop index sync`; on a young chain nothing may be final yet (--finality latest)."
            if nearest is None
            else f"The nearest earlier block it holds is {nearest}.",
            wanted=str(wanted),
            nearest=nearest,
        )


class ReorganisedBeyondFinal(IndexerError):
    """Raised when the chain took back blocks that it had called final."""

    code = "reorganised_beyond_final"
    exit_code = 8

    def __init__(self, ancestor: int, final: int, block: int) -> None:
        super().__init__(
            f"The chain now differs from block {ancestor + 1} on, although everything up to block "
            f"{final} counted as final. The mirror still holds the earlier history up to block "
            f"{block} and was not changed.",
            "Ask other members what their mirrors hold before you go on; copy the mirror if you "
            "want to keep what it knows. To follow the chain: "
            "coop index sync --accept-reorganisation",
            ancestor=ancestor,
            final=final,
            block=block,
        )


class MirrorIncomplete(IndexerError):
    """Raised when no node gives blocks that the chain's own words bear out."""

    code = "mirror_incomplete"
    exit_code = 8

    def __init__(self, first: int, last: int, nodes: int, cause: IndexerError) -> None:
        self.cause = cause
        tried = "the node" if nodes == 1 else f"{nodes} nodes"
        super().__init__(
            f"Blocks {first} to {last} could not be read from {tried} without a contradiction: "
            f"{cause.message} Everything before block {first} is stored.",
            "Add a node of another operator: --rpc URL,URL. If it says the same, run "
            "`coop index check`, then `coop audit run`.",
            first=first,
            last=last,
            nodes=nodes,
            cause=cause.code,
            **cause.details,
        )


class ReorganisedBeyondKnown(IndexerError):
    """Raised when the chain differs already before the instance's first block."""

    code = "reorganised_beyond_known"
    exit_code = 8

    def __init__(self, block: int, expected: str, found: str) -> None:
        super().__init__(
            f"The chain differs from the mirror already at block {block}, before the instance "
            f"began: its hash is {found}, not {expected}. The mirror was not changed.",
            "This is another chain with the same number (a restarted test chain?). "
            "If it is the right one, run `coop index rebuild`.",
            block=block,
            expected=expected,
            found=found,
        )


class ChainKeepsChanging(IndexerError):
    """Raised when the head was reorganised away again and again while a batch was read."""

    code = "chain_keeps_changing"
    exit_code = 7

    def __init__(self, first: int, last: int, attempts: int) -> None:
        super().__init__(
            f"Blocks {first} to {last} changed while they were read, {attempts} times in a row. "
            "None of them was stored; earlier ones were.",
            "Try again in a moment; if it persists, use another node (--rpc).",
            first=first,
            last=last,
            attempts=attempts,
        )


# What the chain says (9: a mismatch, 1 or 8: this version is at its end)


class ChronicleMismatch(IndexerError):
    """Raised when the fold of the logs read is not the word that the contract keeps."""

    code = "chronicle_mismatch"
    exit_code = 9

    def __init__(self, contract: str, block: int, expected: str, found: str) -> None:
        super().__init__(
            f"The logs of {contract} up to block {block} are not complete or not genuine: "
            f"they fold to {found}, the contract says {expected}. The batch was not stored.",
            "Use another node (--rpc). If it says the same, run `coop index rebuild`, "
            "then `coop audit run`.",
            contract=contract,
            block=block,
            expected=expected,
            found=found,
        )


class UnknownEvent(IndexerError):
    """Raised when a contract of the instance emits what this version has no name or handler for."""

    code = "unknown_event"
    exit_code = 8

    def __init__(self, contract: str, event: str, block: int, log_index: int) -> None:
        super().__init__(
            f"{contract} emitted an event that this version does not know: {event} "
            f"(block {block}, log {log_index}). The sync stopped before it.",
            "Install a newer rochdale; the mirror goes on from where it stopped.",
            contract=contract,
            event=event,
            block=block,
            log_index=log_index,
        )


class HandlerFailed(IndexerError):
    """Raised when an event cannot be turned into rows: better a late mirror than a hole."""

    code = "handler_failed"
    exit_code = 1

    def __init__(self, event: str, block: int, log_index: int, reason: str) -> None:
        super().__init__(
            f"The event {event} (block {block}, log {log_index}) could not be recorded: {reason}. "
            "The sync stopped before it.",
            "This is a fault of this version or a damaged mirror: run `coop index check`, "
            "and report it with this message.",
            event=event,
            block=block,
            log_index=log_index,
            reason=reason,
        )


# What was asked for does not exist (3: not found)


class NotAnExtension(IndexerError):
    """Raised when a chain is not one that goes on from a checkpoint."""

    code = "not_an_extension"
    exit_code = 9

    def __init__(self, block: int, expected: str, found: str) -> None:
        super().__init__(
            f"This chain does not go on from the checkpoint: at block {block} there should be "
            f"{expected}, and there is {found}. The checkpoint was left as it is.",
            "Ask another node (--rpc), and compare checkpoints with other members (coop audit "
            "diff). A young block may have been reorganised: checkpoints of --finality finalized "
            "never are.",
            block=block,
            expected=expected,
            found=found,
        )


class EvidenceUnreadable(IndexerError):
    """Raised when a file is no evidence, was cut off, or is not written in the one way."""

    code = "evidence_unreadable"
    exit_code = 2

    def __init__(self, path: object, line: int, reason: str) -> None:
        super().__init__(
            f"{path} is no evidence of an audit: after line {line}, {reason}. Nothing was judged.",
            "Get the file again, and compare its SHA-256 with whoever gave it to you.",
            path=str(path),
            line=line,
            reason=reason,
        )


class ExtraMissing(IndexerError):
    """Raised when a package is needed that only an extra of this one installs."""

    code = "extra_missing"
    exit_code = 2

    def __init__(self, package: str, extra: str, pythons: str) -> None:
        super().__init__(
            f"The package {package} is needed for this and is not installed. Nothing was done.",
            f"Install it with pip install 'rochdale[{extra}]' (Python {pythons}), or leave the "
            "option out.",
            package=package,
            extra=extra,
        )


class NotFound(IndexerError):
    """Raised when the mirror, as of the block asked for, holds no such thing."""

    code = "not_found"
    exit_code = 3

    def __init__(self, what: str, key: object, block: int) -> None:
        super().__init__(
            f"As of block {block} there is no {what} {key}.",
            "It may be newer than the mirror: run `coop index sync`.",
            what=what,
            key=str(key),
            block=block,
        )
