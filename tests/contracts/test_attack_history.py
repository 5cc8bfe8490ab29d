"""How governance has been broken elsewhere, and that it does not work here: one test a row.

The rows and their defences are the table of docs/attacks.md. The edges of each defence are tested
where it belongs; here stands the shortest story of each attack.
"""

import pytest
from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    NOT_ELIGIBLE,
    apply,
    ballot,
    deadline,
    eta,
    execute,
    hashed,
    one_block,
    opening,
    queued,
    refused,
    voted,
    wrong_state,
)
from tests.contracts.artifacts import deploy
from tests.contracts.coop import DAY, FOR, HOUR, Coop
from tests.contracts.founding import found, rule
from tests.contracts.people import NAMES
from tests.contracts.rates import DRIVER, driver


def error(text: str, *words: int | bytes) -> bytes:
    """The bytes of a custom error with static values."""
    body = [word.to_bytes(32, "big") if isinstance(word, int) else word for word in words]
    return bytes(Web3.keccak(text=text)[:4]) + b"".join(body)


def test_compound_62_an_out_of_bounds_pay_change_reverts(chain: Devnet, factory: Contract) -> None:
    coop = found(chain, factory, roles=[driver()])
    change = coop.action(coop.pay_rates, "changeRole", DRIVER, 1_000, 10, 10_001)
    proposal = queued(coop, coop.propose(coop.ada, [change]))
    due = eta(coop, proposal)
    with refused("AssemblyNotDue", proposal, due):
        execute(coop, proposal, [change], at=due - 1)
    said = error("PayRatesOutOfBounds(bytes32)", b"maxChangeBps".ljust(32, b"\0"))
    with refused("AssemblyActionFailed", 0, said):
        execute(coop, proposal, [change], at=due)
    with wrong_state(proposal, "expired", "queued"):
        execute(coop, proposal, [change], at=due + 10 * DAY + 1)
    assert coop.pay_rates.functions.roleOf(DRIVER).call()[3] == driver()[4]


def test_beanstalk_join_propose_vote_and_execute_in_one_block_each_revert(coop: Coop) -> None:
    apply(coop, coop.fay)
    admit = coop.action(coop.membership, "admit", coop.fay.address)
    admission = coop.propose(coop.ada, [admit], hashed("fay"))
    running = coop.propose(coop.ben, (), "Running", opens_in=6 * DAY + HOUR)
    queued(coop, admission)
    due = max(eta(coop, admission), opening(coop, running) + 1)
    functions = coop.assembly.functions
    calls = [
        (functions.execute(admission, [admit], Web3.keccak(text=hashed("fay"))), coop.tom),
        (functions.propose([], "Mine", due), coop.fay),  # without notice
        (functions.propose([], "Mine", due + 2 * DAY), coop.fay),
        (functions.castBallot(running, 6, FOR, 1, ""), coop.fay),
        (functions.castBallot(running + 1, 6, FOR, 1, ""), coop.fay),
        (functions.queue(running + 1), coop.fay),
        (functions.execute(running + 1, [], Web3.keccak(text="Mine")), coop.fay),
    ]
    receipts = one_block(coop, calls, at=due)
    assert [receipt["status"] for receipt in receipts] == [1, 0, 1, 0, 0, 0, 0]
    with refused("AssemblyBallotRefused", running, 6, NOT_ELIGIBLE):
        ballot(coop, coop.fay, running)


def test_tornado_cash_a_proposal_whose_targets_code_changed_after_queueing_reverts(
    coop: Coop,
) -> None:
    shop, other = deploy(coop.w3, "Shop"), deploy(coop.w3, "Echo")
    actions = [coop.action(shop, "order", 1)]
    proposal = queued(coop, coop.propose(coop.eve, actions))
    honest = coop.w3.eth.get_code(shop.address)
    swapped = coop.w3.eth.get_code(other.address)
    coop.warp(eta(coop, proposal))
    coop.chain.rpc("anvil_setCode", shop.address, "0x" + swapped.hex())
    with pytest.raises(Exception, match="AssemblyContentChanged"):
        execute(coop, proposal, actions)
    coop.chain.rpc("anvil_setCode", shop.address, "0x" + honest.hex())
    execute(coop, proposal, actions)
    assert shop.functions.orders().call() == [1]


