"""Where ballots stand in the contracts' state, as of a block."""

from collections.abc import Mapping, Sequence
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
    members = sorted({each.member_id for each in ballots})
    votes = sorted({(voting.contract_of(each), each.subject) for each in ballots})
    answers = chain.views(
        [
            *(_lane(instance, each) for each in ballots),
            *(("Membership", instance.membership, "memberOf", [each]) for each in members),
            *(
                (contract, address_of(instance, contract), _STATE[contract][0], [subject])
                for contract, subject in votes
            ),
        ],
        at,
    )
    lanes, rest = answers[: len(ballots)], answers[len(ballots) :]
    epochs = {each: found["epoch"] for each, found in zip(members, rest, strict=False)}
    states = dict(zip(votes, rest[len(members) :], strict=True))
    found = []
    for ballot, lane in zip(ballots, lanes, strict=True):
        contract = voting.contract_of(ballot)
        _, words, open_ones = _STATE[contract]
        is_open = words[states[contract, ballot.subject]] in open_ones
        found.append(Place(_standing(ballot, lane, epochs[ballot.member_id]), is_open))
    return found


def _lane(instance: Instance, ballot: AnyBallot) -> tuple[str, str, str, list[int]]:
    contract = voting.contract_of(ballot)
    function = voting.BALLOT_OF[contract]
    return contract, address_of(instance, contract), function, [ballot.subject, ballot.member_id]


def _standing(ballot: AnyBallot, lane: Mapping[str, int], epoch: int) -> Standing:
    same_epoch = lane["epoch"] == ballot.epoch % voting.EPOCHS[voting.contract_of(ballot)]
    if lane["sequence"] and same_epoch and lane["sequence"] >= ballot.sequence:
        same = lane["sequence"] == ballot.sequence and _choice(lane) == _choice(ballot)
        return "counted" if same else "replaced"
    # A key that was replaced meanwhile signs nothing that is counted now.
    return "rekeyed" if epoch > ballot.epoch else "absent"


def _choice(found: Mapping[str, int] | AnyBallot) -> int:
    if isinstance(found, Ballot):
        return CHOICES.index(found.choice)
    if isinstance(found, PayBallot):
        return found.rate
    return found["support"] if "support" in found else found["rate"]
