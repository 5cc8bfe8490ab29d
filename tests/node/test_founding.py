"""Founding: what is reckoned beforehand is what the chain then has, and nothing is made twice."""

from dataclasses import replace

import pytest
from eth_account import Account
from web3 import Web3

from indexer.chain import Chain
from indexer.deployed import FACTORY
from node import bylaws, instance
from node.devnet import Devnet
from node.errors import (
    ConfigurationProblem,
    CoopError,
    NotFound,
    RefusedByContract,
    TransactionPending,
    UsageProblem,
)
from node.files import alone
from node.founding import outline, places, run, steps
from node.founding.plan import Plan
from node.founding.run import FoundingUnderWay
from node.instance import Instance
from node.sender import Sender
from tests.contracts.artifacts import deploy
from tests.node.bylaw_files import good
from tests.node.desk import DEV_ACCOUNT, DEV_KEY, FOUNDERS, Desk, desk  # noqa: F401
from tests.node.mining import unmined

DEV = Account.from_key(DEV_KEY)
COURIER = bylaws.RoleTerms("courier", 2_000, 1_500, 50, 1_000)
PLAN = Plan("pioneers", "Rochdale Pioneers", FOUNDERS, replace(good(), roles=(COURIER,)))


def founded(
    desk: Desk,  # noqa: F811
    chain: Devnet,
    plan: Plan = PLAN,
    *,
    patience: float = 180.0,
    fee: int | None = None,
) -> Instance:
    sender = Sender(Chain(chain.url), DEV, patience=patience)
    return run.found(sender, plan, desk.home / "instances", say=lambda _: None, fee=fee)


def sent(chain: Devnet) -> int:
    return int(chain.rpc("eth_getTransactionCount", DEV_ACCOUNT, "latest"), 16)


def test_a_co_op_stands_where_it_was_reckoned(desk: Desk, each_chain: Devnet) -> None:  # noqa: F811
    reckoned = steps.way(Chain(each_chain.url), PLAN, None)
    made = founded(desk, each_chain)
    assert dict(reckoned.instance) == made.identity().addresses
    predicted = Chain(each_chain.url).view(FACTORY, made.factory, "predict", *PLAN.arguments)
    assert list(predicted.values()) == list(reckoned.instance.values())
    assert instance.read(desk.home / "instances", "pioneers") == made
    assert not (desk.home / "instances" / "pioneers.founding").exists()


def test_the_shared_parts_have_the_code_that_was_reckoned(
    desk: Desk,  # noqa: F811
    each_chain: Devnet,
) -> None:
    founded(desk, each_chain)
    chain = Chain(each_chain.url)
    assert {each: chain.code(each) for each in places.runtime_codes()} == places.runtime_codes()


def test_a_second_co_op_finds_the_parts_of_the_first(desk: Desk, chain: Devnet) -> None:  # noqa: F811
    first = founded(desk, chain)
    before = sent(chain)
    second = founded(desk, chain, replace(PLAN, name="spinners", nonce=1))
    assert second.factory == first.factory
    assert second.membership != first.membership
    assert sent(chain) == before + 1


def test_the_outline_names_gas_close_to_what_is_used(desk: Desk, chain: Devnet) -> None:  # noqa: F811
    asked = Chain(chain.url)
    way = steps.way(asked, PLAN, None)
    told = outline.outline(asked, PLAN, way, FOUNDERS[0])
    assert told.rehearsed
    assert told.complete
    start = int(chain.rpc("eth_blockNumber"), 16)
    founded(desk, chain)
    used = 0
    for number in range(start + 1, int(chain.rpc("eth_blockNumber"), 16) + 1):
        for receipt in chain.rpc("eth_getBlockReceipts", hex(number)):
            used += int(receipt["gasUsed"], 16)
    assert used > 10_000_000
    assert abs(told.gas - used) < used // 50


def test_the_outline_says_what_is_there_already(desk: Desk, chain: Devnet) -> None:  # noqa: F811
    founded(desk, chain)
    other = replace(PLAN, nonce=7)
    asked = Chain(chain.url)
    told = outline.outline(asked, other, steps.way(asked, other, None), FOUNDERS[0])
    assert [line.done for line in told.lines] == [True] * 7 + [False]
    assert 500_000 < told.gas < 2_000_000


def test_a_creation_that_the_factory_refuses_is_refused_in_the_outline(
    desk: Desk,  # noqa: F811
    chain: Devnet,
) -> None:
    founded(desk, chain)
    asked = Chain(chain.url)
    with pytest.raises(RefusedByContract, match="could not be made at its address"):
        outline.outline(asked, PLAN, steps.way(asked, PLAN, None), FOUNDERS[0])


