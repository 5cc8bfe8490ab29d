"""The keystores: Web3 v3 files in COOP_HOME/keys, one a key, for the owner only.

What else opens such files finds the private key in them as usual. A key that was made from a
phrase has `phrase` beside `crypto`: language, number of words, and the encrypted entropy.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.errors import KeyMissing, KeyProblem, UsageProblem, WrongPassword
from node.files import is_private, write_private
from node.keys import phrases, strength
from node.keys.memory import forbid_core_dumps, wiped
from node.keys.phrases import Phrase
from node.keys.words import Found, of_secret

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

_PHRASE = "phrase"
_LONGEST_NAME = 200  # bytes; file systems take 255, temporary files add some


@dataclass(frozen=True)
class Key:
    """A keystore as it can be shown without its password."""

    name: str
    account: str
    path: str
    private: bool
    """Whether nobody but the owner may read the file."""
    has_phrase: bool = False
    """Whether the phrase that the key was made from is kept in it, encrypted."""


@dataclass(frozen=True)
class Imported:
    """A keystore that was taken over; `weakness` says why it was encrypted again, if it was."""

    key: Key
    weakness: str


@dataclass(frozen=True)
class Opened:
    """The secrets of a key; the buffer is zeroed when the block that opened it ends."""

    account: str
    secret: bytearray = field(repr=False)
    phrase: Phrase | None


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
    return Key(name, account, str(path), is_private(path), _PHRASE in store)


def weakness(folder: Path, name: str) -> str:
    """What lets the password of a key be guessed cheaply, in words; empty if nothing does."""
    store = _read(path_of(folder, name), name)
    try:
        return _weakness(store)
    except (KeyError, TypeError) as error:
        raise _damaged(name) from error


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
    from eth_account import Account

    with wiped(_decrypt(_read(path_of(folder, name), name), name, password)) as secret:
        account: LocalAccount = Account.from_key(bytes(secret))
    return account


@contextmanager
def opened(folder: Path, name: str, password: str) -> Iterator[Opened]:
    """Lend what a keystore holds, to back it up."""
    store = _read(path_of(folder, name), name)
    with wiped(_decrypt(store, name, password)) as secret:
        phrase = _phrase_in(store, name, password, secret)
        yield Opened(_account_of(secret), secret, phrase)


def create(folder: Path, name: str, password: str, phrase: Phrase) -> Key:
    """Make the key of a phrase and keep both."""
    return recover(folder, name, password, of_secret(phrases.secret_of(phrase), phrase))


def recover(folder: Path, name: str, password: str, found: Found) -> Key:
    """Keep a key that a backup gave, and its phrase if there is one."""
    refuse_existing(folder, name)
    return _write(folder, name, _sealed(found.secret, found.phrase, password))


def import_secret(folder: Path, name: str, secret: str, password: str) -> Key:
    """Keep a private key given as 64 hex digits."""
    try:
        found = of_secret(bytes.fromhex(secret.strip().removeprefix("0x")))
    except (ValueError, KeyProblem):
        # `from None`: the cause would carry the secret into a traceback.
        raise KeyProblem(
            "That is no private key.",
            undone="No key was imported.",
            hint="A private key has 64 hex digits.",
        ) from None
    return recover(folder, name, password, found)


def import_keystore(folder: Path, name: str, text: str, password: str) -> Imported:
    """Keep a Web3 v3 keystore that the password opens: a strong one as it is, a weak one
    encrypted again with the same password."""
    refuse_existing(folder, name)
    store = _parse(text, name)
    with wiped(_decrypt(store, name, password)) as secret:
        phrase = _phrase_in(store, name, password, secret)
        found = _weakness(store)
        if found:
            kept = _sealed(bytes(secret), phrase, password)
        else:
            kept = {**store, "address": _account_of(secret)[2:].lower()}
    return Imported(_write(folder, name, kept), found)


def _weakness(store: Mapping[str, Any]) -> str:
    sealed = [store, store[_PHRASE]] if _PHRASE in store else [store]
    return next((found for each in sealed if (found := strength.weakness(each))), "")


def path_of(folder: Path, name: str) -> Path:
    """Return where a key of that name is kept."""
    possible = name.isprintable() and 0 < len(name.encode(errors="replace")) <= _LONGEST_NAME
    if not possible or name.startswith(".") or Path(name).name != name or "\\" in name:
        raise UsageProblem(
            f"{name!r} is no name for a key.", hint="Use letters, digits and dashes."
        )
    return folder / f"{name}.json"


def _sealed(secret: bytes, phrase: Phrase | None, password: str) -> dict[str, Any]:
    """A keystore of a private key and of the phrase that it comes from, each encrypted."""
    from eth_account import Account

    store = dict(Account.encrypt(secret, password))
    store["address"] = store["address"].lower()  # as geth writes it
    if phrase is not None:
        # The same encryption takes 32 bytes; shorter entropy stands behind zeros.
        entropy = phrases.entropy_of(phrase).rjust(32, b"\0")
        store[_PHRASE] = {
            "crypto": Account.encrypt(entropy, password)["crypto"],
            "language": phrase.language,
            "words": len(phrase.words),
        }
    return store


def _phrase_in(store: dict[str, Any], name: str, password: str, secret: bytearray) -> Phrase | None:
    """The phrase that a keystore keeps beside its key; KeyProblem if it is another key's."""
    kept = store.get(_PHRASE)
    if kept is None:
        return None
    try:
        with wiped(_decrypt({"version": 3, "crypto": kept["crypto"]}, name, password)) as padded:
            entropy = bytes(padded[32 - kept["words"] * 4 // 3 :])
        phrase = phrases.from_entropy(entropy, kept["language"])
    except (KeyProblem, KeyError, TypeError, ValueError):
        raise _damaged(name, "its phrase cannot be read") from None
    if phrases.secret_of(phrase) != secret:
        raise _damaged(name, "its phrase gives another key")
    return phrase


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


def _decrypt(store: dict[str, Any], name: str, password: str) -> bytearray:
    """The 32 bytes that a keystore holds, for the caller to wipe."""
    from eth_account import Account

    forbid_core_dumps()
    try:
        strength.refuse_trap(store, name)
        secret = bytearray(Account.decrypt(store, password))
    except ValueError as error:
        if "MAC" in str(error):
            raise WrongPassword(
                f"The password does not open key {name}.",
                undone="Nothing was signed.",
                hint="Try again; without the password only a backup or a recovery helps.",
            ) from None
        raise _damaged(name) from None
    except (KeyError, TypeError, AttributeError, NotImplementedError):
        raise _damaged(name) from None
    stated = str(store.get("address", "")).lower().removeprefix("0x")
    if stated and stated != _account_of(secret)[2:].lower():
        raise KeyProblem(f"The keystore of {name} names another account than its key has.")
    return secret


def _account_of(secret: bytes | bytearray) -> str:
    from eth_account import Account

    account: LocalAccount = Account.from_key(bytes(secret))
    return account.address


def _damaged(name: str, how: str = "") -> KeyProblem:
    return KeyProblem(
        f"The keystore of {name} is damaged{': ' + how if how else ''}.",
        hint="Recover the key from its backup: coop key recover NAME",
    )
