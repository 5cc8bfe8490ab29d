"""From the outbox to the chain: a ballot is kept before it is sent, and sent until it is final."""

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.blocks import BlockRef, Finality
from indexer.chain import Chain
from indexer.errors import BlockMissing, ChainRefused
from node import casting, voting
from node.ballot import CHOICES, AnyBallot, Ballot, PayBallot, SignedBallot
from node.domains import address_of
from node.errors import CoopError, NetworkProblem, NetworkUnreachable, as_coop_error
from node.instance import Instance
from node.outbox import Letter, Outbox, Owner
from node.receipts import Receipt
from node.sender import Sender


@dataclass(frozen=True)
class Delivery:
    """What became of one ballot of the outbox; `problem` tells why it was not counted now."""

    letter: Letter
    problem: CoopError | None = None


def owner(instance: Instance) -> Owner:
    """Whose ballots the outbox of an instance holds."""
    return Owner(instance.chain_id, instance.assembly, instance.pay_rates)


def deliver(sender: Sender, instance: Instance, outbox: Outbox, signed: SignedBallot) -> Receipt:
    """Cast the sender's own signed ballot: rehearsed, kept, sent, and its block noted."""
    # 1. What the contract refuses anyway leaves no trace.
    casting.rehearse(sender.chain, instance, signed.ballot)
    # 2. Kept before anything leaves this machine; 3. sent.
    return send_letter(sender, instance, outbox, outbox.put(signed))


def send_letter(sender: Sender, instance: Instance, outbox: Outbox, letter: Letter) -> Receipt:
    """Cast a kept ballot of the sender's; whatever goes wrong, `retry` goes on from here."""
    receipt = casting.cast(sender, instance, letter.signed)
    if receipt.tx and receipt.block:
        outbox.sent(letter.number, receipt.tx, receipt.block)
    return receipt


def settle(chain: Chain, instance: Instance, outbox: Outbox, finality: Finality) -> list[Letter]:
    """Compare every ballot on its way with the chain; give those that must still be sent.

    A ballot that the chain shows at the finality depth is settled, one that a newer ballot has
    replaced too; one whose transaction vanished waits again.
    """
    final = _head(chain, finality)
    to_send = []
    for letter in outbox.letters():
        place = place_of(chain, instance, letter.signed.ballot, None)
        if place == "replaced":
            outbox.replaced(letter.number)
        elif place == "absent":
            to_send.append(outbox.lost(letter.number) if letter.tx else letter)
        elif final and _is_settled(chain, instance, letter.signed.ballot, final):
            outbox.final(letter.number)
    return to_send


def _is_settled(chain: Chain, instance: Instance, ballot: AnyBallot, final: BlockRef) -> bool:
    """Whether a final block shows the ballot; no, where the node has forgotten that block's state,
    so that other ballots still go out."""
    try:
        return place_of(chain, instance, ballot, final) == "counted"
    except ChainRefused:
        return False


def _head(chain: Chain, finality: Finality) -> BlockRef | None:
    try:
        return chain.head(finality)
    except (BlockMissing, ChainRefused):
        return None  # a chain that knows no such finality: nothing is final there


def retry(sender: Sender, instance: Instance, outbox: Outbox, finality: Finality) -> list[Delivery]:
    """Send again what the chain does not show; a ballot that cannot be counted stays, with why."""
    return [
        _again(sender, instance, outbox, letter)
        for letter in settle(sender.chain, instance, outbox, finality)
    ]


def _again(sender: Sender, instance: Instance, outbox: Outbox, letter: Letter) -> Delivery:
    # As a batch of one: so any account can carry it, whoever's key is at hand.
    try:
        (receipt,) = casting.submit(sender, instance, [letter.signed])
    except Exception as error:
        known = as_coop_error(error)
        if known is None or isinstance(known, (NetworkProblem, NetworkUnreachable)):
            raise
        return Delivery(letter, known)
    if receipt.status == "skipped":
        return Delivery(letter, casting.refusal_in_words(receipt))
    if receipt.tx and receipt.block:
        letter = outbox.sent(letter.number, receipt.tx, receipt.block)
    return Delivery(letter)


def place_of(chain: Chain, instance: Instance, ballot: AnyBallot, at: BlockRef | None) -> str:
    """Whether a block's state holds just this ballot: counted, replaced (for good) or absent."""
    if at is not None and at.number < instance.first_block:
        return "absent"
    contract = voting.contract_of(ballot)
    address = address_of(instance, contract)
    function = voting.BALLOT_OF[contract]
    lane, member = chain.views(
        [
            (contract, address, function, [ballot.subject, ballot.member_id]),
            ("Membership", instance.membership, "memberOf", [ballot.member_id]),
        ],
        at,
    )
    if lane["sequence"] and lane["epoch"] == ballot.epoch % voting.EPOCHS[contract]:
        if lane["sequence"] == ballot.sequence:
            return "counted" if _choice(lane) == _choice(ballot) else "replaced"
        if lane["sequence"] > ballot.sequence:
            return "replaced"
    # A key that was replaced meanwhile signs nothing that is counted now.
    return "replaced" if member["epoch"] > ballot.epoch else "absent"


def _choice(found: Mapping[str, int] | AnyBallot) -> int:
    if isinstance(found, Ballot):
        return CHOICES.index(found.choice)
    if isinstance(found, PayBallot):
        return found.rate
    return found["support"] if "support" in found else found["rate"]
