"""What members sign is hashed and signed alike by eth-account, cast, ethers and viem.

Signatures are deterministic (RFC 6979), so the same key gives the same 65 bytes everywhere; where
they differ, a wallet would sign something else than the contract checks.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from indexer.abi import CONTRACTS
from indexer.audit.checkpoint import Checkpoint
from node import checkpoints, rotation, typed_data
from node.ballot import Ballot, PayBallot
from node.typed_data import Domain
from node.voting import Voter
from tests.node.desk import DEV_ACCOUNT, DEV_KEY, FOUNDERS
from tests.node.other_tools import by_library, cast, needs_cast
from tests.node.test_pay_commands import opened
from tests.node.village import PASSWORD, Village

ACCOUNT = Account.from_key(DEV_KEY)
DOMAIN = Domain("Weavers’ Co-op “Élan”", "1", 31337, FOUNDERS[0])
CONTENT = bytes(range(32))
WORST_REASON = 'Zu früh — "ça va"\n\t\\ 工人合作社 🧵 \u202e'


def _checkpoint() -> Checkpoint:
    return Checkpoint(
        chain_id=31337,
        addresses={name: FOUNDERS[number % 3] for number, name in enumerate(CONTRACTS)},
        block=2**40,
        block_hash="0x" + CONTENT.hex(),
        events=0,
        heads={name: "0x" + f"{number:02x}" * 32 for number, name in enumerate(CONTRACTS)},
    )


MESSAGES: dict[str, dict[str, Any]] = {
    "ballot": Ballot(7, CONTENT, "for", 3, 1, 2).typed_data(DOMAIN),
    "ballot with a reason": Ballot(
        2**53 - 1, CONTENT, "abstain", 2**32 - 1, 2**32 - 1, 255, WORST_REASON
    ).typed_data(DOMAIN),
    "longest reason": Ballot(1, bytes(32), "against", 1, 0, 1, "é" * 250).typed_data(DOMAIN),
    "pay ballot": PayBallot(4, CONTENT, 2150, 3, 0, 1, WORST_REASON).typed_data(DOMAIN),
    "highest rate": PayBallot(1, CONTENT, 2**48 - 1, 1, 0, 255).typed_data(DOMAIN),
    "rotation": rotation.message(
        DOMAIN, Voter(3, DEV_ACCOUNT, 1_700_000_000, 1), FOUNDERS[1], 1_900_000_000
    ),
    "checkpoint": checkpoints.message(_checkpoint()),
}


def ours() -> list[dict[str, str]]:
    return [
        {
            "digest": "0x" + typed_data.digest(whole).hex(),
            "signature": "0x" + typed_data.sign(whole, ACCOUNT).hex(),
        }
        for whole in MESSAGES.values()
    ]


@pytest.mark.parametrize("library", ["ethers", "viem"])
def test_a_library_of_wallets_hashes_and_signs_every_message_as_we_do(library: str) -> None:
    theirs = by_library(library, "sign", key=DEV_KEY, messages=list(MESSAGES.values()))
    assert dict(zip(MESSAGES, theirs, strict=True)) == dict(zip(MESSAGES, ours(), strict=True))


@needs_cast
@pytest.mark.parametrize("name", MESSAGES)
def test_cast_signs_every_message_as_we_do(name: str, tmp_path: Path) -> None:
    file = tmp_path / "message.json"
    file.write_text(json.dumps(MESSAGES[name]), encoding="utf-8")

    theirs = cast(
        *("wallet", "sign", "--private-key", DEV_KEY, "--data", "--from-file", file),
        home=tmp_path,
    )

    assert theirs == "0x" + typed_data.sign(MESSAGES[name], ACCOUNT).hex()


@needs_cast
def test_a_ballot_is_built_here_signed_by_cast_and_counted(village: Village) -> None:
    village.opened()
    file, message = village.home / "ballot.json", village.home / "message.json"
    built = village.run_with_key(
        *("ballot", "build", "--proposal", 1, "--choice", "for", "--reason", WORST_REASON[:-1]),
        *("--out", file, "--typed-data", message),
    )
    signature = cast(
        *("wallet", "sign", "--data", "--from-file", message),
        *("--keystore", village.home / "keys" / "ada.json", "--password", PASSWORD),
        home=village.home,
    )

    signed = village.ask("ballot", "sign", file, "--signature", signature)
    checked = village.ask("ballot", "verify", file)
    carried = village.run("ballot", "submit", file, as_="gus")

    assert (built.exit_code, signed.exit_code, checked.exit_code) == (0, 0, 0)
    assert signed.data["signed_by_account"] is True
    assert [each["status"] for each in carried.data] == ["counted"]
    assert village.coop.votes(1) == (0, 1, 0)


@needs_cast
def test_a_pay_ballot_is_built_here_signed_by_cast_and_counted(village: Village) -> None:
    number = opened(village)
    file, message = village.home / "ballot.json", village.home / "message.json"
    built = village.run_with_key(
        *("ballot", "build", "--pay-vote", number, "--rate", 2_000),
        *("--out", file, "--typed-data", message),
    )
    assert built.exit_code == 0, built.stderr
    signature = cast(
        *("wallet", "sign", "--data", "--from-file", message),
        *("--keystore", village.home / "keys" / "ada.json", "--password", PASSWORD),
        home=village.home,
    )

    signed = village.ask("ballot", "sign", file, "--signature", signature)
    carried = village.run("ballot", "submit", file, as_="gus")

    assert signed.data["signed_by_account"] is True
    assert [each["status"] for each in carried.data] == ["counted"]


@pytest.mark.parametrize("form", ["v of 0 or 1", "64 bytes of ERC-2098"])
def test_a_wallets_other_form_of_a_signature_is_taken(village: Village, form: str) -> None:
    village.opened()
    for name in ("ada", "ben", "cleo", "dan"):  # among them both parities
        file = village.home / f"{name}.json"
        words = ("ballot", "build", "--proposal", 1, "--choice", "for", "--out", file)
        assert village.run_with_key(*words, as_=name).exit_code == 0
        whole = json.loads(file.read_text())["data"]["typed_data"]
        usual = typed_data.sign(whole, village.key(name))
        parity = usual[64] - 27
        if form == "v of 0 or 1":
            other = usual[:64] + bytes([parity])
        else:
            other = usual[:32] + bytes([usual[32] | parity << 7]) + usual[33:64]

        signed = village.ask("ballot", "sign", file, "--signature", other.hex())

        assert signed.data["signature"] == "0x" + usual.hex()
        assert signed.data["signed_by_account"] is True


def test_the_message_alone_is_that_of_the_ballot_file(village: Village) -> None:
    village.opened()
    file, message = village.home / "ballot.json", village.home / "message.json"
    words = ("ballot", "build", "--proposal", 1, "--choice", "for", "--out", file)

    same = village.run_with_key(*words, "--typed-data", file)
    rehearsed = village.run_with_key(*words, "--typed-data", message, "--dry-run")
    assert (same.exit_code, rehearsed.exit_code) == (2, 0)
    assert not file.exists()
    assert not message.exists()
    assert village.run_with_key(*words, "--typed-data", message).exit_code == 0
    again = village.run_with_key(*words[:-1], village.home / "b.json", "--typed-data", message)

    assert json.loads(message.read_text()) == json.loads(file.read_text())["data"]["typed_data"]
    assert again.exit_code == 2
    assert not (village.home / "b.json").exists()
