"""Brings ballots to the contract: the member's own directly, signed ones of anybody in batches."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from indexer import abi
from indexer.chain import Chain
from indexer.errors import ContractReverted
from node import reverts, voting
from node.ballot import CHOICES, AnyBallot, Ballot, SignedBallot
from node.domains import Signing, address_of, expected_domain
from node.errors import CoopError, MirrorOfAnotherChain, NetworkProblem, as_coop_error
from node.instance import Instance
from node.packing import Ladder, pack
from node.receipts import Receipt, receipt
from node.sender import Emitted, Sender, TxReceipt, told_receipt

_BAD_SIGNATURE = 4  # the contract's Refusal
_DIRECT: dict[Signing, str] = {"Assembly": "castBallot", "PayRates": "castPayBallot"}
_BATCH: dict[Signing, str] = {"Assembly": "castBallots", "PayRates": "castPayBallots"}
_COUNTED = ("VoteCast", "PayBallotCast", "PayBallotCastWithReason")
_SKIPPED = ("BallotSkipped", "PayBallotSkipped")

_A_BATCH, _A_BALLOT, _A_WORD, _A_BYTE, _A_CONTRACT = 80_000, 12_500, 23_000, 30, 400_000
"""Gas at most: of a batch before its first ballot, of a ballot, of a word of storage that it is the
first to fill, of a byte of its reason, of asking an account that is a contract."""
_LANES, _PAY_LANES, _COUNTS = 16, 10, 16
"""Members whose ballots on a proposal, or in a pay vote, share a word of storage, by memberId; and
words that hold the counts of a pay vote's rungs, at most."""
GAS_OF_ONE = _A_BALLOT + _A_WORD
"""Gas that a ballot without a reason takes at most in a batch of many."""


class Parcel(NamedTuple):
    """Ballots that one transaction carries, as tried out."""

    ballots: Sequence[SignedBallot]
    call: Mapping[str, str]
    gas: int


def rehearse(chain: Chain, instance: Instance, ballot: AnyBallot) -> None:
    """Raise what the contract would answer if the member cast this ballot now; nothing is sent."""
    contract = voting.contract_of(ballot)
    function = abi.function(contract, _DIRECT[contract])
    member = chain.view("Membership", instance.membership, "memberOf", ballot.member_id)
    call = {
        "from": member["account"],
        "to": address_of(instance, contract),
        "data": "0x" + abi.encode_call(function, _arguments(ballot)).hex(),
    }
    try:
        chain.request("eth_call", call, "latest")
    except ContractReverted as error:
        raise reverts.told(error.name, error.args_by_name) from error


def cast(sender: Sender, instance: Instance, signed: SignedBallot) -> Receipt:
    """Cast the sender's own ballot directly; a refusal of the contract raises."""
    contract = voting.contract_of(signed.ballot)
    address = address_of(instance, contract)
    sent = sender.send(contract, address, _DIRECT[contract], *_arguments(signed.ballot))
    return _told([signed], sent)[0] if sent.sent else receipt(signed, "simulated")


def submit(sender: Sender, instance: Instance, ballots: Sequence[SignedBallot]) -> list[Receipt]:
    """Carry signed ballots of anybody: one transaction for each proposal or pay vote.

    Everything is tried out before anything is sent. What would not be counted for itself, and a
    batch of which nothing would be, is not sent; its receipts (status skipped, no transaction) say
    why. A closed vote raises.
    """
    chain = sender.chain
    # 1. Every ballot is for this instance.
    for signed in ballots:
        refuse_foreign(signed, instance)
    # 2. Every signature is over just what its file says: the contract would take one over the
    #    true content and epoch, and the receipt would then be wrong.
    sound = {signed: is_sound(chain, instance, signed) for signed in dict.fromkeys(ballots)}
    receipts = [_refused(chain, instance, signed) for signed, good in sound.items() if not good]
    # 3. Each batch as it will be sent, tried out.
    batches = [
        (batch, _packed(chain, instance, batch))
        for batch in _batches(signed for signed, good in sound.items() if good)
    ]
    counts = [_try(sender, instance, batch[0], packed) for batch, packed in batches]
    # 4. Those of which something counts are sent.
    for (batch, packed), count in zip(batches, counts, strict=True):
        receipts += (
            _send(sender, instance, batch, packed)
            if count
            else [_refused(chain, instance, signed) for signed in batch]
        )
    return receipts


