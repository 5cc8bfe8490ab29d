"""Acts that are no ballots: kept before they are sent, done once whatever cuts a command off."""

import sqlite3

import pytest

from indexer.chain import Chain
from node import outbox_file
from node.acts import STUCK, Act, ActDone, Acts
from node.errors import TransactionPending
from node.fees import GWEI
from node.outbox_file import owner
from node.sender import Sender
from tests.indexer.proxy import Request, proxy, refusing
from tests.node.mining import unmined
from tests.node.silent_proxy import silent_on
from tests.node.village import Village, factory, village  # noqa: F401


def acts(village: Village, stuck: float = STUCK, what: str = "coop test") -> Acts:  # noqa: F811
    path = village.home / "weavers.outbox.db"
    return Acts(path, owner(village.instance), what, stuck=stuck)


def sender(village: Village, kept: Acts, name: str = "fay") -> Sender:  # noqa: F811
    return Sender(village.chain, village.key(name), patience=0.3, keeper=kept)


def apply(by: Sender, village: Village) -> None:  # noqa: F811
    by.send("Membership", village.instance.membership, "applyToJoin", b"\1" * 32)


def cut_off(by: Sender, village: Village) -> None:  # noqa: F811
    """Apply, and hear of no block."""
    with pytest.raises(TransactionPending):
        apply(by, village)


def raised(by: Sender, kept: Acts, village: Village) -> None:  # noqa: F811
    """Apply, hear of no block, and offer more; `kept` calls nothing too early for that."""
    cut_off(by, village)
    with pytest.raises(TransactionPending):
        kept.carry(by, lambda _: None, 0.0)


def states(kept: Acts) -> list[str]:
    return sorted(each.state for each in kept.listed(everything=True))


def made_final(village: Village, kept: Acts) -> None:  # noqa: F811
    village.coop.chain.rpc("anvil_mine", "0x5")
    kept.look(village.chain)


def candidates(village: Village) -> int:  # noqa: F811
    return len(village.ask("member", "list", "--status", "candidate").data)


def test_an_act_is_kept_before_it_is_sent_and_until_a_final_block_holds_it(
    village: Village,  # noqa: F811
) -> None:
    seen: list[Act] = []
    kept = acts(village)
    by = sender(village, kept)
    request = by.chain.request

    def watched(method: str, *params: object) -> object:
        if method == "eth_sendRawTransaction":
            seen.extend(kept.listed())
        return request(method, *params)

    by.chain.request = watched  # type: ignore[method-assign]
    try:
        apply(by, village)
    finally:
        by.chain.request = request  # type: ignore[method-assign]
    (before,), (after,) = seen, kept.listed(everything=True)
    assert (before.state, after.state, after.what) == ("sent", "included", "coop test")
    assert before.transaction == after.transaction
    assert kept.listed() == [after]
    made_final(village, kept)
    assert (states(kept), kept.listed()) == (["final"], [])


@pytest.mark.parametrize("passed_on", [True, False], ids=["taken", "lost"])
def test_a_command_cut_off_while_it_sends_is_not_done_twice_nor_lost(
    village: Village,  # noqa: F811
    passed_on: bool,
) -> None:
    text = village.file("kitchen.md", "# A kitchen\n")
    command = ("proposal", "create", text, "--yes")
    with silent_on("eth_sendRawTransaction", village.chain.url, passed_on=passed_on) as url:
        cut_off = village.run(*command, "--rpc", url)
    assert cut_off.exit_code == 7, cut_off.stderr
    (listed,) = village.ask("outbox", "list").data
    status = "included" if passed_on else "sent"
    assert (listed["act"], listed["status"]) == (f"coop proposal create {text}", status)
    assert village.ask("status").data["outbox"] == {status: 1}

    again = village.run(*command)
    assert (again.exit_code, again.error["code"]) == (2, "done_before"), again.stderr
    assert [each["status"] for each in village.ask("outbox", "list").data] == ["included"]
    assert len(village.ask("proposal", "list").data) == 1

    meant = village.run(*command)  # said once more: now the contract has the word
    assert (meant.exit_code, "another open proposal" in meant.error["message"]) == (6, True)