def test_build_finance_an_early_second_try_reverts(coop: Coop) -> None:
    first = coop.propose(coop.ada, (), "Sell the shop")
    assert voted(coop, first, "ada", "ben cleo dan") == "defeated"
    until = deadline(coop, first) + 30 * DAY
    with refused("AssemblyCoolingDown", first, until):
        coop.propose(coop.ben, (), "Sell the shop")
    with refused("AssemblyOpeningOutOfBounds", coop.now() + 1, *window(coop)):
        coop.send(coop.assembly.functions.propose([], "Quietly", coop.now() + 1), coop.cleo)
    coop.warp(until)
    coop.propose(coop.ben, (), "Sell the shop")


def window(coop: Coop) -> tuple[int, int]:
    """Earliest and latest opening of a proposal that is made in the next block, a second later."""
    moment = coop.now() + 1
    coop.next_at(moment)
    return moment + 2 * DAY, moment + 90 * DAY


def test_compound_289_a_weekend_flip_extends_the_vote_and_the_cap_holds(
    chain: Devnet, factory: Contract
) -> None:
    swing = rule(quorumBps=0, quorumMin=1, swingWindow=DAY, swingCap=2 * DAY)
    coop = found(chain, factory, rules={"Ordinary": swing}, founders=NAMES[:10])
    proposal = coop.propose(coop.ada)
    end = deadline(coop, proposal)
    ballot(coop, coop.ada, proposal, 0, at=end - 2 * DAY)
    moves: list[int] = []
    voters = iter(NAMES[1:])
    for _ in range(4):  # two for, then two against, each in the last second: flip upon flip
        choice = FOR if len(moves) % 2 == 0 else 0
        last = deadline(coop, proposal)
        ballot(coop, coop.people[next(voters)], proposal, choice, at=last - 1)
        ballot(coop, coop.people[next(voters)], proposal, choice, at=last)
        moves.append(deadline(coop, proposal) - end)
        if moves[-1] == 2 * DAY:
            break
    assert moves[0] in (DAY - 1, DAY)
    assert max(moves) == moves[-1] == 2 * DAY
    coop.warp(end + 2 * DAY + 1)
    assert coop.state(proposal) in ("succeeded", "defeated")


def test_ghsa_5h3x_9wvq_w4m2_a_copy_that_is_cancelled_leaves_the_victims_proposal_alive(
    coop: Coop,
) -> None:
    functions = coop.assembly.functions
    opens = coop.now() + 3 * DAY
    first, victims = one_block(
        coop,
        [
            (functions.propose([], "A resolution", opens), coop.eve),
            (functions.propose([], "A resolution", opens), coop.ada),
        ],
        at=coop.now() + 5,
    )
    assert (first["status"], victims["status"]) == (1, 1)
    coop.send(functions.cancel(1), coop.eve)
    assert (coop.state(1), coop.state(2)) == ("canceled", "pending")
    assert voted(coop, 2, "ada ben cleo") == "succeeded"


def test_ghsa_xrc4_737v_9q75_after_the_quorum_is_lowered_the_defeated_stay_defeated(
    coop: Coop,
) -> None:
    old = coop.propose(coop.eve)
    assert voted(coop, old, "ada ben") == "defeated"  # two of three
    coop.decide(coop.ada, coop.bylaws, "setRule", 0, rule(quorumBps=0))
    assert coop.state(old) == "defeated"
    with wrong_state(old, "defeated", "succeeded"):
        coop.send(coop.assembly.functions.queue(old), coop.tom)
    assert voted(coop, coop.propose(coop.dan), "ada ben") == "succeeded"


@pytest.mark.parametrize("length", [0, 1, 4, 31, 32, 33, 1_000])
def test_ghsa_93hq_5wgc_jc82_the_event_equals_the_call_and_so_does_what_is_executed(
    coop: Coop, length: int
) -> None:
    returner = deploy(coop.w3, "Recorder")
    data = bytes((7 * i + length) % 251 for i in range(length))
    actions = [(returner.address, 0, data), (returner.address, 0, data[::-1])]
    proposal = coop.propose(coop.eve, actions)
    logs = coop.assembly.events.ProposalCreated().get_logs(from_block=coop.w3.eth.block_number)
    assert logs[0]["args"]["calldatas"] == [data, data[::-1]]
    queued(coop, proposal)
    coop.warp(eta(coop, proposal))
    execute(coop, proposal, actions)
    assert returner.functions.heard().call() == [data, data[::-1]]
