"""Instances: founded on a chain, kept as files, chosen, and never mixed up."""

import tomllib

import pytest

from indexer.chain import Chain
from node import instance
from node.context import check_chain
from node.devnet import Devnet
from node.errors import ConfigurationProblem, MirrorOfAnotherChain, NotFound, UsageProblem
from node.instance import CodeHashes, Instance
from tests.node.desk import DEV_ACCOUNT, FOUNDERS, NOBODY_LISTENS, Desk, desk  # noqa: F401

HASH = "0x" + "ab" * 32
WEAVERS = Instance(
    name="weavers",
    title="Weavers",
    chain_id=31337,
    rpc="http://127.0.0.1:1",
    membership=FOUNDERS[0],
    bylaws=DEV_ACCOUNT,
    assembly=FOUNDERS[1],
    pay_rates=FOUNDERS[2],
    factory=DEV_ACCOUNT,
    first_block=6,
    tx=HASH,
    code_hashes=CodeHashes(HASH, HASH, HASH, HASH),
    bylaws_hash=HASH,
)


@pytest.fixture
def founded(desk: Desk, chain: Devnet) -> Desk:  # noqa: F811
    """A desk with the co-op pioneers, just founded."""
    desk.dev_key()
    said = desk.found(chain.url)
    assert said.code == 0, said.err
    return desk


def test_an_instance_is_read_as_it_was_written(desk: Desk) -> None:  # noqa: F811
    path = instance.write(desk.home / "instances", WEAVERS)
    assert instance.read(desk.home / "instances", "weavers") == WEAVERS
    assert tomllib.loads(path.read_text())["code_hashes"]["bylaws"] == HASH


def test_an_instance_file_is_never_overwritten(desk: Desk) -> None:  # noqa: F811
    instance.write(desk.home / "instances", WEAVERS)
    with pytest.raises(UsageProblem, match="already"):
        instance.write(desk.home / "instances", WEAVERS)


@pytest.mark.parametrize("name", ["", "../x", "A", "x" * 42, "a b", "-a", "a.toml"])
def test_a_name_cannot_lead_out_of_the_folder(name: str) -> None:
    with pytest.raises(UsageProblem):
        instance.check_name(name)


def test_an_incomplete_file_says_what_is_missing(desk: Desk) -> None:  # noqa: F811
    path = instance.write(desk.home / "instances", WEAVERS)
    path.write_text(path.read_text().replace("first_block", "block"))
    with pytest.raises(ConfigurationProblem, match="block"):
        instance.read(desk.home / "instances", "weavers")


def test_the_only_instance_needs_no_choice_and_one_of_two_does(desk: Desk) -> None:  # noqa: F811
    from dataclasses import replace

    folder = desk.home / "instances"
    with pytest.raises(ConfigurationProblem):
        instance.load(folder, None)
    instance.write(folder, WEAVERS)
    assert instance.load(folder, None) == WEAVERS
    instance.write(folder, replace(WEAVERS, name="spinners"))
    with pytest.raises(ConfigurationProblem) as refused:
        instance.load(folder, None)
    assert "coop instance use" in refused.value.hint
    assert instance.load(folder, "spinners").name == "spinners"
    with pytest.raises(NotFound):
        instance.load(folder, "dyers")


# Founding


def test_a_co_op_is_founded_and_becomes_the_current_one(founded: Desk, chain: Devnet) -> None:
    shown = founded.run("instance", "show", "--json").data
    kept = instance.read(founded.home / "instances", "pioneers")
    assert shown["code_ok"] is True
    assert {"name", "chain_id", "membership", "assembly", "pay_rates", "factory"} <= set(shown)
    assert shown["tx"] == kept.tx
    roll = Chain(chain.url).view("Membership", kept.membership, "rollSize")
    assert roll == len(FOUNDERS)
    receipt = chain.rpc("eth_getTransactionReceipt", kept.tx)
    assert int(receipt["blockNumber"], 16) == kept.first_block


def test_the_receipt_names_transaction_block_and_proof(desk: Desk, chain: Devnet) -> None:  # noqa: F811
    desk.dev_key()
    data = desk.found(chain.url).data
    assert {"tx", "block", "code_ok", "prove"} <= set(data)
    assert desk.run(*data["prove"].split()[1:]).code == 0


def test_a_factory_that_exists_is_used_again(founded: Desk, chain: Devnet) -> None:
    factory = founded.run("instance", "show", "--json").data["factory"]
    said = founded.found(chain.url, "spinners", "--factory", factory)
    assert said.data["factory"] == factory
    assert [each["name"] for each in founded.run("instance", "list", "--json").data] == [
        "pioneers",
        "spinners",
    ]


def test_the_same_co_op_is_not_founded_twice(founded: Desk, chain: Devnet) -> None:
    factory = founded.run("instance", "show", "--json").data["factory"]
    again = ("--factory", factory, "--title", "pioneers")
    said = founded.found(chain.url, "again", *again)
    assert said.code == 6
    assert "--nonce" in said.error["hint"]
    assert founded.found(chain.url, "again", *again, "--nonce", "1").code == 0


