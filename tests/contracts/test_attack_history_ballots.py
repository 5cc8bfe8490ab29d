"""How signed ballots, contract accounts and instances have been broken elsewhere: one test a row.

The first half of the table is in test_attack_history.py.
"""

import random

import pytest
from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    ballot,
    deadline,
    eta,
    execute,
    leave,
    opening,
    poll,
    queued,
    refused,
    voted,
    wrong_state,
)
from tests.contracts.artifacts import CONTRACTS, deploy
from tests.contracts.coop import CLASSES, DAY, FOR, HOUR, Coop
from tests.contracts.founding import found, rule
from tests.contracts.people import NAMES
from tests.contracts.rates import DRIVER, close_pay, driver, opened_pay_vote, rate_of
from tests.contracts.roll import order_of, skipped
from tests.contracts.signing import entry
from tests.contracts.test_chronicle import fold, logs_of, second_start

GROUP_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def test_ghsa_4h98_2769_gh6h_old_sequence_clone_other_chain_and_high_s_are_all_refused(
    coop: Coop, factory: Contract
) -> None:
    twin = found(coop.chain, factory, nonce=1)
    for each in (coop, twin):
        each.propose(each.ada)
    twin.open(1)
    good = coop.sign(coop.ben, 1, FOR, 2)
    coop.cast_batch(coop.tom, 1, entry(2, FOR, good, 2))
    cleo = coop.sign(coop.cleo, 1, FOR)
    high = (GROUP_ORDER - int.from_bytes(cleo[32:64], "big")).to_bytes(32, "big")
    packed = (
        entry(2, FOR, good, 2)
        + entry(2, 0, coop.sign(coop.ben, 1, 0, 1), 1)
        + entry(3, FOR, cleo[:32] + high + bytes([55 - cleo[64]]), long=True)
        + entry(4, FOR, coop.sign(coop.dan, 1, FOR, chainId=1))
        + entry(5, FOR, twin.sign(twin.eve, 1, FOR))
    )
    receipt = coop.cast_batch(coop.tom, 1, packed)
    assert [why for _, _, why in skipped(coop, receipt)] == ["StaleSequence"] * 2 + [
        "BadSignature"
    ] * 3
    assert coop.votes(1) == (0, 1, 0)


@pytest.mark.parametrize("way", range(5))
def test_ghsa_4g63_c64m_25w9_a_hostile_contract_account_fails_alone(coop: Coop, way: int) -> None:
    account = deploy(coop.w3, "HostileAccount", way)
    order_of(coop, coop.membership, "recover", 2, account.address)
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    packed = b"".join(
        entry(coop.id_of(who), FOR, coop.sign(who, proposal, FOR)) for who in (coop.ada, coop.cleo)
    )
    packed = entry(2, FOR, b"\x01" * 65, long=True) + packed + entry(2, FOR, b"", long=True)
    receipt = coop.cast_batch(coop.tom, proposal, packed)
    assert skipped(coop, receipt) == [(2, 1, "BadSignature")] * 2
    assert coop.votes(proposal) == (0, 2, 0)


def test_ghsa_fg47_3c2x_m2wr_re_entry_through_an_action_reverts(coop: Coop) -> None:
    returner = deploy(coop.w3, "Returner")
    back = [coop.action(returner, "goBack")]
    proposal = queued(coop, coop.propose(coop.eve, back))
    again = coop.assembly.encode_abi("execute", [proposal, back, Web3.keccak(text="A resolution")])
    coop.send(returner.functions.tell([bytes.fromhex(again[2:])]), coop.tom)
    coop.warp(eta(coop, proposal))
    execute(coop, proposal, back)
    guard = bytes(Web3.keccak(text="ReentrancyGuardReentrantCall()")[:4])
    assert returner.functions.answers().call() == [[False], [guard]]
    assert len(coop.assembly.events.ProposalExecuted().get_logs(from_block=0)) == 1


def test_audius_a_second_start_reverts_and_no_account_has_privileges(coop: Coop) -> None:
    contracts = (coop.membership, coop.bylaws, coop.assembly, coop.pay_rates)
    locked = coop.factory.functions.implementations().call()
    for name, contract, behind in zip(CONTRACTS, contracts, locked, strict=True):
        start = contract.functions.initialize(*second_start(coop, name))
        for place in (contract.address, behind):
            with refused("ChronicleAlreadyBegun"):
                start.call({"from": coop.tom.address, "to": place})
    for somebody in (coop.ada, coop.tom):
        for contract, name, *values in (
            (coop.membership, "admit", coop.tom.address),
            (coop.bylaws, "setRule", 0, rule()),
            (coop.pay_rates, "retireRole", DRIVER),
        ):
            own = CONTRACTS[contracts.index(contract)]
            with refused(f"{own}OnlyAssembly", somebody.address):
                coop.send(contract.functions[name](*values), somebody)


