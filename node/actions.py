"""Actions in words: what a proposal can do, as a draft names it and as the chain holds it.

`KINDS` lists everything that the Assembly lets a passed proposal do to its own contracts (the same
list as contracts/modules/ActionClasses.sol); whatever calls elsewhere is class External.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_utils.abi import function_signature_to_4byte_selector

from indexer.rules.bylaws import PERSONAL, DecisionClass, Rule, out_of_bounds
from node import action_values as values
from node.action_values import CLASSES
from node.bylaws_values import duration as duration_of
from node.content import Action
from node.errors import UsageProblem
from node.output import duration
from node.typed_data import checksummed

Contract = Literal["membership", "bylaws", "pay_rates"]
# Classes whose text stays off the chain: people are not discussed in public.
ABOUT_PEOPLE = frozenset(each.word for each in PERSONAL)


@dataclass(frozen=True)
class Own:
    """Checksummed addresses of an instance's contracts, and the currency of its rates."""

    membership: str
    bylaws: str
    assembly: str
    pay_rates: str
    currency: str = ""

    @property
    def addresses(self) -> frozenset[str]:
        """All of them: what is called elsewhere is class External."""
        return frozenset((self.membership, self.bylaws, self.assembly, self.pay_rates))

    def address(self, contract: Contract) -> str:
        """The address of a contract that proposals can act on."""
        addresses = {
            "membership": self.membership,
            "bylaws": self.bylaws,
            "pay_rates": self.pay_rates,
        }
        return addresses[contract]


class UnreadableAction(UsageProblem):
    """An action of a draft cannot be understood."""

    code = "unreadable_action"


Reader = Callable[[Any], Any]


@dataclass(frozen=True)
class Kind:
    """One thing that a passed proposal can do to our own contracts."""

    contract: Contract
    decision_class: str
    signature: str
    """The function as the ABI writes it; arguments are in the order of `fields`."""
    fields: Mapping[str, Reader]
    """Keys of an action in a draft, with what turns each one's value into the ABI's."""
    sentence: Callable[..., str]
    """Says what the call does, given currency and arguments."""

    @property
    def selector(self) -> bytes:
        """The call's first four bytes."""
        return function_signature_to_4byte_selector(self.signature)

    @property
    def types(self) -> list[str]:
        """ABI types of the arguments."""
        return _split(self.signature[self.signature.index("(") + 1 : -1])


KINDS: dict[str, Kind] = {
    "admit": Kind(
        "membership",
        "admission",
        "admit(address)",
        {"account": values.account},
        lambda _, account: f"Admit the candidate {account} as a member.",
    ),
    "suspend": Kind(
        "membership",
        "removal",
        "suspend(uint32,uint40)",
        {"member": values.member, "days": values.days},
        lambda _, member, seconds: f"Suspend member {member} for {duration(seconds)}.",
    ),
    "expel": Kind(
        "membership",
        "removal",
        "expel(uint32)",
        {"member": values.member},
        lambda _, member: f"Expel member {member}.",
    ),
    "recover": Kind(
        "membership",
        "recovery",
        "recover(uint32,address)",
        {"member": values.member, "account": values.account},
        lambda _, member, account: f"Give member {member} the account {account} as their new key.",
    ),
    "reinstate": Kind(
        "membership",
        "admission",
        "reinstate(uint32)",
        {"member": values.member},
        lambda _, member: f"Reinstate the suspended member {member}.",
    ),
    "set-probation": Kind(
        "membership",
        "bylaws",
        "setProbation(uint32)",
        {"probation": duration_of},
        lambda _, seconds: f"Set the probation of candidates to {duration(seconds)}.",
    ),
    "set-rule": Kind(
        "bylaws",
        "bylaws",
        f"setRule(uint8,{values.RULE_TYPE})",
        {"class": values.decision_class, "rule": values.rule},
        lambda _, number, rule: (
            f"Set the rule of class {CLASSES[number]}: {values.rule_in_words(rule)}"
        ),
    ),
    "add-role": Kind(
        "pay_rates",
        "pay",
        "addRole((bytes32,uint48,uint48,uint48,uint16))",
        {
            "role": values.role,
            "rate": values.minor_units,
            "floor": values.minor_units,
            "step": values.minor_units,
            "max_change": values.largest_change,
        },
        lambda currency, terms: (
            f"Add the role {values.role_name(terms[0])} at {values.rate(terms[1], currency)}, "
            f"never below {values.rate(terms[2], currency)}, in steps of {terms[3]}, "
            f"changing by at most {terms[4] / 100:g} % a period."
        ),
    ),
    "change-role": Kind(
        "pay_rates",
        "pay",
        "changeRole(bytes32,uint48,uint48,uint16)",
        {
            "role": values.role,
            "floor": values.minor_units,
            "step": values.minor_units,
            "max_change": values.largest_change,
        },
        lambda currency, role, floor, step, bps: (
            f"Bound the role {values.role_name(role)}: never below {values.rate(floor, currency)}, "
            f"in steps of {step}, changing by at most {bps / 100:g} % a period."
        ),
    ),
    "retire-role": Kind(
        "pay_rates",
        "pay",
        "retireRole(bytes32)",
        {"role": values.role},
        lambda _, role: f"Retire the role {values.role_name(role)}.",
    ),
    "set-pay-rule": Kind(
        "pay_rates",
        "pay",
        f"setPayRule({values.PAY_RULE_TYPE})",
        {"rule": values.pay_rule},
        lambda _, rule: f"Set the rule of pay votes: {values.pay_rule_in_words(rule)}",
    ),
}