def parcel(
    sender: Sender, instance: Instance, ballots: Sequence[SignedBallot], most: int
) -> tuple[Parcel | None, dict[SignedBallot, CoopError]]:
    """Return what one transaction can carry of sound ballots, those on the first one's subject
    first, and why the contract would not count others; nothing is sent.

    The sender's own only ballot goes directly, which is cheaper than a batch of one.
    """
    refused: dict[SignedBallot, CoopError] = {}
    for batch in _batches(ballots):
        fitting, gas = _fitting(batch[:most], sender.gas_limit())
        try:
            if not _is_own(sender, fitting) and (whole := _whole(sender, instance, fitting, gas)):
                return whole, refused
            good = _countable(sender, instance, fitting, refused)
            if good:
                return Parcel(good, *_prepared(sender, instance, good)), refused
        except (ContractReverted, CoopError) as error:  # of all alike
            if isinstance(error, NetworkProblem):
                raise
            refused |= dict.fromkeys(fitting, as_coop_error(error) or CoopError(str(error)))
    return None, refused


def receipts_in(chain: Chain, tx: str, ballots: Iterable[SignedBallot]) -> list[Receipt]:
    """Return the receipts of all the ballots that a transaction in a block carried."""
    answer = chain.request("eth_getTransactionReceipt", tx)
    if answer is None:
        return []
    (batch,) = _batches(ballots)
    return _told(batch, told_receipt(answer))


def _whole(
    sender: Sender, instance: Instance, batch: Sequence[SignedBallot], gas: int
) -> Parcel | None:
    """Return the batch with so much gas if all of it is counted with that, as it mostly is.

    One question; an estimate takes a node as long as ten.
    """
    call = sender.call_of(*_call(sender.chain, instance, batch))
    try:
        counted = int(sender.simulate({**call, "gas": hex(gas)}), 16)
    except CoopError:
        return None
    return Parcel(batch, call, gas) if counted == len(batch) else None


def _countable(
    sender: Sender,
    instance: Instance,
    batch: Sequence[SignedBallot],
    refused: dict[SignedBallot, CoopError],
) -> list[SignedBallot]:
    """Return those that would be counted; note why others would not."""
    if _try(sender, instance, batch[0], _packed(sender.chain, instance, batch)) == len(batch):
        return list(batch)
    good = []
    for signed in batch:
        if _try(sender, instance, signed, _packed(sender.chain, instance, [signed])):
            good.append(signed)
        else:
            refused[signed] = refusal_in_words(_refused(sender.chain, instance, signed))
    return good


def _is_own(sender: Sender, batch: Sequence[SignedBallot]) -> bool:
    return len(batch) == 1 and batch[0].account == sender.address


def _prepared(
    sender: Sender, instance: Instance, batch: Sequence[SignedBallot]
) -> tuple[Mapping[str, str], int]:
    if not _is_own(sender, batch):
        return sender.prepared(*_call(sender.chain, instance, batch))
    ballot = batch[0].ballot
    contract = voting.contract_of(ballot)
    address = address_of(instance, contract)
    return sender.prepared(contract, address, _DIRECT[contract], *_arguments(ballot))


def _call(chain: Chain, instance: Instance, batch: Sequence[SignedBallot]) -> tuple[Any, ...]:
    """Return contract, address, function and arguments that carry a batch."""
    first = batch[0].ballot
    contract = voting.contract_of(first)
    address = address_of(instance, contract)
    return contract, address, _BATCH[contract], first.subject, _packed(chain, instance, batch)


