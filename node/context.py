"""Where the parts of a command are joined: settings in, instance, chain, mirror and sender out.

Everything is made when it is first asked for, so that a command pays only for what it uses.
"""

from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from node.config import Settings
from node.errors import MirrorOfAnotherChain, NetworkUnreachable
from node.output import Out

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

    from indexer.chain import Chain
    from indexer.store import Store
    from node.acts import Acts
    from node.instance import Instance
    from node.sender import Sender


class Context:
    """What a command works with; also a context manager, one a command."""

    def __init__(
        self,
        settings: Settings,
        out: Out,
        command: str,
        *,
        dry_run: bool = False,
        password_file: str | None = None,
    ) -> None:
        self.settings = settings
        self.out = out
        self.dry_run = dry_run
        self.password_file = password_file
        self.command = command

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def instance(self) -> "Instance":
        """The instance named by `--instance`, or the current one."""
        return self._instance

    def chain(self) -> "Chain":
        """The chain, once it is known to hold the instance."""
        return self._chain

    def any_chain(self) -> "Chain":
        """The chain behind `--rpc`, whether it holds the instance or not; waits for a busy node."""
        from indexer.patience import PatientChain

        return PatientChain(self.settings.rpc_url, silence=False)

    def chains(self) -> "list[Chain]":
        """The chain through each node of `--rpc`, for the mirror, which has its own patience and
        checks those it asks."""
        from indexer.chain import Chain

        urls = self.settings.rpc_urls
        if len(urls) == 1:
            self.chain()  # refuses another chain
        return [Chain(url) for url in urls]

    def mirror(self) -> "Store":
        """The mirror, brought up to the chain first; if that is away, as it was, with a warning."""
        return self._mirror

    def mirror_place(self) -> Path | str:
        """Where the mirror is kept: the setting `database`, or a file of its own."""
        name = self.instance().name
        return self.settings.database.value or self.settings.mirror_file(name)

    def key_name(self) -> str:
        """The name of the key that signs: `--key`, the setting, or the only one there is."""
        from node import keys

        return keys.choose(self.settings.keys, self.settings.key.value)

    def account(self) -> "LocalAccount":
        """The unlocked key that signs; asks for its password once."""
        return self._account

    def sender(self, chain: "Chain | None" = None) -> "Sender":
        """Sends transactions of `account()` to the instance's chain (`--dry-run` sends none).

        The outbox keeps them; on another `chain` the caller does.
        """
        from node.sender import Sender

        return Sender(
            chain or self.chain(),
            self.account(),
            dry_run=self.dry_run,
            fee_cap=self.settings.fee_cap,
            keeper=None if chain or self.dry_run else self.acts(),
        )

    def acts(self) -> "Acts":
        """The transactions that are no ballots, in the instance's outbox."""
        from node.acts import Acts
        from node.outbox_file import owner

        instance, settings = self.instance(), self.settings
        path = settings.outbox_file(instance.name)
        return Acts(path, owner(instance), self.command, settings.lasting)

    @cached_property
    def _instance(self) -> "Instance":
        from node import instance

        return instance.load(self.settings.instances, self.settings.instance.value)

    @cached_property
    def _chain(self) -> "Chain":
        chain = self.any_chain()
        check_chain(chain, self.instance())
        return chain

    @cached_property
    def _mirror(self) -> "Store":
        from indexer import store, sync
        from indexer.errors import ChainUnreachable

        place, identity = self.mirror_place(), self.instance().identity()
        try:
            chains = self.chains()
            opened = store.open_mirror(place, identity)
            with self.out.progress("Reading the chain") as done:
                sync.sync(chains, opened, progress=lambda progress: done(progress.block))
        except ChainUnreachable as error:
            return self._old_mirror(error)
        return opened

    def _old_mirror(self, error: Exception) -> "Store":
        from indexer import store
        from indexer.errors import MirrorMissing

        url, instance = self.settings.rpc_url, self.instance()
        try:
            kept = store.read_mirror(self.mirror_place(), instance.identity())
        except MirrorMissing:
            raise NetworkUnreachable(
                f"The chain at {url} does not answer, and there is no mirror of "
                f"{instance.name} to answer from.",
                hint="Check the address (--rpc); for a local chain run: coop devnet",
                details={"rpc": url},
            ) from error
        self.out.warn(
            f"The chain at {url} does not answer; this is what the mirror last saw of it."
        )
        return kept

    @cached_property
    def _account(self) -> "LocalAccount":
        from node import keys

        name = self.key_name()
        password = keys.read_password(self.out, self.password_file, f"Password of key {name}")
        return keys.unlock(self.settings.keys, name, password)


def check_chain(chain: "Chain", instance: "Instance") -> None:
    """Refuse a chain with another id, or with other code at the instance's addresses."""
    check_chain_id(chain, instance)
    for name, address, expected in instance.contracts:
        code_hash = "0x" + chain.code_hash(address).hex()
        if code_hash != expected:
            raise MirrorOfAnotherChain(
                f"The {name} contract of instance {instance.name} is not on the chain at "
                f"{chain.url}: the code at {address} is another one.",
                undone="Nothing was read or sent.",
                hint="This is another chain with the same number (a restarted test chain?), "
                "or another instance. Compare with: coop instance show",
                details={"address": address, "expected": expected, "found": code_hash},
            )


def check_chain_id(chain: "Chain", instance: "Instance") -> None:
    """Refuse a chain with another id."""
    found = chain.chain_id()
    if found != instance.chain_id:
        raise MirrorOfAnotherChain(
            f"{chain.url} is chain {found}, but instance {instance.name} lives on chain "
            f"{instance.chain_id}.",
            undone="Nothing was read or sent.",
            hint="Give the right --rpc, or another --instance.",
            details={"expected": instance.chain_id, "found": found},
        )