def test_a_factory_of_other_code_is_refused(chain: Devnet) -> None:
    w3 = Web3(Web3.HTTPProvider(chain.url))
    stranger = deploy(w3, "Recorder").address
    with pytest.raises(ConfigurationProblem, match="not this program's"):
        steps.way(Chain(chain.url), PLAN, stranger)
    with pytest.raises(NotFound):
        steps.way(Chain(chain.url), PLAN, FOUNDERS[0])


def test_a_transaction_that_waits_is_waited_for_and_paid_better_on_demand(
    desk: Desk,  # noqa: F811
    chain: Devnet,
) -> None:
    before = sent(chain)
    with unmined(chain):
        with pytest.raises(TransactionPending) as waiting:
            founded(desk, chain, patience=0.2)
        first = waiting.value.details["tx"]
        assert "--max-fee" in waiting.value.hint
        with pytest.raises(TransactionPending) as waiting:
            founded(desk, chain, patience=0.2)
        assert waiting.value.details["tx"] == first
        kept = chain.rpc("eth_getTransactionByHash", first)
        price, tip = (int(kept[name], 16) for name in ("maxFeePerGas", "maxPriorityFeePerGas"))
        with pytest.raises(TransactionPending) as waiting:
            founded(desk, chain, patience=0.2, fee=price * 9 // 8 - 1)
        assert waiting.value.details["tx"] == first  # no node takes so little more
        with pytest.raises(TransactionPending) as waiting:
            founded(desk, chain, patience=0.2, fee=price * 2)
        better = chain.rpc("eth_getTransactionByHash", waiting.value.details["tx"])
        assert int(better["maxFeePerGas"], 16) == price * 2
        # Nodes ask it of the tip as well: geth's txpool.pricebump is about both.
        assert int(better["maxPriorityFeePerGas"], 16) >= tip * 9 / 8
        assert chain.rpc("eth_getTransactionByHash", first) is None
    chain.mine()
    founded(desk, chain)
    assert sent(chain) == before + 6


def test_a_number_that_another_transaction_took_is_not_waited_for(
    desk: Desk,  # noqa: F811
    chain: Devnet,
) -> None:
    before = sent(chain)
    with unmined(chain):
        with pytest.raises(TransactionPending) as waiting:
            founded(desk, chain, patience=0.2)
        chain.rpc("anvil_dropTransaction", waiting.value.details["tx"])
    chain.rpc("eth_sendTransaction", {"from": DEV_ACCOUNT, "to": FOUNDERS[0], "value": "0x1"})
    assert founded(desk, chain).name == "pioneers"
    assert sent(chain) == before + 7


def test_a_founding_of_other_terms_does_not_take_up_one_under_way(
    desk: Desk,  # noqa: F811
    chain: Devnet,
) -> None:
    with unmined(chain), pytest.raises(TransactionPending):
        founded(desk, chain, patience=0.2)
    with pytest.raises(UsageProblem, match="under way with another terms"):
        founded(desk, chain, replace(PLAN, nonce=1))


def test_the_same_terms_sent_by_somebody_else_first_are_taken_over(
    desk: Desk,  # noqa: F811
    chain: Devnet,
) -> None:
    founded(desk, chain, replace(PLAN, name="parts", nonce=9))
    ben = chain.rpc("eth_accounts")[1]
    with unmined(chain):
        with pytest.raises(TransactionPending) as waiting:
            founded(desk, chain, patience=0.2)
        chain.rpc("anvil_dropTransaction", waiting.value.details["tx"])
    call = {"from": ben, "to": places.factory(), "data": "0x" + PLAN.calldata.hex()}
    tx = chain.rpc("eth_sendTransaction", {**call, "gas": hex(3_000_000)})
    assert founded(desk, chain).tx == tx


def test_a_run_that_ended_after_the_instance_was_kept_only_tidies_up(
    desk: Desk,  # noqa: F811
    chain: Devnet,
) -> None:
    with unmined(chain), pytest.raises(TransactionPending):
        founded(desk, chain, patience=0.2)
    kept = desk.home / "instances" / "pioneers.founding"
    record = kept.read_text()
    chain.mine()
    made = founded(desk, chain)
    kept.write_text(record)
    before = sent(chain)
    assert founded(desk, chain) == made
    assert sent(chain) == before
    assert not kept.exists()


def test_of_two_foundings_at_once_the_second_sends_nothing_and_says_why(
    desk: Desk,  # noqa: F811
    chain: Devnet,
) -> None:
    begun = sent(chain)
    (desk.home / "instances").mkdir()
    with alone(desk.home / "instances", CoopError("locked")), pytest.raises(FoundingUnderWay):
        founded(desk, chain)
    assert sent(chain) == begun
    assert founded(desk, chain).name == "pioneers"
