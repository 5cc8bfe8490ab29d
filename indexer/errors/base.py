"""What every error of the read side tells."""

from typing import Any, ClassVar


class IndexerError(Exception):
    """Base of all errors of the read side."""

    code: ClassVar[str] = "indexer"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "", **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it pass between processes, whatever a subclass wants to be made of."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[IndexerError], args: tuple[Any, ...], told: dict[str, Any]) -> IndexerError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(told)
    return error
