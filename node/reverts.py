"""Turns a revert's bytes into an error in plain words, by an ABI-made table and `node.refusals`."""

from collections.abc import Callable, Mapping
from typing import Any

from indexer import abi
from indexer.errors import ContractReverted
from node.errors import CoopError, RefusedByContract, VotingClosed
from node.output import duration, when
from node.refusals import BALLOT_REFUSALS, REFUSALS, Refusal

CLASSES = ("ordinary", "admission", "removal", "recovery", "pay", "bylaws", "external")
STATES = (
    "pending",
    "active",
    "canceled",
    "defeated",
    "succeeded",
    "queued",
    "expired",
    "executed",
)
PAY_STATES = ("pending", "open", "counting", "closed", "expired")
STANDINGS = ("never a member", "active", "suspended", "left", "expelled")


_MOMENTS = frozenset(
    [
        "opensAt",
        "earliest",
        "latest",
        "until",
        "eta",
        "endsAt",
        "deadline",
        "timepoint",
        "dueAt",
        "changedAt",
        "openedAt",
    ]
)
_SPANS = frozenset({"duration", "maximum", "probation"})


def told(name: str, args: Mapping[str, Any]) -> CoopError:
    """Return the error of that name, with the values that it bears, in plain words."""
    if name in ("NoReason", "UnknownError"):
        return RefusedByContract(
            "The contract refused without a known reason.",
            hint="Run it again with --verbose.",
            details={"error": name, "args": dict(args)},
        )
    if name == "AssemblyActionFailed" and args.get("reason"):
        return _failed_action(args)
    refusal = _refusal_for(name, args)
    shown = _Lenient({key: _show(name, key, value) for key, value in args.items()})
    return refusal.kind(
        refusal.sentence.format_map(shown),
        hint=refusal.hint.format_map(shown),
        details={"error": name, "args": dict(args)},
    )


def in_plain_words(error: CoopError) -> CoopError:
    """Return the refusal of a view in the words of `told`; other errors as they are."""
    cause = error.__cause__
    if not isinstance(cause, ContractReverted):
        return error
    return told(cause.name, cause.args_by_name).saying(error.undone)


def unexplained(tx: str) -> RefusedByContract:
    """Return the error of a transaction that failed in its block and would succeed now."""
    return RefusedByContract(
        "The transaction failed in its block.",
        hint="The co-op's state changed meanwhile. Look at it and try again.",
        details={"tx": tx},
    )


def _failed_action(args: Mapping[str, Any]) -> CoopError:
    """Tell the action's own refusal; always exit code 6, whatever the inner one would be."""
    inner = told(*abi.decode_error(bytes(args["reason"])))
    return RefusedByContract(
        f"Action {args['index']} of the proposal failed: {inner.happened}",
        hint=(
            inner.hint
            if inner.details["error"] == "MembershipOrderOutdated"
            else "It can be tried again until the proposal expires."
        ),
        details={"error": "AssemblyActionFailed", "inner": inner.details},
    )


def _refusal_for(name: str, args: Mapping[str, Any]) -> Refusal:
    if name.endswith("BallotRefused") and 0 < args.get("refusal", 0) < len(BALLOT_REFUSALS):
        return BALLOT_REFUSALS[int(args["refusal"])]
    refusal = REFUSALS.get(name)
    if refusal is None:
        return Refusal(f"The contract refused: {name}.")
    if name == "AssemblyUnexpectedState" and args.get("expected") == 1 << STATES.index("active"):
        return Refusal(
            "Voting on proposal {proposalId} is not open: it is {state}.",
            refusal.hint,
            VotingClosed,
        )
    if name == "PayRatesUnexpectedState" and args.get("expected") == PAY_STATES.index("open"):
        return Refusal(
            "Pay vote {payVoteId} is not open: it is {state}.", refusal.hint, VotingClosed
        )
    return refusal


def _show(error: str, name: str, value: Any) -> str:
    if name in _MOMENTS:
        return when(int(value))
    if name in _SPANS:
        return duration(int(value))
    if isinstance(value, bytes):
        return (
            value.rstrip(b"\0").decode("utf-8", "replace")
            if len(value) == 32
            else "0x" + value.hex()
        )
    known = _WORDS.get(name)
    return known(error, value) if known else str(value)


def _class(error: str, value: int) -> str:
    return CLASSES[value] if value < len(CLASSES) else str(value)


def _state(error: str, value: int) -> str:
    words = PAY_STATES if error.startswith("PayRates") else STATES
    return words[value] if value < len(words) else str(value)


def _expected(error: str, value: int) -> str:
    if error.startswith("PayRates"):
        return _state(error, value)
    words = [word for place, word in enumerate(STATES) if value >> place & 1]
    return " or ".join(words) or str(value)


def _standing(error: str, value: int) -> str:
    return STANDINGS[value] if value < len(STANDINGS) else str(value)


_WORDS: dict[str, Callable[[str, int], str]] = {
    "class": _class,
    "first": _class,
    "found": _class,
    "state": _state,
    "expected": _expected,
    "standing": _standing,
}


class _Lenient(dict[str, str]):
    """Arguments by name; one that could not be decoded is shown as "?"."""

    def __missing__(self, key: str) -> str:
        return "?"
