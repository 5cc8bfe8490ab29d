"""`coop instance plan` and `create --plan`: one file, read by all founders, founds exactly that."""

from decimal import Decimal

import pytest

from node.devnet import Devnet
from tests.node.desk import FOUNDERS, NOBODY_LISTENS, Desk, desk  # noqa: F401

FILE = f"""
name = "pioneers"
title = "Rochdale Pioneers"
preset = "uk-worker-coop"
founders = {list(FOUNDERS)}
"""


def test_what_is_planned_is_what_is_founded(desk: Desk, chain: Devnet) -> None:  # noqa: F811
    file = desk.file("founding.toml", FILE)
    before = chain.rpc("eth_blockNumber")
    planned = desk.run("instance", "plan", file, "--rpc", chain.url, "--json").data
    assert chain.rpc("eth_blockNumber") == before
    key = desk.dev_key()
    made = desk.run("instance", "create", "--plan", file, *key, "--rpc", chain.url, "--json").data
    same = ("name", "title", "membership", "bylaws", "assembly", "pay_rates", "factory")
    assert {each: planned[each] for each in (*same, "bylaws_hash")} == {
        each: made[each] for each in (*same, "bylaws_hash")
    }


def test_the_cost_is_gas_times_fee(desk: Desk, chain: Devnet) -> None:  # noqa: F811
    file = desk.file("founding.toml", FILE)
    said = desk.run("instance", "plan", file, "--fee", "1.5", "--rpc", chain.url, "--json").data
    assert said["fee"] == "1500000000"
    assert int(said["cost"]) == said["gas"] * 1_500_000_000
    assert said["gas"] == sum(each["gas"] or 0 for each in said["steps"] if not each["done"])
    shown = desk.run("instance", "plan", file, "--fee", "1.5", "--rpc", chain.url).out
    assert f"{Decimal(said['cost']) / 10**18:f} ETH" in shown
    assert "Nothing was sent" in shown
    assert "It passes with at least 3/4 of the votes for and against" in shown
    assert said["membership"] in shown


def test_a_node_without_overrides_leaves_the_gas_open_and_says_so(
    desk: Desk,  # noqa: F811
    hardhat: Devnet,
) -> None:
    file = desk.file("founding.toml", FILE)
    said = desk.run("instance", "plan", file, "--rpc", hardhat.url, "--json").data
    assert said["gas_complete"] is False
    assert said["steps"][-1]["gas"] is None
    assert "at least" in desk.run("instance", "plan", file, "--rpc", hardhat.url).out


@pytest.mark.parametrize(
    ("this", "that", "code", "word"),
    [
        ('name = "pioneers"', "", 11, "name is missing"),
        ("name =", "nam =", 11, "'nam' means nothing"),
        ('preset = "uk-worker-coop"', "preset = 3", 11, "preset is 3"),
        ('preset = "uk-worker-coop"', "", 2, "--preset"),
        ("uk-worker-coop", "zz", 3, "zz"),
        (FOUNDERS[0], "0x12", 2, "0x12"),
        ('name = "pioneers"', 'name = "../x"', 2, "no name"),
        ("founders", "nonce = -1\nfounders", 11, "nonce is -1"),
    ],
)
def test_a_founding_file_that_cannot_be_used_says_why(
    this: str,
    that: str,
    code: int,
    word: str,
    desk: Desk,  # noqa: F811
) -> None:
    file = desk.file("founding.toml", FILE.replace(this, that))
    said = desk.run("instance", "plan", file, "--rpc", NOBODY_LISTENS, "--json")
    assert said.code == code, said.err
    assert word in said.error["message"]


@pytest.mark.parametrize("fee", ["0", "-1", "x", "0.0000000001", "1e30"])
def test_a_fee_that_is_none_is_refused(fee: str, desk: Desk) -> None:  # noqa: F811
    file = desk.file("founding.toml", FILE)
    assert desk.run("instance", "plan", file, "--fee", fee, "--rpc", NOBODY_LISTENS).code == 2


def test_a_plan_and_other_terms_do_not_go_together(desk: Desk) -> None:  # noqa: F811
    file = desk.file("founding.toml", FILE)
    for more in (("--title", "Other"), ("spinners",), ("--nonce", "3")):
        assert desk.run("instance", "create", "--plan", file, *more).code == 2


def test_an_interrupted_founding_says_that_the_same_command_goes_on(
    desk: Desk,  # noqa: F811
    chain: Devnet,
) -> None:
    desk.dev_key()
    chain.rpc("anvil_setBalance", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", hex(10**16))
    said = desk.found(chain.url)
    assert (said.code, said.error["code"]) == (6, "not_enough_funds")
    assert "same command" in said.error["message"]
    chain.rpc("anvil_setBalance", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", hex(10**20))
    assert desk.found(chain.url).code == 0
