"""`coop audit run`: an honest history passes, and a lying node or a changed state is found."""

from collections.abc import Callable
from typing import Any

import pytest

from indexer.proofs.state import CHRONICLE_SLOT
from tests.contracts.coop import FOR
from tests.indexer.proxy import Answer, Change, Request, proxy
from tests.node.village import Ran, Village


def kinds(ran: Ran) -> set[tuple[str, str]]:
    """Step and kind of each mismatch; there must be some, and the command must fail."""
    assert ran.exit_code == 9, ran.stderr
    assert ran.error["code"] == "audit_mismatch"
    assert ran.data["ok"] is False
    return {(each["check"], each["kind"]) for each in ran.data["mismatches"]}


def logs_changed(change: Callable[[list[Any]], list[Any]]) -> Change:
    """A node that changes the logs it gives."""

    def lie(request: Request, answer: Answer) -> Answer:
        if request["method"] != "eth_getLogs":
            return answer
        return {**answer, "result": change(answer["result"])}

    return lie


@pytest.fixture
def voted(village: Village) -> Village:
    """A co-op with two resolutions and six ballots."""
    vote(village, "# A resolution")
    vote(village, "# Another resolution")
    return village


def vote(village: Village, text: str) -> None:
    """A proposal of ada's and three ballots for it."""
    number = village.opened(text).proposal_id
    for member in (village.coop.ada, village.coop.ben, village.coop.cleo):
        village.coop.vote(member, number, FOR)
    village.coop.close(number)


def test_an_honest_history_is_proven_without_a_mirror(voted: Village) -> None:
    ran = voted.ask("audit", "run")
    assert ran.exit_code == 0, ran.stderr
    data = ran.data
    assert (data["ok"], data["level"], data["mismatches"]) == (True, "proven", [])
    assert data["ballots_checked"] == 6
    assert data["chronicle"]["ok"] is True
    assert data["chronicle"]["replayed"].keys() == {"membership", "bylaws", "assembly", "pay_rates"}
    head = voted.chain.head()
    assert data["anchor"] == {"block": head.number, "block_hash": head.hash, "proof_ok": True}
    assert data["blocks"] == head.number + 1 - voted.instance.first_block
    assert {each["id"]: each["counted"] for each in data["checks"]}["4.4.4"] == 6
    assert data["signed"] == {"by_key": 0, "by_transaction": 6, "by_contract": 0, "within_calls": 0}
    assert len(data["unchecked"]) == 3
    assert not (voted.home / "weavers.db").exists()


def test_an_anchor_makes_the_level_anchored_and_ends_the_history_there(voted: Village) -> None:
    anchor = voted.chain.head()
    vote(voted, "# Later than the anchor")
    data = voted.ask("audit", "run", "--anchor", anchor.hash).data
    assert (data["ok"], data["level"], data["ballots_checked"]) == (True, "anchored", 6)
    assert data["anchor"]["block"] == anchor.number


def test_an_anchor_that_the_chain_does_not_hold_is_an_error_and_no_verdict(voted: Village) -> None:
    ran = voted.ask("audit", "run", "--anchor", "0x" + "ab" * 32)
    assert ran.exit_code == 7
    assert ran.stdout == ""
    assert voted.ask("audit", "run", "--anchor", "0x12").exit_code == 2


def test_another_block_in_place_of_the_anchor_is_refused(voted: Village) -> None:
    anchor = "0x" + "ab" * 32
    head = voted.coop.chain.rpc("eth_getBlockByNumber", "latest", False)

    def pretend(request: Request, answer: Answer) -> Answer:
        asked = request["method"] == "eth_getBlockByHash" and request["params"][0] == anchor
        return {**answer, "result": head} if asked else answer

    with proxy(voted.chain.url, pretend) as url:
        ran = voted.ask("audit", "run", "--rpc", url, "--anchor", anchor)
    assert ran.exit_code == 7
    assert ran.error["code"] == "header_forged"
    assert ran.stdout == ""


@pytest.mark.parametrize(
    "change",
    [
        lambda logs: logs[1:],
        lambda logs: logs[:-1],
        lambda logs: [],
        lambda logs: [*logs[:-1], {**logs[-1], "data": logs[-1]["data"][:-2] + "ff"}],
    ],
    ids=["first dropped", "last dropped", "all dropped", "one altered"],
)
def test_a_node_that_drops_or_alters_logs_is_found_by_the_chronicle(
    voted: Village, change: Callable[[list[Any]], list[Any]]
) -> None:
    # Whatever it says of an empty range is true.
    lie = logs_changed(lambda logs: change(logs) if logs else logs)
    with proxy(voted.chain.url, lie) as url:
        assert ("3.2", "chronicle") in kinds(voted.ask("audit", "run", "--rpc", url))


def test_a_word_changed_in_the_contract_is_found_by_its_proof(voted: Village) -> None:
    slot, word = f"0x{CHRONICLE_SLOT:064x}", "0x" + "11" * 32
    voted.coop.chain.rpc("anvil_setStorageAt", voted.instance.assembly, slot, word)
    found = kinds(voted.ask("audit", "run"))
    assert found & {("1.2", "proof"), ("3.2", "chronicle")}
    voted.coop.chain.mine()  # now the header vouches for the changed state
    assert ("3.2", "chronicle") in kinds(voted.ask("audit", "run"))


def test_a_forged_proof_is_no_proof_and_nothing_is_believed_instead(voted: Village) -> None:
    def forge(request: Request, answer: Answer) -> Answer:
        if request["method"] != "eth_getProof":
            return answer
        result = answer["result"]
        return {**answer, "result": {**result, "accountProof": result["accountProof"][1:]}}

    with proxy(voted.chain.url, forge) as url:
        ran = voted.ask("audit", "run", "--rpc", url)
    assert ("1.2", "proof") in kinds(ran)
    assert ran.data["anchor"]["proof_ok"] is False
    assert ran.data["chronicle"]["ok"] is False


def test_a_node_without_proofs_is_believed_and_the_level_says_so(voted: Village) -> None:
    def refuse(request: Request, answer: Answer) -> Answer:
        if request["method"] != "eth_getProof":
            return answer
        error = {"code": -32601, "message": "the method eth_getProof does not exist"}
        return {"jsonrpc": "2.0", "id": request["id"], "error": error}

    with proxy(voted.chain.url, refuse) as url:
        data = voted.ask("audit", "run", "--rpc", url).data
    assert (data["ok"], data["level"]) == (True, "logs-only")
    assert data["anchor"]["proof_ok"] is False


def test_a_header_with_another_content_than_its_hash_is_refused(voted: Village) -> None:
    def forge(request: Request, answer: Answer) -> Answer:
        if request["method"] != "eth_getBlockByNumber":
            return answer
        return {**answer, "result": {**answer["result"], "timestamp": "0x1"}}

    with proxy(voted.chain.url, forge) as url:
        ran = voted.ask("audit", "run", "--rpc", url)
    assert ran.exit_code in (7, 8)
    assert ran.stdout == ""


def test_for_people_each_check_says_at_how_many_of_how_many(voted: Village) -> None:
    said = voted.ask("audit", "run", json=False).stdout
    assert "3. Completeness: " in said
    assert "   4.4.4 ballots outside the window: 0 of 6" in said
    assert "   proposal 1, succeeded: 3 of 5 voted, 3 for, 0 against, 0 abstain" in said
    assert "5. Who signed: 0 carried and 6 direct ballots" in said
    assert "Result: nothing departs from the rules, as far as the level above reaches." in said
