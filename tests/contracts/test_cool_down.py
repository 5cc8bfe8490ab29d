"""Cool-down: what was defeated with quorum does not come back at once."""

from collections.abc import Sequence

from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import Action, deadline, eta, hashed, poll, queue, queued, refused, voted
from tests.contracts.coop import DAY, Coop
from tests.contracts.founding import found, rule
from tests.contracts.people import Person

COOL = 30 * DAY


def propose(
    coop: Coop,
    by: Person,
    actions: Sequence[Action] = (),
    text: str = "x",
    *,
    at: int | None = None,
) -> None:
    opens_at = (at or coop.now()) + 2 * DAY + 10
    coop.send(coop.assembly.functions.propose(list(actions), text, opens_at), by, at=at)


def beaten(coop: Coop, actions: Sequence[Action] = (), text: str = "x", by: str = "ada") -> int:
    """A proposal defeated with quorum."""
    proposal = coop.propose(coop.people[by], actions, text)
    assert voted(coop, proposal, "ada", "ben cleo") == "defeated"
    return proposal


def to_tom(coop: Coop, value: int = 1) -> list[Action]:
    return [(coop.tom.address, value, b"")]


def test_the_same_actions_wait_through_the_cool_down_whoever_proposes(coop: Coop) -> None:
    proposal = beaten(coop, to_tom(coop))
    until = deadline(coop, proposal) + COOL
    for by in (coop.ada, coop.dan):
        with refused("AssemblyCoolingDown", proposal, until):
            propose(coop, by, to_tom(coop))
    with refused("AssemblyCoolingDown", proposal, until):
        propose(coop, coop.ada, to_tom(coop), at=until - 1)
    propose(coop, coop.ada, to_tom(coop), at=until)
    assert coop.state(proposal + 1) == "pending"


def test_another_text_does_not_make_other_actions(coop: Coop) -> None:
    proposal = beaten(coop, to_tom(coop), "A gift")
    with refused("AssemblyCoolingDown", proposal, deadline(coop, proposal) + COOL):
        propose(coop, coop.ada, to_tom(coop), "A loan")


def test_other_actions_are_free(coop: Coop) -> None:
    beaten(coop, to_tom(coop))
    propose(coop, coop.ada, to_tom(coop, 2))
    propose(coop, coop.ben, to_tom(coop) * 2)


def test_resolutions_in_words_are_told_apart_by_their_text(coop: Coop) -> None:
    proposal = beaten(coop, text="We close on Fridays")
    with refused("AssemblyCoolingDown", proposal, deadline(coop, proposal) + COOL):
        propose(coop, coop.ben, text="We close on Fridays")
    propose(coop, coop.ben, text="We close on Mondays")


def test_a_defeat_without_quorum_starts_no_cool_down(coop: Coop) -> None:
    proposal = coop.propose(coop.ada, to_tom(coop))
    assert voted(coop, proposal, "ada", "ben") == "defeated"
    propose(coop, coop.ada, to_tom(coop))


def test_a_defeat_with_the_quorum_of_the_second_call_starts_one(
    chain: Devnet, factory: Contract
) -> None:
    values = rule(quorumBps=10_000, secondCallDelay=DAY, secondCallBps=5_000)
    coop = found(chain, factory, rules={"External": values})
    proposal = coop.propose(coop.ada, to_tom(coop))
    assert voted(coop, proposal, "ada", "ben cleo") == "active"
    coop.close(proposal)
    assert coop.state(proposal) == "defeated"
    with refused("AssemblyCoolingDown", proposal, deadline(coop, proposal) + COOL):
        propose(coop, coop.ada, to_tom(coop))


def test_a_tie_with_quorum_starts_one(coop: Coop) -> None:
    proposal = coop.propose(coop.ada, to_tom(coop))
    assert voted(coop, proposal, "ada ben", "cleo dan") == "defeated"
    with refused("AssemblyCoolingDown", proposal, deadline(coop, proposal) + COOL):
        propose(coop, coop.ada, to_tom(coop))


def test_withdrawn_passed_executed_and_expired_proposals_start_none(coop: Coop) -> None:
    withdrawn = coop.propose(coop.ada, to_tom(coop))
    coop.send(coop.assembly.functions.cancel(withdrawn), coop.ada)
    expired = coop.propose(coop.ben, to_tom(coop, 0))
    assert voted(coop, expired, "ada ben cleo") == "succeeded"
    propose(coop, coop.dan, to_tom(coop))
    propose(coop, coop.eve, to_tom(coop, 0))
    coop.warp(deadline(coop, expired) + 10 * DAY + 1)
    assert coop.state(expired) == "expired"
    propose(coop, coop.ben, to_tom(coop, 0))


def test_the_cool_down_is_that_of_the_rule_of_the_defeat(coop: Coop) -> None:
    proposal = beaten(coop, to_tom(coop), by="eve")
    until = deadline(coop, proposal) + COOL
    coop.decide(coop.ada, coop.bylaws, "setRule", 6, rule(coolDown=0))
    with refused("AssemblyCoolingDown", proposal, until):
        propose(coop, coop.dan, to_tom(coop))


