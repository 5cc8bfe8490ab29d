"""Proposing and withdrawing: who, what, when, and what is frozen and told."""

from collections.abc import Sequence

import pytest
from eth_abi.abi import encode
from web3 import Web3
from web3.contract import Contract
from web3.types import TxReceipt

from node.devnet import Devnet
from tests.contracts.acts import (
    NOTHING,
    Action,
    apply,
    deadline,
    execute,
    hashed,
    info,
    leave,
    opening,
    queued,
    refused,
    rotate,
    wrong_state,
)
from tests.contracts.coop import CLASSES, DAY, Coop
from tests.contracts.founding import found, rule
from tests.contracts.people import Person

LATER = 2 * DAY + 10


def propose(
    coop: Coop,
    by: Person,
    opens_at: int,
    actions: Sequence[Action] = (),
    text: str = "A resolution",
    at: int | None = None,
) -> TxReceipt:
    return coop.send(coop.assembly.functions.propose(list(actions), text, opens_at), by, at=at)


def cancel(coop: Coop, by: Person, proposal: int, at: int | None = None) -> TxReceipt:
    return coop.send(coop.assembly.functions.cancel(proposal), by, at=at)


def action_of(coop: Coop, decision_class: str) -> Action:
    """One action of that class, about eve where it is about a person."""
    contract, name, args = {
        "Admission": (coop.membership, "admit", (coop.fay.address,)),
        "Removal": (coop.membership, "expel", (5,)),
        "Recovery": (coop.membership, "recover", (5, coop.fay.address)),
    }[decision_class]
    return coop.action(contract, name, *args)


# Who proposes


def test_whoever_is_no_member_cannot_propose(coop: Coop) -> None:
    with refused("AssemblyNotMember", coop.fay.address):
        propose(coop, coop.fay, coop.now() + LATER)


def test_a_candidate_cannot_propose(coop: Coop) -> None:
    apply(coop, coop.fay)
    with refused("AssemblyNotMember", coop.fay.address):
        propose(coop, coop.fay, coop.now() + LATER)


def test_a_member_who_left_cannot_propose(coop: Coop) -> None:
    leave(coop, coop.eve)
    with refused("AssemblyNotMember", coop.eve.address):
        propose(coop, coop.eve, coop.now() + LATER)


def test_a_suspended_member_cannot_propose_until_reinstated(coop: Coop) -> None:
    coop.decide(coop.ada, coop.membership, "suspend", 5, 10 * DAY)
    with refused("AssemblyNotMember", coop.eve.address):
        propose(coop, coop.eve, coop.now() + LATER)
    coop.warp(coop.now() + 10 * DAY)
    coop.send(coop.membership.functions.reinstate(5), coop.tom)
    assert info(coop, coop.propose(coop.eve))["proposerId"] == 5


def test_a_rotated_key_proposes_and_the_former_one_does_not(coop: Coop) -> None:
    rotate(coop, coop.eve, coop.fay)
    with refused("AssemblyNotMember", coop.eve.address):
        propose(coop, coop.eve, coop.now() + LATER)
    assert info(coop, coop.propose(coop.fay))["proposerId"] == 5


def test_a_member_with_an_open_proposal_is_busy_through_its_deadline(coop: Coop) -> None:
    first = coop.propose(coop.ada)
    with refused("AssemblyProposerBusy", 1, first):
        propose(coop, coop.ada, coop.now() + LATER, text="Another")
    end = deadline(coop, first)
    with refused("AssemblyProposerBusy", 1, first):
        propose(coop, coop.ada, end + LATER, text="Another", at=end)
    propose(coop, coop.ada, end + LATER, text="Another", at=end + 1)
    assert coop.assembly.functions.proposalCount().call() == 2


def test_being_busy_goes_with_the_member_not_with_the_key(coop: Coop) -> None:
    first = coop.propose(coop.ada)
    rotate(coop, coop.ada, coop.fay)
    with refused("AssemblyProposerBusy", 1, first):
        propose(coop, coop.fay, coop.now() + LATER)


