"""What a passed proposal may change, drawn at random: people, rules, roles."""

from random import Random

from tests.contracts.founding import rule
from tests.model.coop import CoopModel
from tests.model.words import Call

HOUR, DAY = 3_600, 86_400
SPARE_ROLES = tuple(name.encode().ljust(32, b"\0") for name in ("spinner", "fuller", "carder"))


def change_of(model: CoopModel, random: Random, account: str, member: int) -> Call:
    """Some call that only the Assembly may make."""
    candidates = list(model.membership.candidates)
    newcomer = random.choice(candidates) if candidates and random.random() < 0.9 else account
    return random.choices(
        [
            Call("Membership", "admit", (newcomer,)),
            Call("Membership", "suspend", (member, random.choice([HOUR, DAY, 60 * DAY, 0]))),
            Call("Membership", "reinstate", (member,)),
            Call("Membership", "expel", (member,)),
            Call("Membership", "recover", (member, account)),
            Call("Membership", "setProbation", (random.choice([0, HOUR, 366 * DAY]),)),
            rule_change(random),
            role_change(model, random),
            pay_rule_change(random),
        ],
        [8, 2, 2, 1, 2, 1, 4, 4, 1],
    )[0]


def rule_change(random: Random) -> Call:
    """A rule of some class, seldom out of bounds."""
    second = random.choice([0, 2 * HOUR])
    swing = random.choice([0, HOUR, 2 * HOUR])
    values = rule(
        notice=random.choice([0, DAY, DAY, DAY]),
        votingPeriod=random.choice([4 * HOUR, 4 * HOUR, HOUR, HOUR - 1]),
        executionDelay=random.choice([HOUR, DAY, DAY]),
        grace=DAY,
        secondCallDelay=second,
        secondCallBps=random.choice([0, 2_000]) if second else 0,
        coolDown=random.choice([0, 6 * HOUR]),
        swingWindow=swing,
        swingCap=swing and random.choice([swing, 3 * HOUR]),
        quorumMin=random.choice([1, 2, 3, 30]) if random.random() < 0.3 else 1,
        quorumBps=random.choice([0, 2_000, 3_334, 5_000, 6_000]),
        maxAgainst=random.choice([65_535, 65_535, 2, 0]),
        passNum=random.choice([1, 2]),
        passDen=random.choice([2, 3]),
        strict=random.random() < 0.5,
        basisRoll=random.random() < 0.2,
        presence=random.random() < 0.6,
        subjectVotes=random.random() < 0.4,
    )
    return Call("Bylaws", "setRule", (random.randrange(7), values))


def role_change(model: CoopModel, random: Random) -> Call:
    """A new role, other terms of one, or its end."""
    known = list(model.roles.roles)
    name, spare = random.choice(known), random.choice(SPARE_ROLES)
    terms = (
        random.choice([1_000, 1_230, 900]),
        random.choice([7, 10, 1]),
        random.choice([500, 2_000]),
    )
    rate = random.choice([1_300, 1_400, 1_650, 9_000])
    return random.choices(
        [
            Call("PayRates", "addRole", ((spare, rate, *terms),)),
            Call("PayRates", "changeRole", (name, *terms)),
            Call("PayRates", "retireRole", (random.choice(SPARE_ROLES),)),
        ],
        [3, 4, 1],
    )[0]


def pay_rule_change(random: Random) -> Call:
    """Another pay rule, seldom out of bounds."""
    values = (
        random.choice([0, HOUR]),
        4 * HOUR,
        DAY,
        random.choice([0, HOUR]),
        random.choice([DAY, 365 * DAY]),
        random.choice([0, 110, 300, 99]),
        random.choice([1, 3]),
        random.choice([0, 5_000, 6_667]),
        random.random() < 0.5,
    )
    return Call("PayRates", "setPayRule", (values,))
