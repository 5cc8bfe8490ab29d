"""The demo's season on each local chain, told a second time by a few independent lines.

Nothing of `indexer` or `node` recomputes here: topics are hashes of signatures written out, and
data are cut into words by hand.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from indexer import queries
from indexer.store import Store, read_mirror
from node import devnet
from node.demo.season import Season, play
from node.devnet import Devnet, Kind

VOTE_CAST = "VoteCast(address,uint256,uint8,uint256,string)"
ADMITTED = "MemberAdmitted(uint32,address)"
ROTATED = "KeyRotated(uint32,address,address,uint16)"
LEFT, EXPELLED = "MemberLeft(uint32)", "MemberExpelled(uint32)"
RATE_SET = "RateSet(bytes32,uint48,uint256)"
PAY_CAST = "PayBallotCast(uint256)"
PAY_CAST_WITH_REASON = "PayBallotCastWithReason(uint256,string)"
PAY_CLOSED = "PayVoteClosed(uint256,uint256,uint256,uint256,uint256)"
PAY_OPENED = (
    "PayVoteOpened(uint256,bytes32,uint32,uint32,uint40,uint40,uint48,uint48,uint16,uint8,bytes32)"
)


@dataclass(frozen=True)
class Told:
    """A season that was played, its chain, and all its logs in order."""

    season: Season
    chain: Devnet
    store: Store
    logs: list[tuple[list[str], bytes]]
    """Topics and data of each log."""

    def of(self, *signatures: str) -> Iterator[tuple[list[int], list[int]]]:
        """Topics after the first, and data words, of every log of an event or of several."""
        wanted = ["0x" + keccak(text=signature).hex() for signature in signatures]
        for topics, data in self.logs:
            if topics[0] in wanted:
                words = [int.from_bytes(data[i : i + 32]) for i in range(0, len(data), 32)]
                yield [int(each, 16) for each in topics[1:]], words

    def view(self, contract: str, function: str, *args: Any) -> Any:
        """What the contract itself answers now."""
        addresses = {name: address for name, address, _ in self.season.stage.instance.contracts}
        return self.season.stage.chain.view(contract, addresses[contract], function, *args)

    def owners(self) -> dict[int, int]:
        """The memberId of every account that ever was a member's key."""
        found = {topics[1]: topics[0] for topics, _ in self.of(ADMITTED)}
        return found | {topics[2]: topics[0] for topics, _ in self.of(ROTATED)}


@pytest.fixture(scope="module", params=["anvil", "hardhat"])
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    """One season a chain, played once for all tests."""
    kind: Kind = request.param
    home: Path = tmp_path_factory.mktemp(kind)
    with devnet.start(kind) as chain:
        season = play(chain, 11, home, lambda text: None)
        addresses = [address for _, address, _ in season.stage.instance.contracts]
        asked = {"address": addresses, "fromBlock": "0x0", "toBlock": "latest"}
        logs = [
            (log["topics"], bytes.fromhex(log["data"][2:]))
            for log in chain.rpc("eth_getLogs", asked)
        ]
        yield Told(season, chain, read_mirror(home / "weavers.db"), logs)


def test_every_tally_is_the_same_from_raw_logs_in_the_contract_and_in_the_mirror(
    told: Told,
) -> None:
    owners = told.owners()
    choices: dict[int, dict[int, int]] = defaultdict(dict)
    for (voter,), (proposal, support, weight, *_) in told.of(VOTE_CAST):
        assert weight == 1
        choices[proposal][owners[voter]] = support

    with told.store.reading() as session:
        mirrored = queries.proposals(session, queries.as_of(session))
    assert len(mirrored) == told.view("Assembly", "proposalCount") == 16
    for each in mirrored:
        counts = [list(choices[each.proposal_id].values()).count(support) for support in range(3)]
        contract = told.view("Assembly", "proposalVotes", each.proposal_id)
        assert counts == list(contract.values())
        assert counts == [each.tally.against, each.tally.for_, each.tally.abstain]


def test_the_roll_is_the_same_from_raw_logs_in_the_contract_and_in_the_mirror(told: Told) -> None:
    admitted = [topics[0] for topics, _ in told.of(ADMITTED)]
    gone = {topics[0] for event in (LEFT, EXPELLED) for topics, _ in told.of(event)}
    roll = sorted(set(admitted) - gone)

    assert len(roll) == told.view("Membership", "rollSize") == 9
    with told.store.reading() as session:
        members = queries.members(session, queries.as_of(session))
    assert [each.member_id for each in members if each.status == "active"] == roll
    for account, member in told.owners().items():
        key = told.view("Membership", "memberOf", member)["account"]
        standing = int(key, 16) == account and member in roll
        assert told.view("Membership", "getVotes", f"0x{account:040x}") == int(standing)