def test_a_cancelled_proposal_keeps_the_proposers_place_until_its_planned_deadline(
    coop: Coop,
) -> None:
    first = coop.propose(coop.ada)
    cancel(coop, coop.ada, first)
    end = opening(coop, first) + 4 * DAY
    with refused("AssemblyProposerBusy", 1, first):
        propose(coop, coop.ada, end + LATER, at=end)
    propose(coop, coop.ada, end + LATER, at=end + 1)


# When the vote opens


@pytest.mark.parametrize(("early", "late"), [(2 * DAY, 90 * DAY)])
def test_the_vote_opens_from_the_end_of_notice_to_ninety_days_ahead(
    coop: Coop, early: int, late: int
) -> None:
    at = coop.now() + 100
    with refused("AssemblyOpeningOutOfBounds", at + early - 1, at + early, at + late):
        propose(coop, coop.ada, at + early - 1, at=at)
    at += 1
    with refused("AssemblyOpeningOutOfBounds", at + late + 1, at + early, at + late):
        propose(coop, coop.ada, at + late + 1, at=at)
    propose(coop, coop.ada, at + 1 + early, at=at + 1)
    propose(coop, coop.ben, at + 2 + late, at=at + 2)
    assert opening(coop, 1) == at + 1 + early
    assert opening(coop, 2) == at + 2 + late


def test_the_notice_is_that_of_the_actions_class(chain: Devnet, factory: Contract) -> None:
    rules = {"Removal": rule(notice=21 * DAY), "Recovery": rule(notice=30 * DAY)}
    coop = found(chain, factory, rules=rules)
    at = coop.now() + 100
    with refused("AssemblyOpeningOutOfBounds", at + 2 * DAY, at + 21 * DAY, at + 90 * DAY):
        propose(coop, coop.ada, at + 2 * DAY, [action_of(coop, "Removal")], hashed("why"), at=at)
    propose(coop, coop.ada, at + 1 + 2 * DAY, at=at + 1)


# What is proposed


@pytest.mark.parametrize("decision_class", ["Admission", "Removal", "Recovery"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("Eve took the till", id="words"),
        pytest.param("0x" + "a" * 63, id="too short"),
        pytest.param("0x" + "a" * 65, id="too long"),
        pytest.param("0x" + "A" * 64, id="upper case"),
        pytest.param("0X" + "a" * 64, id="upper-case X"),
        pytest.param("1x" + "a" * 64, id="no zero"),
        pytest.param("aa" + "a" * 64, id="no 0x"),
        *(pytest.param("0x" + "a" * 63 + end, id=f"ends in {end}") for end in "/:`g"),
        pytest.param("0xg" + "a" * 63, id="starts with g"),
    ],
)
def test_a_proposal_about_a_person_bears_no_words(
    coop: Coop, decision_class: str, text: str
) -> None:
    with refused("AssemblyTextMustBeHash"):
        propose(coop, coop.ada, coop.now() + LATER, [action_of(coop, decision_class)], text)


@pytest.mark.parametrize("decision_class", ["Admission", "Removal", "Recovery"])
def test_a_proposal_about_a_person_bears_the_hash_of_a_text(
    coop: Coop, decision_class: str
) -> None:
    text = "0x" + "09af" * 16
    proposal = coop.propose(coop.ada, [action_of(coop, decision_class)], text)
    assert CLASSES[info(coop, proposal)["class"]] == decision_class
    assert info(coop, proposal)["subjectId"] == (0 if decision_class == "Admission" else 5)


@pytest.mark.parametrize("member", [0, 6, 2**32 - 1])
@pytest.mark.parametrize("function", ["expel", "suspend", "recover"])
def test_a_proposal_about_a_number_never_given_is_refused(
    coop: Coop, function: str, member: int
) -> None:
    rest = {"expel": (), "suspend": (DAY,), "recover": (coop.fay.address,)}[function]
    action = coop.action(coop.membership, function, member, *rest)
    with refused("AssemblyUnknownPerson", member):
        propose(coop, coop.ada, coop.now() + LATER, [action], hashed("why"))


def test_somebody_who_left_can_still_be_the_person_concerned(coop: Coop) -> None:
    leave(coop, coop.eve)
    assert info(coop, coop.personal(coop.ada, "expel", 5))["subjectId"] == 5


