"""The verification bundle alone, compiled again, gives the code that the chain has."""

import json
import zipfile

import solcx

from indexer.bytecode import is_artifact
from indexer.chain import Chain
from node import verification
from node.devnet import Devnet
from scripts.solidity import _compiler
from tests.node.desk import Desk, desk  # noqa: F401


def test_the_bundle_alone_gives_the_code_on_the_chain(desk: Desk, chain: Devnet) -> None:  # noqa: F811
    desk.dev_key()
    assert desk.found(chain.url).code == 0
    place = desk.home / "bundle.zip"
    assert desk.run("instance", "export", "pioneers", "--verification", place).code == 0
    with zipfile.ZipFile(place) as archive:
        entries = json.loads(archive.read("contracts.json"))
        inputs = {
            each["address"]: json.loads(archive.read(each["stdJsonInput"])) for each in entries
        }
    assert len(entries) == 5
    for entry in entries:
        unit, name = entry["contractIdentifier"].split(":")
        assert entry["compilerVersion"] == "0.8.37+commit.f401782d"
        binary = _compiler("0.8.37")
        compiled = solcx.compile_standard(inputs[entry["address"]], solc_binary=binary)
        deployed = compiled["contracts"][unit][name]["evm"]["deployedBytecode"]
        references = deployed.get("immutableReferences", {})
        artifact = {
            "deployedBytecode": "0x" + deployed["object"],
            "immutableReferences": references,
        }
        assert is_artifact(artifact, Chain(chain.url).code(entry["address"])), name


def test_a_compiler_s_version_is_written_as_services_list_it() -> None:
    assert verification.plain_version("0.8.37+commit.f401782d.Emscripten.clang") == (
        "0.8.37+commit.f401782d"
    )