def test_what_was_cut_off_is_brought_to_an_end_by_retry(village: Village) -> None:  # noqa: F811
    text = village.file("kitchen.md", "# A kitchen\n")
    command = ("proposal", "create", text, "--yes")
    with silent_on("eth_sendRawTransaction", village.chain.url, passed_on=False) as url:
        assert village.run(*command, "--rpc", url).exit_code == 7
    assert village.ask("proposal", "list").data == []

    (done,) = village.run("outbox", "retry").data
    assert (done["act"], done["status"]) == (f"coop proposal create {text}", "included")
    assert len(village.ask("proposal", "list").data) == 1

    # Its owner was told, so this is meant as another one: the contract has the word.
    again = village.run(*command)
    assert (again.exit_code, "another open proposal" in again.error["message"]) == (6, True)


def test_another_command_goes_on_once_the_earlier_one_has_ended(
    village: Village,  # noqa: F811
) -> None:
    text, eve = village.file("kitchen.md", "# A kitchen\n"), village.key("eve").address
    with silent_on("eth_sendRawTransaction", village.chain.url, passed_on=False) as url:
        assert village.run("proposal", "create", text, "--yes", "--rpc", url).exit_code == 7
    named = village.run("member", "guardians", "set", "--guardian", eve, "--needed", 1, "--yes")
    assert named.exit_code == 0, named.stderr
    assert len(village.ask("proposal", "list").data) == 1


def test_an_act_that_no_block_takes_holds_up_the_next_and_says_so(
    village: Village,  # noqa: F811
) -> None:
    kept, chain = acts(village), village.coop.chain
    by = sender(village, kept)
    with unmined(chain):
        cut_off(by, village)
        with pytest.raises(TransactionPending, match=r"coop test.* is still on its way"):
            apply(by, village)
    assert len(kept.listed()) == 1
    chain.mine()


def test_an_act_that_waits_too_long_offers_more_and_is_still_done_once(
    village: Village,  # noqa: F811
) -> None:
    kept, chain = acts(village, stuck=0), village.coop.chain
    by = sender(village, kept)
    with unmined(chain):
        raised(by, kept, village)
        first, second = (each.transaction for each in kept.listed())
        assert second.nonce == first.nonce
        assert second.tip * 8 >= first.tip * 9
        chain.mine()
    with pytest.raises(ActDone):
        apply(by, village)
    assert states(kept) == ["included", "sent"]
    assert candidates(village) == 1
    with pytest.raises(Exception, match="applied already"):  # said once, though one stays open
        apply(by, village)
    made_final(village, kept)
    assert states(kept) == ["final", "refused"]


def test_the_offer_ends_at_the_cap(village: Village) -> None:  # noqa: F811
    kept, chain = acts(village, stuck=0), village.coop.chain
    by = sender(village, kept)
    with unmined(chain):
        cut_off(by, village)
        (made,) = kept.listed()
        capped = Sender(
            village.chain, village.key("fay"), fee_cap=made.transaction.most, keeper=kept
        )
        with pytest.raises(TransactionPending):
            kept.carry(capped, lambda _: None, 0.0)
        assert len(kept.listed()) == 1
        chain.mine()


def test_of_two_acts_at_once_a_lost_one_does_not_hold_up_the_other(
    village: Village,  # noqa: F811
) -> None:
    kept, chain = acts(village), village.coop.chain
    by, other = sender(village, kept), Sender(village.chain, village.key("fay"), patience=0.01)
    with unmined(chain):
        cut_off(by, village)
        # As if another process had made the next one at the same moment.
        call = by.call_of("Membership", village.instance.membership, "withdrawApplication")
        made = other.signed(call, 200_000, other.count("pending"), other.fees())
        kept.keep(made, call)
        (first, _) = kept.listed()
        chain.rpc("anvil_dropTransaction", first.transaction.tx)
        with pytest.raises(TransactionPending):
            kept.carry(by, lambda _: None, 0.0)
        chain.mine()
    kept.carry(by, lambda _: None, 5.0)
    assert states(kept) == ["included", "included"]