def test_a_resolution_in_words_is_ordinary(coop: Coop) -> None:
    proposal = coop.propose(coop.ada, (), "We close on Fridays ✓")
    assert CLASSES[info(coop, proposal)["class"]] == "Ordinary"


# What is frozen and told


def content(
    coop: Coop, proposal: int, decision_class: str, version: int, actions: Sequence[Action],
    code_hashes: Sequence[bytes], text_hash: bytes,
) -> bytes:  # fmt: skip
    """The content as IAssembly defines it, computed by eth_abi."""
    types = ["uint256", "address", "uint256", "uint8", "uint32", "uint40"]
    types += ["bytes32", "bytes32", "bytes32"]
    actions_hash = Web3.keccak(encode(["(address,uint256,bytes)[]"], [list(actions)]))
    values = (
        31337, coop.assembly.address, proposal, CLASSES.index(decision_class), version,
        opening(coop, proposal), actions_hash, Web3.keccak(b"".join(code_hashes)), text_hash,
    )  # fmt: skip
    return bytes(Web3.keccak(encode(types, values)))


def test_a_new_proposal_is_told_in_the_shape_of_igovernor(coop: Coop) -> None:
    actions = [(coop.gus.address, 7, b""), (coop.factory.address, 0, b"\x01\x02\x03\x04\x05")]
    opens_at = coop.now() + LATER
    receipt = propose(coop, coop.ben, opens_at, actions, "Buy a van")
    (event,) = coop.events(receipt, "ProposalCreated")
    assert dict(event["args"]) == {
        "proposalId": 1,
        "proposer": coop.ben.address,
        "targets": [coop.gus.address, coop.factory.address],
        "values": [7, 0],
        "signatures": ["", ""],
        "calldatas": [b"", b"\x01\x02\x03\x04\x05"],
        "voteStart": opens_at,
        "voteEnd": opens_at + 4 * DAY,
        "description": "Buy a van",
    }
    lists = "address[],uint256[],string[],bytes[]"
    shape = f"ProposalCreated(uint256,address,{lists},uint256,uint256,string)"
    assert receipt["logs"][0]["topics"] == [Web3.keccak(text=shape)]


def test_what_a_proposal_freezes_is_told_right_after(coop: Coop) -> None:
    action = coop.action(coop.membership, "suspend", 5, DAY)
    text = hashed("why")
    receipt = propose(coop, coop.ben, coop.now() + LATER, [action], text)
    (event,) = coop.events(receipt, "ProposalFrozen")
    code_hash = bytes(Web3.keccak(coop.w3.eth.get_code(Web3.to_checksum_address(action[0]))))
    text_hash = bytes(Web3.keccak(text=text))
    assert dict(event["args"]) == {
        "proposalId": 1,
        "class": CLASSES.index("Removal"),
        "ruleVersion": 1,
        "proposerId": 2,
        "subjectId": 5,
        "confirms": 0,
        "content": content(coop, 1, "Removal", 1, [action], [code_hash], text_hash),
        "codeHashes": [code_hash],
        "textHash": text_hash,
    }
    assert [log["logIndex"] for log in receipt["logs"]] == [0, 1]
    assert event["logIndex"] == 1


def test_content_is_computed_alike_by_an_independent_encoder(coop: Coop) -> None:
    code_hash = bytes(Web3.keccak(coop.w3.eth.get_code(coop.factory.address)))
    to_gus = (coop.gus.address, 9, b"")
    cases: list[tuple[list[Action], list[bytes], str, str]] = [
        ([], [], "", "Ordinary"),
        ([], [], "We close on Fridays ✓", "Ordinary"),
        ([(coop.factory.address, 0, b"\1" * 33)], [code_hash], "A", "External"),
        ([to_gus, (coop.factory.address, 0, b"")], [NOTHING, code_hash], "B", "External"),
    ]  # fmt: skip
    for by, (actions, hashes, text, name) in zip(["ada", "ben", "cleo", "dan"], cases, strict=True):
        proposal = coop.propose(coop.people[by], actions, text)
        text_hash = bytes(Web3.keccak(text=text))
        expected = content(coop, proposal, name, 1, actions, hashes, text_hash)
        assert info(coop, proposal)["content"] == expected


