"""What has to be sent to found a co-op on a chain, one transaction a step, in this order:

1. ether for the maker of the deterministic deployer, and its transaction (where there is none)
2. the four implementations and the factory that names them (where they are missing)
3. the co-op itself: one call of the factory
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from eth_utils.crypto import keccak

from indexer import deployed
from indexer.abi import ContractName
from indexer.chain import Chain
from node.errors import ConfigurationProblem, NotFound
from node.founding import places
from node.founding.plan import Plan, checked_account

CREATION = "the co-op"


@dataclass(frozen=True)
class Step:
    """One transaction: `name` says what it brings, `is_done` asks the chain whether it is there."""

    name: str
    to: str
    data: bytes
    is_done: Callable[[Chain], bool]
    value: int = 0
    makes: str = ""
    """The address that has code afterwards."""
    signed: str = ""
    """The transaction itself where nobody has to sign it any more."""


@dataclass(frozen=True)
class Way:
    """Where factory and co-op stand or will stand, and the steps that lead there."""

    factory: str
    implementations: Mapping[ContractName, str]
    instance: Mapping[ContractName, str]
    steps: tuple[Step, ...]

    def missing(self, chain: Chain) -> list[Step]:
        """Return the steps that the chain does not show as done."""
        return [step for step in self.steps if not step.is_done(chain)]


def way(chain: Chain, plan: Plan, factory: str | None) -> Way:
    """Return the way to the co-op of a plan, by the given factory or the one that all share.

    A factory that runs other code than this package's is refused.
    """
    if factory is None:
        at, implementing, steps = places.factory(), places.implementations(), _shared()
    else:
        at = checked_account(factory)
        implementing, steps = _implementing(chain, at), ()
    made = places.instance(at, implementing, plan.arguments, plan.bylaws.rules)
    creation = Step(
        CREATION, at, plan.calldata, _has_code(made["membership"]), makes=made["assembly"]
    )
    return Way(at, implementing, made, (*steps, creation))


def check_code(chain: Chain, factory: str) -> None:
    """Refuse a factory that is not, or does not make, the code of this package."""
    if not chain.code(factory):
        raise NotFound(
            f"There is no factory at {factory} on this chain.",
            undone="No instance was made.",
            hint="Leave --factory away to use the one that all co-ops share.",
        )
    faults = list(deployed.code_faults(factory, chain.code))
    if faults:
        raise ConfigurationProblem(
            f"The factory at {factory} is not this program's: {faults[0]}",
            undone="No instance was made.",
            hint="Leave --factory away to use the one that all co-ops share.",
            details={"faults": faults},
        )


def _implementing(chain: Chain, factory: str) -> Mapping[ContractName, str]:
    check_code(chain, factory)
    return deployed.implementations(chain.code(factory))


def _shared() -> tuple[Step, ...]:
    return (
        Step(
            "ether for the deployer's maker",
            places.DEPLOYER_MAKER,
            b"",
            _deployer_is_paid,
            value=places.DEPLOYER_COST,
        ),
        Step(
            "the deterministic deployer",
            "",
            b"",
            _has_this(places.DEPLOYER, places.DEPLOYER_CODE),
            makes=places.DEPLOYER,
            signed=places.DEPLOYER_TRANSACTION,
        ),
        *(
            Step(
                f"the factory {part.name}"
                if part.name == deployed.FACTORY
                else f"the implementation {part.name}",
                places.DEPLOYER,
                part.calldata,
                _has_this(part.address, places.runtime_codes()[part.address]),
                makes=part.address,
            )
            for part in places.parts()
        ),
    )


def _has_code(address: str) -> Callable[[Chain], bool]:
    return lambda chain: bool(chain.code(address))


def _has_this(address: str, code: bytes) -> Callable[[Chain], bool]:
    return lambda chain: chain.code_hash(address) == keccak(code)


def _deployer_is_paid(chain: Chain) -> bool:
    if chain.code(places.DEPLOYER):
        return True
    return chain.balance(places.DEPLOYER_MAKER) >= places.DEPLOYER_COST
