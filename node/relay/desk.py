"""The relayer's HTTP face: ballots in, promises out; status, health, figures, description."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from indexer.errors import ChainRefused
from node import ballot_file
from node.ballot import SignedBallot
from node.errors import CoopError, NetworkProblem, NotFound, UsageProblem
from node.outbox import Letter
from node.relay.carrier import Carrier
from node.relay.description import openapi
from node.relay.intake import Answer, Intake, RelayBusy
from node.relay.terms import BODY_LIMIT, Allowance, Terms
from node.sender import NODE_FAULTS

_TOGETHER, _PAUSE = 250, 0.01
"""Ballots that are looked at together, and seconds in which others may join the first one."""
_SLOW = 10.0
"""Seconds in which a request must have arrived."""
_STATUS = {2: 400, 3: 404, 4: 403, 5: 409, 6: 409, 7: 503, 8: 409}
"""HTTP's status by our exit code."""


class TooMany(CoopError):
    """Somebody sends more than this relayer takes from one."""

    code = "too_many"
    exit_code = 7


class Figures:
    """What `GET /metrics` tells, in Prometheus' form."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.taken = Counter("relay_ballots_taken", "Ballots promised.", registry=self.registry)
        self.refused = Counter(
            "relay_ballots_refused", "Ballots refused, by code.", ["code"], registry=self.registry
        )
        self.open = Gauge("relay_ballots_open", "Ballots on their way.", registry=self.registry)
        self.seconds = Histogram(
            "relay_answer_seconds", "Time until a ballot's answer.", registry=self.registry
        )


@dataclass
class Desk:
    """The application and the task behind it that looks at ballots together."""

    intake: Intake
    carrier: Carrier
    terms: Terms
    figures: Figures = field(default_factory=Figures)

    def __post_init__(self) -> None:
        self._members = Allowance(self.terms.per_member)
        self._addresses = Allowance(self.terms.per_address)
        self._incoming: asyncio.Queue[tuple[SignedBallot, asyncio.Future[Answer]]]
        self.app = Starlette(
            routes=[
                Route("/v1/ballots", self.take, methods=["POST"]),
                Route("/v1/ballots/{ballot_hash}", self.show, methods=["GET"]),
                Route("/v1/relayer", self.introduce, methods=["GET"]),
                Route("/health", self.health, methods=["GET"]),
                Route("/metrics", self.metrics, methods=["GET"]),
                Route("/openapi.json", self.describe, methods=["GET"]),
            ],
            exception_handlers={CoopError: _refusal},
            lifespan=self._lifespan,
        )

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self._incoming = asyncio.Queue()
        self.carrier.start()
        looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            await asyncio.to_thread(self.carrier.stop)

    # What is asked

    async def take(self, request: Request) -> Response:
        """Take a signed ballot: 202 with a promise."""
        with self.figures.seconds.time():
            try:
                signed = ballot_file.parse(await _body(request)).signed()
                self._allow(request, signed)
                promised: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
                await self._incoming.put((signed, promised))
                answer = await promised
                if isinstance(answer, CoopError):
                    raise answer
            except CoopError as error:
                self.figures.refused.labels(error.code).inc()
                raise
            self.figures.taken.inc()
            return JSONResponse(answer[1].document, status_code=202)

    async def show(self, request: Request) -> Response:
        """What became of a ballot, by its hash."""
        name = request.path_params["ballot_hash"]
        found = await asyncio.to_thread(self.intake.outbox.named, name)
        if found is None:
            raise NotFound("This relayer knows no ballot of that hash.")
        return JSONResponse({"schema": "coop/relayed/v1", "data": _relayed(found)})

    async def introduce(self, _: Request) -> Response:
        """Who the relayer is, for whom it works, and its terms."""
        instance = self.intake.instance
        return JSONResponse(
            {
                "schema": "coop/relayer/v1",
                "data": {
                    "account": self.intake.sender.address,
                    "chain_id": instance.chain_id,
                    "assembly": instance.assembly,
                    "pay_rates": instance.pay_rates,
                    "promise_seconds": self.terms.promise,
                    "margin_seconds": self.terms.margin,
                },
            }
        )

    async def health(self, _: Request) -> Response:
        """Whether ballots are taken and carried just now."""
        problem = self.carrier.trouble
        if not problem:
            try:
                refusal = await asyncio.to_thread(self.intake.cannot)
                problem = refusal.happened if refusal else ""
            except NODE_FAULTS as error:
                problem = error.message
        data = {"ok": not problem, "open": self.intake.open, "problem": problem or None}
        document = {"schema": "coop/relay-health/v1", "data": data}
        return JSONResponse(document, status_code=503 if problem else 200)

    async def metrics(self, _: Request) -> Response:
        """Prometheus' text form."""
        self.figures.open.set(self.intake.open)
        text = generate_latest(self.figures.registry)
        return Response(text, media_type="text/plain; version=0.0.4")

    async def describe(self, _: Request) -> Response:
        """The OpenAPI description of this address."""
        return JSONResponse(openapi())

    # Behind

    def _allow(self, request: Request, signed: SignedBallot) -> None:
        address = request.client.host if request.client else ""
        member = signed.ballot.member_id, signed.account
        # A stranger who names a member in vain must not use up that member's allowance.
        if not self._addresses.take(address) or (signed.by_key and not self._members.take(member)):
            raise TooMany("Too many ballots in a minute.", hint="Wait a minute and try again.")

    async def _look(self) -> None:
        """Look at what came in, together what came together."""
        while True:
            group = [await self._incoming.get()]
            await asyncio.sleep(_PAUSE)
            while len(group) < _TOGETHER and not self._incoming.empty():
                group.append(self._incoming.get_nowait())
            try:
                answers = await asyncio.to_thread(self._admitted, [signed for signed, _ in group])
            except Exception as error:  # a fault of this program: who asked gets it, as a 500
                for _, promised in group:
                    if not promised.done():
                        promised.set_exception(error)
                continue
            for (_, promised), answer in zip(group, answers, strict=True):
                if not promised.done():  # else its asker has gone
                    promised.set_result(answer)

    def _admitted(self, ballots: Sequence[SignedBallot]) -> list[Answer]:
        if self.carrier.broken:
            return [RelayBusy("This relayer is out of order.", hint="Ask another one.")] * len(
                ballots
            )
        try:
            try:
                return self.intake.admit(ballots)
            except ChainRefused:  # as some nodes answer while a block is being made
                return self.intake.admit(ballots)
        except NODE_FAULTS as error:
            problem: CoopError = NetworkProblem(
                f"The relayer's chain gives no sensible answer: {error.message}",
                undone="Your ballot was not taken.",
                hint="Try again, another relayer, or send it yourself.",
            )
        except CoopError as error:  # such as a full disk: nothing was kept
            problem = error
        return [problem] * len(ballots)