def test_the_event_equals_the_call_whatever_the_lengths_of_calldata(coop: Coop) -> None:
    # GHSA-93hq-5wgc-jc82: calldata trimmed on the way into storage or into the event.
    lengths = [0, 1, 3, 4, 5, 31, 32, 33, 63, 64, 65, 100, 1_000, 5_000]
    actions = [(coop.gus.address, n, bytes(i % 251 for i in range(n))) for n in lengths]
    receipt = propose(coop, coop.ada, coop.now() + LATER, actions, "x" * 5_000)
    (event,) = coop.events(receipt, "ProposalCreated")
    args = event["args"]
    told = list(zip(args["targets"], args["values"], args["calldatas"], strict=True))
    assert told == actions
    assert args["description"] == "x" * 5_000


def test_the_record_of_a_proposal_says_all_of_it(coop: Coop) -> None:
    proposal = coop.personal(coop.ben, "recover", 5, coop.fay.address)
    found_ = info(coop, proposal)
    assert found_.pop("content") != NOTHING
    assert found_ == {
        "class": CLASSES.index("Recovery"),
        "ruleVersion": 1,
        "proposerId": 2,
        "subjectId": 5,
        "opensAt": opening(coop, proposal),
        "deadline": opening(coop, proposal) + 4 * DAY,
        "eta": 0,
        "secondCalled": False,
        "confirmation": 0,
        "confirms": 0,
    }


# Numbers, copies and withdrawal


def test_a_copy_that_is_cancelled_leaves_the_original_alive(coop: Coop) -> None:
    # GHSA-5h3x-9wvq-w4m2: ids made of the contents let a copier cancel the victim's proposal.
    opens_at = coop.now() + LATER
    propose(coop, coop.ben, opens_at)
    propose(coop, coop.ada, opens_at)
    assert coop.assembly.functions.proposalCount().call() == 2
    assert info(coop, 1)["content"] != info(coop, 2)["content"]
    cancel(coop, coop.ben, 1)
    assert [coop.state(1), coop.state(2)] == ["canceled", "pending"]
    queued(coop, 2)
    execute(coop, 2, at=coop.now() + DAY)
    assert [coop.state(1), coop.state(2)] == ["canceled", "executed"]


def test_only_the_proposer_cancels(coop: Coop) -> None:
    proposal = coop.propose(coop.ada)
    for other in (coop.ben, coop.tom):
        with refused("AssemblyNotProposer", other.address):
            cancel(coop, other, proposal)
    receipt = cancel(coop, coop.ada, proposal)
    assert [dict(e["args"]) for e in coop.events(receipt, "ProposalCanceled")] == [
        {"proposalId": proposal}
    ]
    with wrong_state(proposal, "canceled", "pending"):
        cancel(coop, coop.ada, proposal)


def test_the_proposer_cancels_through_the_second_at_which_the_roll_freezes(coop: Coop) -> None:
    first, second = coop.propose(coop.ada), coop.propose(coop.ben)
    cancel(coop, coop.ada, first, at=opening(coop, first))
    assert coop.state(first) == "canceled"
    with wrong_state(second, "active", "pending"):
        cancel(coop, coop.ben, second, at=opening(coop, second) + 1)


def test_the_proposers_present_key_cancels_and_a_former_one_does_not(coop: Coop) -> None:
    proposal = coop.propose(coop.ada)
    rotate(coop, coop.ada, coop.fay)
    with refused("AssemblyNotProposer", coop.ada.address):
        cancel(coop, coop.ada, proposal)
    cancel(coop, coop.fay, proposal)
    assert coop.state(proposal) == "canceled"


def test_a_cancelled_proposal_stays_cancelled(coop: Coop) -> None:
    proposal = coop.propose(coop.ada)
    cancel(coop, coop.ada, proposal)
    end = deadline(coop, proposal)
    for moment in (opening(coop, proposal) + 1, end, end + 1, end + 365 * DAY):
        coop.warp(moment)
        assert coop.state(proposal) == "canceled"
