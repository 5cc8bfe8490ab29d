"""The history again in an EVM of one's own: the same logs, the same storage, or it is found."""

import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
from web3.contract import Contract
from web3.types import TxParams, TxReceipt, Wei

from indexer import abi
from indexer.audit.judge import Audit
from indexer.audit.run import run, verify
from indexer.chain import Chain
from indexer.errors import ExtraMissing
from indexer.proofs.state import CHRONICLE_SLOT
from node.devnet import Devnet
from tests.contracts.artifacts import deploy
from tests.contracts.coop import AGAINST, FOR, Coop
from tests.contracts.founding import found, new_factory, role, rule
from tests.contracts.refusals import Reverted
from tests.contracts.roll import ballot_digest, ballot_message, order, tell
from tests.contracts.signing import entry
from tests.indexer.audit.conftest import Played, subject_of
from tests.indexer.audit.lies import (
    Logs,
    Scene,
    added,
    altered,
    both,
    fitting,
    left_out,
    other_choice,
    play,
    telling,
    without_proofs,
)
from tests.indexer.audit.test_evidence import lines_of, written
from tests.indexer.proxy import Change, proxy

HOUR = 3_600
needs_pyrevm = pytest.mark.skipif(find_spec("pyrevm") is None, reason="no wheel for this Python")
pytestmark = needs_pyrevm
CLASSES = ("Ordinary", "Admission", "Pay", "Bylaws", "External", "Removal", "Recovery")


def founded(chain: Devnet, factory: Contract) -> Coop:
    """Five founders, a role, and short notice."""
    terms = dict.fromkeys(CLASSES, rule(notice=24 * HOUR, votingPeriod=4 * HOUR))
    return found(chain, factory, rules=terms, roles=[role("weaver", 1_500)])


def again(coop: Coop, factory: Contract, first: int, url: str = "") -> Audit:
    """The audit of a co-op, with all transactions run again."""
    identity, subject = subject_of(coop, factory, first)
    chain = Chain(url or coop.chain.url)
    return run([chain], identity, subject, reexecute=True).audit


def failed(audit: Audit, check: str) -> int:
    """How often a check did not hold."""
    return next(each.failed for each in audit.checks if each.id == check)


@pytest.fixture
def scene(chain: Devnet, factory: Contract) -> Scene:
    """Two votes, one of them with a batch of three."""
    coop = founded(chain, factory)
    first = int(coop.w3.eth.block_number)
    direct, batch = play(coop)
    identity, subject = subject_of(coop, factory, first)
    addresses = list(identity.addresses.values())
    logs = chain.rpc("eth_getLogs", {"address": addresses, "fromBlock": hex(first)})
    return Scene(coop, identity, subject, logs, batch, direct)


def audited(scene: Scene, url: str = "") -> Audit:
    """The scene's audit, with all transactions run again."""
    return again(scene.coop, scene.coop.factory, scene.identity.first_block, url)


def carried(coop: Coop, actions: Sequence[tuple[str, int, bytes]], text: str) -> TxReceipt:
    """A proposal of ada's, voted through and executed."""
    number = coop.propose(coop.ada, actions, text)
    return coop.carry(number, actions, text, [coop.ada, coop.ben, coop.cleo, coop.dan])


def telling_falsely(scene: Scene, lie: str) -> Change:
    """A node that tells one log falsely, and proves nothing, so that the chronicle fits."""
    return both(without_proofs, fitting(scene, LIES[lie](scene)))


# What was as it is told


@pytest.mark.parametrize("kind", ["plain", "receipts"])
def test_the_season_runs_again_to_the_same_logs_and_storage(played: Played, kind: str) -> None:
    found, _ = verify(getattr(played, kind).path, reexecute=True)
    assert found.mismatches == ()
    assert found.again is not None
    sent = {event.tx_hash for event, _ in played.history.events}
    assert (found.again.transactions, found.again.ran) == (len(sent), len(sent))
    assert (found.again.until, found.again.cause) == ("", "")
    counted = {each.id: each.counted for each in found.checks}
    assert counted["6.2"] == len(sent)
    assert counted["6.3"] == found.again.words > 200


def test_an_audit_that_was_not_asked_to_runs_nothing_again(played: Played) -> None:
    found, _ = verify(played.plain.path)
    assert found.again is None
    assert not {"6.2", "6.3"} & {each.id for each in found.checks}


def test_a_history_runs_again_through_each_client(each_chain: Devnet) -> None:
    factory = new_factory(each_chain)
    coop = founded(each_chain, factory)
    first = int(coop.w3.eth.block_number)
    play(coop)
    through = again(coop, factory, first)
    assert through.mismatches == ()
    assert through.again is not None
    assert through.again.ran == through.again.transactions > 5
    assert through.again.words > 20


def test_calls_that_the_contracts_refused_in_between_change_nothing(scene: Scene) -> None:
    coop = scene.coop
    third = coop.propose(coop.cleo, text="A third loom")
    with pytest.raises(Reverted):
        coop.vote(coop.dan, third, FOR)  # not open yet
    coop.open(third)
    coop.vote(coop.dan, third, FOR)
    assert audited(scene).mismatches == ()


