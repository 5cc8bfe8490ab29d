"""Proposals drawn at random: resolutions, people, rules, roles, foreign calls, nonsense."""

from random import Random

from eth_hash.auto import keccak

from indexer.rules.bylaws import PERSONAL, DecisionClass
from indexer.rules.classes import CLASS_OF
from tests.model.changing import change_of
from tests.model.coop import CoopModel
from tests.model.words import Call

HOUR, DAY = 3_600, 86_400


def proposal_of(model: CoopModel, random: Random, account: str, member: int) -> Call:
    """A call of `propose`."""
    actions = _actions(model, random, account, member)
    decision_class = _class(actions)
    text = f"Resolution {random.randrange(3)}"
    if decision_class in PERSONAL:
        text = "0x" + keccak(text.encode()).hex()
    if random.random() < 0.04:
        text = random.choice([text.upper(), text[:-1], "", "0x" + "g" * 64])
    rule, now = model.bylaws.in_force(decision_class), model.world.now
    opens_at = now + rule.notice + random.choice([5, 5, 60, 600])
    if random.random() < 0.12:
        opens_at = now + random.choice([rule.notice, rule.notice - 1, 90 * DAY, 90 * DAY + 1])
    wire = tuple((model.world.addresses[each.contract], 0, each.data) for each in actions)
    args = (actions, text, opens_at)
    return Call("Assembly", "propose", args, (wire, text, opens_at))


def _actions(model: CoopModel, random: Random, account: str, member: int) -> tuple[Call, ...]:
    draw = random.random()
    if draw < 0.35:
        return ()
    first = change_of(model, random, account, member)
    if draw < 0.65:
        removal = Call("Membership", "suspend", (member, random.choice([HOUR, DAY])))
        first = random.choice([removal, Call("Membership", "expel", (member,))])
    if draw < 0.9:
        return (first,)
    second = change_of(model, random, account, member)
    foreign = Call("Elsewhere", "deposit")
    forbidden = Call("Membership", "leaveCooperative")
    return random.choice(
        [(foreign,), (foreign,), (first, second), (first, forbidden), (first, first)]
    )


def _class(actions: tuple[Call, ...]) -> DecisionClass:
    if not actions:
        return DecisionClass.ORDINARY
    first = actions[0]
    return CLASS_OF.get((first.contract, first.function), DecisionClass.EXTERNAL)
