"""`coop instance verify`: a real instance passes, and every way to tamper with one is named."""

from dataclasses import asdict, replace

import pytest
import tomli_w
from web3 import Web3

from indexer import powers
from indexer.bytecode import clone_in, foreign_opcodes
from node import instance
from node.devnet import Devnet
from node.instance import Instance
from tests.contracts.artifacts import at, deploy, load
from tests.node.desk import DEV_ACCOUNT, Desk, Said, desk  # noqa: F401

CONTRACTS = ("Membership", "Bylaws", "Assembly", "PayRates")
OWNER_SLOT = "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103"


class Verified:
    """What a verification said."""

    def __init__(self, said: Said) -> None:
        self.said = said
        steps = said.data["steps"]
        self.faults = {step["title"]: step["faults"] for step in steps if step["faults"]}

    def only(self, title: str) -> list[str]:
        """The faults of one step; there must be none elsewhere, and the command must fail."""
        assert self.said.code == 9
        assert self.said.error["code"] == "audit_mismatch"
        assert self.said.data["code_ok"] is False
        assert set(self.faults) == {title}
        return list(self.faults[title])


@pytest.fixture
def founded(desk: Desk, chain: Devnet) -> Desk:  # noqa: F811
    """A desk with the co-op pioneers, just founded."""
    desk.dev_key()
    said = desk.found(chain.url)
    assert said.code == 0, said.err
    return desk


@pytest.fixture
def pioneers(founded: Desk) -> Instance:
    """What the node keeps about the co-op."""
    return instance.read(founded.home / "instances", "pioneers")


def verified(founded: Desk) -> Verified:
    return Verified(founded.run("instance", "verify", "--json"))


def implementations(chain: Devnet, pioneers: Instance) -> dict[str, str]:
    factory = at(Web3(Web3.HTTPProvider(chain.url)), "CooperativeFactory", pioneers.factory)
    return dict(zip(CONTRACTS, factory.functions.implementations().call(), strict=True))


def code_of(chain: Devnet, address: str) -> bytes:
    return bytes.fromhex(chain.rpc("eth_getCode", address, "latest")[2:])


def set_code(chain: Devnet, address: str, code: bytes) -> None:
    chain.rpc("anvil_setCode", address, "0x" + code.hex())


def replaced(chain: Devnet, contract: str, owner: str, variable: str, address: str) -> None:
    """Writes another address into a variable of that name, which other values may share."""
    layout = load(contract)["storageLayout"]["storage"]
    place = next(each for each in layout if each["label"] == variable)
    slot = hex(int(place["slot"]))
    word = bytearray.fromhex(chain.rpc("eth_getStorageAt", owner, slot, "latest")[2:])
    end = 32 - place["offset"]
    word[end - 20 : end] = bytes.fromhex(address[2:])
    chain.rpc("anvil_setStorageAt", owner, "0x" + slot[2:].zfill(64), "0x" + word.hex())


def test_a_founded_instance_passes_every_step(founded: Desk) -> None:
    found = verified(founded)
    assert (found.said.code, found.faults) == (0, {})
    assert found.said.data["code_ok"] is True
    assert len(found.said.data["steps"]) == 9
    document = found.said.document
    assert document["schema"] == "coop/instance/v1"
    assert document["as_of"]["block"] > 0


def test_people_read_numbered_steps_with_what_was_found(founded: Desk) -> None:
    said = founded.run("instance", "verify", "pioneers")
    lines = said.out.splitlines()
    assert [line[:2] for line in lines if line[0].isdigit()] == [f"{n}." for n in range(1, 10)]
    assert "Clones: 4 contracts run the implementations that the factory names" in said.out


@pytest.mark.parametrize("place", [0, 30, 44])
def test_one_altered_byte_of_a_clone_is_found(
    founded: Desk, chain: Devnet, pioneers: Instance, place: int
) -> None:
    code = bytearray(code_of(chain, pioneers.bylaws))
    code[place] ^= 1
    set_code(chain, pioneers.bylaws, bytes(code))
    assert verified(founded).only("Clones") == [
        f"Bylaws at {pioneers.bylaws}: its code is no clone's."
    ]


def test_people_read_what_is_wrong_and_what_was_left_out(
    founded: Desk, chain: Devnet, pioneers: Instance
) -> None:
    set_code(chain, pioneers.bylaws, b"\x00")
    said = founded.run("instance", "verify")
    assert said.code == 9
    assert f"2. Clones: NOT as it should be\n   Bylaws at {pioneers.bylaws}" in said.out
    assert "The rest was left out" in said.out
    assert "Do not vote or sign there" in said.err


def test_bytes_behind_a_clones_code_are_found(
    founded: Desk, chain: Devnet, pioneers: Instance
) -> None:
    set_code(chain, pioneers.bylaws, code_of(chain, pioneers.bylaws) + b"\xaa")
    (fault,) = verified(founded).only("Clones")
    assert fault.startswith(f"Bylaws at {pioneers.bylaws}: ")
    assert fault.endswith("aa is written behind its code.")


def test_a_clone_of_another_implementation_is_found(
    founded: Desk, chain: Devnet, pioneers: Instance
) -> None:
    other = deploy(Web3(Web3.HTTPProvider(chain.url)), "Bylaws").address
    code = code_of(chain, pioneers.bylaws)
    set_code(chain, pioneers.bylaws, code[:10] + bytes.fromhex(other[2:]) + code[30:])
    (fault,) = verified(founded).only("Clones")
    named = implementations(chain, pioneers)["Bylaws"]
    assert fault == f"Bylaws at {pioneers.bylaws}: it runs {other}, the factory names {named}."


