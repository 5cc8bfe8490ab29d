"""One transaction makes an instance, where it was predicted; nobody has power over it."""

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.abi import collapse_if_tuple
from web3 import Web3
from web3.contract import Contract
from web3.exceptions import ContractCustomError
from web3.types import TxReceipt

from node.devnet import Devnet
from tests.contracts.acts import refused
from tests.contracts.artifacts import CONTRACTS, at, load
from tests.contracts.coop import CLASSES, DAY, Coop
from tests.contracts.founding import PAY_RULE, found, role, rule
from tests.contracts.ledger import clone_code, named
from tests.contracts.people import NAMES, Person, Sender, person
from tests.contracts.refusals import Reverted
from tests.contracts.roll import PROFILE, ZERO, open_account

PAY = tuple(PAY_RULE.values())
ROLES = [role(name, 1_500) for name in ("driver", "cook", "clerk")]
FIVE = [person(name).address for name in NAMES[:5]]
TOM = person("tom").address
DRIVER = b"driver".ljust(32, b"\0")


def arguments(
    name: str = "Weavers",
    founders: list[str] | None = None,
    nonce: int = 0,
    roles: list[Any] | None = None,
    pay_rule: tuple[Any, ...] = PAY,
    **rules: tuple[Any, ...],
) -> tuple[Any, ...]:
    """What `create` takes."""
    by_class = [rules.get(word, rule()) for word in CLASSES]
    terms = (5 * DAY, by_class, b"GBP", pay_rule)
    return name, founders or FIVE, terms, ROLES if roles is None else roles, nonce


def numbered(count: int) -> list[str]:
    """So many different accounts."""
    return [Web3.to_checksum_address(f"0x{number:040x}") for number in range(1, count + 1)]


@pytest.fixture
def plain(factory: Contract, chain: Devnet) -> Coop:
    """A co-op that the deployer (ada's account) is no member of."""
    return found(chain, factory, founders=NAMES[1:6], roles=ROLES)


def create(plain: Coop, args: tuple[Any, ...], by: Person | None = None) -> TxReceipt:
    """Makes an instance."""
    return plain.send(plain.factory.functions.create(*args), by or plain.sue)


def places(plain: Coop, args: tuple[Any, ...]) -> list[str]:
    """Where `predict` says that the instance comes."""
    return list(plain.factory.functions.predict(*args).call())


def codes(plain: Coop, at_places: list[str]) -> list[str]:
    """The code at each address."""
    return [plain.chain.rpc("eth_getCode", place, "latest") for place in at_places]


# Addresses

# Bits of each value of a rule in the code of Bylaws, in the order of Rule.
WIDTHS = (23, 23, 23, 24, 22, 24, 20, 21, 14, 14, 14, 16, 7, 7, 1, 1, 1, 1)


def packed_rule(rule_: tuple[Any, ...]) -> bytes:
    """A rule as one word."""
    word = 0
    for value, width in zip(rule_, WIDTHS, strict=True):
        word = word << width | int(value)
    return word.to_bytes(32, "big")


def test_an_instance_comes_where_it_was_predicted_whoever_makes_it(plain: Coop) -> None:
    args = arguments()
    predicted = places(plain, args)
    for caller in (plain.tom, plain.rex):
        answer = plain.factory.functions.predict(*args).call({"from": caller.address})
        assert list(answer) == predicted
    assert len(set(predicted)) == 4
    assert codes(plain, predicted) == ["0x"] * 4
    create(plain, args, plain.rex)
    implementations = plain.factory.functions.implementations().call()
    membership, bylaws, _, pay_rates = predicted
    carried = [
        named(args[0]),
        b"".join(packed_rule(each) for each in args[2][1]),
        named(args[0], membership, bylaws, pay_rates),
        named(args[0], membership),
    ]
    wanted = [
        "0x" + clone_code(implementation, arguments_).hex()
        for implementation, arguments_ in zip(implementations, carried, strict=True)
    ]
    assert codes(plain, predicted) == wanted


