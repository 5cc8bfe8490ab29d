"""Walks a deployed instance and tells what it finds: whose code it is, and who is in charge.

Everything is read from the chain and compared with this package's artifacts and `powers`. Nothing
is taken on trust but the four addresses, the factory's and the transaction that made them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi.exceptions import DecodingError

from indexer import abi, deployed, powers
from indexer.abi import CONTRACTS, ContractName, checksummed
from indexer.blocks import BlockRef
from indexer.chain import Chain
from indexer.deployed import FACTORY
from indexer.errors import ContractMissing, ContractReverted
from indexer.subject import Subject

ZERO = "0x" + "00" * 20
_BEGUN = "ChronicleAlreadyBegun"
STEPS = 8
_CODE = ("Code", "Clones")
_MOST_MEMBERS = 50  # who try to give orders: the first members, as many as founders there can be


@dataclass(frozen=True)
class Step:
    """One thing that was looked at: what was found, and what should not be so."""

    title: str
    found: str
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether everything is as it should be."""
        return not self.faults


def scan(chain: Chain, subject: Subject, at: BlockRef) -> list[Step]:
    """Take the steps on the state of one block; a network that fails raises.

    Where a step of `_CODE` finds fault, the later ones are left out: what unknown code answers
    proves nothing.
    """
    walk = _Walk(chain, subject, at)
    taken: list[Step] = []
    for title, found, step in (
        ("Code", "factory and 4 implementations are the code of this package", walk.code),
        ("Clones", "4 contracts run the implementations that the factory names", walk.clones),
        ("Beginning", "none of 8 contracts can be started again", walk.beginning),
        ("Wiring", "7 references name the right contract", walk.wiring),
        ("Privileges", "no owner, admin or upgrade is known to any of 8 contracts", walk.owners),
        ("Orders", "only the Assembly gives orders, and every function is known", walk.orders),
        ("Opcodes", "no code of others can act in a contract's place", walk.opcodes),
        ("Origin", "the factory made the 4 contracts where its terms say", walk.origin),
    ):
        taken.append(Step(title, found, _faults(step)))
        if title in _CODE and not taken[-1].ok:
            break
    return taken


def _faults(step: Callable[[], Iterator[str]]) -> tuple[str, ...]:
    found: list[str] = []
    try:
        found.extend(step())
    except (ContractMissing, ContractReverted) as error:
        found.append(error.message)
    except DecodingError as error:
        found.append(f"An answer makes no sense: {error}")
    return tuple(found)