def test_a_removal_lost_in_its_confirming_vote_waits_from_that_vote_on(coop: Coop) -> None:
    removal = queued(coop, coop.personal(coop.ada, "expel", 5))
    coop.send(coop.assembly.functions.appeal(removal), coop.eve)
    confirmation = removal + 1
    assert voted(coop, confirmation, "ada", "ben cleo dan") == "defeated"
    again = [coop.action(coop.membership, "expel", 5)]
    with refused("AssemblyCoolingDown", removal, deadline(coop, confirmation) + COOL):
        propose(coop, coop.ben, again, hashed("again"))


def test_more_against_do_not_shorten_the_wait_where_only_votes_for_fill_the_quorum(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, rules={"External": rule(presence=False)})
    proposal = coop.propose(coop.ada, to_tom(coop))
    assert voted(coop, proposal, "", "ada ben cleo") == "defeated"
    with refused("AssemblyCoolingDown", proposal, deadline(coop, proposal) + COOL):
        propose(coop, coop.ben, to_tom(coop))


def test_a_suspension_a_second_longer_is_the_same_removal(coop: Coop) -> None:
    proposal = coop.personal(coop.ada, "suspend", 5, DAY)
    assert voted(coop, proposal, "ada", "ben cleo") == "defeated"
    longer = [coop.action(coop.membership, "suspend", 5, DAY + 1)]
    with refused("AssemblyCoolingDown", proposal, deadline(coop, proposal) + COOL):
        propose(coop, coop.ben, longer, hashed("again"))
    propose(coop, coop.ben, [coop.action(coop.membership, "suspend", 4, DAY)], hashed("dan"))
    propose(coop, coop.cleo, [coop.action(coop.membership, "expel", 5)], hashed("another act"))


def test_a_copy_that_is_withdrawn_does_not_end_the_cool_down(coop: Coop) -> None:
    proposal = coop.propose(coop.ada, to_tom(coop))
    coop.open(proposal)
    poll(coop, proposal, "ada", "ben cleo")
    propose(coop, coop.dan, to_tom(coop))
    coop.send(coop.assembly.functions.cancel(proposal + 1), coop.dan)
    coop.close(proposal)
    assert coop.state(proposal) == "defeated"
    with refused("AssemblyCoolingDown", proposal, deadline(coop, proposal) + COOL):
        propose(coop, coop.eve, to_tom(coop))


def test_a_copy_that_waits_does_not_end_the_cool_down(coop: Coop) -> None:
    proposal = coop.propose(coop.ada, to_tom(coop))
    coop.send(coop.assembly.functions.propose(to_tom(coop), "x", coop.now() + 80 * DAY), coop.dan)
    assert voted(coop, proposal, "ada", "ben cleo") == "defeated"
    with refused("AssemblyCoolingDown", proposal, deadline(coop, proposal) + COOL):
        propose(coop, coop.eve, to_tom(coop))


def test_a_copy_made_before_the_defeat_is_still_decided(coop: Coop) -> None:
    # Refusing the second would let anybody block a proposal by copying it.
    first = coop.propose(coop.ada, to_tom(coop, 0))
    copy = coop.propose(coop.ben, to_tom(coop, 0), opens_in=20 * DAY)
    assert voted(coop, first, "ada", "cleo dan") == "defeated"
    assert voted(coop, copy, "ada ben cleo") == "succeeded"
    with refused("AssemblyCoolingDown", first, deadline(coop, first) + COOL):
        propose(coop, coop.eve, to_tom(coop, 0))


def test_the_undecided_behind_a_decided_copy_are_not_forgotten(coop: Coop) -> None:
    first = coop.propose(coop.ada, to_tom(coop), opens_in=9 * DAY)
    second = coop.propose(coop.ben, to_tom(coop))
    third = coop.propose(coop.cleo, to_tom(coop))
    for withdrawn, by in ((second, coop.ben), (third, coop.cleo)):
        coop.send(coop.assembly.functions.cancel(withdrawn), by)
    propose(coop, coop.dan, to_tom(coop))
    coop.send(coop.assembly.functions.cancel(third + 1), coop.dan)
    assert voted(coop, first, "ada", "ben cleo") == "defeated"
    with refused("AssemblyCoolingDown", first, deadline(coop, first) + COOL):
        propose(coop, coop.eve, to_tom(coop))


def test_something_that_passed_can_be_done_again(coop: Coop) -> None:
    # Empty actions of value 0: nothing is spent, the second time neither.
    proposal = queued(coop, coop.propose(coop.ada, to_tom(coop, 0), "x"))
    coop.warp(eta(coop, proposal))
    coop.execute(proposal, to_tom(coop, 0), "x", coop.tom)
    again = coop.propose(coop.ada, to_tom(coop, 0), "x")
    assert voted(coop, again, "ada ben cleo") == "succeeded"
    queue(coop, again)
