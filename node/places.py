"""Where ballots stand in the contracts' state, as of a block."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from indexer.blocks import BlockRef
from indexer.chain import Chain
from node import voting
from node.ballot import CHOICES, AnyBallot, Ballot, PayBallot
from node.domains import Signing, address_of
from node.instance import Instance
from node.reverts import PAY_STATES, STATES

Standing = Literal["counted", "replaced", "rekeyed", "absent"]
"""counted: just this ballot. replaced: a newer one of the member. rekeyed: the member's key is
another one now. absent: none of these, so that it could still be counted."""

_STATE: dict[Signing, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "Assembly": ("state", tuple(STATES), ("pending", "active")),
    "PayRates": ("payVoteState", tuple(PAY_STATES), ("pending", "open")),
}


class Place(NamedTuple):
    """How a ballot stands, and whether its vote is or will be open."""

    standing: Standing
    open: bool


def places(
    chain: Chain, instance: Instance, ballots: Sequence[AnyBallot], at: BlockRef | None = None
) -> list[Place]:
    """Return where each ballot stands after a block, or now; raises as `Chain.views` does.

    Before the instance there was nothing: all are absent and their votes to come.
    """
    if at is not None and at.number < instance.first_block:
        return [Place("absent", open=True) for _ in ballots]
    votes = sorted({(voting.contract_of(each), each.subject) for each in ballots})
    answers = chain.views(
        [
            *(_lane(instance, each) for each in ballots),
            *(
                (contract, address_of(instance, contract), _STATE[contract][0], [subject])
                for contract, subject in votes
            ),
        ],
        at,
    )
    lanes, states = answers[: len(ballots)], dict(zip(votes, answers[len(ballots) :], strict=True))
    standings = [_standing(each, lane) for each, lane in zip(ballots, lanes, strict=True)]
    epochs = _epochs(
        chain,
        instance,
        {each.member_id for each, standing in zip(ballots, standings, strict=True) if not standing},
        at,
    )
    found = []
    for ballot, standing in zip(ballots, standings, strict=True):
        contract = voting.contract_of(ballot)
        _, words, open_ones = _STATE[contract]
        is_open = words[states[contract, ballot.subject]] in open_ones
        # A key that was replaced meanwhile signs nothing that is counted now.
        rest: Standing = "absent"
        if not standing and epochs[ballot.member_id] > ballot.epoch:
            rest = "rekeyed"
        found.append(Place(standing or rest, is_open))
    return found


def _epochs(
    chain: Chain, instance: Instance, members: Collection[int], at: BlockRef | None
) -> dict[int, int]:
    """By member the number of the present key."""
    asked = sorted(members)
    answers = chain.views(
        [("Membership", instance.membership, "memberOf", [each]) for each in asked], at
    )
    return {each: found["epoch"] for each, found in zip(asked, answers, strict=True)}


def _lane(instance: Instance, ballot: AnyBallot) -> tuple[str, str, str, list[int]]:
    contract = voting.contract_of(ballot)
    function = voting.BALLOT_OF[contract]
    return contract, address_of(instance, contract), function, [ballot.subject, ballot.member_id]


def _standing(ballot: AnyBallot, lane: Mapping[str, int]) -> Standing | None:
    """What the member's lane says of a ballot; None if it says nothing of this one."""
    same_epoch = lane["epoch"] == ballot.epoch % voting.EPOCHS[voting.contract_of(ballot)]
    if not (lane["sequence"] and same_epoch and lane["sequence"] >= ballot.sequence):
        return None
    same = lane["sequence"] == ballot.sequence and _choice(lane) == _choice(ballot)
    return "counted" if same else "replaced"


def _choice(found: Mapping[str, int] | AnyBallot) -> int:
    if isinstance(found, Ballot):
        return CHOICES.index(found.choice)
    if isinstance(found, PayBallot):
        return found.rate
    return found["support"] if "support" in found else found["rate"]
