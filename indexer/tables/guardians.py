"""Guardians of members, and recoveries that they began."""

from indexer.tables.base import Fact, big


class GuardianNaming(Fact, table=True):
    """A member's guardians by the hash of their list (all zero = none), from a moment on."""

    __tablename__ = "guardian_namings"

    member_id: int
    list_hash: str
    in_force_from: int = big()


class RecoveryStep(Fact, table=True):
    """Guardians supported or started a recovery, the old key cancelled, the new one completed."""

    __tablename__ = "recovery_steps"

    member_id: int
    step: str
    account: str | None = None
    """The new account; a cancellation is about all of them."""
    guardian: str | None = None
    due_at: int | None = big(default=None)
