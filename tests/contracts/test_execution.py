"""Carrying out: what was voted on, when it is due, by anyone, once, all of it or nothing."""

from collections.abc import Sequence
from typing import Any

import pytest
from eth_abi.abi import encode
from web3 import Web3
from web3.contract import Contract

from tests.contracts.acts import (
    NOTHING,
    Action,
    apply,
    eta,
    execute,
    info,
    queued,
    refused,
    voted,
    wrong_state,
)
from tests.contracts.artifacts import at as contract_at
from tests.contracts.artifacts import deploy
from tests.contracts.coop import CLASSES, DAY, FOR, Coop
from tests.contracts.founding import role, rule


def waiting(coop: Coop, actions: Sequence[Action], text: str = "A resolution") -> int:
    """A proposal by eve that has passed and is due now."""
    proposal = queued(coop, coop.propose(coop.eve, actions, text))
    coop.warp(eta(coop, proposal))
    return proposal


def fund(coop: Coop, account: str, wei: int) -> None:
    coop.chain.rpc("anvil_setBalance", account, hex(wei))


def contents(
    coop: Coop, proposal: int, actions: Sequence[Action], hashes: Sequence[bytes], text: str
) -> tuple[bytes, bytes]:
    """The content of an External proposal on record, and what these actions would make of it."""
    known = info(coop, proposal)
    types = ["uint256", "address", "uint256", "uint8", "uint32", "uint40"]
    types += ["bytes32", "bytes32", "bytes32"]
    actions_hash = Web3.keccak(encode(["(address,uint256,bytes)[]"], [list(actions)]))
    values: list[Any] = [31337, coop.assembly.address, proposal, CLASSES.index("External"), 1]
    values += [known["opensAt"], actions_hash, Web3.keccak(b"".join(hashes))]
    values.append(Web3.keccak(text=text))
    return known["content"], bytes(Web3.keccak(encode(types, values)))


def code_hash(coop: Coop, account: str) -> bytes:
    return bytes(Web3.keccak(coop.w3.eth.get_code(Web3.to_checksum_address(account))))


@pytest.fixture
def shop(coop: Coop) -> Contract:
    return deploy(coop.w3, "Shop")


# What was voted on


def test_only_the_actions_that_were_voted_on_are_executed(coop: Coop, shop: Contract) -> None:
    actions = [coop.action(shop, "order", 1), coop.action(shop, "order", 2)]
    proposal = waiting(coop, actions)
    target, value, data = actions[0]
    for other in (
        [],
        actions[:1],
        actions[::-1],
        [*actions, actions[1]],
        [(coop.tom.address, value, data), actions[1]],
        [(target, 1, data), actions[1]],
        [(target, value, data + b"\0"), actions[1]],
        [coop.action(shop, "order", 3), actions[1]],
    ):
        hashes = [NOTHING if a[0] == coop.tom.address else code_hash(coop, a[0]) for a in other]
        expected, found = contents(coop, proposal, other, hashes, "A resolution")
        with refused("AssemblyContentChanged", proposal, expected, found):
            execute(coop, proposal, other)
    execute(coop, proposal, actions)
    assert shop.functions.orders().call() == [1, 2]


def test_another_text_is_refused(coop: Coop, shop: Contract) -> None:
    actions = [coop.action(shop, "order", 1)]
    proposal = waiting(coop, actions, "Order one")
    hashes = [code_hash(coop, shop.address)]
    expected, found = contents(coop, proposal, actions, hashes, "Order two")
    with refused("AssemblyContentChanged", proposal, expected, found):
        execute(coop, proposal, actions, "Order two")
    execute(coop, proposal, actions, "Order one")


def test_a_target_whose_code_changed_after_queueing_is_not_called(
    coop: Coop, shop: Contract
) -> None:
    # Tornado Cash: the code behind the address was swapped after the vote.
    actions = [coop.action(shop, "order", 1)]
    proposal = waiting(coop, actions)
    before = coop.w3.eth.get_code(shop.address)
    other = deploy(coop.w3, "Echo")
    coop.chain.rpc("anvil_setCode", shop.address, "0x" + coop.w3.eth.get_code(other.address).hex())
    hashes = [code_hash(coop, other.address)]
    expected, found = contents(coop, proposal, actions, hashes, "A resolution")
    with refused("AssemblyContentChanged", proposal, expected, found):
        execute(coop, proposal, actions)
    coop.chain.rpc("anvil_setCode", shop.address, "0x" + before.hex())
    execute(coop, proposal, actions)
    assert shop.functions.orders().call() == [1]