def test_the_same_arguments_make_one_instance_only(plain: Coop) -> None:
    create(plain, arguments())
    for somebody in (plain.sue, plain.rex):
        with refused("FailedDeployment"):
            create(plain, arguments(), somebody)


def test_other_arguments_give_other_addresses(plain: Coop) -> None:
    variants = [
        arguments(),
        arguments(name="Weaver"),
        arguments(founders=FIVE[::-1]),
        arguments(founders=FIVE[:4]),
        arguments(nonce=1),
        arguments(roles=[]),
        arguments(roles=ROLES[::-1]),
        arguments(Pay=rule(quorumMin=3)),
        arguments(pay_rule=tuple({**PAY_RULE, "fillToRoll": True}.values())),
    ]
    seen = {place for args in variants for place in places(plain, args)}
    assert len(seen) == 4 * len(variants)


# What is made


def test_an_instance_is_wired_to_itself(plain: Coop) -> None:
    args = arguments()
    create(plain, args)
    roll, bylaws, assembly, pay = (
        at(plain.w3, name, place).functions
        for name, place in zip(CONTRACTS, places(plain, args), strict=True)
    )
    own = places(plain, args)
    assert [roll.assembly_().call(), bylaws.assembly_().call()] == [own[2], own[2]]
    assert [pay.assembly_().call(), pay.membership().call()] == [own[2], own[0]]
    named = (assembly.membership, assembly.bylaws, assembly.payRates)
    assert [view().call() for view in named] == [own[0], own[1], own[3]]
    assert (roll.probation().call(), pay.currency().call()) == (5 * DAY, b"GBP")
    assert [roll.memberOf(member).call()[0] for member in range(1, 6)] == FIVE
    for number in range(len(CLASSES)):
        assert bylaws.inForce(number).call() == [1, rule()]
    assert [pay.roleOf(terms[0]).call()[0] for terms in ROLES] == [1_500] * 3


def test_the_birth_is_told_with_a_hash_of_all_bylaws(plain: Coop) -> None:
    args = arguments()
    own = places(plain, args)
    receipt = create(plain, args)
    event = plain.factory.events.CooperativeCreated().process_log(receipt["logs"][-1])
    [item] = [item for item in load("CooperativeFactory")["abi"] if item.get("name") == "create"]
    types = [collapse_if_tuple(part) for part in item["inputs"][2:4]]
    assert event["args"] == {
        "assembly_": own[2],
        "membership": own[0],
        "bylaws": own[1],
        "payRates": own[3],
        "name": "Weavers",
        "bylawsHash": bytes(Web3.keccak(encode(types, args[2:4]))),
    }


def test_names_have_one_to_thirty_one_bytes(plain: Coop) -> None:
    for name in ("W", "W" * 31, "é" * 15 + "!"):
        args = arguments(name=name)
        create(plain, args)
        assembly = at(plain.w3, "Assembly", places(plain, args)[2])
        assert assembly.functions.name().call() == name


def test_fifty_founders_are_enrolled(plain: Coop) -> None:
    args = arguments(founders=numbered(50))
    create(plain, args)
    roll = at(plain.w3, "Membership", places(plain, args)[0]).functions
    assert (roll.rollSize().call(), roll.lastMemberId().call()) == (50, 50)
    assert roll.memberIdOf(numbered(50)[49]).call() == 50


def test_an_instance_costs_less_than_the_best_of_the_field(plain: Coop) -> None:
    # Moloch v3 Baal takes 1,997,064 for a co-op by proxies, and has no rules nor rates in them.
    assert create(plain, arguments())["gasUsed"] < 1_950_000


# What is refused

