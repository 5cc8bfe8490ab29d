"""Keys of this member: Web3 v3 keystores in COOP_HOME/keys, one file a key, for the owner only.

No secret is ever logged, put into an error, or taken from a flag or the environment.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.errors import KeyMissing, KeyProblem, UsageProblem, WrongPassword
from node.files import is_private, write_private
from node.output import Out

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

STANDARD_INPUT = "-"
_LONGEST_NAME = 200  # bytes; file systems take 255, temporary files add some


@dataclass(frozen=True)
class Key:
    """A keystore as it can be shown without its password."""

    name: str
    account: str
    path: str
    private: bool
    """Whether nobody but the owner may read the file."""


def listed(folder: Path) -> list[Key]:
    """Return all keys by name."""
    return [show(folder, path.stem) for path in sorted(folder.glob("*.json"))]


def show(folder: Path, name: str) -> Key:
    """Return one key without unlocking it."""
    from eth_utils.address import to_checksum_address

    path = path_of(folder, name)
    store = _read(path, name)
    try:
        account = to_checksum_address(store["address"])
    except (KeyError, ValueError):
        raise KeyProblem(
            f"The keystore of {name} does not say whose it is.",
            hint="Move it away and bring it in with: coop key import NAME --keystore FILE",
            details={"path": str(path)},
        ) from None
    return Key(name, account, str(path), is_private(path))


def choose(folder: Path, name: str | None) -> str:
    """Return the given name, or that of the only key."""
    if name:
        path_of(folder, name)
        return name
    names = [path.stem for path in sorted(folder.glob("*.json"))]
    if not names:
        raise KeyProblem(
            "There is no key yet.",
            hint="Make one with: coop key new NAME",
            details={"folder": str(folder)},
        )
    if len(names) > 1:
        raise KeyProblem(
            f"There are {len(names)} keys: {', '.join(names)}.",
            hint="Say which one with --key NAME.",
        )
    return names[0]


def unlock(folder: Path, name: str, password: str) -> "LocalAccount":
    """Return the account of a keystore."""
    path = path_of(folder, name)
    return _decrypt(_read(path, name), name, password)


def create(folder: Path, name: str, password: str) -> Key:
    """Make a new random key and return it."""
    from eth_account import Account

    return _save(folder, name, Account.create(), password)


def import_secret(folder: Path, name: str, secret: str, password: str) -> Key:
    """Keep a private key given as 64 hex digits."""
    from eth_account import Account

    digits = secret.strip().removeprefix("0x")
    try:
        account = Account.from_key(bytes.fromhex(digits))
    except Exception:
        # `from None`: the cause would carry the secret into a traceback.
        raise KeyProblem(
            "That is no private key.",
            undone="No key was imported.",
            hint="A private key has 64 hex digits.",
        ) from None
    return _save(folder, name, account, password)


def import_keystore(folder: Path, name: str, text: str, password: str) -> Key:
    """Keep a copy of a Web3 v3 keystore after checking that the password opens it."""
    store = _parse(text, name)
    account = _decrypt(store, name, password)
    return _write(folder, name, {**store, "address": account.address[2:].lower()})


def read_password(out: Out, file: str | None, question: str, *, twice: bool = False) -> str:
    """Return a password from a file, from standard input (`-`), or from a hidden prompt."""
    if file is None:
        return out.ask(question, "--password-file FILE", hide=True, twice=twice)
    return read_secret(file, "password")


def read_secret(file: str, what: str) -> str:
    """Return the first line of a file or of standard input (`-`)."""
    if file == STANDARD_INPUT:
        line = sys.stdin.readline()
    else:
        try:
            with Path(file).expanduser().open(encoding="utf-8") as source:
                line = source.readline()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyProblem(
                f"The {what} cannot be read from {file}.", hint="Check the file's name and rights."
            ) from error
    secret = line.rstrip("\r\n")
    if not secret:
        raise KeyProblem(f"The {what} is empty.", hint="Put it on the first line.")
    return secret


def keystore_text(path: Path) -> str:
    """Return the text of a keystore file."""
    try:
        return path.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyProblem(
            f"The keystore {path} cannot be read.",
            undone="No key was imported.",
            hint="Check the file's name and rights.",
        ) from error


def path_of(folder: Path, name: str) -> Path:
    """Return where a key of that name is kept."""
    possible = name.isprintable() and 0 < len(name.encode(errors="replace")) <= _LONGEST_NAME
    if not possible or name.startswith(".") or Path(name).name != name or "\\" in name:
        raise UsageProblem(
            f"{name!r} is no name for a key.", hint="Use letters, digits and dashes."
        )
    return folder / f"{name}.json"


def _save(folder: Path, name: str, account: "LocalAccount", password: str) -> Key:
    refuse_existing(folder, name)
    return _write(folder, name, dict(account.encrypt(password)))


def _write(folder: Path, name: str, store: dict[str, Any]) -> Key:
    path = refuse_existing(folder, name)
    try:
        write_private(path, json.dumps(store, indent=1, sort_keys=True) + "\n", new=True)
    except FileExistsError:  # another process was quicker
        refuse_existing(folder, name)
        raise
    return show(folder, name)


def refuse_existing(folder: Path, name: str) -> Path:
    """Return where a new key of that name will be kept; a key is never overwritten."""
    path = path_of(folder, name)
    if path.exists():
        raise KeyProblem(
            f"There is a key {name} already.",
            undone="It was not touched.",
            hint="Choose another name.",
        )
    return path


def _read(path: Path, name: str) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise KeyMissing(
            f"There is no key {name}.", hint="See coop key list, or make it: coop key new " + name
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise KeyProblem(f"The key {name} cannot be read.", details={"path": str(path)}) from error
    return _parse(text, name)


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        store = json.loads(text)
        version, address = store["version"], store.get("address", "")
    except (ValueError, TypeError, KeyError, AttributeError):
        version = None
    if version != 3 or not isinstance(address, str):
        raise KeyProblem(
            f"The file of key {name} is no Web3 v3 keystore.", hint="Import it again from a backup."
        )
    return dict(store)


def _decrypt(store: dict[str, Any], name: str, password: str) -> "LocalAccount":
    from eth_account import Account

    try:
        secret = Account.decrypt(store, password)
    except ValueError as error:
        if "MAC" in str(error):
            raise WrongPassword(
                f"The password does not open key {name}.",
                undone="Nothing was signed.",
                hint="Try again; without the password only a backup or a recovery helps.",
            ) from None
        raise KeyProblem(f"The keystore of {name} is damaged.") from None
    except (KeyError, TypeError, NotImplementedError):
        raise KeyProblem(f"The keystore of {name} is damaged.") from None
    account: LocalAccount = Account.from_key(secret)
    stated = str(store.get("address", "")).lower().removeprefix("0x")
    if stated and stated != account.address[2:].lower():
        raise KeyProblem(f"The keystore of {name} names another account than its key has.")
    return account
