# ruff: noqa: N803 -- the parameters bear the names of the ABI
"""Candidates: probation and applications."""

from indexer.handlers.known import Known
from indexer.handlers.row import Row, hexed, row
from indexer.tables import Application, ProbationChange


def probation_set(_: Known, probation: int) -> list[Row]:
    """Candidates wait this many seconds from now on."""
    return [row(ProbationChange, probation=probation)]


def candidate_applied(_: Known, account: str, profileHash: bytes) -> list[Row]:
    """Someone asked to join."""
    return [row(Application, account=account, change="applied", profile_hash=hexed(profileHash))]


def candidate_withdrew(_: Known, account: str) -> list[Row]:
    """A candidate took the application back."""
    return [row(Application, account=account, change="withdrew", profile_hash=None)]
