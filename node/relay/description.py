"""The OpenAPI description of a relayer's HTTP face."""

from importlib.metadata import version
from typing import Any


def openapi() -> dict[str, Any]:
    """Return the description; every answer is one JSON document with its schema's name."""
    refusals = {
        "400": _answer("It is no signed ballot.", "error"),
        "403": _answer("The bylaws do not let this member vote on it.", "error"),
        "404": _answer("There is no such vote or member.", "error"),
        "409": _answer("The vote is closed, the ballot stale, or the contract refuses.", "error"),
        "429": _answer("Too many ballots in a minute: see Retry-After.", "error"),
        "503": _answer("Out of money, too busy, or without a chain: see Retry-After.", "error"),
    }
    ballot = {"content": _json("ballot"), "required": True}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rochdale relayer",
            "version": version("rochdale"),
            "description": "Brings members' signed ballots to the chain, free of charge for them.",
        },
        "paths": {
            "/v1/ballots": {
                "post": {
                    "operationId": "takeBallot",
                    "summary": "Take a signed ballot or pay ballot and promise its block.",
                    "requestBody": ballot,
                    "responses": {
                        "202": _answer("Taken: a signed promise.", "promise"),
                        **refusals,
                    },
                }
            },
            "/v1/ballots/{ballot_hash}": {
                "get": {
                    "operationId": "showBallot",
                    "summary": "What became of a ballot.",
                    "parameters": [
                        {
                            "name": "ballot_hash",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "string", "pattern": "^0x[0-9a-f]{64}$"},
                        }
                    ],
                    "responses": {
                        "200": _answer("Its way so far.", "relayed"),
                        "404": refusals["404"],
                    },
                }
            },
            "/v1/relayer": _get("introduce", "Who the relayer is, and its terms.", "relayer"),
            "/health": {
                "get": {
                    **_get("health", "Whether ballots are taken just now.", "relay-health")["get"],
                    "responses": {
                        "200": _answer("They are.", "relay-health"),
                        "503": _answer("They are not, and why.", "relay-health"),
                    },
                }
            },
            "/metrics": {
                "get": {
                    "operationId": "metrics",
                    "summary": "Figures in Prometheus' text form.",
                    "responses": {
                        "200": {"description": "Figures.", "content": {"text/plain": {}}}
                    },
                }
            },
        },
    }


def _get(name: str, summary: str, kind: str) -> dict[str, Any]:
    responses = {"200": _answer(summary, kind)}
    return {"get": {"operationId": name, "summary": summary, "responses": responses}}


def _answer(description: str, kind: str) -> dict[str, Any]:
    return {"description": description, "content": _json(kind)}


def _json(kind: str) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["schema"],
        "properties": {"schema": {"const": f"coop/{kind}/v1"}},
    }
    return {"application/json": {"schema": schema}}
