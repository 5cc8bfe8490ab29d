"""The file in which a ballot travels: JSON of schema "coop/ballot/v1", unsigned or signed.

Its `typed_data` is the message that any EIP-712 wallet shows and signs; nothing in it is secret.
"""

import json
from dataclasses import dataclass
from typing import Any

from node.ballot import AnyBallot, Ballot, PayBallot, SignedBallot, ballot_hash
from node.typed_data import Domain, Malformed, checksummed

SCHEMA = "coop/ballot/v1"
_SIZE_LIMIT = 64_000  # bytes; a ballot with the longest reason has under 5,000
_FIELDS = {"account", "ballot_hash", "signature", "typed_data"}
_KINDS: dict[str, type[Ballot] | type[PayBallot]] = {
    kind.PRIMARY_TYPE: kind for kind in (Ballot, PayBallot)
}


@dataclass(frozen=True)
class BallotFile:
    """A ballot as a file carries it; `signature` is empty until it is signed."""

    ballot: AnyBallot
    domain: Domain
    account: str
    """The member's checksummed account, which is to sign or has signed."""
    signature: bytes = b""

    def signed(self) -> SignedBallot:
        """The signed ballot, or `Malformed` when nobody has signed it."""
        if not self.signature:
            raise Malformed("Nobody has signed it.")
        return SignedBallot(self.ballot, self.domain, self.account, self.signature)


def dump(carried: BallotFile) -> str:
    """The file's text, ending in a newline."""
    return json.dumps(_whole(carried), indent=2, sort_keys=True) + "\n"


def compact(carried: BallotFile) -> str:
    """The same document on one line, as a database keeps it."""
    return json.dumps(_whole(carried))


def _whole(carried: BallotFile) -> dict[str, Any]:
    return {"schema": SCHEMA, "data": data(carried)}


def data(carried: BallotFile) -> dict[str, Any]:
    """The `data` of the file's document."""
    return {
        "account": carried.account,
        "ballot_hash": "0x" + ballot_hash(carried.ballot, carried.domain).hex(),
        "signature": "0x" + carried.signature.hex() if carried.signature else None,
        "typed_data": carried.ballot.typed_data(carried.domain),
    }


def signed_file(signed: SignedBallot) -> BallotFile:
    """A signed ballot, ready to be carried."""
    return BallotFile(signed.ballot, signed.domain, signed.account, signed.signature)


def parse(text: str) -> BallotFile:
    """Read a ballot file, or raise `Malformed` with what is wrong about it.

    A signature is not judged here: only the chain knows the member's key.
    """
    # 1. one document of our kind
    document = _document(text)
    found = document["data"]
    if not isinstance(found, dict) or set(found) != _FIELDS:
        raise Malformed(f"Its data must have just the fields {', '.join(sorted(_FIELDS))}.")
    # 2. a message that the contract would understand
    whole = found["typed_data"]
    kind = _KINDS.get(str(whole.get("primaryType"))) if isinstance(whole, dict) else None
    if kind is None:
        raise Malformed("It is neither a Ballot nor a PayBallot.")
    domain, ballot = kind.from_typed_data(whole)
    # 3. what is said about the message
    account = checksummed(found["account"]) if isinstance(found["account"], str) else ""
    if account != found["account"]:
        raise Malformed("Its account is no checksummed address.")
    carried = BallotFile(ballot, domain, account, _hex(found["signature"]))
    if data(carried)["ballot_hash"] != found["ballot_hash"]:
        raise Malformed("Its ballot_hash is not the hash of its message: it was changed.")
    return carried


def _document(text: str) -> dict[str, Any]:
    if len(text) > _SIZE_LIMIT:
        raise Malformed(f"It is longer than {_SIZE_LIMIT} characters.")
    try:
        document = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Malformed("It is no JSON document.") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise Malformed(f'It is no document of schema "{SCHEMA}".')
    if set(document) != {"schema", "data"}:
        raise Malformed("It has other parts than schema and data.")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # A wallet may read the first of two equal keys and Python the last.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("It names a field twice.")
    return found


def _hex(text: object) -> bytes:
    if text is None:
        return b""
    try:
        if not isinstance(text, str) or not text.startswith("0x") or text != text.strip():
            raise ValueError
        return bytes.fromhex(text[2:])
    except ValueError as error:
        raise Malformed("Its signature is no hex number.") from error
