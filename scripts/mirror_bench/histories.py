"""Histories made through the real contracts, kept as files below build/mirror-bench/.

A history is an anvil state file and the instance's identity. It is made once for each state of the
contracts: 1,144 members admitted by proposals, then signed ballots in batches, changed again and
again, and pay ballots beside them; or blocks of which every tenth holds one event.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from indexer.chain import Chain
from indexer.identity import Identity, identify
from node import devnet
from node.devnet import Devnet
from scripts.gas.crowd import (
    Crowd,
    founded,
    packed_ballots,
    packed_pay_ballots,
    transact,
)
from scripts.solidity import ROOT, closure, fingerprint
from tests.contracts.coop import Coop
from tests.contracts.founding import new_factory
from tests.contracts.people import NAMES

FOLDER = ROOT / "build" / "mirror-bench"
SIZES = {"small": 20_000, "large": 200_000, "million": 1_000_000}
"""Name -> ballots at least."""
SPARSE, EVERY = 20_000, 10
_BATCH = 286  # ballots a transaction: a quarter of the crowd
_PAY_SHARE = 10  # one pay ballot to so many ballots
_MINED = 1_000  # blocks at once: far more of them hang anvil


@contextmanager
def served(name: str) -> Iterator[tuple[str, Identity]]:
    """Give the address of a chain with the history, and whose it is; make it first if need be."""
    state, identity = FOLDER / f"{name}.state", FOLDER / f"{name}.json"
    stamp = fingerprint(closure(sorted((ROOT / "contracts").glob("**/*.sol"))))
    kept = json.loads(identity.read_text(encoding="utf-8")) if identity.exists() else {}
    if kept.get("stamp") != stamp or not state.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        state.unlink(missing_ok=True)
        with devnet.start("anvil", state=state) as chain:
            found = _sparse(chain) if name == "sparse" else _ballots(chain, SIZES[name])
        kept = {"stamp": stamp, "identity": found._asdict()}
        identity.write_text(json.dumps(kept), encoding="utf-8")
    with devnet.start("anvil", state=state) as chain:
        yield chain.url, Identity(**kept["identity"])


def _identity(coop: Coop, first_block: int) -> Identity:
    return identify(
        Chain(coop.chain.url),
        membership=coop.membership.address,
        bylaws=coop.bylaws.address,
        assembly=coop.assembly.address,
        pay_rates=coop.pay_rates.address,
        first_block=first_block,
    )


def _ballots(chain: Devnet, wanted: int) -> Identity:
    first = Chain(chain.url).head().number + 1
    coop, crowd = founded(chain, new_factory(chain))
    cast, sequence = 0, 0
    proposals: list[int] = []
    while cast < wanted:
        if not proposals or sequence == 20:
            proposals, sequence = _opened(coop), 0
            _pay(coop, crowd, wanted // _PAY_SHARE // max(1, wanted // 400_000))
        sequence += 1
        for proposal in proposals:
            for start in range(0, len(crowd.row), _BATCH):
                voters = crowd.row[start : start + _BATCH]
                packed = packed_ballots(coop, proposal, voters, sequence)
                data = coop.assembly.encode_abi("castBallots", [proposal, packed])
                transact(chain, coop.ada.address, coop.assembly.address, data)
                cast += len(voters)
            if cast >= wanted:
                break
    return _identity(coop, first)


def _opened(coop: Coop) -> list[int]:
    """One proposal by each founder, all of them open."""
    proposals = [coop.propose(coop.people[name], text=f"Resolution of {name}") for name in NAMES]
    coop.open(proposals[-1])
    return proposals


def _pay(coop: Coop, crowd: Crowd, wanted: int) -> None:
    if coop.pay_rates.functions.payVoteCount().call():
        return
    role = b"cook".ljust(32, b"\0")
    coop.send(coop.pay_rates.functions.openPayVote(role, coop.now() + 3 * 86_400), coop.ada)
    vote = int(coop.pay_rates.functions.payVoteCount().call())
    coop.warp(int(coop.pay_rates.functions.payVote(vote).call()[1]) + 1)
    cast, sequence = 0, 0
    while cast < wanted:
        sequence += 1
        for start in range(0, len(crowd.row), _BATCH):
            voters = crowd.row[start : start + _BATCH]
            packed = packed_pay_ballots(coop, vote, voters, sequence)
            data = coop.pay_rates.encode_abi("castPayBallots", [vote, packed])
            transact(coop.chain, coop.ada.address, coop.pay_rates.address, data)
            cast += len(voters)


def _sparse(chain: Devnet) -> Identity:
    first = Chain(chain.url).head().number + 1
    coop, _ = founded(chain, new_factory(chain))
    (proposal, *_) = _opened(coop)
    for number in range(SPARSE // EVERY):
        place = number % len(NAMES)
        member, sequence = coop.people[NAMES[place]], number // len(NAMES) + 1
        ballot = [proposal, place + 1, number % 3, sequence, ""]
        data = coop.assembly.encode_abi("castBallot", ballot)
        transact(chain, member.address, coop.assembly.address, data)
        chain.rpc("anvil_mine", hex(EVERY - 1), hex(0))
    return _identity(coop, first)
