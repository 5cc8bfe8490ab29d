"""Guardians replayed: whom members named, and what those began."""

from collections.abc import Callable, Mapping
from typing import Any

from indexer.audit.replay.proceedings import Proceedings
from indexer.rules.guardians import NOBODY, GuardianEvent, Guardians, Kind
from indexer.rules.roll import Roll

_DAY = 86_400
_DELAY = 7 * _DAY
_RECOVERY_PAUSE = 30 * _DAY
_MAX_GUARDIANS = 10

Args = Mapping[str, Any]


class GuardiansReplay:
    """Membership's events of guardians. Which accounts a list holds is not on the chain."""

    def __init__(
        self, proceedings: Proceedings, roll: Roll, is_free: Callable[[str], bool]
    ) -> None:
        self.guardians = Guardians([])
        self.handlers: dict[str, Callable[[Args], None]] = {
            "Membership.GuardiansNamed": self._guardians_named,
            "Membership.RecoverySupported": self._recovery_supported,
            "Membership.RecoveryStarted": self._recovery_started,
            "Membership.RecoveryCancelled": self._recovery_cancelled,
            "Membership.RecoveryCompleted": self._recovery_completed,
        }
        self._proceedings, self._checks = proceedings, proceedings.checks
        self._roll, self._is_free = roll, is_free
        self._supported: tuple[object, ...] | None = None
        """Transaction, place, member and account of the newest support."""

    def key_changed(self, member_id: int) -> None:
        """Whatever guardians began for the member is void."""
        self._add(member_id, "key_changed")

    def readmitted(self, member_id: int) -> None:
        """What guardians began for a former member is void in the new membership."""
        self._add(member_id, "admitted")

    def expect_removal(self, member_id: int) -> None:
        """A passed proposal gave the member another key: guardians in force go with the old one."""
        now = self._proceedings.now
        if self.guardians.of(member_id, now).list_hash != NOBODY:
            self._proceedings.must_follow(
                "4.1.12",
                "not_removed",
                "Membership.GuardiansNamed",
                memberId=member_id,
                listHash=bytes(32),
                inForceFrom=now,
            )

    def _guardians_named(self, args: Args) -> None:
        member_id, at = args["memberId"], args["inForceFrom"]
        list_hash, now = "0x" + args["listHash"].hex(), self._proceedings.now
        self._see_member(member_id, "4.1.12")
        if not self._proceedings.followed:
            same = list_hash == self.guardians.of(member_id, now).list_hash
            expected = now if same else now + _DELAY
            self._checks.that("4.1.12", "in_force_from", at == expected, expected, at)
        self._add(member_id, "named", list_hash=list_hash, at=at)

    def _recovery_supported(self, args: Args) -> None:
        member_id, account, guardian = args["memberId"], args["newAccount"], args["guardian"]
        self._see_member(member_id, "4.1.13")
        checks = self._checks
        known = self.guardians.of(member_id, self._proceedings.now)
        begun = known.recoveries.get(account)
        supporters = begun.supporters if begun else ()
        named = known.list_hash != NOBODY
        checks.that("4.1.13", "no_guardians", named, "guardians in force", "none")
        checks.that("4.1.13", "account_taken", self._is_free(account), "a new account", account)
        other = self._roll.member_ids.get(guardian) != member_id
        checks.that("4.1.13", "own_key", other, "somebody else", guardian)
        again = guardian in supporters
        checks.that("4.1.13", "supported_twice", not again, "one who has not yet", guardian)
        started = begun is not None and begun.due_at != 0
        checks.that("4.1.13", "suffices", not started, "support is missing", "it has started")
        count = len(supporters) + 1
        checks.that("4.1.13", "too_many", count <= _MAX_GUARDIANS, _MAX_GUARDIANS, count)
        self._add(member_id, "supported", account=account, guardian=guardian)
        self._supported = (self._proceedings.tx, self._checks.place, member_id, account)

    def _recovery_started(self, args: Args) -> None:
        member_id, account, due_at = args["memberId"], args["newAccount"], args["dueAt"]
        self._see_member(member_id, "4.1.13")
        before = (self._proceedings.tx, self._checks.place - 1, member_id, account)
        follows = self._supported == before
        self._checks.that("4.1.13", "unsupported", follows, "a support right before", account)
        due = self._proceedings.now + _DELAY
        self._checks.that("4.1.13", "due_at", due_at == due, due, due_at)
        self._add(member_id, "started", account=account, at=due_at)

    def _recovery_cancelled(self, args: Args) -> None:
        member_id = args["memberId"]
        self._see_member(member_id, "4.1.13")
        begun = len(self.guardians.of(member_id, self._proceedings.now).recoveries)
        self._checks.that("4.1.13", "nothing_begun", begun > 0, "a recovery", begun)
        self._add(member_id, "cancelled")

    def _recovery_completed(self, args: Args) -> None:
        member_id, account, now = args["memberId"], args["newAccount"], self._proceedings.now
        self._see_member(member_id, "4.1.14")
        checks = self._checks
        known = self.guardians.of(member_id, now)
        begun = known.recoveries.get(account)
        due_at = begun.due_at if begun else 0
        if checks.that("4.1.14", "not_started", due_at != 0, "a started recovery", account):
            checks.that("4.1.14", "not_due", now >= due_at, due_at, now)
        earliest = known.recovered_at + _RECOVERY_PAUSE if known.recovered_at else 0
        checks.that("4.1.14", "too_soon", now >= earliest, earliest, now)
        self._add(member_id, "completed")
        self._proceedings.must_follow(
            "4.1.14",
            "no_new_key",
            "Membership.KeyRecovered",
            memberId=member_id,
            newAccount=account,
        )

    def _see_member(self, member_id: int, check: str) -> None:
        self._checks.about("member", member_id)
        member = self._roll.members.get(member_id)
        found = member.standing if member else "unknown"
        present = found in ("active", "suspended")
        self._checks.that(check, "standing", present, "active or suspended", found)

    def _add(self, member_id: int, kind: Kind, **more: Any) -> None:
        self.guardians.add(GuardianEvent(self._proceedings.now, member_id, kind, **more))