def test_ether_that_an_executed_proposal_sends_on_is_not_followed(scene: Scene) -> None:
    coop = scene.coop
    gift: TxParams = {
        "from": coop.w3.eth.accounts[0],
        "to": coop.assembly.address,
        "value": Wei(5),
    }
    coop.w3.eth.wait_for_transaction_receipt(coop.w3.eth.send_transaction(gift))
    carried(coop, [(coop.people["tom"].address, 5, b"")], "To tom")
    assert audited(scene).mismatches == ()


def test_what_a_proposal_orders_of_another_contract_has_no_effect_here(scene: Scene) -> None:
    shop = deploy(scene.coop.w3, "Shop")
    for text in ("Seven looms", "Seven more"):
        carried(scene.coop, [scene.coop.action(shop, "order", 7)], text)
    found = audited(scene)
    assert found.mismatches == ()
    assert found.again is not None
    assert found.again.ran == found.again.transactions


# What was not

VOTE = abi.function("Assembly", "castBallot").selector.hex()
LIES: dict[str, Callable[[Scene], Callable[[Logs], Logs]]] = {
    "a direct ballot has another choice": lambda scene: altered(
        scene.direct, data=other_choice(scene.direct)
    ),
    "a carried ballot has another choice": lambda scene: altered(
        scene.batch[0], data=other_choice(scene.batch[0])
    ),
    "a carried ballot is left out": lambda scene: left_out(scene.batch[2]),
    "a ballot is added": lambda scene: added(scene.batch[2]),
}


@pytest.mark.parametrize("lie", sorted(LIES))
def test_a_changed_log_is_found_though_the_chronicle_fits(scene: Scene, lie: str) -> None:
    with proxy(scene.coop.chain.url, telling_falsely(scene, lie)) as url:
        found = audited(scene, url)
    (fault,) = [each for each in found.mismatches if each.check == "6.2"]
    assert failed(found, "6.2") == 1
    block = (scene.direct if "direct" in lie else scene.batch[0])["blockNumber"]
    assert fault.where == f"block {int(block, 16)}, transaction 0"


def test_a_mismatch_says_what_differs_in_words(scene: Scene) -> None:
    said = {}
    for lie in LIES:
        with proxy(scene.coop.chain.url, telling_falsely(scene, lie)) as url:
            faults = [each for each in audited(scene, url).mismatches if each.check == "6.2"]
        said[lie] = (faults[0].expected, faults[0].found)
    assert said["a direct ballot has another choice"] == (
        "Assembly.VoteCast: support 0",
        "Assembly.VoteCast: support 1",
    )
    assert said["a carried ballot is left out"] == ("Assembly.VoteCast", "no more logs")
    assert said["a ballot is added"] == ("no more logs", "Assembly.VoteCast")


def test_a_call_that_the_contracts_refuse_gave_no_logs(played: Played, tmp_path: Path) -> None:
    lines = lines_of(played.plain.path)
    places = [at for at, line in enumerate(lines) if isinstance(line, list)]
    votes = [at for at in places if lines[at][0] == "transaction" and VOTE in lines[at][3]]
    # A vote is told twice: its sequence was counted already.
    twice = votes[0]
    lines[twice + 2 : twice + 2] = lines[twice : twice + 2]
    found, _ = verify(written(tmp_path / "twice.gz", lines), reexecute=True)
    (fault,) = [each for each in found.mismatches if each.check == "6.2"]
    assert fault.expected == "no more logs (AssemblyBallotRefused)"


def test_a_word_that_no_rule_knows_of_and_no_proof_shows_is_found(scene: Scene) -> None:
    coop = scene.coop
    slot, word = "0x" + "77" * 32, "0x" + "11" * 32
    coop.chain.rpc("anvil_setStorageAt", coop.assembly.address, slot, word)
    coop.chain.mine()
    found = audited(scene)
    assert {each.check for each in found.mismatches} == {"6.3"}
    assert [each.where for each in found.mismatches] == ["Assembly, in words that no proof shows"]


def test_the_word_is_named_where_a_proof_shows_it(scene: Scene) -> None:
    coop = scene.coop
    slot, word = f"0x{CHRONICLE_SLOT:064x}", "0x" + "11" * 32
    coop.chain.rpc("anvil_setStorageAt", coop.pay_rates.address, slot, word)
    coop.chain.mine()
    found = audited(scene)
    assert {each.check for each in found.mismatches} == {"3.2", "6.3"}
    (fault,) = [each for each in found.mismatches if each.check == "6.3"]
    assert (fault.where, fault.found) == (f"PayRates, word {slot}", word)


def test_without_proofs_the_storage_is_not_compared(scene: Scene) -> None:
    with proxy(scene.coop.chain.url, without_proofs) as url:
        found = audited(scene, url)
    assert found.again is not None
    assert (found.again.ran, found.again.words) == (found.again.transactions, 0)
    assert found.ok


# What cannot be run again


