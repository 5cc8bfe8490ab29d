"""A courier with one ballot in its outbox, on a chain that mines only when told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from indexer.chain import Chain
from node.delivery import Courier
from node.outbox import Letter
from node.sender import Sender
from tests.node.test_vote import signed_by
from tests.node.village import Village


@pytest.fixture
def post(village: Village) -> Iterator["Post"]:
    """Ada's node with a ballot of hers in the outbox, on a chain that mines only when told."""
    parts = village.opened()
    letter = village.outbox().put(signed_by(village, "ada", parts))
    village.coop.chain.rpc("evm_setAutomine", False)
    yield Post(village, letter.number)
    village.coop.chain.rpc("evm_setAutomine", True)


class Post:
    """A courier, its chain, and the one ballot that it carries."""

    def __init__(self, village: Village, number: int) -> None:
        self.village, self.number = village, number
        self.rpc = village.coop.chain.rpc
        self.ada = village.key("ada")

    def courier(self, url: str = "", **more: Any) -> Courier:
        chain = Chain(url) if url else self.village.chain
        return Courier(chain, self.village.instance, self.village.outbox(), "finalized", **more)

    def step(self, courier: Courier | None = None, **more: Any) -> Courier:
        """One step, by a courier who knows nothing but the outbox unless one is given."""
        courier = courier or self.courier()
        courier.step(Sender(courier.chain, self.ada, **more))
        return courier

    @contextmanager
    def automining(self) -> Iterator[None]:
        """Let every transaction have its block meanwhile."""
        self.rpc("evm_setAutomine", True)
        yield
        self.rpc("evm_setAutomine", False)

    def mine(self, blocks: int = 1) -> None:
        self.rpc("anvil_mine", hex(blocks))

    @property
    def letter(self) -> Letter:
        return self.village.outbox().letter(self.number)

    @property
    def attempts(self) -> list[Any]:
        return [each.transaction for each in self.village.outbox().attempts([self.number])]

    def foreign(self, nonce: int, price: int) -> str:
        """A transaction of the same account that another program made."""
        made = self.ada.sign_transaction(
            {
                "to": self.ada.address,
                "value": 0,
                "gas": 21_000,
                "gasPrice": price,
                "nonce": nonce,
                "chainId": 31337,
            }
        )
        return str(self.rpc("eth_sendRawTransaction", made.raw_transaction.to_0x_hex()))

    def assert_counted_once(self) -> None:
        self.mine(100)
        self.courier().look()
        assert self.letter.state == "final"
        cast = self.village.coop.assembly.events.VoteCast().get_logs(
            from_block=self.village.instance.first_block
        )
        assert [each["args"]["voter"] for each in cast] == [self.ada.address]
