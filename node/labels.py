"""The names that this member gives to others: a file of this machine, checked where it can be.

A member who gave their profile with its salt proved it: the chain holds the hash of both from the
day of their application. A label with such a profile is compared with that hash each time.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tomli_w
from sqlmodel import Session

from indexer import queries
from indexer.queries import AsOf
from node.drafts import read_text
from node.errors import ConfigurationProblem, NotFound, UsageProblem
from node.files import read_toml, write_private
from node.instance import Instance
from node.output import one_line
from node.profiles import SCHEMA, profile_hash

_LONGEST = 60
_SALT = 32


class LabelMismatch(UsageProblem):
    """A profile is not the one whose hash the member put on the chain."""

    code = "label_mismatch"


@dataclass(frozen=True)
class Label:
    """A member's name; `salt` (0x-hex) and `profile` are None for a name that nothing proves."""

    member_id: int
    name: str
    salt: str | None = None
    profile: str | None = None

    @property
    def profile_hash(self) -> str | None:
        """The hash of salt and profile, 0x-hex."""
        if self.salt is None or self.profile is None:
            return None
        return "0x" + profile_hash(bytes.fromhex(self.salt[2:]), self.profile).hex()

    @property
    def is_named(self) -> bool:
        """Whether the name stands in the profile; without that, the profile proves another one."""
        return self.profile is not None and self.name.casefold() in self.profile.casefold()


@dataclass(frozen=True)
class Names:
    """How members are shown: `Ada (7)` where there is a label, else `7`."""

    labels: Mapping[int, Label]
    wrong: frozenset[int] = frozenset()
    """Members whose label bears a profile that is not the one of the chain."""

    def shown(self, member_id: int | None) -> str | None:
        """A member for people; a name that a wrong profile contradicts bears a question mark."""
        label = self.labels.get(member_id or 0)
        if label is None:
            return None if member_id is None else str(member_id)
        doubt = "?" if member_id in self.wrong else ""
        return f"{one_line(label.name)}{doubt} ({member_id})"

    def label(self, member_id: int | None) -> str | None:
        """A member's name for scripts; None without one, or with one that is contradicted."""
        label = self.labels.get(member_id or 0)
        return None if label is None or member_id in self.wrong else label.name

    def warnings(self) -> list[str]:
        """What to tell about labels that do not match."""
        return [
            f"The profile kept with your label {one_line(self.labels[each].name)} is not the one "
            f"with which member {each} applied, or does not hold that name. Ask who they are, and "
            "see: coop member label --help"
            for each in sorted(self.wrong)
        ]


NOBODY = Names({})
"""No labels at all."""


def names(session: Session, as_of: AsOf, path: Path, instance: Instance) -> Names:
    """Return this member's names for the members of an instance, compared with the chain."""
    labels = read(path, instance)
    proved = [each.member_id for each in labels.values() if each.profile_hash]
    hashes = queries.profile_hashes(session, as_of, proved) if proved else {}
    wrong = (
        each
        for each in proved
        if hashes.get(each) != labels[each].profile_hash or not labels[each].is_named
    )
    return Names(labels, frozenset(wrong))


def read(path: Path, instance: Instance) -> dict[int, Label]:
    """Return memberId -> label of an instance; ConfigurationProblem if the file makes no sense."""
    labels = (_label(path, each) for each in _entries(path) if _is_of(each, instance))
    return {each.member_id: each for each in labels}


def proved(label: Label, file: Path, expected: str | None) -> Label:
    """Return the label with the profile that its member gave, in the file of `coop member apply`.

    LabelMismatch if it is not the one of the chain (`expected`, None for a founder), or if the name
    does not stand in it: such a profile would prove another name.
    """
    if expected is None:
        raise LabelMismatch(
            f"Member {label.member_id} never put the hash of a profile on the chain.",
            undone="The label was not kept.",
            hint="Founders have none. Leave --profile away; nothing will vouch for the name then.",
        )
    salt, profile = _profile(file)
    found = replace(label, salt=salt, profile=profile)
    if found.profile_hash != expected:
        raise LabelMismatch(
            f"The profile in {file} is not the one with which member {label.member_id} applied.",
            undone="The label was not kept.",
            hint="Ask the member for the file that coop member apply made.",
            details={"expected": expected, "found": found.profile_hash},
        )
    if not found.is_named:
        raise LabelMismatch(
            f"The name {label.name} does not stand in the profile of member {label.member_id}.",
            undone="The label was not kept.",
            hint="Choose a name that does, or leave --profile away.",
        )
    return found


def keep(path: Path, instance: Instance, label: Label) -> None:
    """Write a label into the file, in the place of an earlier one of the same member."""
    if not label.name.strip() or len(label.name) > _LONGEST or "\n" in label.name:
        raise UsageProblem(
            f"A name is one line of 1 to {_LONGEST} characters.", undone="The label was not kept."
        )
    entry = {"chain_id": instance.chain_id, "membership": instance.membership}
    entry |= {name: value for name, value in vars(label).items() if value is not None}
    _write(path, [*_others(path, instance, label.member_id), entry])


def drop(path: Path, instance: Instance, member_id: int) -> None:
    """Take a label out of the file; NotFound if there is none."""
    if member_id not in read(path, instance):
        raise NotFound(f"Member {member_id} has no label.", undone="Nothing was changed.")
    _write(path, _others(path, instance, member_id))


def _others(path: Path, instance: Instance, member_id: int) -> list[Any]:
    return [
        each
        for each in _entries(path)
        if not (_is_of(each, instance) and each.get("member_id") == member_id)
    ]


def _write(path: Path, entries: Iterable[Any]) -> None:
    write_private(path, tomli_w.dumps({"label": list(entries)}))


def _entries(path: Path) -> list[Any]:
    entries = read_toml(path).get("label", [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise _senseless(path)
    return entries


def _is_of(entry: Mapping[str, Any], instance: Instance) -> bool:
    known = (instance.chain_id, instance.membership)
    return (entry.get("chain_id"), entry.get("membership")) == known


def _label(path: Path, entry: Mapping[str, Any]) -> Label:
    match entry:
        case {"member_id": int(member_id), "name": str(name), "salt": str(salt), "profile": str(p)}:
            if _is_salt(salt):
                return Label(member_id, name, salt, p)
        case {"member_id": int(member_id), "name": str(name)} if not entry.keys() & {
            "salt",
            "profile",
        }:
            return Label(member_id, name)
    raise _senseless(path)


def _senseless(path: Path) -> ConfigurationProblem:
    return ConfigurationProblem(
        f"{path} is no list of labels: each [[label]] has chain_id, membership, member_id and "
        "name, and salt with profile or neither.",
        hint="Correct it, or remove it and label anew: coop member label ID NAME",
    )


def _profile(file: Path) -> tuple[str, str]:
    try:
        match json.loads(read_text(file)):
            case {"schema": str(schema), "salt": str(salt), "profile": str(profile)}:
                if schema == SCHEMA and _is_salt(salt):
                    return salt, profile
    except ValueError:
        pass
    raise UsageProblem(
        f"{file} is no profile with its salt.",
        undone="The label was not kept.",
        hint="It is the file that coop member apply made for the member.",
    )


def _is_salt(text: str) -> bool:
    try:
        return text.startswith("0x") and len(bytes.fromhex(text[2:])) == _SALT
    except ValueError:
        return False
