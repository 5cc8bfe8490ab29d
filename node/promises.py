"""A relayer's signed promise: this ballot stands in a block before then, or I broke my word.

JSON of schema "coop/promise/v1" with the ballot that it is about, so that it is evidence by itself.
A promise is kept if by then an equal or later ballot of the member on the same vote stands, or the
member's right to cast this one has ended: nobody can frame a relayer by overtaking themselves.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node import ballot_file, typed_data
from node.ballot import SignedBallot
from node.typed_data import Domain, Fields, Malformed

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

SCHEMA = "coop/promise/v1"
PRIMARY_TYPE = "Promise"
FIELDS: Fields = (
    ("ballotHash", "bytes32"),
    ("subject", "uint256"),
    ("memberId", "uint32"),
    ("epoch", "uint32"),
    ("sequence", "uint32"),
    ("before", "uint256"),
)
_DOMAIN = "Rochdale promise"


@dataclass(frozen=True)
class Promise:
    """What a relayer gave its word for; `before` in seconds since 1970, by the chain's clock."""

    ballot: SignedBallot
    before: int
    relayer: str
    """The checksummed account whose key signed."""
    signature: bytes

    @cached_property
    def document(self) -> dict[str, Any]:
        """The promise as it travels and is kept."""
        return {
            "schema": SCHEMA,
            "data": {
                "ballot": ballot_file.data(ballot_file.signed_file(self.ballot)),
                "relayer": self.relayer,
                "signature": "0x" + self.signature.hex(),
                "typed_data": _message(self.ballot, self.before),
            },
        }


def promise(ballot: SignedBallot, before: int, account: "LocalAccount") -> Promise:
    """Give one's word."""
    signature = typed_data.sign(_message(ballot, before), account)
    return Promise(ballot, before, account.address, signature)


def dump(given: Promise) -> str:
    """The file's text, ending in a newline."""
    return json.dumps(given.document, indent=2, sort_keys=True) + "\n"


def read(document: object) -> Promise:
    """Return a promise that its relayer's key signed; `Malformed` with what is wrong about it."""
    try:
        if not isinstance(document, dict) or document["schema"] != SCHEMA:
            raise Malformed(f'It is no document of schema "{SCHEMA}".')
        found = document["data"]
        whole, relayer = found["typed_data"], typed_data.checksummed(found["relayer"])
        signature = bytes.fromhex(found["signature"].removeprefix("0x"))
        carried = {"schema": ballot_file.SCHEMA, "data": found["ballot"]}
        ballot = ballot_file.parse(json.dumps(carried)).signed()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"It is no promise: {error!r}.") from error
    _, values = typed_data.checked(whole, PRIMARY_TYPE, FIELDS)
    before = values["before"]
    if whole != _message(ballot, before):
        raise Malformed("It promises another ballot than it names.")
    if typed_data.signer_of(whole, signature) != relayer:
        raise Malformed(f"The key of {relayer} did not sign it.")
    return Promise(ballot, before, relayer, signature)


def load(path: Path) -> Promise:
    """Return the promise in a file; `Malformed` if it holds none."""
    try:
        return read(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        raise Malformed(f"{path} cannot be read as a promise: {error}.") from error


def _message(signed: SignedBallot, before: int) -> dict[str, Any]:
    ballot, domain = signed.ballot, signed.domain
    return typed_data.full_message(
        Domain(_DOMAIN, "1", domain.chain_id, domain.verifying_contract),
        PRIMARY_TYPE,
        FIELDS,
        {
            "ballotHash": "0x" + signed.ballot_hash.hex(),
            "subject": ballot.subject,
            "memberId": ballot.member_id,
            "epoch": ballot.epoch,
            "sequence": ballot.sequence,
            "before": before,
        },
    )
