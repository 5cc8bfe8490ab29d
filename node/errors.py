"""Every way in which a command can fail: one small class per cause, with code and exit code.

An error says what happened (`message`), what did not happen (`undone`, as in "Your vote was not
sent."), and what to do next (`hint`). Raise the class of the cause; only `node.cli` turns it into
text and an exit code.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Self


class CoopError(Exception):
    """Base of all failures that a command reports in plain words."""

    code: ClassVar[str] = "unexpected"
    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        undone: str = "",
        hint: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.happened = message
        self.undone = undone
        self.hint = hint
        self.details: dict[str, Any] = dict(details or {})

    @property
    def message(self) -> str:
        """What happened and what did not."""
        return f"{self.happened} {self.undone}".strip()

    def saying(self, undone: str) -> Self:
        """Add what did not happen, unless the error says so already; return the error."""
        self.undone = self.undone or undone
        return self

    def __str__(self) -> str:
        return self.message


class UsageProblem(CoopError):
    """The command line asks for something impossible."""

    code = "usage"
    exit_code = 2


class MissingAnswer(UsageProblem):
    """A question could not be asked and no flag answered it."""

    code = "missing_answer"


class NotFound(CoopError):
    """What was asked for does not exist."""

    code = "not_found"
    exit_code = 3


class NotAllowed(CoopError):
    """The bylaws do not let this person do this."""

    code = "not_allowed"
    exit_code = 4


class NotAMember(NotAllowed):
    """Only members may do this, and the account is no member's."""

    code = "not_a_member"


class VotingClosed(CoopError):
    """The vote has not opened yet or is over."""

    code = "voting_closed"
    exit_code = 5


class StaleBallot(CoopError):
    """A newer ballot of the same member was counted already."""

    code = "stale_ballot"
    exit_code = 5


class RefusedByContract(CoopError):
    """The contract refused the act."""

    code = "refused_by_contract"
    exit_code = 6


class NotEnoughFunds(RefusedByContract):
    """The account cannot pay for the transaction."""

    code = "not_enough_funds"


class NetworkUnreachable(CoopError):
    """The chain's RPC address gives no answer."""

    code = "chain_unreachable"
    exit_code = 7


class NetworkProblem(CoopError):
    """The chain's RPC address answers with a fault of its own."""

    code = "network_problem"
    exit_code = 7


class TransactionPending(CoopError):
    """A transaction was sent, and no block holds it yet."""

    code = "transaction_pending"
    exit_code = 7


class MirrorProblem(CoopError):
    """The mirror cannot answer."""

    code = "mirror_problem"
    exit_code = 8


class MirrorOfAnotherChain(MirrorProblem):
    """Chain, contracts or mirror do not belong together."""

    code = "mirror_of_another_chain"


class MirrorStale(MirrorProblem):
    """The mirror is older than the answer needs."""

    code = "mirror_stale"


class AuditMismatch(CoopError):
    """The audit found that two ways to the same number differ."""

    code = "audit_mismatch"
    exit_code = 9


class KeyProblem(CoopError):
    """A keystore is missing, damaged or in the way."""

    code = "key_problem"
    exit_code = 10


class KeyMissing(KeyProblem):
    """There is no keystore of that name."""

    code = "key_missing"


class WrongPassword(KeyProblem):
    """The password does not open the keystore."""

    code = "wrong_password"


class ConfigurationProblem(CoopError):
    """A setting is missing or makes no sense."""

    code = "configuration"
    exit_code = 11


class BylawsProblem(CoopError):
    """The bylaws cannot be read or break a rule; `details["problems"]` names each key."""

    code = "bylaws"
    exit_code = 11


class Declined(CoopError):
    """The person at the keyboard said no."""

    code = "declined"
    exit_code = 130


class Interrupted(CoopError):
    """The person at the keyboard broke off."""

    code = "interrupted"
    exit_code = 130


class Unexpected(CoopError):
    """A fault of this program."""


@contextmanager
def undone(sentence: str) -> Iterator[None]:
    """Add `sentence` ("Your vote was not sent.") to every known error raised inside."""
    try:
        yield
    except Exception as error:
        known = as_coop_error(error)
        if known is None:
            raise
        raise known.saying(sentence) from error


_NOT_OF_FILES = (ConnectionError, TimeoutError)


def as_coop_error(error: BaseException) -> CoopError | None:
    """Return the error as a `CoopError` if it is one, comes from the indexer, or is about a file or
    disk that cannot be used; otherwise None."""
    if isinstance(error, CoopError):
        return error
    if isinstance(error, OSError) and error.strerror and not isinstance(error, _NOT_OF_FILES):
        where = f" ({error.filename})" if error.filename else ""
        return ConfigurationProblem(
            f"This machine said: {error.strerror}{where}.",
            hint="Check the folder's rights and the space on the disk; COOP_HOME chooses another.",
        )
    if not type(error).__module__.startswith("indexer."):
        return None
    code, exit_code = getattr(error, "code", None), getattr(error, "exit_code", None)
    if code is None or exit_code is None:
        return None
    known = _class_for(str(code), int(exit_code))(
        str(getattr(error, "message", None) or error),
        hint=str(getattr(error, "hint", "") or ""),
        details=getattr(error, "details", None),
    )
    known.__cause__ = error
    return known


def _class_for(code: str, exit_code: int) -> type[CoopError]:
    """A class with the foreign error's own code and exit code."""
    return type("IndexerError", (CoopError,), {"code": code, "exit_code": exit_code})
