"""What the chain and evidence say (9: a mismatch, 2: no evidence, 1: this version's end)."""

from indexer.errors.base import IndexerError


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
