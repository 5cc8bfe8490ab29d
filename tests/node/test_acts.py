"""Acts that are no ballots: kept before they are sent, done once whatever cuts a command off."""

import sqlite3

import pytest

from node import outbox_file
from node.acts import STUCK, Act, ActDone, Acts
from node.errors import TransactionPending
from node.fees import GWEI
from node.outbox_file import owner
from node.sender import Sender
from tests.node.mining import unmined
from tests.node.silent_proxy import silent_on
from tests.node.village import Village, factory, village  # noqa: F401


def acts(village: Village, stuck: float = STUCK) -> Acts:  # noqa: F811
    path = village.home / "weavers.outbox.db"
    return Acts(path, owner(village.instance), "coop test", stuck)


def sender(village: Village, kept: Acts, name: str = "fay") -> Sender:  # noqa: F811
    return Sender(village.chain, village.key(name), patience=0.3, keeper=kept)


def apply(by: Sender, village: Village) -> None:  # noqa: F811
    by.send("Membership", village.instance.membership, "applyToJoin", b"\1" * 32)


def cut_off(by: Sender, village: Village) -> None:  # noqa: F811
    """Apply, and hear of no block."""
    with pytest.raises(TransactionPending):
        apply(by, village)


def candidates(village: Village) -> int:  # noqa: F811
    return len(village.ask("member", "list", "--status", "candidate").data)


def test_an_act_is_kept_before_it_is_sent_and_done_once_a_block_holds_it(
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
    assert (before.state, after.state, after.what) == ("sent", "done", "coop test")
    assert before.transaction == after.transaction
    assert kept.listed() == []


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
    assert (listed["act"], listed["status"]) == ("coop proposal create", "sent")
    assert village.ask("status").data["outbox"] == {"sent": 1}

    again = village.run(*command)
    assert (again.exit_code, again.error["code"]) == (2, "done_before"), again.stderr
    assert village.ask("outbox", "list").data == []
    assert len(village.ask("proposal", "list").data) == 1

    meant = village.run(*command)  # said once more: now the contract has the word
    assert (meant.exit_code, "another open proposal" in meant.error["message"]) == (6, True)


def test_what_was_cut_off_is_brought_to_an_end_by_retry(village: Village) -> None:  # noqa: F811
    text = village.file("me.md", "Fay, baker.")
    with silent_on("eth_sendRawTransaction", village.chain.url, passed_on=False) as url:
        assert village.run("member", "apply", "--profile", text, "--rpc", url, as_="fay").exit_code
    assert candidates(village) == 0

    (done,) = village.run("outbox", "retry", as_="fay").data
    assert (done["act"], done["status"]) == ("coop member apply", "done")
    assert candidates(village) == 1


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
        cut_off(by, village)
        with pytest.raises(TransactionPending):
            kept.carry(by, lambda _: None, 0.0)
        first, second = (each.transaction for each in kept.listed())
        assert second.nonce == first.nonce
        assert second.tip * 8 >= first.tip * 9
        chain.mine()
    with pytest.raises(ActDone):
        apply(by, village)
    states = [each.state for each in kept.listed(everything=True)]
    assert sorted(states) == ["done", "void"]
    assert candidates(village) == 1


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
    assert [each.state for each in kept.listed(everything=True)] == ["done", "done"]


def test_an_act_whose_number_another_transaction_took_is_void_and_can_be_done_again(
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
    kept.carry(by, lambda _: None, 5.0)
    (void,) = kept.listed(everything=True)
    assert (void.state, void.why) == (
        "void",
        "Another transaction of the account took its number.",
    )


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
