"""Sending: simulated first, waited for, and refused in the same words on every chain."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from indexer import abi
from indexer.chain import Chain
from node import bylaws, bylaws_lint
from node.devnet import Devnet
from node.errors import (
    NetworkProblem,
    NotAllowed,
    NotEnoughFunds,
    RefusedByContract,
    TransactionPending,
    undone,
)
from node.founding.plan import Plan
from node.founding.run import found
from node.instance import Instance
from node.sender import Sender
from tests.node.desk import DEV_KEY, FOUNDERS
from tests.node.silent_proxy import silent_on
from tests.patience import until

RICH: LocalAccount = Account.from_key(DEV_KEY)


def sender_on(chain: Devnet, account: LocalAccount = RICH, **more: object) -> Sender:
    return Sender(Chain(chain.url), account, **more)  # type: ignore[arg-type]


def plan(nonce: int = 0) -> Plan:
    terms = bylaws_lint.accepted(bylaws.preset_text("uk-worker-coop"), 3)
    return Plan("weavers", "Weavers", FOUNDERS, terms, nonce)


@pytest.fixture
def weavers(each_chain: Devnet, tmp_path: Path) -> Instance:
    return found(sender_on(each_chain), plan(), tmp_path, say=lambda _: None)


def test_a_transaction_gives_its_place_its_cost_and_its_events(
    each_chain: Devnet, weavers: Instance
) -> None:
    sender, factory = sender_on(each_chain), weavers.factory
    receipt = sender.send("CooperativeFactory", factory, "create", *plan(1).arguments)
    event = receipt.event("CooperativeCreated")
    header = sender.chain.block(receipt.block)
    assert receipt.block_hash == header.hash
    assert 0 < receipt.gas_used < 10_000_000
    assert event.address == factory
    assert event.args["name"] == "Weavers"
    admitted = [each.args for each in receipt.events if each.name == "MemberAdmitted"]
    assert [(each["memberId"], each["account"]) for each in admitted] == list(
        enumerate(FOUNDERS, 1)
    )
    assert [each.log_index for each in receipt.events] == list(range(len(receipt.events)))


def test_a_refusal_costs_nothing_and_is_told_in_plain_words(
    each_chain: Devnet, weavers: Instance
) -> None:
    sender = sender_on(each_chain)
    before = each_chain.rpc("eth_getTransactionCount", RICH.address, "latest")
    with pytest.raises(NotAllowed) as refused:
        sender.send("Membership", weavers.membership, "admit", RICH.address)
    assert refused.value.message == "Only a passed proposal may do this."
    assert refused.value.details["error"] == "MembershipOnlyAssembly"
    assert each_chain.rpc("eth_getTransactionCount", RICH.address, "latest") == before


def test_what_is_asked_without_a_transaction_is_refused_in_the_same_words(
    each_chain: Devnet, weavers: Instance
) -> None:
    sender = sender_on(each_chain)
    assert sender.call("Assembly", weavers.assembly, "proposalCount") == 0
    with pytest.raises(RefusedByContract, match="belongs or once belonged") as refused:
        sender_on(each_chain, Account.from_key(DEV_KEY)).call(
            "CooperativeFactory",
            weavers.factory,
            "create",
            *Plan("x", "X", (FOUNDERS[0],) * 3, plan().bylaws).arguments,
        )
    assert refused.value.details["error"] == "MembershipAccountTaken"


def test_the_factory_itself_refuses_what_lint_refuses(
    each_chain: Devnet, weavers: Instance
) -> None:
    sender = sender_on(each_chain)
    source = bylaws.preset_text("uk-worker-coop").replace('grace = "28 days"', 'grace = "1 hour"')
    terms, _ = bylaws.read(source)
    assert terms is not None
    assert any(problem.key == "ordinary.grace" for problem in bylaws_lint.lint(terms, 3))
    refused = Plan("x", "X", FOUNDERS, terms)
    with pytest.raises(RefusedByContract, match="grace of class ordinary"):
        sender.send("CooperativeFactory", weavers.factory, "create", *refused.arguments)


def test_a_rehearsal_sends_nothing_and_knows_the_gas(each_chain: Devnet, weavers: Instance) -> None:
    sender = sender_on(each_chain, dry_run=True)
    before = each_chain.rpc("eth_blockNumber")
    receipt = sender.send("CooperativeFactory", weavers.factory, "create", *plan(1).arguments)
    assert not receipt.sent
    assert receipt.gas_used > 100_000
    assert each_chain.rpc("eth_blockNumber") == before


def test_an_account_without_money_is_told_so(each_chain: Devnet, weavers: Instance) -> None:
    poor = sender_on(each_chain, Account.create())
    with pytest.raises(NotEnoughFunds) as refused:
        poor.send("Membership", weavers.membership, "applyToJoin", b"\x01" * 32)
    assert refused.value.details == {"account": poor.address}


def test_what_the_contract_made_equals_what_was_asked_for(
    each_chain: Devnet, weavers: Instance
) -> None:
    chain = Chain(each_chain.url)
    assert weavers.bylaws_hash == plan().bylaws_hash
    for number, rule in enumerate(plan().bylaws.rules):
        found_rule = chain.view("Bylaws", weavers.bylaws, "ruleOf", number, 1)
        assert tuple(found_rule.values()) == tuple(vars(rule).values())


# Only anvil lets transactions wait


@pytest.fixture
def waiting(chain: Devnet) -> Iterator[Devnet]:
    """A chain that mines only when told; the snapshot of `chain` does not put that back."""
    chain.rpc("evm_setAutomine", False)
    yield chain
    chain.rpc("evm_setAutomine", True)


def test_a_transaction_that_no_block_holds_is_reported_with_its_hash(waiting: Devnet) -> None:
    with pytest.raises(TransactionPending) as pending:
        sender_on(waiting, patience=0.0).deploy("Membership")
    assert waiting.rpc("eth_getTransactionReceipt", pending.value.details["tx"]) is None
    assert pending.value.exit_code == 7


def test_sending_what_is_already_known_is_no_failure(waiting: Devnet) -> None:
    sender = sender_on(waiting, patience=0.0)
    call = {"from": RICH.address, "data": abi.artifact("Membership")["bytecode"], "value": "0x0"}
    signed = RICH.sign_transaction(
        {
            "data": call["data"],
            "chainId": 31337,
            "gas": 5_000_000,
            "gasPrice": 10**11,
            "nonce": int(waiting.rpc("eth_getTransactionCount", RICH.address, "pending"), 16),
        }
    )
    raw, tx = signed.raw_transaction.to_0x_hex(), signed.hash.to_0x_hex()
    for _ in range(2):
        with pytest.raises(TransactionPending):
            sender._submit(raw, tx, call)
    waiting.mine()
    assert sender._submit(raw, tx, call).tx == tx


def test_a_transaction_that_fails_in_its_block_tells_why(waiting: Devnet, tmp_path: Path) -> None:
    waiting.rpc("evm_setAutomine", True)
    factory = found(sender_on(waiting), plan(), tmp_path, say=lambda _: None).factory
    waiting.rpc("evm_setAutomine", False)
    other = Account.from_key("0x" + "77" * 32)
    waiting.rpc("anvil_setBalance", other.address, hex(10**20))
    with ThreadPoolExecutor(2) as pool:
        sent = [
            pool.submit(
                sender_on(waiting, who).send,
                "CooperativeFactory",
                factory,
                "create",
                *plan(1).arguments,
            )
            for who in (RICH, other)
        ]
        until(lambda: int(waiting.rpc("txpool_status")["pending"], 16) == 2)
        waiting.mine()
    failures = [each.exception() for each in sent if each.exception()]
    assert len(failures) == 1
    assert isinstance(failures[0], RefusedByContract)
    assert failures[0].details["error"] == "FailedDeployment"


def test_both_kinds_of_fees_are_known(chain: Devnet) -> None:
    sender = sender_on(chain)
    receipt = sender.deploy("Membership")
    assert chain.rpc("eth_getTransactionByHash", receipt.tx)["type"] == "0x2"
    # A chain without base fee knows one price, and no tip beside it.
    old = sender._fees(None)
    assert old.tip == old.most > 0


def test_a_stale_number_is_a_network_problem_with_the_nodes_own_words(chain: Devnet) -> None:
    sender = sender_on(chain)
    sender.deploy("Membership")
    signed = RICH.sign_transaction(
        {"to": RICH.address, "chainId": 31337, "gas": 21_000, "gasPrice": 10**11, "nonce": 0}
    )
    call = {"from": RICH.address, "to": RICH.address}
    with pytest.raises(NetworkProblem, match="nonce"):
        sender._submit(signed.raw_transaction.to_0x_hex(), signed.hash.to_0x_hex(), call)


def test_a_secret_is_not_part_of_what_a_sender_shows(chain: Devnet) -> None:
    assert DEV_KEY[2:] not in repr(sender_on(chain))
    assert "account" not in repr(sender_on(chain))


def test_a_node_that_falls_silent_on_sending_may_have_sent(chain: Devnet) -> None:
    with (
        silent_on("eth_sendRawTransaction", chain.url) as url,
        pytest.raises(TransactionPending) as pending,
        undone("Your vote was not sent."),
    ):
        Sender(Chain(url), RICH).deploy("Membership")
    assert "not sent" not in pending.value.message
    receipt = chain.rpc("eth_getTransactionReceipt", pending.value.details["tx"])
    assert receipt["status"] == "0x1"


def test_a_node_that_falls_silent_afterwards_leaves_it_pending(chain: Devnet) -> None:
    with (
        silent_on("eth_getTransactionReceipt", chain.url) as url,
        pytest.raises(TransactionPending),
    ):
        Sender(Chain(url), RICH, patience=0.0).deploy("Membership")
