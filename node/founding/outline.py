"""What founding a co-op will send and cost, found out without sending anything.

What does not stand on the chain yet is put there for the length of one question (the state override
of eth_call and eth_estimateGas); a node that knows no such thing leaves the gas of that step open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer import abi
from indexer.abi import CONTRACTS
from indexer.chain import Chain
from indexer.deployed import FACTORY
from indexer.errors import ChainRefused, ContractReverted
from node import reverts
from node.errors import ConfigurationProblem
from node.founding import places
from node.founding.plan import Plan
from node.founding.steps import CREATION, Step, Way

_PLAIN = 21_000  # gas of sending ether to an account


@dataclass(frozen=True)
class Line:
    """One step of the outline; `gas` is None where the node cannot say it beforehand."""

    step: str
    to: str
    makes: str
    done: bool
    gas: int | None
    value: int = 0
    """Wei that go along."""


@dataclass(frozen=True)
class Outline:
    """All steps, and whether the creation was tried on the chain's present state."""

    lines: tuple[Line, ...]
    rehearsed: bool

    @property
    def gas(self) -> int:
        """Gas of the missing steps, as far as it is known."""
        return sum(line.gas or 0 for line in self.lines if not line.done)

    @property
    def value(self) -> int:
        """Wei that the missing steps send along."""
        return sum(line.value for line in self.lines if not line.done)

    @property
    def complete(self) -> bool:
        """Whether the gas of every missing step is known."""
        return all(line.done or line.gas is not None for line in self.lines)


def outline(chain: Chain, plan: Plan, way: Way, payer: str) -> Outline:
    """Return what has to be sent; a creation that the factory would refuse raises its reason."""
    missing = {step.name for step in way.missing(chain)}
    standing = len(missing - {CREATION}) == 0
    lines = tuple(_line(chain, step, step.name in missing, payer, standing) for step in way.steps)
    return Outline(lines, _rehearse(chain, plan, way, payer, standing))


def fee_now(chain: Chain) -> int:
    """Return what a gas costs at present, in wei: the base fee and a usual tip."""
    latest = chain.request("eth_getBlockByNumber", "latest", False)
    base = int(latest.get("baseFeePerGas", "0x0"), 16)
    try:
        return base + int(chain.request("eth_maxPriorityFeePerGas"), 16)
    except ChainRefused:
        return int(chain.request("eth_gasPrice"), 16)


def _line(chain: Chain, step: Step, missing: bool, payer: str, standing: bool) -> Line:
    gas: int | None = None
    if step.signed:
        gas = 0  # paid with the ether of the step before
    elif missing and not step.data:
        gas = _PLAIN
    elif missing:
        gas = _estimate(chain, step, payer, {} if standing else _assumed(step))
    return Line(step.name, step.to, step.makes, not missing, gas, step.value)


def _assumed(step: Step) -> Mapping[str, bytes]:
    """What a step needs to stand already, as address -> code."""
    if step.name == CREATION:
        return places.runtime_codes()
    return {places.DEPLOYER: places.DEPLOYER_CODE}


def _estimate(chain: Chain, step: Step, payer: str, assumed: Mapping[str, bytes]) -> int | None:
    call = {"from": payer, "to": step.to, "data": "0x" + step.data.hex()}
    try:
        return int(chain.request("eth_estimateGas", call, "latest", *_overrides(assumed)), 16)
    except ContractReverted as error:
        raise reverts.told(error.name, error.args_by_name) from error
    except ChainRefused:
        return None


def _rehearse(chain: Chain, plan: Plan, way: Way, payer: str, standing: bool) -> bool:
    call = {"from": payer, "to": way.factory, "data": "0x" + plan.calldata.hex()}
    assumed = {} if standing else places.runtime_codes()
    try:
        answer = chain.request("eth_call", call, "latest", *_overrides(assumed))
    except ContractReverted as error:
        raise reverts.told(error.name, error.args_by_name) from error
    except ChainRefused:
        return False
    create = abi.function(FACTORY, "create")
    made = abi.decode_outputs(create, bytes.fromhex(answer.removeprefix("0x")))
    found = dict(zip(CONTRACTS, made.values(), strict=True))
    if found != dict(way.instance):
        raise ConfigurationProblem(
            f"The factory at {way.factory} would make the co-op elsewhere than reckoned.",
            undone="Nothing was sent.",
            hint="Do not use that factory, or that node (--rpc).",
            details={"expected": dict(way.instance), "found": found},
        )
    return True


def _overrides(assumed: Mapping[str, bytes]) -> tuple[Any, ...]:
    if not assumed:
        return ()
    return ({address: {"code": "0x" + code.hex()} for address, code in assumed.items()},)
