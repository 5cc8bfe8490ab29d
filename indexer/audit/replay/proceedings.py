"""What all parts of the replay share: the clock, transactions, what must come next, and orders.

The contracts log some events in pairs and everything of one act in one transaction; both are
checked here, so that each part need only know its own rules.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from indexer.abi import CONTRACTS, ContractName, checksummed
from indexer.audit.replay.cast import Cast
from indexer.audit.replay.checks import Checks
from indexer.events import Event

_FOUNDING = (
    "Membership.ProbationSet",
    "Membership.MemberAdmitted",
    "Bylaws.RuleSet",
    "PayRates.PayRuleSet",
    "PayRates.CurrencySet",
    "PayRates.RoleAdded",
)
"""What the factory brings about, in this order, each role's first rate with its role."""
_PLACES = {key: place for place, key in enumerate(_FOUNDING)} | {"PayRates.RateSet": 5}
_ONCE = frozenset({0, 3, 4})
_NEEDED = frozenset(range(5))  # an instance can begin without roles


class Order(NamedTuple):
    """What an executed proposal has one of the co-op's contracts do."""

    function: str
    args: Mapping[str, Any]
    """By the ABI's names."""


class _Follower(NamedTuple):
    check: str
    kind: str
    key: str
    args: Mapping[str, Any]

    def is_met_by(self, event: Event) -> bool:
        given = event.args
        return event.key == self.key and all(given.get(k) == v for k, v in self.args.items())

    def __str__(self) -> str:
        return self.key + "".join(f", {name} {value}" for name, value in self.args.items())


class Proceedings:
    """The history event by event: `now` is the block's second, `founding` whether the factory's
    transaction runs, `followed` whether the event is what the one before it demanded."""

    def __init__(self, chain_id: int, addresses: Mapping[ContractName, str]) -> None:
        self.chain_id = chain_id
        self.addresses = {name: checksummed(addresses[name]) for name in CONTRACTS}
        self.checks = Checks()
        self.now = 0
        self.opened_at = 0
        """When the vote opened on the proposal that is being executed."""
        self.founding = False
        self.followed = False
        self.cast: list[Cast] = []
        """Ballots since somebody last took them."""
        self.at_end: list[Callable[[], None]] = []
        """Called when a transaction has ended."""
        self.at_beginning: list[Callable[[], bool]] = []
        """Asked when the founding is over: whether its part is complete."""
        self._place = -1
        self._places: set[int] = set()
        self._begun = False
        self._event: Event | None = None
        self._follower: _Follower | None = None
        self._orders: deque[Order] = deque()

    @property
    def tx(self) -> str:
        """The transaction of the present event; empty before the first."""
        return self._event.tx_hash if self._event else ""

    # Event by event

    def turn_to(self, event: Event, timestamp: int) -> None:
        """The next event, in a block of that second."""
        last, checks = self._event, self.checks
        if last is not None and last.tx_hash != event.tx_hash:
            self.end_transaction()
        checks.turn_to(event)
        if last is not None:
            place, before = (event.block, event.log_index), (last.block, last.log_index)
            checks.that("4.0.1", "out_of_order", place > before, before, place)
            same = event.block == last.block
            holds = timestamp == self.now if same else timestamp >= self.now
            checks.that("4.0.2", "clock_went_back", holds, self.now, timestamp)
        own = self.addresses.get(event.contract)
        checks.that("4.0.3", "other_contract", own == event.address, own, event.address)
        self.now = timestamp
        self._see_founding(event)
        self._see_follower(event)
        self._event = event

    def end_transaction(self) -> None:
        """All events of the transaction are known: nothing may be owing."""
        self._see_founding(None)
        self._see_follower(None)
        self._see_orders()
        for end in self.at_end:
            end()

    def must_follow(self, check: str, kind: str, key: str, **args: Any) -> None:
        """The very next event must be this one, with these of its values."""
        self._follower = _Follower(check, kind, key, args)

    # Orders

    def carry_out(self, orders: Sequence[Order], opened_at: int) -> None:
        """A proposal whose vote opened then is executed: its orders take effect one by one."""
        self._see_orders()
        self._orders.extend(orders)
        self.opened_at = opened_at

    def is_ordered(self, function: str, **args: Any) -> bool:
        """Whether the order that comes next is exactly this, without taking it."""
        return bool(self._orders) and self._orders[0] == Order(function, args)

    def ordered(self, function: str, **args: Any) -> bool:
        """Check that a change takes place because a proposal says so, and take that order."""
        if self.founding:
            return False
        wanted = self._orders[0] if self._orders else None
        found = Order(function, args)
        if wanted is not None and wanted.function == function:
            self._orders.popleft()
            self.checks.that("4.0.7", "without_effect", True, wanted, found)
        holds = wanted == found
        expected = _spoken(wanted) if wanted else "an executed proposal"
        return self.checks.that("4.0.6", "not_ordered", holds, expected, _spoken(found))

    def in_time(self, changed_at: int) -> None:
        """Check that what an order is about was there when its vote opened."""
        holds = changed_at <= self.opened_at
        self.checks.that("4.0.8", "order_outdated", holds, f"by {self.opened_at}", changed_at)

    # Private

    def _see_founding(self, event: Event | None) -> None:
        if event is not None and not self._begun:
            self._begun = self.founding = True
        if not self.founding:
            return
        place = _PLACES.get(event.key, -1) if event is not None else -1
        if place > self._place or (place == self._place and place not in _ONCE):
            self._place = place
            self._places.add(place)
            return
        self.founding = False
        complete = self._places >= _NEEDED
        for is_complete in self.at_beginning:
            complete = is_complete() and complete
        self.checks.that("4.0.5", "incomplete", complete, "all that the factory makes", "less")

    def _see_follower(self, event: Event | None) -> None:
        wanted, self._follower, self.followed = self._follower, None, False
        if wanted is None:
            return
        self.followed = event is not None and wanted.is_met_by(event)
        found = event.key if event is not None else "the end of the transaction"
        self.checks.that(wanted.check, wanted.kind, self.followed, wanted, found)

    def _see_orders(self) -> None:
        while self._orders:
            said = _spoken(self._orders.popleft())
            self.checks.that("4.0.7", "without_effect", False, said, "nothing")


def _spoken(order: Order) -> str:
    return f"{order.function} {', '.join(f'{name} {value}' for name, value in order.args.items())}"