def edges(dice: random.Random) -> dict[str, int | bool]:
    """A rule whose swing and second call stand at the edges of what bylaws may say."""
    period = dice.choice([HOUR, 7 * DAY, 60 * DAY])
    window = dice.choice([1, HOUR, min(period, 7 * DAY)])
    return {
        "votingPeriod": period,
        "swingWindow": window,
        "swingCap": dice.choice([window, 14 * DAY]),
        "secondCallDelay": dice.choice([HOUR, 30 * DAY]),
        "secondCallBps": dice.choice([0, 5_000]),
        "quorumMin": dice.choice([1, 5]),
        "passNum": dice.choice([1, 99]),
        "passDen": 100,
        "grace": DAY,
    }


@pytest.mark.parametrize("seed", range(6))
def test_openzeppelin_6644_under_no_legal_bylaws_does_a_valid_ballot_revert(
    chain: Devnet, factory: Contract, seed: int
) -> None:
    dice = random.Random(seed)
    coop = found(chain, factory, rules={"Ordinary": rule(**edges(dice))})
    proposal = coop.propose(coop.ada)
    moments = [opening(coop, proposal) + 1, deadline(coop, proposal) - 1]
    for name, moment in zip(NAMES[:2], moments, strict=True):
        ballot(coop, coop.people[name], proposal, dice.choice([0, FOR]), at=moment)
    for name in NAMES[2:5]:  # through every deadline that a swing or second call sets
        coop.warp(deadline(coop, proposal))
        if coop.now() == deadline(coop, proposal):
            coop.warp(coop.now() + 1)
        if coop.state(proposal) != "active":
            break
        ballot(coop, coop.people[name], proposal, FOR, at=deadline(coop, proposal))
    assert sum(coop.votes(proposal)) >= 2


def test_gardens_369_when_two_of_five_leave_mid_vote_the_result_is_the_same(coop: Coop) -> None:
    short, enough = coop.propose(coop.ada, (), "Short"), coop.propose(coop.ben, (), "Enough")
    coop.open(enough)
    poll(coop, short, "ada ben")  # two of the three that five need
    poll(coop, enough, "ada dan eve")
    for member in (coop.dan, coop.eve):
        leave(coop, member)
    assert coop.assembly.functions.proposalRoll(short).call() == 5
    assert coop.assembly.functions.proposalQuorum(short).call() == 3
    coop.close(enough)
    assert (coop.state(short), coop.state(enough)) == ("defeated", "succeeded")


def test_an_idle_module_silence_never_passes_and_rates_stay(
    chain: Devnet, factory: Contract
) -> None:
    lax = rule(quorumBps=0, quorumMin=1, passNum=1, passDen=100, strict=False, notice=DAY)
    coop = found(chain, factory, rules=dict.fromkeys(CLASSES, lax), roles=[driver()])
    silent = coop.propose(coop.ada)
    assert voted(coop, silent) == "defeated"
    with wrong_state(silent, "defeated", "succeeded"):
        coop.send(coop.assembly.functions.queue(silent), coop.tom)
    vote = opened_pay_vote(coop)
    close_pay(coop, vote)
    assert rate_of(coop) == driver()[1]


def test_a_log_dropped_added_altered_or_swapped_no_longer_folds_to_the_head(coop: Coop) -> None:
    coop.propose(coop.ada)
    assert voted(coop, 1, "ada ben", "cleo") == "succeeded"
    logs = logs_of(coop.chain, coop.assembly.address)
    head = coop.assembly.functions.chronicleHead().call()
    assert fold(coop.assembly.address, logs) == head
    cast = logs[-1]
    forged = {
        "dropped": logs[:-1],
        "added": [*logs, cast],
        "altered": [*logs[:-1], cast._replace(data=cast.data[:63] + b"\1" + cast.data[64:])],
        "swapped": [*logs[:-2], cast, logs[-2]],
    }
    assert forged["altered"] != logs
    for how, others in forged.items():
        assert fold(coop.assembly.address, others) != head, how


def test_a_bootstrap_deadlock_an_unreachable_rule_is_refused_at_birth_and_by_vote(
    chain: Devnet, factory: Contract
) -> None:
    for number, name in enumerate(CLASSES):
        with refused("BylawsRuleUnreachable", number, 5):
            found(chain, factory, rules={name: rule(quorumMin=6)})
    coop = found(chain, factory)
    setting = [coop.action(coop.bylaws, "setRule", 1, rule(quorumMin=6))]
    proposal = queued(coop, coop.propose(coop.ada, setting))
    coop.warp(eta(coop, proposal))
    said = Web3.keccak(text="BylawsRuleUnreachable(uint8,uint256)")[:4]
    values = (1).to_bytes(32, "big") + (5).to_bytes(32, "big")
    with refused("AssemblyActionFailed", 0, bytes(said) + values):
        execute(coop, proposal, setting)
    assert coop.bylaws.functions.ruleVersion(1).call() == 1