async def _body(request: Request) -> str:
    """Return a request's text; refuses long ones and does not wait for slow ones."""
    found = bytearray()
    try:
        async with asyncio.timeout(_SLOW):
            async for part in request.stream():
                found += part
                if len(found) > BODY_LIMIT:
                    raise UsageProblem(f"More than {BODY_LIMIT} bytes are not read.")
        return found.decode()
    except UnicodeDecodeError as error:
        raise UsageProblem("It is no text in UTF-8.") from error
    except TimeoutError as error:
        raise RelayBusy("The request took too long to arrive.") from error
    except ClientDisconnect as error:
        raise UsageProblem("The request broke off.") from error


def _relayed(letter: Letter) -> dict[str, Any]:
    ballot = ballot_file.data(ballot_file.signed_file(letter.signed))
    return {
        "ballot_hash": ballot["ballot_hash"],
        "status": letter.state,
        "why": letter.why or None,
        "tx": letter.tx,
        "block": letter.block,
    }


def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, CoopError)
    told = {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "details": json.loads(json.dumps(error.details, default=str)),
    }
    status = 429 if isinstance(error, TooMany) else _STATUS.get(error.exit_code, 500)
    headers = {"Retry-After": "60"} if status in (429, 503) else None
    return JSONResponse({"schema": "coop/error/v1", "error": told}, status, headers)
