"""Taking an instance's place before it is born: squatting, racing, and founders who are none."""

from typing import Any

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import refused, voted
from tests.contracts.artifacts import CONTRACTS, at
from tests.contracts.coop import CLASSES, DAY, Coop
from tests.contracts.founding import PAY_RULE, found, rule
from tests.contracts.people import NAMES, Sender, person
from tests.contracts.rates import driver
from tests.contracts.refusals import Reverted
from tests.contracts.roll import open_account
from tests.contracts.test_chronicle import fold, logs_of

FOUNDERS = [person(name).address for name in NAMES[:5]]
ZERO = "0x" + "00" * 20


def arguments(founders: list[str] | None = None, nonce: int = 7, name: str = "Weavers") -> Any:
    terms = (5 * DAY, [rule()] * len(CLASSES), b"GBP", tuple(PAY_RULE.values()))
    return (name, FOUNDERS if founders is None else founders, terms, [driver()], nonce)


def create(coop: Coop, args: Any, by: Sender | None = None) -> None:
    coop.send(coop.factory.functions.create(*args), by or coop.sue)


def places(coop: Coop, args: Any) -> list[str]:
    return list(coop.factory.functions.predict(*args).call())


def born(coop: Coop, args: Any) -> Coop:
    """The instance at the predicted places."""
    four = [at(coop.w3, n, p) for n, p in zip(CONTRACTS, places(coop, args), strict=True)]
    return Coop(coop.chain, coop.w3, coop.factory, four[0], four[1], four[2], four[3], coop.people)


def words(coop: Coop) -> list[Any]:
    """What an instance says of itself."""
    m, b, a, p = coop.membership, coop.bylaws, coop.assembly, coop.pay_rates
    return [
        [m.functions.memberOf(n).call()[0] for n in range(1, 6)],
        [m.functions.assembly_().call(), b.functions.assembly_().call()],
        [
            a.functions.membership().call(),
            a.functions.bylaws().call(),
            a.functions.payRates().call(),
        ],
        [b.functions.inForce(number).call() for number in range(len(CLASSES))],
        [p.functions.assembly_().call(), p.functions.roles().call()],
        a.functions.eip712Domain().call(),
    ]


def test_who_races_with_the_same_arguments_makes_the_very_same_instance(
    coop: Coop, chain: Devnet
) -> None:
    args = arguments()
    snapshot = chain.rpc("evm_snapshot")
    create(coop, args, coop.ada)
    honest = words(born(coop, args))
    assert chain.rpc("evm_revert", snapshot)
    create(coop, args, coop.rex)
    assert words(born(coop, args)) == honest
    with pytest.raises(Reverted):
        create(coop, args, coop.ada)
    raced = born(coop, args)
    assert voted(raced, raced.propose(raced.ada), "ada ben cleo") == "succeeded"


@pytest.mark.parametrize(
    "other",
    [
        arguments([*FOUNDERS[:4], person("rex").address]),
        arguments(FOUNDERS[::-1]),
        arguments(nonce=8),
        arguments(name="Weavers "),
    ],
    ids=["a founder", "their order", "the nonce", "the name"],
)
def test_who_races_with_other_arguments_comes_to_another_place(coop: Coop, other: Any) -> None:
    args = arguments()
    create(coop, other, coop.rex)
    assert not set(places(coop, other)) & set(places(coop, args))
    create(coop, args, coop.ada)
    assert born(coop, args).membership.functions.memberOf(5).call()[0] == FOUNDERS[4]


def test_the_place_does_not_depend_on_who_asks_nor_on_what_was_made_before(coop: Coop) -> None:
    before = places(coop, arguments())
    for nonce in (8, 9):
        create(coop, arguments(nonce=nonce), coop.rex)
    asked = coop.factory.functions.predict(*arguments()).call({"from": coop.rex.address})
    assert list(asked) == before


def test_money_sent_ahead_to_every_place_hinders_nothing(coop: Coop) -> None:
    args = arguments()
    for place in places(coop, args):
        payment = {"from": coop.ada.address, "to": place, "value": hex(5)}
        coop.chain.rpc("eth_sendTransaction", payment)
    create(coop, args)
    made = born(coop, args)
    assert coop.w3.eth.get_balance(made.assembly.address) == 5
    assert made.assembly.functions.chronicleHead().call() == fold(
        made.assembly.address, logs_of(coop.chain, made.assembly.address)
    )
    assert voted(made, made.propose(made.ada), "ada ben cleo") == "succeeded"


@pytest.mark.parametrize("part", range(4))
def test_code_at_one_of_the_places_stops_the_birth_and_leaves_nothing_half_made(
    coop: Coop, part: int
) -> None:
    # No transaction can put code there; if one could, no instance would be wired to it.
    args = arguments()
    own = places(coop, args)
    coop.chain.rpc("anvil_setCode", own[part], "0x00")
    with refused("FailedDeployment"):
        create(coop, args)
    codes = [coop.chain.rpc("eth_getCode", place, "latest") for place in own]
    assert codes == ["0x00" if number == part else "0x" for number in range(4)]


BAD_FOUNDERS: dict[str, tuple[list[str], str, tuple[Any, ...]]] = {
    "nobody": ([], "MembershipFounderCount", (0,)),
    "one": (FOUNDERS[:1], "MembershipFounderCount", (1,)),
    "two": (FOUNDERS[:2], "MembershipFounderCount", (2,)),
    "two, one of them twice": (
        [*FOUNDERS[:2], FOUNDERS[0]],
        "MembershipAccountTaken",
        (FOUNDERS[0],),
    ),
    "one thrice": (FOUNDERS[:1] * 3, "MembershipAccountTaken", (FOUNDERS[0],)),
    "the zero account first": ([ZERO, *FOUNDERS], "MembershipAccountTaken", (ZERO,)),
    "the zero account last": ([*FOUNDERS, ZERO], "MembershipAccountTaken", (ZERO,)),
}


@pytest.mark.parametrize("who", BAD_FOUNDERS)
def test_founders_who_are_none_or_twice_the_same_found_nothing(coop: Coop, who: str) -> None:
    founders, name, values = BAD_FOUNDERS[who]
    args = arguments(founders)
    with refused(name, *values):
        create(coop, args)
    assert {coop.chain.rpc("eth_getCode", place, "latest") for place in places(coop, args)} == {
        "0x"
    }


def test_three_founders_are_enough_and_decide(chain: Devnet, factory: Contract) -> None:
    coop = found(chain, factory, founders=NAMES[:3])
    assert voted(coop, coop.propose(coop.ada), "ada ben") == "succeeded"


def test_an_instance_as_founder_of_another_has_one_vote_and_no_power(coop: Coop) -> None:
    args = arguments([*FOUNDERS[:2], coop.assembly.address])
    create(coop, args)
    made = born(coop, args)
    assert made.membership.functions.memberIdOf(coop.assembly.address).call() == 3
    open_account(coop, coop.assembly.address)
    with refused("MembershipOnlyAssembly", coop.assembly.address):
        coop.send(made.membership.functions.setProbation(0), coop.assembly)
    proposal = made.propose(made.ada)
    made.open(proposal)
    made.vote(coop.assembly, proposal, 1)  # type: ignore[arg-type]
    assert made.votes(proposal) == (0, 1, 0)
    assert coop.assembly.functions.proposalCount().call() == 0