def test_an_address_without_a_factory_is_refused(desk: Desk, chain: Devnet) -> None:  # noqa: F811
    desk.dev_key()
    said = desk.found(chain.url, "pioneers", "--factory", FOUNDERS[0])
    assert said.code == 3
    assert "No instance was made" in said.error["message"]


def test_a_rehearsal_founds_nothing(founded: Desk, chain: Devnet) -> None:
    factory = founded.run("instance", "show", "--json").data["factory"]
    before = chain.rpc("eth_blockNumber")
    assert founded.found(chain.url, "spinners", "--factory", factory, "--dry-run").code == 0
    assert founded.found(chain.url, "spinners", "--dry-run").data["rehearsed"] is True
    assert chain.rpc("eth_blockNumber") == before
    assert not (founded.home / "instances" / "spinners.toml").exists()


def test_roles_of_a_file_are_founded_with_it(desk: Desk, chain: Devnet) -> None:  # noqa: F811
    desk.dev_key()
    roles = desk.file(
        "roles.toml",
        '[[role]]\nname = "courier"\nrate = 2000\nfloor = 1500\nstep = 50\nmax_change = "10 %"\n',
    )
    made = desk.found(chain.url, "pioneers", "--roles", str(roles)).data
    role = b"courier".ljust(32, b"\0")
    found = Chain(chain.url).view("PayRates", made["pay_rates"], "roleOf", role)
    assert (found["rate"], found["floor"], found["step"]) == (2_000, 1_500, 50)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--founder", FOUNDERS[0]), 2),
        (("--founder", "0x12"), 2),
        (("--founder", FOUNDERS[0].replace("d", "D")), 2),
        (("--title", "x" * 32), 2),
        (("--bylaws", "b.toml"), 2),
        (("--roles", "none.toml"), 3),
    ],
)
def test_what_cannot_be_founded_is_refused_before_any_key_is_asked_for(
    words: tuple[str, ...],
    code: int,
    desk: Desk,  # noqa: F811
) -> None:
    said = desk.found(NOBODY_LISTENS, "pioneers", *words)
    assert said.code == code, said.err


def test_bylaws_that_the_founders_could_not_live_by_are_refused(desk: Desk) -> None:  # noqa: F811
    desk.file(
        "b.toml", desk.run("bylaws", "presets", "uk-worker-coop").out.replace("28 days", "1 hour")
    )
    founders = [word for each in FOUNDERS for word in ("--founder", each)]
    said = desk.run("instance", "create", "x", "--bylaws", "b.toml", *founders, "--json")
    assert said.code == 11
    assert len(said.error["details"]["problems"]) > 5


def test_on_a_public_chain_the_name_must_be_typed(
    desk: Desk,  # noqa: F811
    chain: Devnet,
) -> None:
    desk.dev_key()
    chain.rpc("anvil_setChainId", 100)
    try:
        refused = desk.found(chain.url, "pioneers", "--yes", "--no-input")
        assert refused.code == 2
        assert "--confirm pioneers" in refused.error["hint"]
        assert "No instance was made" in refused.error["message"]
        assert desk.found(chain.url, "pioneers", "--confirm", "pioneer").code == 2
        assert desk.found(chain.url, "pioneers", "--confirm", "pioneers").data["chain_id"] == 100
    finally:
        chain.rpc("anvil_setChainId", 31337)


# Another chain


def test_a_chain_with_another_number_is_refused(founded: Desk, chain: Devnet) -> None:
    kept = instance.read(founded.home / "instances", "pioneers")
    chain.rpc("anvil_setChainId", 100)
    try:
        with pytest.raises(MirrorOfAnotherChain, match="lives on chain 31337"):
            check_chain(Chain(chain.url), kept)
        assert founded.run("instance", "show", "--json").data["code_ok"] is False
        assert founded.run("index", "sync").code == 8
    finally:
        chain.rpc("anvil_setChainId", 31337)


def test_a_restarted_test_chain_is_recognised_by_its_missing_code(
    founded: Desk, chain: Devnet
) -> None:
    address = founded.run("instance", "show", "--json").data["pay_rates"]
    chain.rpc("anvil_setCode", address, "0x")
    said = founded.run("index", "sync", "--json")
    assert (said.code, said.error["code"]) == (8, "mirror_of_another_chain")
    assert "PayRates" in said.error["message"]
    assert founded.run("instance", "show", "--json").data["code_ok"] is False


def test_without_a_chain_an_instance_is_shown_from_its_file(founded: Desk) -> None:
    said = founded.run("instance", "show", "--rpc", NOBODY_LISTENS, "--json")
    assert said.code == 0
    assert said.data["code_ok"] is None


def test_an_instance_is_chosen_for_later_commands(founded: Desk, chain: Devnet) -> None:
    founded.found(chain.url, "spinners")
    assert founded.run("instance", "show", "--json").data["name"] == "spinners"
    assert founded.run("instance", "use", "pioneers").code == 0
    assert founded.run("instance", "show", "--json").data["name"] == "pioneers"
    assert founded.run("instance", "use", "dyers").code == 3


def test_a_choice_that_the_environment_overrides_is_warned_of(
    founded: Desk, chain: Devnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    founded.found(chain.url, "spinners")
    monkeypatch.setenv("COOP_INSTANCE", "spinners")
    assert "COOP_INSTANCE names spinners" in founded.run("instance", "use", "pioneers").err
