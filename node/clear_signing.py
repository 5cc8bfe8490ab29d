"""What a wallet shows when a member signs a ballot: an ERC-7730 descriptor of one co-op.

With it a wallet says "Proposal: 7, My choice: for" where it would show field names and numbers.
Form: https://eips.ethereum.org/EIPS/eip-7730, version 2 of its schema.
"""

from typing import Any

from node.ballot import Ballot, PayBallot
from node.domains import expected_domain
from node.instance import Instance
from node.typed_data import Fields

SCHEMA = "https://eips.ethereum.org/assets/eip-7730/erc7730-v2.schema.json"
_ALWAYS, _IF_THERE_IS_ROOM = "always", "optional"


def descriptor(instance: Instance, *, currency: str = "") -> dict[str, Any]:
    """Return the ERC-7730 document for the ballots of an instance, to be written as JSON.

    `currency` names the unit of rates ("GBP"); they are shown as ballots have them, in minor units.
    """
    domain = expected_domain(instance, "Assembly")
    return {
        "$schema": SCHEMA,
        "context": {
            "eip712": {
                # Both contracts have the co-op's name and version; each has an address of its own.
                "domain": {"name": domain.name, "version": domain.version},
                "deployments": [
                    {"chainId": instance.chain_id, "address": address}
                    for address in (instance.assembly, instance.pay_rates)
                ],
            }
        },
        "metadata": {"owner": instance.title, "contractName": f"Votes of {instance.title}"},
        "display": {"formats": {**_ballot(), **_pay_ballot(currency)}},
    }


def encode_type(primary_type: str, fields: Fields) -> str:
    """Return a message's type as EIP-712 hashes it; a descriptor's formats are named by it."""
    return f"{primary_type}({','.join(f'{kind} {name}' for name, kind in fields)})"


def _ballot() -> dict[str, Any]:
    labels = {
        "proposalId": "Proposal",
        "choice": "My choice",
        "reason": "Reason (public for ever)",
        "memberId": "Member number",
        "sequence": "My ballot number",
        "content": "Fingerprint of the proposal",
        "epoch": "My key number",
    }
    return _format(Ballot, "Vote on a proposal", labels)


def _pay_ballot(currency: str) -> dict[str, Any]:
    unit = f"{currency} minor units" if currency else "minor units"
    labels = {
        "payVoteId": "Pay vote",
        "rate": f"My rate per hour, {unit}",
        "reason": "Reason (public for ever)",
        "memberId": "Member number",
        "sequence": "My ballot number",
        "content": "Fingerprint of the pay vote",
        "epoch": "My key number",
    }
    return _format(PayBallot, "Vote on a rate of pay", labels)


def _format(
    kind: type[Ballot] | type[PayBallot], intent: str, labels: dict[str, str]
) -> dict[str, Any]:
    # What is voted on and how may never be left out; small screens may leave out the rest.
    said = list(labels)[:3]
    fields = [
        {
            "path": path,
            "label": label,
            "format": "raw",
            "visible": _ALWAYS if path in said else _IF_THERE_IS_ROOM,
        }
        for path, label in labels.items()
    ]
    name = encode_type(kind.PRIMARY_TYPE, kind.FIELDS)
    return {name: {"intent": intent, "fields": fields}}
