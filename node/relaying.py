"""The member's side of a relayer: hand a signed ballot over, and hold it to its word."""

from typing import Any

import requests

from node import ballot_file, promises
from node.ballot import SignedBallot
from node.errors import CoopError, NetworkProblem
from node.promises import Promise
from node.typed_data import Malformed

_PATIENCE = 30.0  # seconds


class RelayRefused(CoopError):
    """A relayer took the ballot not, or answered with something else than a promise."""

    code = "relay_refused"
    exit_code = 7


def hand_over(url: str, signed: SignedBallot, *, now: int, deadline: int) -> Promise:
    """Give a ballot to a relayer and return its promise; RelayRefused or NetworkProblem if none.

    `now` and the vote's `deadline` in seconds by the chain's clock: a promise beyond it is none.
    """
    # 1. The answer is a promise that somebody's key signed.
    answer = _asked("POST", f"{url}/v1/ballots", _document(signed))
    try:
        given = promises.read(answer)
    except Malformed as error:
        raise _refused(url, f"Its answer is no promise: {error.happened}") from error
    # 2. It is about just this ballot.
    if given.ballot != signed:
        raise _refused(url, "It promised another ballot than the one that it was given.")
    # 3. It can be kept, and is worth something.
    if not now < given.before <= deadline:
        raise _refused(url, "It promised a moment that lies before now or after the vote.")
    return given


def status(url: str) -> dict[str, Any]:
    """Return who a relayer is, its terms and its health."""
    found = _asked("GET", f"{url}/v1/relayer", None)["data"]
    health = _asked("GET", f"{url}/health", None)["data"]
    return {**found, **health, "url": url}


def _document(signed: SignedBallot) -> str:
    return ballot_file.dump(ballot_file.signed_file(signed))


def _asked(method: str, url: str, body: str | None) -> Any:
    try:
        with requests.request(
            method,
            url,
            data=body.encode() if body else None,
            headers={"Content-Type": "application/json"},
            timeout=_PATIENCE,
            allow_redirects=False,
        ) as reply:
            answer = reply.json()
    except (requests.RequestException, ValueError) as error:
        raise NetworkProblem(
            f"The relayer at {url} gives no answer.",
            hint="Try another one (--relay), or send the ballot yourself: coop outbox retry",
        ) from error
    if not isinstance(answer, dict):
        raise _refused(url, "Its answer is no document.")
    if isinstance(told := answer.get("error"), dict):
        raise _refused(url, str(told.get("message")), code=str(told.get("code")))
    return answer


def _refused(url: str, why: str, **details: str) -> RelayRefused:
    return RelayRefused(
        f"The relayer at {url} did not take the ballot. {why}",
        hint="Try another one (--relay), or send the ballot yourself: coop outbox retry",
        details=details,
    )
