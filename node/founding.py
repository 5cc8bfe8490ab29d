"""Makes an instance: implementations and factory where they are missing, then the co-op itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from indexer import abi
from node.bylaws import Bylaws
from node.errors import ConfigurationProblem, NotFound, UsageProblem
from node.instance import CodeHashes, Instance
from node.sender import Sender, TxReceipt

LOCAL_CHAINS = frozenset({31337, 1337})
_IMPLEMENTATIONS = ("Membership", "Bylaws", "Assembly", "PayRates")


@dataclass(frozen=True)
class Plan:
    """What a co-op is founded with; `name` is this node's word, `title` the co-op's own."""

    name: str
    title: str
    founders: tuple[str, ...]
    bylaws: Bylaws
    nonce: int = 0

    @property
    def bylaws_hash(self) -> str:
        """keccak256(abi.encode(terms, roles)), as CooperativeCreated bears it."""
        terms, roles = self.arguments[2:4]
        kinds = [each.type for each in abi.function("CooperativeFactory", "create").inputs[2:4]]
        return "0x" + keccak(encode(kinds, [terms, roles])).hex()

    @property
    def arguments(self) -> tuple[object, ...]:
        """The arguments of the factory's `create`."""
        bylaws = self.bylaws
        return (
            self.title,
            list(self.founders),
            bylaws.abi_bylaws(),
            bylaws.abi_roles(),
            self.nonce,
        )


def checked_title(title: str) -> str:
    """Return the co-op's name if a contract can bear it."""
    if not 1 <= len(title.encode()) <= 31 or not title.isprintable():
        raise UsageProblem(
            f"The name {title!r} has {len(title.encode())} bytes.",
            hint="Give --title with 1 to 31 bytes.",
        )
    return title


def checked_founders(accounts: Sequence[str]) -> tuple[str, ...]:
    """Return the founders' accounts, checksummed; at least three, each once."""
    found = tuple(_account(account) for account in accounts)
    if not 3 <= len(found) <= 50:
        raise UsageProblem(
            f"{len(found)} founders are named.", hint="Give --founder 3 to 50 times."
        )
    doubles = sorted({account for account in found if found.count(account) > 1})
    if doubles:
        raise UsageProblem(
            f"{doubles[0]} is named twice.", hint="Every founder needs an account of their own."
        )
    return found


def factory_for(sender: Sender, address: str | None) -> str:
    """Return the address of a factory: the given one, or one deployed now."""
    if address is None:
        parts = [_created(sender.deploy(name)) for name in _IMPLEMENTATIONS]
        return _created(sender.deploy("CooperativeFactory", tuple(parts)))
    factory = _account(address)
    if not sender.chain.code(factory):
        raise NotFound(
            f"There is no factory at {factory} on this chain.",
            undone="No instance was made.",
            hint="Leave --factory away to deploy one.",
        )
    return factory


def rehearse(sender: Sender, factory: str, plan: Plan) -> None:
    """Try the creation without sending it; refusals raise."""
    sender.call("CooperativeFactory", factory, "create", *plan.arguments)


def found(sender: Sender, factory: str, plan: Plan) -> Instance:
    """Create the co-op and return what this node keeps about it."""
    receipt = sender.send("CooperativeFactory", factory, "create", *plan.arguments)
    made = receipt.event("CooperativeCreated").args
    bylaws_hash = "0x" + bytes(made["bylawsHash"]).hex()
    if bylaws_hash != plan.bylaws_hash:
        raise ConfigurationProblem(
            f"The factory at {factory} made an instance with other bylaws than asked for.",
            undone="The instance file was not written.",
            hint="Do not use that factory.",
            details={"expected": plan.bylaws_hash, "found": bylaws_hash, "tx": receipt.tx},
        )
    places = [made["membership"], made["bylaws"], made["assembly_"], made["payRates"]]
    hashes = ["0x" + sender.chain.code_hash(place).hex() for place in places]
    membership, bylaws, assembly, pay_rates = places
    return Instance(
        name=plan.name,
        title=plan.title,
        chain_id=sender.chain_id,
        rpc=sender.chain.url,
        membership=membership,
        bylaws=bylaws,
        assembly=assembly,
        pay_rates=pay_rates,
        factory=factory,
        first_block=receipt.block,
        tx=receipt.tx,
        code_hashes=CodeHashes(*hashes),
        bylaws_hash=bylaws_hash,
    )


def _created(receipt: TxReceipt) -> str:
    """The deployed address; a dry run cannot go on from here."""
    if receipt.created is None:
        raise UsageProblem(
            "A dry run deploys no factory, and nothing more can be tried without one.",
            undone="Nothing was sent.",
            hint="Give --factory ADDRESS to try the creation itself.",
        )
    return receipt.created


def _account(text: str) -> str:
    from eth_utils.address import is_address, is_checksum_address, to_checksum_address

    if not is_address(text):
        raise UsageProblem(f"{text!r} is no account.", hint="An account is 0x and 40 hex digits.")
    mixed = text[2:] not in (text[2:].lower(), text[2:].upper())
    if mixed and not is_checksum_address(text):
        raise UsageProblem(f"{text} has a typing error: its checksum is wrong.")
    return str(to_checksum_address(text))