def test_every_rate_is_the_same_from_raw_logs_in_the_contract_and_in_the_mirror(
    told: Told,
) -> None:
    rates = {topics[0]: words[0] for topics, words in told.of(RATE_SET)}

    with told.store.reading() as session:
        mirrored = queries.rates(session, queries.as_of(session))
    assert len(rates) == len(mirrored) == 3
    for each in mirrored:
        name = each.role.encode().ljust(32, b"\0")
        contract = told.view("PayRates", "roleOf", name)["rate"]
        assert rates[int.from_bytes(name)] == contract == each.rate


def test_every_pay_vote_is_the_middle_ballot_after_absences_count_for_the_present_rate(
    told: Told,
) -> None:
    ballots: dict[int, dict[int, int]] = defaultdict(dict)
    for _, (word, *_) in told.of(PAY_CAST, PAY_CAST_WITH_REASON):
        ballots[word >> 88][word >> 56 & 0xFFFFFFFF] = word % 2**48
    present = {topics[0]: words[4] + words[5] * words[7] for topics, words in told.of(PAY_OPENED)}
    closed = {topics[0]: words for topics, words in told.of(PAY_CLOSED)}

    assert sorted(closed) == [1, 2, 3]
    for vote, (count, filled, median, result) in closed.items():
        quorum = -(-told.view("PayRates", "payVoteRoll", vote) // 2)
        cast = sorted(ballots[vote].values())
        absent = max(0, quorum - len(cast))
        absent += (len(cast) + absent) % 2 == 0
        line = sorted([*cast, *[present[vote]] * absent])
        assert (count, filled) == (len(cast), absent)
        assert median == result == line[len(line) // 2]
    assert sum(words[1] > 1 for words in closed.values()) == 1, "one vote falls short of its quorum"


def test_one_member_one_ballot_though_hal_voted_with_two_keys(told: Told) -> None:
    owners = told.owners()
    hal = told.season.stage.member_id("hal")
    accounts = [account for account, member in owners.items() if member == hal]
    cast = [
        (voter, words[1])
        for (voter,), words in told.of(VOTE_CAST)
        if owners[voter] == hal and words[0] == told.season.agenda.bicycles
    ]

    assert len(accounts) == 2
    assert [support for _, support in cast] == [0, 1]
    assert {voter for voter, _ in cast} == set(accounts)
    standing = told.view("Assembly", "ballotOf", told.season.agenda.bicycles, hal)
    assert (standing["support"], standing["epoch"], standing["sequence"]) == (1, 1, 1)


def test_the_kitchen_kept_the_quorum_under_which_it_was_proposed(told: Told) -> None:
    agenda = told.season.agenda
    votes = told.view("Assembly", "proposalVotes", agenda.kitchen)["forVotes"]
    roll = told.view("Assembly", "proposalRoll", agenda.kitchen)
    rule = told.view("Bylaws", "inForce", 0)["rule"]

    assert votes >= told.view("Assembly", "proposalQuorum", agenda.kitchen)
    assert votes * 10_000 < roll * rule["quorumBps"], "the new rule would have defeated it"


def test_the_mirror_proves_the_chronicle_of_all_four_contracts(told: Told) -> None:
    assert told.season.chronicle_ok
    for name, address, _ in told.season.stage.instance.contracts:
        head = keccak((31337).to_bytes(32) + bytes.fromhex(address[2:]))
        asked = {"address": address, "fromBlock": "0x0", "toBlock": "latest"}
        for log in told.chain.rpc("eth_getLogs", asked):
            block = told.chain.rpc("eth_getBlockByNumber", log["blockNumber"], False)
            topics = b"".join(bytes.fromhex(topic[2:]) for topic in log["topics"])
            data = bytes.fromhex(log["data"][2:])
            inner = keccak(len(log["topics"]).to_bytes(32) + topics + data)
            place = int(log["blockNumber"], 16).to_bytes(8) + int(block["timestamp"], 16).to_bytes(
                8
            )
            head = keccak(head + place + inner)
        assert head == told.view(name, "chronicleHead")