def test_a_transaction_through_another_contract_ends_it_and_is_counted(scene: Scene) -> None:
    coop = scene.coop
    carrier = deploy(coop.w3, "Carrier")
    third = coop.propose(coop.ada, text="A third loom")
    coop.open(third)
    packed = entry(2, FOR, coop.sign(coop.ben, third, FOR))
    inner = bytes.fromhex(coop.assembly.encode_abi("castBallots", [third, packed])[2:])
    through = carrier.functions.carry(coop.assembly.address, inner, 1_000_000)
    sent = coop.send(through, coop.tom)
    coop.vote(coop.cleo, third, AGAINST)
    found = audited(scene)
    assert found.mismatches == ()
    assert found.again is not None
    assert found.again.transactions - found.again.ran == 2
    assert found.again.until == f"block {sent['blockNumber']}, transaction 0"
    assert found.again.cause == f"it calls another contract, {carrier.address}"
    assert found.again.words == 0


def test_a_contract_account_that_accepts_a_ballot_ends_it(scene: Scene) -> None:
    coop = scene.coop
    account = deploy(coop.w3, "ListAccount")
    coop.decide(coop.ada, coop.membership, "recover", 5, account.address)
    third = coop.propose(coop.ada, text="A third loom")
    coop.open(third)
    tell(coop, account, "accept", ballot_digest(coop, ballot_message(coop, 5, third, "for", 1)))
    cast = coop.cast_batch(coop.tom, third, entry(5, FOR, b"", long=True))
    found = audited(scene)
    assert found.mismatches == ()
    assert found.again is not None
    assert found.again.until == f"block {cast['blockNumber']}, transaction 0"
    assert found.again.cause == f"the contract account {account.address} accepts a ballot in it"


def test_a_skipped_ballot_told_as_counted_is_no_contract_account(scene: Scene) -> None:
    coop = scene.coop
    third = coop.propose(coop.ada, text="A third loom")
    coop.open(third)
    vote = coop.vote(coop.ben, third, FOR)
    cast = coop.cast_batch(coop.tom, third, entry(3, FOR, coop.sign(coop.dan, third, FOR)))
    told = coop.chain.rpc("eth_getTransactionReceipt", vote["transactionHash"].to_0x_hex())
    voter = "0x" + coop.cleo.address[2:].lower().rjust(64, "0")
    cleos = {
        "topics": [told["logs"][0]["topics"][0], voter],
        "data": told["logs"][0]["data"],
    }
    skipped = {"blockNumber": hex(cast["blockNumber"]), "logIndex": "0x0"}
    with proxy(coop.chain.url, telling(altered(skipped, **cleos))) as url:
        found = audited(scene, url)
    (fault,) = [each for each in found.mismatches if each.check == "6.2"]
    assert fault.where.endswith(f"ballot of {coop.cleo.address}")
    assert found.again is not None
    assert found.again.cause == "it gives other logs"


def test_an_executed_order_that_comes_back_to_the_co_op_ends_it(scene: Scene) -> None:
    coop = scene.coop
    carrier = deploy(coop.w3, "Carrier")
    inner = bytes.fromhex(coop.membership.encode_abi("applyToJoin", [b"\x11" * 32])[2:])
    action = coop.action(carrier, "carry", coop.membership.address, inner, 1_000_000)
    done = carried(coop, [action], "A machine applies")
    found = audited(scene)
    assert found.mismatches == ()
    assert found.again is not None
    assert found.again.until == f"block {done['blockNumber']}, transaction 0"
    assert found.again.cause == f"it calls another contract, {carrier.address}"


def test_a_transaction_whose_bytes_are_not_to_be_had_ends_it(scene: Scene) -> None:
    order(scene.coop, "setProbation", HOUR)  # only a test chain lets a contract send
    found = audited(scene)
    assert found.again is not None
    assert found.again.cause == "its bytes are not given"
    assert failed(found, "6.2") == 0


def test_a_transaction_that_no_key_signed_ends_it(played: Played, tmp_path: Path) -> None:
    lines = lines_of(played.plain.path)
    sent = [line for line in lines if isinstance(line, list) and line[0] == "transaction"]
    sent[7][3] = sent[7][3][:-64] + "f" * 64  # no signature ends so
    found, _ = verify(written(tmp_path / "unsigned.gz", lines), reexecute=True)
    assert "5.1" in {each.check for each in found.mismatches}
    assert found.again is not None
    assert (found.again.ran, found.again.cause) == (7, "nobody's key signed it")


# The package for it


@pytest.fixture
def without_pyrevm(tmp_path: Path) -> Iterator[None]:
    """An installation that lacks the extra: the import system finds no such module."""

    class Hidden:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name.partition(".")[0] == "pyrevm":
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    held = {name: sys.modules.pop(name) for name in [*sys.modules] if name.startswith("pyrevm")}
    sys.meta_path.insert(0, Hidden)
    yield
    sys.meta_path.remove(Hidden)
    sys.modules.update(held)


@pytest.mark.usefixtures("without_pyrevm")
def test_without_the_package_the_error_names_the_extra(played: Played) -> None:
    with pytest.raises(ExtraMissing) as refused:
        verify(played.plain.path, reexecute=True)
    assert "rochdale[reexecute]" in refused.value.hint
    assert verify(played.plain.path)[0].ok  # all else needs it not