def test_an_act_whose_number_another_transaction_took_is_refused_once_that_is_final(
    village: Village,  # noqa: F811
) -> None:
    kept, chain = acts(village), village.coop.chain
    by = sender(village, kept)
    with unmined(chain):
        cut_off(by, village)
        (lost,) = kept.listed()
        chain.rpc("anvil_dropTransaction", lost.transaction.tx)
        plain = Sender(village.chain, village.key("fay"), patience=0.01)
        with pytest.raises(TransactionPending):
            plain.send("Membership", village.instance.membership, "applyToJoin", b"\2" * 32)
        chain.mine()
    kept.carry(by, lambda _: None, 0.0)  # nothing to wait for
    assert states(kept) == ["sent"]
    made_final(village, kept)
    (refused,) = kept.listed(everything=True)
    assert (refused.state, refused.why) == (
        "refused",
        "Another transaction of the account took its number.",
    )


def test_a_node_that_has_forgotten_the_final_blocks_state_still_shows_what_is_final(
    village: Village,  # noqa: F811
) -> None:
    kept, chain = acts(village, stuck=0), village.coop.chain
    by = sender(village, kept)
    with unmined(chain):
        raised(by, kept, village)
        chain.mine()

    def old(request: Request) -> bool:
        counts: bool = request["method"] == "eth_getTransactionCount"
        return counts and str(request["params"][1]).startswith("0x")

    chain.rpc("anvil_mine", "0x5")
    with proxy(chain.url, refusing(-32000, "missing trie node", old)) as url:
        assert kept.look(Chain(url)) == []
    assert states(kept) == ["final", "refused"]


def test_an_act_that_a_reorganisation_took_back_is_sent_again_before_anything_new(
    village: Village,  # noqa: F811
) -> None:
    kept, chain = acts(village), village.coop.chain
    by = sender(village, kept)
    apply(by, village)
    (before,) = kept.listed()
    chain.rpc("anvil_reorg", 1, [])
    assert candidates(village) == 0

    # Another act would have taken its number.
    other = acts(village, what="coop other")
    with pytest.raises(Exception, match="applied already"):
        apply(sender(village, other), village)
    assert candidates(village) == 1
    (after,) = kept.listed()
    assert (after.state, after.transaction) == ("included", before.transaction)


def test_a_ballot_does_not_take_the_number_of_an_act_that_a_reorganisation_took_back(
    village: Village,  # noqa: F811
) -> None:
    number = village.opened().proposal_id
    eve = village.key("eve").address
    named = ("member", "guardians", "set", "--guardian", eve, "--needed", 1, "--yes")
    assert village.run(*named).exit_code == 0
    village.coop.chain.rpc("anvil_reorg", 1, [])
    assert village.run("vote", number, "for", "--yes").exit_code == 0
    listed = village.ask("outbox", "list").data
    assert {each["status"] for each in listed} == {"counted", "included"}, listed


def test_what_a_reorganisation_took_back_is_said_to_the_command_that_did_it(
    village: Village,  # noqa: F811
) -> None:
    kept = acts(village)
    by = sender(village, kept)
    apply(by, village)
    village.coop.chain.rpc("anvil_reorg", 1, [])
    with pytest.raises(ActDone, match="its block was taken back"):
        apply(by, village)
    with pytest.raises(Exception, match="applied already"):
        apply(by, village)