def _fitting(batch: Sequence[SignedBallot], limit: int) -> tuple[Sequence[SignedBallot], int]:
    """Return the first ballots that fit into so much gas, one at least, and the gas they take."""
    words: set[int] = set()
    rates: set[int] = set()
    count, total = 0, _A_BATCH
    for signed in batch:
        ballot = signed.ballot
        word = ballot.member_id // (_LANES if isinstance(ballot, Ballot) else _PAY_LANES)
        rate = 0 if isinstance(ballot, Ballot) else ballot.rate  # one word for the tally
        # Neighbouring rungs share a word of counts; which, the ladder knows: as if none did.
        filled = (word not in words) + (rate not in rates and len(rates) < _COUNTS)
        takes = _A_BALLOT + _A_WORD * filled + _A_BYTE * len(ballot.reason.encode())
        takes += 0 if signed.by_key else _A_CONTRACT
        if count and total + takes > limit:
            break
        words.add(word)
        rates.add(rate)
        count, total = count + 1, total + takes
    return batch[:count], min(total, limit)


def refused(
    chain: Chain, instance: Instance, sender: Sender, ballots: Sequence[SignedBallot]
) -> dict[SignedBallot, CoopError]:
    """Return why some of these ballots for this instance would not be counted now."""
    found: dict[SignedBallot, CoopError] = {}
    for batch in _batches(dict.fromkeys(ballots)):
        good = batch
        try:
            sound = _sound(chain, instance, batch)
            good = [signed for signed, well in zip(batch, sound, strict=True) if well]
            found |= {
                signed: refusal_in_words(_refused(chain, instance, signed))
                for signed in batch
                if signed not in good
            }
            if good:
                _countable(sender, instance, good, found)
        except (ContractReverted, CoopError) as error:  # of all alike
            if isinstance(error, NetworkProblem):
                raise
            found |= dict.fromkeys(good, as_coop_error(error) or CoopError(str(error)))
    return found


def _sound(chain: Chain, instance: Instance, batch: Sequence[SignedBallot]) -> list[bool]:
    """`is_sound` of many ballots on one subject."""
    first = batch[0].ballot
    contract = voting.contract_of(first)
    function = "proposal" if contract == "Assembly" else "payVote"
    known, *members = chain.views(
        [
            (contract, address_of(instance, contract), function, [first.subject]),
            *(
                ("Membership", instance.membership, "memberOf", [each.ballot.member_id])
                for each in batch
            ),
        ]
    )
    return [
        (each.ballot.content, each.ballot.epoch) == (known["content"], member["epoch"])
        and (each.by_key or bool(chain.code(each.account)))
        for each, member in zip(batch, members, strict=True)
    ]


def is_member(chain: Chain, instance: Instance, signed: SignedBallot) -> bool:
    """Whether the account is an active member's present key, and the member the ballot's."""
    found = chain.view("Membership", instance.membership, "activeMemberIdOf", signed.account)
    return int(found) == signed.ballot.member_id


def is_sound(chain: Chain, instance: Instance, signed: SignedBallot) -> bool:
    """Whether a ballot names the contract's content and the member's epoch, and its account signed.

    Whether a contract account signed (ERC-1271) is left to the contract.
    """
    return _sound(chain, instance, [signed])[0]


def verify(chain: Chain, instance: Instance, signed: SignedBallot) -> None:
    """Raise why the contract would not count a ballot now; needs no key and sends nothing."""
    refuse_foreign(signed, instance)
    if not is_sound(chain, instance, signed):
        raise refusal_in_words(_refused(chain, instance, signed))
    contract = voting.contract_of(signed.ballot)
    function = abi.function(contract, _BATCH[contract])
    arguments = (signed.ballot.subject, _packed(chain, instance, [signed]))
    call = {
        "to": address_of(instance, contract),
        "data": "0x" + abi.encode_call(function, arguments).hex(),
    }
    try:
        counted = int(chain.request("eth_call", call, "latest"), 16)
    except ContractReverted as error:
        raise reverts.told(error.name, error.args_by_name) from error
    if not counted:
        raise refusal_in_words(_refused(chain, instance, signed))