@pytest.mark.parametrize("name", ["Membership", "PayRates"])
def test_one_altered_byte_of_an_implementation_is_found(
    founded: Desk, chain: Devnet, pioneers: Instance, name: str
) -> None:
    address = implementations(chain, pioneers)[name]
    code = bytearray(code_of(chain, address))
    code[-1] ^= 1
    set_code(chain, address, bytes(code))
    assert verified(founded).only("Code") == [f"The code at {address} is not that of {name}."]


def test_a_factory_with_other_code_is_found(
    founded: Desk, chain: Devnet, pioneers: Instance
) -> None:
    set_code(chain, pioneers.factory, code_of(chain, pioneers.factory) + b"\x00")
    assert verified(founded).only("Code") == [
        f"The code at {pioneers.factory} is not that of CooperativeFactory."
    ]


def test_an_implementation_that_can_be_started_is_found(
    founded: Desk, chain: Devnet, pioneers: Instance
) -> None:
    address = implementations(chain, pioneers)["Bylaws"]
    layout = load("Bylaws")["storageLayout"]["storage"]
    slot = next(each["slot"] for each in layout if each["label"] == "_chronicleHead")
    chain.rpc("anvil_setStorageAt", address, f"0x{int(slot):064x}", "0x" + "00" * 32)
    faults = verified(founded).only("Beginning")
    assert faults[0] == f"Bylaws's implementation at {address} has not begun."
    assert len(faults) == 3


@pytest.mark.parametrize(
    ("contract", "part", "variable", "function"),
    [
        ("Membership", "membership", "_assembly", "assembly_"),
        ("Bylaws", "bylaws", "_assembly", "assembly_"),
        ("PayRates", "pay_rates", "_assembly", "assembly_"),
    ],
)
def test_a_contract_that_obeys_another_is_found(
    founded: Desk,
    chain: Devnet,
    pioneers: Instance,
    contract: str,
    part: str,
    variable: str,
    function: str,
) -> None:
    replaced(chain, contract, getattr(pioneers, part), variable, DEV_ACCOUNT)
    faults = verified(founded).faults
    assert set(faults) == {"Wiring", "Orders"}
    assert faults["Wiring"] == [f"{contract}.{function} is {DEV_ACCOUNT}, not {pioneers.assembly}."]
    refuses = f"{contract}.{'setRule' if contract == 'Bylaws' else ''}"
    assert any(each.startswith(refuses) and DEV_ACCOUNT in each for each in faults["Orders"])
    assert any(each.endswith("refuses the Assembly.") for each in faults["Orders"])


def test_a_proxys_admin_slot_in_use_is_found(
    founded: Desk, chain: Devnet, pioneers: Instance
) -> None:
    word = "0x" + DEV_ACCOUNT[2:].zfill(64)
    chain.rpc("anvil_setStorageAt", pioneers.assembly, OWNER_SLOT, word)
    assert verified(founded).only("Privileges") == [
        f"Assembly at {pioneers.assembly}: its admin slot (EIP-1967) is in use."
    ]


def test_a_transaction_that_made_another_instance_is_found(
    founded: Desk, chain: Devnet, pioneers: Instance
) -> None:
    more = ("--factory", pioneers.factory, "--title", "Spinners")
    assert founded.found(chain.url, "spinners", *more).code == 0
    tx = instance.read(founded.home / "instances", "spinners").tx
    forged = replace(pioneers, name="forged", tx=tx)
    path = founded.home / "instances" / "forged.toml"
    path.write_text(tomli_w.dumps(asdict(forged)), encoding="utf-8")
    found = Verified(founded.run("instance", "verify", "forged", "--json"))
    assert set(found.faults) == {"Origin", "Bylaws"}
    made, predicted = found.faults["Origin"]
    assert made == f"Transaction {tx} did not make these contracts."
    assert predicted.startswith("By its terms the instance would stand at ")


def test_another_chain_is_no_finding_but_another_chain(founded: Desk, pioneers: Instance) -> None:
    other = replace(pioneers, name="other", chain_id=1)
    path = founded.home / "instances" / "other.toml"
    path.write_text(tomli_w.dumps(asdict(other)), encoding="utf-8")
    assert founded.run("instance", "verify", "other", "--json").code == 8


# Code alone


def test_a_clone_says_where_it_points_and_what_is_behind_it() -> None:
    start, end = "363d3d373d3d3d363d73", "5af43d82803e903d91602b57fd5bf3"
    found = clone_in(bytes.fromhex(start + "11" * 20 + end + "22"))
    assert found == (b"\x11" * 20, b"\x22")
    assert clone_in(b"") is None
    assert clone_in(bytes.fromhex(start + "11" * 20)) is None


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("f4", [(0, "DELEGATECALL")]),
        ("60f4", []),  # PUSH1 0xf4
        ("60f4f2", [(2, "CALLCODE")]),
        ("00ff", []),  # data behind STOP
        ("005bff", [(2, "SELFDESTRUCT")]),  # a jump leads there
        ("7f" + "ff" * 32, []),
        ("7f" + "ff" * 33, [(33, "SELFDESTRUCT")]),
    ],
)
def test_an_opcode_is_found_where_it_can_run(code: str, found: list[tuple[int, str]]) -> None:
    assert list(foreign_opcodes(bytes.fromhex(code))) == found


# Who may call what


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_function_that_changes_something_has_exactly_one_place(name: str) -> None:
    places = [*powers.START, *powers.OWN[name], *powers.ANYONE[name], *powers.ORDERS[name]]
    assert sorted(places) == sorted(powers.changing(name))
