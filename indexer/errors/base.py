"""What every error of the read side tells."""

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