def refuse_foreign(signed: SignedBallot, instance: Instance) -> None:
    """Raise `MirrorOfAnotherChain` for a ballot signed for another chain, co-op or contract."""
    expected = expected_domain(instance, voting.contract_of(signed.ballot))
    found = signed.domain
    if found == expected:
        return
    raise MirrorOfAnotherChain(
        f"The ballot is for {found.name!r} on chain {found.chain_id}, contract "
        f"{found.verifying_contract}; instance {instance.name} is {expected.name!r} on chain "
        f"{expected.chain_id}, contract {expected.verifying_contract}.",
        hint="Choose the instance that the ballot is for: --instance NAME",
        details={"expected": expected.values(), "found": found.values()},
    )


def refusal_in_words(found: Receipt) -> CoopError:
    """The error that tells why a ballot was not counted."""
    ballot = found.ballot
    proposal = isinstance(ballot, Ballot)
    return reverts.told(
        "AssemblyBallotRefused" if proposal else "PayRatesBallotRefused",
        {
            "proposalId" if proposal else "payVoteId": ballot.subject,
            "memberId": ballot.member_id,
            "refusal": found.refusal,
        },
    )


def _arguments(ballot: AnyBallot) -> tuple[Any, ...]:
    choice = CHOICES.index(ballot.choice) if isinstance(ballot, Ballot) else ballot.rate
    return ballot.subject, ballot.member_id, choice, ballot.sequence, ballot.reason


def _batches(ballots: Iterable[SignedBallot]) -> list[list[SignedBallot]]:
    """Ballots by what they are on, each batch in the order in which it is packed."""
    found: dict[tuple[Signing, int], list[SignedBallot]] = {}
    for signed in ballots:
        key = (voting.contract_of(signed.ballot), signed.ballot.subject)
        found.setdefault(key, []).append(signed)
    return [
        sorted(batch, key=lambda signed: (signed.ballot.member_id, signed.ballot.sequence))
        for batch in found.values()
    ]


def _packed(chain: Chain, instance: Instance, batch: Sequence[SignedBallot]) -> bytes:
    return pack(batch, _ladder(chain, instance, batch[0].ballot))


def _ladder(chain: Chain, instance: Instance, ballot: AnyBallot) -> Ladder | None:
    if isinstance(ballot, Ballot):
        return None
    return voting.pay_vote_parts(chain, instance, ballot.pay_vote_id).ladder


def _try(sender: Sender, instance: Instance, first: SignedBallot, packed: bytes) -> int:
    contract = voting.contract_of(first.ballot)
    address = address_of(instance, contract)
    count = sender.call(contract, address, _BATCH[contract], first.ballot.subject, packed)
    return int(count)


def _send(
    sender: Sender, instance: Instance, batch: Sequence[SignedBallot], packed: bytes
) -> list[Receipt]:
    contract = voting.contract_of(batch[0].ballot)
    address = address_of(instance, contract)
    sent = sender.send(contract, address, _BATCH[contract], batch[0].ballot.subject, packed)
    if not sent.sent:
        return [receipt(signed, "simulated") for signed in batch]
    return _told(batch, sent)


def _told(batch: Sequence[SignedBallot], sent: TxReceipt) -> list[Receipt]:
    # The contract logs one outcome an entry, in the order of the entries.
    outcomes = [event for event in sent.events if event.name in (*_COUNTED, *_SKIPPED)]
    return [
        _receipt(signed, sent, outcome) for signed, outcome in zip(batch, outcomes, strict=True)
    ]


def _receipt(signed: SignedBallot, sent: TxReceipt, outcome: Emitted) -> Receipt:
    counted = outcome.name in _COUNTED
    return receipt(
        signed,
        "counted" if counted else "skipped",
        tx=sent.tx,
        block=sent.block,
        log_index=outcome.log_index,
        refusal=0 if counted else outcome.args["refusal"],
    )


def _refused(chain: Chain, instance: Instance, signed: SignedBallot) -> Receipt:
    return receipt(signed, "skipped", refusal=_refusal(chain, instance, signed.ballot))


def _refusal(chain: Chain, instance: Instance, ballot: AnyBallot) -> int:
    """Why the contract would skip a ballot: what it answers if the member cast it directly.

    If that would be counted, what is wrong can only be the signature.
    """
    try:
        rehearse(chain, instance, ballot)
    except CoopError as error:
        return int(error.details.get("args", {}).get("refusal", 0))
    return _BAD_SIGNATURE