class _Walk:
    """The steps; each yields one sentence a fault, naming the contract."""

    def __init__(self, chain: Chain, subject: Subject, at: BlockRef) -> None:
        self.chain, self.subject, self.at = chain, subject, at
        self._codes: dict[str, bytes] = {}

    @property
    def own(self) -> Mapping[ContractName, str]:
        """The four addresses."""
        return dict(zip(CONTRACTS, self.subject[:4], strict=True))

    def implementations(self) -> Mapping[ContractName, str]:
        """The four addresses that the factory's code names."""
        return deployed.implementations(self.code_of(self.subject.factory))

    def code_of(self, address: str) -> bytes:
        """The code at an address, asked for once."""
        if address not in self._codes:
            self._codes[address] = self.chain.code(address, self.at)
        return self._codes[address]

    def everywhere(self) -> Iterator[tuple[str, str, str]]:
        """Name, description and address of clones and implementations."""
        for word, address in self.own.items():
            yield CONTRACTS[word], f"{CONTRACTS[word]} at {address}", address
        for word, address in self.implementations().items():
            yield CONTRACTS[word], f"{CONTRACTS[word]}'s implementation at {address}", address

    # The steps

    def code(self) -> Iterator[str]:
        """Byte for byte the artifacts, but for immutables, which hold what they should."""
        yield from deployed.code_faults(self.subject.factory, self.code_of)

    def clones(self) -> Iterator[str]:
        """Exactly a clone's code, pointing where the factory says, and nothing behind it."""
        subject = self.subject
        yield from deployed.clone_faults(self.own, subject.factory, self.code_of, subject.title)

    def beginning(self) -> Iterator[str]:
        """Begun, and `initialize` refused to everybody, the factory too."""
        for name, where, address in self.everywhere():
            if not any(self._view(name, address, "chronicleHead")):
                yield f"{where} has not begun."
            call = powers.blank_call(name, "initialize")
            for sender in (self.subject.factory, ZERO):
                answer = self._refusal(address, call, sender)
                if answer != _BEGUN:
                    yield f"{where}: initialize answers {sender} with {answer}."

    def wiring(self) -> Iterator[str]:
        """Whoever names another of the four names the right one."""
        own = self.own
        for word, function, meant in (
            ("membership", "assembly_", "assembly"),
            ("bylaws", "assembly_", "assembly"),
            ("pay_rates", "assembly_", "assembly"),
            ("pay_rates", "membership", "membership"),
            ("assembly", "membership", "membership"),
            ("assembly", "bylaws", "bylaws"),
            ("assembly", "payRates", "pay_rates"),
        ):
            name = CONTRACTS[abi.contract_name(word)]
            found = self._view(name, own[abi.contract_name(word)], function)
            expected = own[abi.contract_name(meant)]
            if found != expected:
                yield f"{name}.{function} is {found}, not {expected}."

    def owners(self) -> Iterator[str]:
        """No proxy's slots, and no answer to any question for somebody in charge."""
        for _, where, address in self.everywhere():
            for slot, place in powers.EIP1967.items():
                if any(self.chain.storage(address, place, self.at)):
                    yield f"{where}: its {slot} slot (EIP-1967) is in use."
            for text in powers.PRIVILEGES:
                if self._refusal(address, powers.privilege_call(text), ZERO) is None:
                    yield f"{where} answers {text}."

    def orders(self) -> Iterator[str]:
        """Every function has its place in `powers`; orders are the Assembly's alone."""
        strangers = [*self._members(), self.subject.factory, self._maker(), ZERO]
        for word, address in self.own.items():
            name = CONTRACTS[word]
            for function in sorted(powers.changing(name) ^ powers.placed(name)):
                yield f"{name}.{function} is in no class of powers, or is gone."
            for function in sorted(powers.ORDERS[name]):
                call, refusal = powers.blank_call(name, function), f"{name}OnlyAssembly"
                for sender in strangers:
                    if self._refusal(address, call, sender) != refusal:
                        yield f"{name}.{function} does not refuse {sender} as {refusal}."
                if self._refusal(address, call, self.subject.assembly) == refusal:
                    yield f"{name}.{function} refuses the Assembly."

    def opcodes(self) -> Iterator[str]:
        """The clones' own DELEGATECALL is the only one."""
        yield from deployed.opcode_faults(self.subject.factory, self.code_of)

    def origin(self) -> Iterator[str]:
        """The transaction's event names the four, and its terms lead to the same addresses."""
        receipt = self.chain.request("eth_getTransactionReceipt", self.subject.tx)
        logs = (receipt or {}).get("logs", ())
        told = [
            _told(each) for each in logs if checksummed(each["address"]) == self.subject.factory
        ]
        if tuple(self.subject[:4]) not in told:
            yield f"Transaction {self.subject.tx} did not make these contracts."
        sent = self.chain.request("eth_getTransactionByHash", self.subject.tx) or {}
        if checksummed(sent.get("to") or ZERO) != self.subject.factory:
            return  # another contract called the factory: its event is all there is
        decoded = abi.decode_call(FACTORY, bytes.fromhex(sent["input"][2:]))
        if decoded is None or decoded[0].name != "create":
            yield f"Transaction {self.subject.tx} does not call create."
            return
        found = self._view(FACTORY, self.subject.factory, "predict", *decoded[1].values())
        if tuple(found.values()) != tuple(self.subject[:4]):
            yield f"By its terms the instance would stand at {', '.join(found.values())}."

    # What the steps need

    def _members(self) -> Iterator[str]:
        last = self._view("Membership", self.subject.membership, "lastMemberId")
        for member in range(1, min(last, _MOST_MEMBERS) + 1):
            yield self._view("Membership", self.subject.membership, "memberOf", member)["account"]

    def _maker(self) -> str:
        """Who sent the transaction that made the instance."""
        sent = self.chain.request("eth_getTransactionByHash", self.subject.tx) or {}
        return checksummed(sent.get("from", ZERO))

    def _view(self, name: str, address: str, function: str, *args: object) -> Any:
        return self.chain.view(name, address, function, *args, at=self.at)

    def _refusal(self, address: str, data: bytes, sender: str) -> str | None:
        """Name of the error with which a call is refused; None if it is not."""
        try:
            self.chain.call(address, data, sender, self.at)
        except ContractReverted as error:
            return error.name
        return None


def _told(log: Mapping[str, Any]) -> tuple[str, ...]:
    """The four addresses that a CooperativeCreated names; nothing for another event."""
    topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
    event = abi.events(FACTORY).get(topics[0]) if topics else None
    if event is None or event.name != "CooperativeCreated":
        return ()
    plain = [each for each in event.inputs if not each.indexed]
    values = abi.decode_named(plain, bytes.fromhex(log["data"][2:]))
    assembly = checksummed("0x" + topics[1][12:].hex())
    return values["membership"], values["bylaws"], assembly, values["payRates"]