def test_a_target_that_got_code_after_the_vote_is_not_called(coop: Coop) -> None:
    nobody = Web3.to_checksum_address("0x" + "ab" * 20)
    proposal = waiting(coop, [(nobody, 0, b"")])
    coop.chain.rpc("anvil_setCode", nobody, "0x00")
    expected, found = contents(
        coop, proposal, [(nobody, 0, b"")], [bytes(Web3.keccak(b"\0"))], "A resolution"
    )
    with refused("AssemblyContentChanged", proposal, expected, found):
        execute(coop, proposal, [(nobody, 0, b"")])


@pytest.mark.parametrize("way", ["plantNext", "plantThere"])
def test_a_target_that_gets_code_from_an_earlier_action_is_not_called(coop: Coop, way: str) -> None:
    # The members saw an address without code: whoever knows what comes there would know more.
    planter = deploy(coop.w3, "Planter")
    spot = str(planter.functions[way]().call())
    order = bytes.fromhex(deploy(coop.w3, "Shop").encode_abi("order", [1])[2:])
    actions = [coop.action(planter, way), (spot, 0, order)]
    proposal = waiting(coop, actions)
    shop_code = code_hash(coop, deploy(coop.w3, "Shop").address)
    with refused("AssemblyContentChanged", proposal, NOTHING, shop_code):
        execute(coop, proposal, actions)
    # All is undone; without code at the last moment as at the first, the call would have been made.
    assert coop.state(proposal) == "queued"
    assert coop.w3.eth.get_code(Web3.to_checksum_address(spot)) == b""


def test_a_target_that_has_its_code_before_the_vote_is_called_after_others(coop: Coop) -> None:
    planter = deploy(coop.w3, "Planter")
    spot = str(planter.functions.plantThere().call())
    coop.send(planter.functions.plantThere(), coop.tom)
    planted = contract_at(coop.w3, "Shop", spot)
    actions = [coop.action(planter, "plantNext"), coop.action(planted, "order", 1)]
    execute(coop, waiting(coop, actions), actions)
    assert planted.functions.orders().call() == [1]


def test_funding_an_empty_account_after_the_vote_changes_nothing(coop: Coop) -> None:
    # EXTCODEHASH of an empty account is 0, of a funded one keccak256(""): both are frozen as 0.
    nobody = Web3.to_checksum_address("0x" + "ab" * 20)
    actions = [(nobody, 5, b"")]
    proposal = waiting(coop, actions)
    expected, found = contents(coop, proposal, actions, [NOTHING], "A resolution")
    assert expected == found
    fund(coop, nobody, 1)
    fund(coop, coop.assembly.address, 5)
    execute(coop, proposal, actions)
    assert coop.w3.eth.get_balance(nobody) == 6


# Once, and all or nothing


def test_a_proposal_is_executed_once(coop: Coop, shop: Contract) -> None:
    actions = [coop.action(shop, "order", 1)]
    proposal = waiting(coop, actions)
    execute(coop, proposal, actions)
    with wrong_state(proposal, "executed", "queued"):
        execute(coop, proposal, actions)
    assert shop.functions.orders().call() == [1]


def test_a_failing_action_is_named_undoes_the_others_and_can_be_tried_again(
    coop: Coop, shop: Contract
) -> None:
    bakery = deploy(coop.w3, "Shop")
    actions = [coop.action(bakery, "order", 7), coop.action(shop, "order", 8)]
    proposal = waiting(coop, actions)
    coop.send(shop.functions.setClosed(True), coop.tom)
    reason = bytes(Web3.keccak(text="ShopClosed(uint256)")[:4]) + (8).to_bytes(32, "big")
    with refused("AssemblyActionFailed", 1, reason):
        execute(coop, proposal, actions)
    assert (coop.state(proposal), bakery.functions.orders().call()) == ("queued", [])
    coop.send(shop.functions.setClosed(False), coop.tom)
    receipt = execute(coop, proposal, actions)
    assert len(coop.events(receipt, "ProposalExecuted")) == 1
    assert bakery.functions.orders().call() == [7]
    assert shop.functions.orders().call() == [8]


def test_a_failing_action_does_not_hold_up_other_proposals(coop: Coop, shop: Contract) -> None:
    # Moloch-Mystics/Baal#25: one failing action deadlocked everything behind it.
    coop.send(shop.functions.setClosed(True), coop.tom)
    actions = [coop.action(shop, "order", 1)]
    stuck, words = coop.propose(coop.ada, actions), coop.propose(coop.ben)
    coop.open(words)
    for name in ("ada", "ben", "cleo"):
        for each in (stuck, words):
            coop.vote(coop.people[name], each, FOR)
    coop.close(words)
    for each in (stuck, words):
        coop.send(coop.assembly.functions.queue(each), coop.tom)
    coop.warp(eta(coop, words))
    with pytest.raises(Exception, match="AssemblyActionFailed"):
        execute(coop, stuck, actions)
    execute(coop, words)
    assert [coop.state(stuck), coop.state(words)] == ["queued", "executed"]


