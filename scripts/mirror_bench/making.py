"""Makes the histories: every ballot signed, every event emitted by the contracts on anvil."""

import itertools
from collections.abc import Callable, Iterator, Sequence

from scripts.mirror_bench.coop import ROLES, Coop
from scripts.mirror_bench.signing import Booth, Voter
from tests.contracts.coop import DAY

# 70 % for, 20 % against, 10 % abstain.
MIX = (1, 1, 1, 0, 1, 1, 2, 1, 0, 1)
BATCHES = (100, 350, 600, 250, 450)  # ballots a transaction, in turn
ROUND = 50  # proposals open at the same time
REASONED, GAPPED, CHANGED = 40, 60, 20  # every so manyth ballot has a reason, leaves numbers out, …
REASON = "Because the old kitchen is too small for the twelve of us."

Say = Callable[[str], None]


def ballots(coop: Coop, proposals: int, say: Say) -> None:
    """Every member votes on every proposal, some twice; pay votes in between."""
    sizes = itertools.cycle(BATCHES)
    for start in range(0, proposals, ROUND):
        opened = _propose(coop, min(ROUND, proposals - start))
        votes = _open_pay_votes(coop)
        coop.warp(coop.chain.now() + 2 * DAY + 60)
        for proposal in opened:
            _vote(coop, proposal, sizes)
        for vote in votes:
            _vote_on_pay(coop, vote, sizes)
        say(f"{start + len(opened)} of {proposals} proposals voted on")
        coop.warp(coop.chain.now() + 5 * DAY)
        for vote in votes:
            coop.send(coop.voters[0].address, "PayRates", "closePayVote", vote)
        coop.warp(coop.chain.now() + 8 * DAY)


def sparse(coop: Coop, blocks: int, say: Say) -> None:
    """A member names other guardians in every tenth block; nothing happens in the others."""
    members = itertools.cycle(coop.voters)
    for number, member in zip(range(blocks // 10), members, strict=False):
        coop.send(member.address, "Membership", "setGuardians", (number + 1).to_bytes(32))
        coop.wire.ask("anvil_mine", hex(9))
        if number % 500 == 499:
            say(f"{(number + 1) * 10:,} of {blocks:,} blocks mined")


def _propose(coop: Coop, count: int) -> range:
    first = coop.ask("Assembly", "proposalCount") + 1
    opens_at = coop.chain.now() + 2 * DAY + 30
    calls = [
        (by.address, [[], f"Resolution {first + number}: a larger kitchen", opens_at])
        for number, by in enumerate(coop.voters[:count])
    ]
    coop.send_together("Assembly", "propose", calls)
    return range(first, first + count)


def _open_pay_votes(coop: Coop) -> range:
    first = coop.ask("PayRates", "payVoteCount") + 1
    opens_at = coop.chain.now() + DAY + 30
    for name in ROLES:
        role = name.encode().ljust(32, b"\0")
        coop.send(coop.voters[0].address, "PayRates", "openPayVote", role, opens_at)
    return range(first, first + len(ROLES))


def _vote(coop: Coop, proposal: int, sizes: Iterator[int]) -> None:
    contract = coop.contracts["Assembly"].address
    booth = Booth(contract, proposal, coop.ask("Assembly", "proposal", proposal)[10])
    for voters in _parts(coop.voters, sizes):
        _cast(
            coop, "Assembly", "castBallots", proposal, [_first(booth, v, proposal) for v in voters]
        )
    again = [
        booth.ballot(v, MIX[v.member % 7], 9) for v in coop.voters[proposal % CHANGED :: CHANGED]
    ]
    # The last entry is there twice: the second is skipped, and says so.
    _cast(coop, "Assembly", "castBallots", proposal, [*again, again[-1]])


def _first(booth: Booth, voter: Voter, proposal: int) -> bytes:
    number = voter.member + proposal
    sequence = 3 if number % GAPPED == 0 else 1
    reason = REASON if number % REASONED == 0 else ""
    return booth.ballot(voter, MIX[number % len(MIX)], sequence, reason)


def _vote_on_pay(coop: Coop, vote: int, sizes: Iterator[int]) -> None:
    info = coop.ask("PayRates", "payVote", vote)
    start, step, rungs, content = info[4], info[5], info[6], info[10]
    booth = Booth(coop.contracts["PayRates"].address, vote, content, pay=True)
    for voters in _parts(coop.voters, sizes):
        rungs_of = [(each, (each.member + vote) % rungs) for each in voters]
        entries = [booth.pay_ballot(v, start + rung * step, rung) for v, rung in rungs_of]
        _cast(coop, "PayRates", "castPayBallots", vote, entries)


def _cast(coop: Coop, contract: str, function: str, number: int, entries: Sequence[bytes]) -> None:
    coop.carry(contract, function, number, b"".join(entries))


def _parts(voters: Sequence[Voter], sizes: Iterator[int]) -> Iterator[Sequence[Voter]]:
    start = 0
    while start < len(voters):
        size = next(sizes)
        yield voters[start : start + size]
        start += size
