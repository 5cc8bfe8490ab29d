"""The gas that a batch is given: what it takes at most, without asking the node to estimate it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest
from eth_account import Account

from indexer.chain import Chain
from node import casting
from node.ballot import AnyBallot, Ballot, PayBallot, SignedBallot, sign_ballot
from node.devnet import Devnet, start
from node.domains import Signing, expected_domain
from node.instance import Instance
from node.sender import Sender
from scripts.mirror_bench.coop import found
from scripts.mirror_bench.signing import Voter
from scripts.mirror_bench.wire import Wire
from scripts.relay_bench.stage import CARRIER, instance_of
from tests.contracts.coop import DAY

MEMBERS = 340
REASON = "é" * 250  # 500 bytes, as many as a reason may have


@dataclass(frozen=True)
class Open:
    """A proposal and a pay vote that are open to many members."""

    anvil: Devnet
    instance: Instance
    voters: Mapping[int, Voter]
    content: Mapping[Signing, bytes]
    rates: Sequence[int]

    def sender(self) -> Sender:
        """Somebody who is no member carries the ballots."""
        return Sender(Chain(self.anvil.url), CARRIER)

    def ballots(
        self, contract: Signing, members: Sequence[int], reason: str = ""
    ) -> list[SignedBallot]:
        """A signed ballot of each of these members; each rate is named in turn."""
        domain = expected_domain(self.instance, contract)
        made = []
        for at, member in enumerate(members):
            key = Account.from_key(self.voters[member].key.secret)
            ballot: AnyBallot = (
                Ballot(1, self.content[contract], "for", member, 0, 1, reason)
                if contract == "Assembly"
                else PayBallot(
                    1,
                    self.content[contract],
                    self.rates[at % len(self.rates)],
                    member,
                    0,
                    1,
                    reason,
                )
            )
            made.append(sign_ballot(ballot, domain, key))
        return made


@pytest.fixture(scope="module")
def votes() -> Iterator[Open]:
    """A co-op of 340 on a chain of its own."""
    with start("anvil") as chain, Wire(chain.url) as wire:
        coop = found(chain, wire, MEMBERS)
        by, opens_at = coop.voters[0].address, chain.now() + 2 * DAY + 30
        coop.send(by, "Assembly", "propose", [], "A kitchen", opens_at)
        coop.send(by, "PayRates", "openPayVote", b"cook".ljust(32, b"\0"), opens_at)
        coop.warp(opens_at + 1)
        wire.ask("anvil_autoImpersonateAccount", False)
        asked = Chain(chain.url)
        known = instance_of(coop, asked)
        pay = asked.view("PayRates", known.pay_rates, "payVote", 1)
        content: dict[Signing, bytes] = {
            "Assembly": asked.view("Assembly", known.assembly, "proposal", 1)["content"],
            "PayRates": pay["content"],
        }
        rates = [pay["from"] + rung * pay["step"] for rung in range(pay["rungs"])]
        voters = {each.member: each for each in coop.voters}
        yield Open(chain, known, voters, content, rates)


@pytest.mark.parametrize("contract", ["Assembly", "PayRates"])
@pytest.mark.parametrize(
    "members",
    [range(100, 300), range(16, MEMBERS, 16), range(10, MEMBERS, 10), [7, 8]],
    ids=["neighbours", "one in sixteen", "one in ten", "two"],
)
@pytest.mark.parametrize("reason", ["", REASON], ids=["no reasons", "long reasons"])
def test_a_batch_is_given_what_it_takes_and_at_most_half_more(
    votes: Open,
    contract: Signing,
    members: Sequence[int],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ballots, sender = votes.ballots(contract, members, reason), votes.sender()
    asked: list[str] = []
    request = sender.chain.request

    def watched(method: str, *params: object) -> object:
        asked.append(method)
        return request(method, *params)

    monkeypatch.setattr(sender.chain, "request", watched)
    parcel, refused = casting.parcel(sender, votes.instance, ballots, 1_000)
    assert "eth_estimateGas" not in asked
    assert parcel
    assert not refused
    assert len(parcel.ballots) == len(members)
    taken = int(sender.chain.request("eth_estimateGas", dict(parcel.call), "latest"), 16)

    assert taken <= parcel.gas <= 1.5 * taken + 60_000


@pytest.mark.parametrize("contract", ["Assembly", "PayRates"])
def test_of_ballots_that_no_transaction_holds_together_it_takes_as_many_as_fit(
    votes: Open, contract: Signing
) -> None:
    limit, ballots = 600_000, votes.ballots(contract, range(16, MEMBERS, 16))
    before = votes.anvil.rpc("eth_getBlockByNumber", "latest", False)["gasLimit"]
    votes.anvil.rpc("evm_setBlockGasLimit", hex(limit))
    votes.anvil.mine()
    try:
        sender = votes.sender()
        parcel, refused = casting.parcel(sender, votes.instance, ballots, 1_000)
        assert parcel
        assert not refused
        assert parcel.gas <= limit
        assert 8 <= len(parcel.ballots) < len(ballots)
        answer = sender.simulate({**parcel.call, "gas": hex(parcel.gas)})
        assert int(answer, 16) == len(parcel.ballots)
    finally:
        votes.anvil.rpc("evm_setBlockGasLimit", before)
        votes.anvil.mine()


def test_one_ballot_that_is_not_counted_does_not_keep_the_others_back(votes: Open) -> None:
    good = votes.ballots("Assembly", [20, 21])
    (other,) = votes.ballots("Assembly", [22])
    false = SignedBallot(other.ballot, other.domain, other.account, good[0].signature)
    parcel, refused = casting.parcel(votes.sender(), votes.instance, [*good, false], 1_000)

    assert parcel
    assert list(parcel.ballots) == good
    assert list(refused) == [false]
