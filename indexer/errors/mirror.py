"""The mirror (8: stale or of another chain) and what it does not hold (3: not found)."""

from indexer.errors.base import IndexerError


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