BAD: dict[str, tuple[tuple[Any, ...], str, tuple[Any, ...]]] = {
    "two founders": (arguments(founders=FIVE[:2]), "MembershipFounderCount", (2,)),
    "51 founders": (arguments(founders=numbered(51)), "MembershipFounderCount", (51,)),
    "a founder twice": (
        arguments(founders=[*FIVE, FIVE[0]]),
        "MembershipAccountTaken",
        (FIVE[0],),
    ),
    "nobody as founder": (arguments(founders=[*FIVE, ZERO]), "MembershipAccountTaken", (ZERO,)),
    "no name": (arguments(name=""), "CooperativeFactoryNoName", ()),
    "a name of 32 bytes": (arguments(name="W" * 32), "StringTooLong", ("W" * 32,)),
    "a name of 32 bytes in 16 letters": (
        arguments(name="é" * 16),
        "StringTooLong",
        ("é" * 16,),
    ),
    "a quorum above the roll": (
        arguments(Ordinary=rule(quorumMin=6)),
        "BylawsRuleUnreachable",
        (0, 5),
    ),
    "a removal with a quorum above the roll": (
        arguments(Removal=rule(quorumMin=6, subjectVotes=True)),
        "BylawsRuleUnreachable",
        (2, 5),
    ),
    "a value out of bounds": (
        arguments(Bylaws=rule(grace=DAY - 1)),
        "BylawsRuleOutOfBounds",
        (5, b"grace".ljust(32, b"\0")),
    ),
    "a recovery with less notice than a removal": (
        arguments(Removal=rule(notice=3 * DAY)),
        "BylawsRuleOutOfBounds",
        (3, b"notice".ljust(32, b"\0")),
    ),
    "a role twice": (arguments(roles=[ROLES[0], ROLES[0]]), "PayRatesRoleExists", (DRIVER,)),
}


