"""Instance files: what this node knows about a deployed co-op (COOP_HOME/instances/NAME.toml)."""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tomli_w

from indexer.identity import Identity, combined
from indexer.subject import Subject
from node.errors import ConfigurationProblem, NotFound, UsageProblem
from node.files import read_toml, write_private

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


@dataclass(frozen=True)
class CodeHashes:
    """keccak256 of each contract's code, as found when the instance was made known."""

    membership: str
    bylaws: str
    assembly: str
    pay_rates: str


@dataclass(frozen=True)
class Instance:
    """One deployed co-op as this node knows it; addresses are checksummed, hashes 0x-hex."""

    name: str
    """What this member calls it."""
    title: str
    """What the co-op calls itself on the chain; wallets show it when a member signs."""
    chain_id: int
    rpc: str
    membership: str
    bylaws: str
    assembly: str
    pay_rates: str
    factory: str
    first_block: int
    tx: str
    """The transaction that created it."""
    code_hashes: CodeHashes
    bylaws_hash: str
    database: str = ""
    """URL of the database that holds the mirror; empty for a file of its own."""
    zone: str = ""
    """The co-op's time zone, as Europe/London; empty where members read moments in their own."""

    def identity(self) -> Identity:
        """The same as a mirror knows it."""
        digests = [bytes.fromhex(digest[2:]) for _, _, digest in self.contracts]
        return Identity(
            chain_id=self.chain_id,
            membership=self.membership,
            bylaws=self.bylaws,
            assembly=self.assembly,
            pay_rates=self.pay_rates,
            code_hash=combined(digests),
            first_block=self.first_block,
        )

    def subject(self) -> Subject:
        """The same as a scan looks at it."""
        places = (self.membership, self.bylaws, self.assembly, self.pay_rates)
        return Subject(*places, self.factory, self.title, self.tx)

    @property
    def contracts(self) -> tuple[tuple[str, str, str], ...]:
        """Name, address and code hash of each contract."""
        hashes = self.code_hashes
        return (
            ("Membership", self.membership, hashes.membership),
            ("Bylaws", self.bylaws, hashes.bylaws),
            ("Assembly", self.assembly, hashes.assembly),
            ("PayRates", self.pay_rates, hashes.pay_rates),
        )


def shown(chosen: Instance) -> dict[str, Any]:
    """Return an instance as `--json` shows it."""
    return {
        "name": chosen.name,
        "title": chosen.title,
        "chain_id": chosen.chain_id,
        "membership": chosen.membership,
        "bylaws": chosen.bylaws,
        "assembly": chosen.assembly,
        "pay_rates": chosen.pay_rates,
        "factory": chosen.factory,
        "block": chosen.first_block,
        "tx": chosen.tx,
        "bylaws_hash": chosen.bylaws_hash,
        "zone": chosen.zone or None,
        "code_ok": None,
    }


def load(folder: Path, name: str | None) -> Instance:
    """Return the named instance, or the only one there is."""
    if not name:
        known = listed(folder)
        if len(known) == 1:
            return known[0]
        raise ConfigurationProblem(
            "No instance is chosen." if known else "This node knows no instance yet.",
            hint="Choose one: coop instance use NAME"
            if known
            else "Make one: coop instance create NAME --preset uk-worker-coop --founder ACCOUNT …",
        )
    return read(folder, name)


def read(folder: Path, name: str) -> Instance:
    """Return one instance by its name."""
    check_name(name)
    path = folder / f"{name}.toml"
    if not path.exists():
        raise NotFound(f"This node knows no instance {name}.", hint="See: coop instance list")
    values = read_toml(path)
    try:
        return _parse(values)
    except (KeyError, TypeError) as error:
        raise ConfigurationProblem(
            f"{path} is no complete instance file: {error}.",
            hint="Get it again from another member.",
        ) from error


def listed(folder: Path) -> list[Instance]:
    """Return all instances that this node knows, by name."""
    return [read(folder, path.stem) for path in sorted(folder.glob("*.toml"))]


def check_unknown(folder: Path, name: str) -> Path:
    """Return where a new instance will be kept; a file is never overwritten."""
    path = folder / f"{check_name(name)}.toml"
    if path.exists():
        raise UsageProblem(
            f"There is an instance {name} already.",
            undone="Its file was not touched.",
            hint="Choose another name.",
        )
    return path


def write(folder: Path, instance: Instance) -> Path:
    """Write a new instance file, whole or not at all; never over another one."""
    path = check_unknown(folder, instance.name)
    values = asdict(instance)
    for key in ("database", "zone"):
        if not values[key]:
            del values[key]
    write_private(path, tomli_w.dumps(values))
    return path


def use(folder: Path, user_file: Path, name: str) -> Instance:
    """Make an instance the current one in the user's configuration."""
    instance = read(folder, name)
    write_private(user_file, tomli_w.dumps({**read_toml(user_file), "instance": name}))
    return instance


def check_name(name: str) -> str:
    """Return the name if a file can safely bear it."""
    if not _NAME.fullmatch(name):
        raise UsageProblem(
            f"{name!r} is no name for an instance.",
            hint="Use small letters, digits and dashes, at most 41 characters.",
        )
    return name


def _parse(values: dict[str, Any]) -> Instance:
    return Instance(**{**values, "code_hashes": CodeHashes(**values["code_hashes"])})
