"""Guardians as a pure model: whom members named, what those began, and what voids it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.contracts.guardianship import DELAY, LIFETIME, NONE, PAUSE, List
from tests.model.words import Refused

if TYPE_CHECKING:
    from tests.model.membership import Membership

Values = tuple[int, bytes, tuple[str, ...]]


@dataclass
class Begun:
    """What guardians did for one new account; `due_at` 0 = support is missing."""

    places: int = 0
    """Bit i for account i of the list."""
    supported_at: int = 0
    due_at: int = 0

    @property
    def expires_at(self) -> int:
        """The second from which it is void."""
        return self.supported_at + LIFETIME


@dataclass
class Ward:
    """A member's guardians. `round` counts how often all that was begun became void."""

    list_hash: bytes = NONE
    next_hash: bytes = NONE
    next_from: int = 0
    recovered_at: int = 0
    round: int = 0
    begun: dict[str, Begun] = field(default_factory=dict)

    def void(self) -> None:
        """Nothing that was begun holds any more."""
        self.begun, self.round = {}, self.round + 1


class Guardians:
    """The part of Membership that knows guardians."""

    def __init__(self, membership: "Membership") -> None:
        self.membership = membership
        self._wards: dict[int, Ward] = {}

    def ward(self, member_id: int) -> Ward:
        """A member's guardians now: a change that is due is in force, what is too old is gone."""
        ward, now = self._wards.setdefault(member_id, Ward()), self.membership.world.now
        if ward.next_from and now >= ward.next_from:
            ward.list_hash, ward.next_hash, ward.next_from = ward.next_hash, NONE, 0
            ward.void()
        ward.begun = {new: each for new, each in ward.begun.items() if now < each.expires_at}
        return ward

    # Anybody

    def set_guardians(self, sender: str, list_hash: bytes) -> None:
        member_id, now = self.membership.present_key(sender), self.membership.world.now
        ward = self.ward(member_id)
        if list_hash == ward.list_hash:
            ward.next_hash, ward.next_from = NONE, 0
        else:
            ward.next_hash, ward.next_from = list_hash, now + DELAY
        self._log("GuardiansNamed", member_id, list_hash, ward.next_from or now)

    def support_recovery(self, sender: str, member_id: int, new: str, values: Values) -> None:
        self.membership.present(member_id)
        self.membership.refuse_unless_free(new)
        ward, now = self.ward(member_id), self.membership.world.now
        bit = 1 << self._place(sender, member_id, ward, values)
        begun = ward.begun.get(new, Begun())
        if begun.due_at:
            raise Refused("MembershipSupportSuffices", member_id, new, begun.due_at)
        if begun.places & bit:
            raise Refused("MembershipAlreadySupported", member_id, new, sender)
        begun.places, begun.supported_at = begun.places | bit, now
        ward.begun[new] = begun
        self._log("RecoverySupported", member_id, new, sender)
        if begun.places.bit_count() >= values[0]:
            begun.due_at = now + DELAY
            self._log("RecoveryStarted", member_id, new, begun.due_at)

    def cancel_recovery(self, sender: str, new: str) -> None:
        member_id = self.membership.present_key(sender)
        ward = self.ward(member_id)
        if new not in ward.begun:
            raise Refused("MembershipNoRecovery", member_id, new)
        ward.void()
        self._log("RecoveryCancelled", member_id)

    def complete_recovery(self, sender: str, member_id: int) -> None:
        member = self.membership.present(member_id)
        ward, now = self.ward(member_id), self.membership.world.now
        due_at = ward.begun[sender].due_at if sender in ward.begun else 0
        if not due_at:
            raise Refused("MembershipNoRecovery", member_id, sender)
        if now < due_at:
            raise Refused("MembershipRecoveryNotDue", member_id, due_at)
        if ward.recovered_at and now < ward.recovered_at + PAUSE:
            raise Refused("MembershipRecoveryTooSoon", member_id, ward.recovered_at + PAUSE)
        ward.recovered_at = now
        self._log("RecoveryCompleted", member_id, sender)
        self.membership.new_key(member, sender, "recovered", "KeyRecovered")

    # What else happens to a member

    def key_changed(self, member_id: int) -> None:
        """Those in force stay; a change that waits and what was begun do not."""
        ward = self.ward(member_id)
        ward.next_hash, ward.next_from = NONE, 0
        ward.void()

    def readmitted(self, member_id: int) -> None:
        """Who was away could not say no."""
        self.ward(member_id).void()

    def replaced_by_vote(self, member_id: int) -> None:
        """Whoever held the lost key may have named those in force."""
        ward = self.ward(member_id)
        if ward.list_hash != NONE:
            ward.list_hash = NONE
            self._log("GuardiansNamed", member_id, NONE, self.membership.world.now)

    # Private

    def _place(self, sender: str, member_id: int, ward: Ward, values: Values) -> int:
        """The sender's place in the list in force."""
        needed, salt, accounts = values
        in_order = sorted({account.lower() for account in accounts})
        sound = 0 < needed <= len(accounts) <= 10 and in_order == [a.lower() for a in accounts]
        if not sound or List(needed, accounts, salt).hash(member_id) != ward.list_hash:
            raise Refused("MembershipBadGuardianList", member_id)
        own = self.membership.roll.member_ids.get(sender) == member_id
        if own or sender not in accounts:
            raise Refused("MembershipNotGuardian", sender)
        return accounts.index(sender)

    def _log(self, name: str, *values: object) -> None:
        self.membership.world.record("Membership", name, *values)