UNPLACED = {
    "no name",
    "a name of 32 bytes",
    "a name of 32 bytes in 16 letters",
    "a value out of bounds",
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_birth_is_refused_and_leaves_nothing(plain: Coop, what: str) -> None:
    args, name, values = BAD[what]
    with refused(name, *values):
        create(plain, args)
    if what in UNPLACED:
        with pytest.raises(ContractCustomError):  # such an instance has no place either
            places(plain, args)
    else:
        assert codes(plain, places(plain, args)) == ["0x"] * 4


def test_no_founders_at_all_are_refused(plain: Coop) -> None:
    name, _, *rest = arguments()
    with refused("MembershipFounderCount", 0):
        create(plain, (name, [], *rest))


# Nobody has power over it


ONLY_ASSEMBLY: dict[tuple[str, str], tuple[Any, ...]] = {
    ("Membership", "admit"): (TOM,),
    ("Membership", "suspend"): (2, DAY),
    ("Membership", "expel"): (2,),
    ("Membership", "recover"): (2, TOM),
    ("Membership", "setProbation"): (0,),
    ("Bylaws", "setRule"): (0, rule()),
    ("PayRates", "addRole"): (role("baker", 1_500),),
    ("PayRates", "changeRole"): (DRIVER, 900, 5, 500),
    ("PayRates", "retireRole"): (DRIVER,),
    ("PayRates", "setPayRule"): (PAY,),
}
ONCE: dict[tuple[str, str], tuple[Any, ...]] = {
    ("Membership", "initialize"): (TOM, 0, FIVE),
    ("Bylaws", "initialize"): (TOM, 5),
    ("Assembly", "initialize"): (),
    ("PayRates", "initialize"): (TOM, b"GBP", PAY, []),
}
# For members, or for anybody once a vote or a deadline allows it; and what an outsider hears who
# tries while a proposal is pending and no pay vote was called. None: anybody may.
OPEN: dict[tuple[str, str], tuple[tuple[Any, ...], str | None]] = {
    ("Membership", "withdrawApplication"): ((), "MembershipNotCandidate"),
    ("Membership", "leaveCooperative"): ((), "MembershipNotMember"),
    ("Membership", "reinstate"): ((1,), "MembershipWrongStanding"),
    ("Membership", "rotate"): ((1, TOM, 2**255, b"", b""), "MembershipBadSignature"),
    ("Membership", "setGuardians"): ((PROFILE,), "MembershipNotMember"),
    ("Membership", "supportRecovery"): ((1, TOM, (1, PROFILE, [TOM])), "MembershipBadGuardianList"),
    ("Membership", "cancelRecovery"): ((TOM,), "MembershipNotMember"),
    ("Membership", "completeRecovery"): ((1,), "MembershipNoRecovery"),
    ("Assembly", "propose"): (([], "Mine", 0), "AssemblyNotMember"),
    ("Assembly", "cancel"): ((1,), "AssemblyNotProposer"),
    ("Assembly", "queue"): ((1,), "AssemblyUnexpectedState"),
    ("Assembly", "execute"): ((1, [], bytes(32)), "AssemblyUnexpectedState"),
    ("Assembly", "castBallot"): ((1, 1, 1, 1, ""), "AssemblyUnexpectedState"),
    ("Assembly", "castBallots"): ((1, b""), "AssemblyUnexpectedState"),
    ("Assembly", "reply"): ((1, bytes(32)), "AssemblyWrongClass"),
    ("Assembly", "appeal"): ((1,), "AssemblyUnexpectedState"),
    ("Assembly", "object"): ((1,), "AssemblyWrongClass"),
    ("PayRates", "openPayVote"): ((DRIVER, 2**33), "PayRatesNotMember"),
    ("PayRates", "castPayBallot"): ((1, 1, 1_500, 1, ""), "PayRatesUnknownPayVote"),
    ("PayRates", "castPayBallots"): ((1, b""), "PayRatesUnknownPayVote"),
    ("PayRates", "closePayVote"): ((1,), "PayRatesUnknownPayVote"),
    ("Membership", "applyToJoin"): ((PROFILE,), None),
}


def own(plain: Coop, name: str) -> Contract:
    """One of the four contracts of the instance."""
    parts = (plain.membership, plain.bylaws, plain.assembly, plain.pay_rates)
    return dict(zip(CONTRACTS, parts, strict=True))[name]


def test_every_function_that_changes_anything_is_judged_below() -> None:
    changing = {
        (name, item["name"])
        for name in CONTRACTS
        for item in load(name)["abi"]
        if item["type"] == "function" and item["stateMutability"] not in ("view", "pure")
    }
    assert changing == set(ONLY_ASSEMBLY) | set(ONCE) | set(OPEN)


def test_nobody_but_the_assembly_gives_orders(plain: Coop) -> None:
    open_account(plain, plain.factory.address)
    everybody: list[Sender] = [plain.factory, plain.ada, plain.ben, plain.fay, plain.tom]
    for (name, function), args in ONLY_ASSEMBLY.items():
        for somebody in everybody:
            with refused(f"{name}OnlyAssembly", somebody.address):
                plain.send(own(plain, name).functions[function](*args), somebody)


def test_nobody_starts_an_instance_again(plain: Coop) -> None:
    open_account(plain, plain.factory.address)
    for (name, function), args in ONCE.items():
        makers: list[Sender] = [plain.factory, plain.ada, plain.ben]
        for somebody in makers:
            with refused("ChronicleAlreadyBegun"):
                plain.send(own(plain, name).functions[function](*args), somebody)


@pytest.mark.parametrize("outsider", ["deployer", "factory"])
def test_who_made_the_instance_is_an_outsider_to_it(plain: Coop, outsider: str) -> None:
    plain.propose(plain.ben)
    open_account(plain, plain.factory.address)
    caller = plain.ada if outsider == "deployer" else plain.factory
    for (name, function), (args, refusal) in OPEN.items():
        call = own(plain, name).functions[function](*args)
        if refusal is None:
            plain.send(call, caller)
            continue
        with pytest.raises(Reverted) as caught:
            plain.send(call, caller)
        assert caught.value.name == refusal
    assert plain.membership.functions.rollSize().call() == 5


def test_no_storage_word_names_the_deployer_or_the_factory(plain: Coop) -> None:
    for name in CONTRACTS:
        slots = [int(item["slot"]) for item in load(name)["storageLayout"]["storage"]]
        for slot in range(max(slots) + 1):
            place = own(plain, name).address
            word = plain.chain.rpc("eth_getStorageAt", place, hex(slot), "latest")
            for maker in (plain.ada.address, plain.factory.address):
                assert maker[2:].lower() not in word
