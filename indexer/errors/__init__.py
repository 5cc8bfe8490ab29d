"""Everything that can go wrong on the read side, one small class per cause.

Each error says what happened, what did not happen, and what to do next. `code` is stable (scripts
match on it), `exit_code` is what the command ends with, `details` holds plain JSON values.
"""

from indexer.errors.base import IndexerError
from indexer.errors.chain import (
    AbiMissing,
    BlockMissing,
    ChainBusy,
    ChainRefused,
    ChainUnreachable,
    ContractMissing,
    ContractReverted,
    HeaderForged,
    LogsInconsistent,
    ProofInvalid,
)
from indexer.errors.history import (
    ChronicleMismatch,
    EvidenceUnreadable,
    ExtraMissing,
    HandlerFailed,
    NotAnExtension,
    UnknownEvent,
)
from indexer.errors.mirror import (
    BlockNotMirrored,
    ChainKeepsChanging,
    MirrorDamaged,
    MirrorIncomplete,
    MirrorLocked,
    MirrorMissing,
    MirrorOfAnotherChain,
    MirrorSchemaUnknown,
    MirrorUnusable,
    NotFound,
    ReorganisedBeyondFinal,
    ReorganisedBeyondKnown,
)

__all__ = [
    "AbiMissing",
    "BlockMissing",
    "BlockNotMirrored",
    "ChainBusy",
    "ChainKeepsChanging",
    "ChainRefused",
    "ChainUnreachable",
    "ChronicleMismatch",
    "ContractMissing",
    "ContractReverted",
    "EvidenceUnreadable",
    "ExtraMissing",
    "HandlerFailed",
    "HeaderForged",
    "IndexerError",
    "LogsInconsistent",
    "MirrorDamaged",
    "MirrorIncomplete",
    "MirrorLocked",
    "MirrorMissing",
    "MirrorOfAnotherChain",
    "MirrorSchemaUnknown",
    "MirrorUnusable",
    "NotAnExtension",
    "NotFound",
    "ProofInvalid",
    "ReorganisedBeyondFinal",
    "ReorganisedBeyondKnown",
    "UnknownEvent",
]