@dataclass(frozen=True)
class Decoded:
    """An action as a person reads it; `name` is "call" where the function is unknown."""

    name: str
    sentence: str
    action: Action


def build(name: str, own: Own, fields: Mapping[str, Any]) -> Action:
    """Make an action from its name and fields as a draft writes them.

    Raises `UnreadableAction` with the field that is missing, unknown or impossible.
    """
    if name == "call":
        return _external(fields)
    if name not in KINDS:
        raise UnreadableAction(
            f"There is no action {name!r}.", hint=f"There are {', '.join([*KINDS, 'call'])}."
        )
    kind = KINDS[name]
    arguments = _read(name, kind.fields, fields)
    if name == "add-role":
        arguments = [tuple(arguments)]  # the contract takes one struct
    if name == "set-rule":
        _refuse_out_of_bounds(*arguments)
    data = kind.selector + abi_encode(kind.types, arguments)
    return Action(own.address(kind.contract), 0, data)


def decode(action: Action, own: Own) -> Decoded:
    """Say in one sentence what an action does; never raises."""
    for name, kind in KINDS.items():
        if action.target == own.address(kind.contract) and action.data[:4] == kind.selector:
            arguments = _arguments(kind, action.data)
            if arguments is None:
                break
            sentence = kind.sentence(own.currency, *arguments)
            return Decoded(name, sentence + _sent_along(action), action)
    return Decoded("call", _call_in_words(action), action)


def class_of(actions: Sequence[Action], own: Own) -> str:
    """The class that the Assembly gives these actions; refuses what it refuses."""
    classes = [_class_of(action, own) for action in actions]
    if len(set(classes)) > 1:
        raise UnreadableAction(
            f"The actions belong to different classes: {', '.join(dict.fromkeys(classes))}.",
            hint="Make one proposal for each class.",
        )
    return classes[0] if classes else "ordinary"


def subject_of(action: Action, own: Own) -> int | None:
    """The member that an action on a person concerns; None for every other action."""
    decoded = decode(action, own)
    if decoded.name not in ("suspend", "expel", "recover", "reinstate"):
        return None
    return int.from_bytes(action.data[4:36])


def _class_of(action: Action, own: Own) -> str:
    if action.target not in own.addresses:
        return "external"
    for kind in KINDS.values():
        if action.target == own.address(kind.contract) and action.data[:4] == kind.selector:
            return kind.decision_class
    raise UnreadableAction(
        f"No proposal can call {action.target} with 0x{action.data[:4].hex()}: "
        "it is one of the co-op's own contracts.",
        hint=f"There are {', '.join(KINDS)}.",
    )


def _external(fields: Mapping[str, Any]) -> Action:
    readers = {"target": values.account, "value": values.wei, "data": values.data}
    target, value, data = _read("call", readers, {"value": 0, "data": "0x", **fields})
    return Action(target, value, data)


def _read(name: str, readers: Mapping[str, Reader], fields: Mapping[str, Any]) -> list[Any]:
    if extra := sorted(set(fields) - set(readers)):
        raise UnreadableAction(
            f"The action {name} has no field {extra[0]!r}.", hint=_needs(readers)
        )
    if missing := [key for key in readers if key not in fields]:
        raise UnreadableAction(f"The action {name} lacks {missing[0]!r}.", hint=_needs(readers))
    return [_value(name, key, reader, fields[key]) for key, reader in readers.items()]


def _value(name: str, key: str, reader: Reader, value: Any) -> Any:
    try:
        return reader(value)
    except ValueError as error:
        raise UnreadableAction(f"The action {name} is wrong: {key} {error}.") from error


def _refuse_out_of_bounds(number: int, rule: tuple[Any, ...]) -> None:
    # Executing would fail, weeks after the vote.
    decision_class = DecisionClass(number)
    if wrong := out_of_bounds(decision_class, Rule(*rule)):
        raise UnreadableAction(
            f"No vote can set this rule of class {decision_class.word}: "
            f"out of bounds are {', '.join(dict.fromkeys(wrong))}.",
            hint="See: coop bylaws lint FILE",
        )


def _needs(readers: Mapping[str, Reader]) -> str:
    return f"It takes {', '.join(readers)}."


def _arguments(kind: Kind, data: bytes) -> tuple[Any, ...] | None:
    """The call's arguments, or None if the data is not just them: nothing may hide behind."""
    try:
        arguments = abi_decode(kind.types, data[4:])
        proper = abi_encode(kind.types, arguments) == data[4:]
    except Exception:
        return None
    if not proper:
        return None
    return tuple(
        checksummed(argument) if kind_ == "address" else argument
        for kind_, argument in zip(kind.types, arguments, strict=True)
    )


def _call_in_words(action: Action) -> str:
    if not action.data:
        return f"Send {action.value} wei to {action.target}."
    shown = action.data[:4].hex()
    return (
        f"Call {action.target} with {len(action.data)} bytes that this node cannot read "
        f"(function 0x{shown}).{_sent_along(action)}"
    )


def _sent_along(action: Action) -> str:
    return f" Sends {action.value} wei along." if action.value else ""


def _split(types: str) -> list[str]:
    """Split a list of ABI types at its outer commas."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(types):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append(types[start:at])
            start = at + 1
    return [*parts, types[start:]]