def test_retry_waits_for_a_final_block_if_asked_to(village: Village) -> None:  # noqa: F811
    kept, chain = acts(village), village.coop.chain
    by = sender(village, kept)
    apply(by, village)
    told: list[str] = []

    def tell(what: str) -> None:
        told.append(what)
        if len(told) == 1:
            chain.rpc("anvil_reorg", 1, [])
        else:
            chain.rpc("anvil_mine", "0x1")

    kept.carry(by, tell, 60.0, to_the_end=True)
    assert states(kept) == ["final"]
    assert told[0] == "Waiting for a final block to hold the transactions."
    assert told[1] == "Waiting for a block to take the transaction of coop test."
    assert candidates(village) == 1


def test_an_act_that_the_contract_refused_in_its_block_is_not_said_to_be_done(
    village: Village,  # noqa: F811
) -> None:
    kept, chain = acts(village), village.coop.chain
    by = sender(village, kept)
    with unmined(chain):
        cut_off(by, village)
        (first,) = kept.listed()
        # The same once more, behind it: the contract refuses the second.
        made = by.signed(first.call, 200_000, first.transaction.nonce + 1, by.fees())
        acts(village, what="coop twice").keep(made, first.call)
        by.hand_over(made.raw)
        chain.mine()
    with pytest.raises(Exception, match="applied already"):  # not ActDone
        apply(sender(village, acts(village, what="coop twice")), village)
    made_final(village, kept)
    assert [(each.state, each.why) for each in kept.listed(everything=True)] == [
        ("final", ""),
        ("refused", "The contract refused it."),
    ]


def test_acts_are_told_apart_by_what_they_are_given(village: Village) -> None:  # noqa: F811
    texts = [village.file(f"{name}.md", f"# A {name}\n") for name in ("kitchen", "garden")]
    with silent_on("eth_sendRawTransaction", village.chain.url, passed_on=False) as url:
        assert village.run("proposal", "create", texts[0], "--yes", "--rpc", url).exit_code == 7
    # Another answer, another node, another fee: the same act. Another file: another one.
    other = village.run("proposal", "create", texts[1], "--yes", as_="ben")
    assert other.exit_code == 0, other.stderr
    again = village.run("proposal", "create", texts[0], "--max-fee", 90, "--no-input", "--yes")
    assert (again.exit_code, again.error["code"]) == (2, "done_before"), again.stderr
    titles = {each["title"] for each in village.ask("proposal", "list").data}
    assert titles == {"A kitchen", "A garden"}


def test_what_the_node_refuses_is_not_on_its_way(village: Village) -> None:  # noqa: F811
    kept = acts(village)
    village.coop.chain.rpc("anvil_setBalance", village.key("fay").address, hex(GWEI))
    with pytest.raises(Exception, match="cannot pay"):
        apply(sender(village, kept), village)
    assert kept.listed() == []


def test_an_outbox_of_the_schema_before_keeps_its_ballots_and_takes_acts(
    village: Village,  # noqa: F811
) -> None:
    number = village.opened().proposal_id
    village.run("vote", number, "for", "--yes")
    path = village.home / "weavers.outbox.db"
    with sqlite3.connect(path) as file:
        file.execute("DROP TABLE acts")
        file.execute("UPDATE owner SET schema_number = 2")
    file.close()
    before = village.ask("outbox", "list", "--all").data
    assert [each["choice"] for each in before] == ["for"]
    apply(sender(village, acts(village)), village)
    with sqlite3.connect(path) as file:
        (found,) = file.execute("SELECT schema_number FROM owner").fetchone()
    file.close()
    assert found == outbox_file.SCHEMA


def test_acts_of_the_schema_before_are_looked_at_again(village: Village) -> None:  # noqa: F811
    kept = acts(village)
    by = sender(village, kept)
    apply(by, village)
    path = village.home / "weavers.outbox.db"
    with sqlite3.connect(path) as file:
        file.execute("ALTER TABLE acts DROP COLUMN told")
        file.execute("UPDATE acts SET ended = 'done'")
        file.execute("UPDATE owner SET schema_number = 3")
    file.close()
    assert states(acts(village)) == ["included"]