def test_a_failing_proposal_expires_in_the_end(coop: Coop, shop: Contract) -> None:
    coop.send(shop.functions.setClosed(True), coop.tom)
    actions = [coop.action(shop, "order", 1)]
    proposal = waiting(coop, actions)
    coop.send(shop.functions.setClosed(False), coop.tom)
    with wrong_state(proposal, "expired", "queued"):
        execute(coop, proposal, actions, at=eta(coop, proposal) + 10 * DAY + 1)
    assert shop.functions.orders().call() == []


@pytest.mark.parametrize(("length", "kept"), [(0, 0), (1, 1), (1_024, 1_024), (1_025, 0)])
def test_a_long_refusal_is_left_out_of_the_answer(coop: Coop, length: int, kept: int) -> None:
    actions = [coop.action(deploy(coop.w3, "Echo"), "refuse", length)]
    proposal = waiting(coop, actions)
    with refused("AssemblyActionFailed", 0, b"\x01" * kept):
        execute(coop, proposal, actions)


def test_huge_answers_cost_the_assembly_nothing(coop: Coop) -> None:
    echo = deploy(coop.w3, "Echo")
    actions = [coop.action(echo, "answer", 500_000)]
    alone = coop.send(echo.functions.answer(500_000), coop.tom)["gasUsed"]
    proposal = waiting(coop, actions)
    together = execute(coop, proposal, actions)["gasUsed"]
    assert alone > 500_000  # what the callee pays; copying the answer would cost as much again
    assert together - alone < 100_000


# What really happens


def test_an_external_action_sends_money_that_the_assembly_holds(coop: Coop, shop: Contract) -> None:
    actions = [coop.action(shop, "order", 1), (coop.tom.address, 3, b"")]
    actions[0] = (actions[0][0], 7, actions[0][2])
    proposal = waiting(coop, actions)
    with refused("AssemblyActionFailed", 0, b""):
        execute(coop, proposal, actions)  # there is no money yet
    before = coop.w3.eth.get_balance(Web3.to_checksum_address(coop.tom.address))
    payment = {"from": coop.ada.address, "to": coop.assembly.address, "value": hex(10)}
    coop.chain.rpc("eth_sendTransaction", payment)
    coop.execute(proposal, actions, "A resolution", coop.ada)
    assert coop.w3.eth.get_balance(shop.address) == 7
    assert coop.w3.eth.get_balance(Web3.to_checksum_address(coop.tom.address)) == before + 3
    assert coop.w3.eth.get_balance(Web3.to_checksum_address(coop.assembly.address)) == 0


def test_membership_obeys_a_passed_admission(coop: Coop) -> None:
    apply(coop, coop.fay)
    receipt = coop.decide(coop.ada, coop.membership, "admit", coop.fay.address)
    assert dict(coop.events(receipt, "MemberAdmitted")[0]["args"]) == {
        "memberId": 6,
        "account": coop.fay.address,
    }
    assert coop.membership.functions.activeMemberIdOf(coop.fay.address).call() == 6


def test_membership_obeys_a_passed_change_of_probation(coop: Coop) -> None:
    coop.decide(coop.ada, coop.membership, "setProbation", 9 * DAY)
    assert coop.membership.functions.probation().call() == 9 * DAY


def test_membership_obeys_an_early_reinstatement(coop: Coop) -> None:
    coop.decide(coop.ada, coop.membership, "suspend", 5, 60 * DAY)
    assert coop.membership.functions.rollSize().call() == 4
    coop.decide(coop.ada, coop.membership, "reinstate", 5)
    assert coop.membership.functions.rollSize().call() == 5


def test_pay_rates_obey_a_passed_proposal(coop: Coop) -> None:
    coop.decide(coop.ada, coop.pay_rates, "addRole", role("driver", 2_000))
    assert coop.pay_rates.functions.roles().call() == [b"driver".ljust(32, b"\0")]


def test_several_actions_are_carried_out_in_their_order(coop: Coop) -> None:
    actions = [
        coop.action(coop.bylaws, "setRule", 0, rule(grace=2 * DAY)),
        coop.action(coop.bylaws, "setRule", 0, rule(grace=3 * DAY)),
        coop.action(coop.membership, "setProbation", DAY),
    ]
    execute(coop, waiting(coop, actions), actions)
    assert coop.bylaws.functions.inForce(0).call() == [3, rule(grace=3 * DAY)]
    assert coop.membership.functions.probation().call() == DAY


def test_anyone_executes(coop: Coop) -> None:
    proposal = waiting(coop, [])
    coop.execute(proposal, [], "A resolution", coop.tom)
    assert coop.state(proposal) == "executed"
    assert voted(coop, coop.propose(coop.ada, (), "Next"), "ada ben cleo") == "succeeded"
