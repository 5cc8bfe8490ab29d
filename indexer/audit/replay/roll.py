"""The roll replayed: candidates, admissions, standings and keys."""

from collections.abc import Callable, Mapping
from typing import Any

from indexer.audit.replay.guardians import GuardiansReplay
from indexer.audit.replay.proceedings import Proceedings
from indexer.rules.roll import Change, Member, MemberEvent, Roll

NOBODY = "0x" + "00" * 20
_DAY = 86_400
_MIN_FOUNDERS, _MAX_FOUNDERS = 3, 50
_MAX_SUSPENSION = 60 * _DAY
_MAX_PROBATION = 365 * _DAY
_ROTATION_PAUSE = 2 * _DAY
_PRESENT = ("active", "suspended")

Args = Mapping[str, Any]


class RollReplay:
    """Membership's events but those of guardians, whose recoveries change keys here."""

    def __init__(self, proceedings: Proceedings) -> None:
        self.roll = Roll([])
        self.candidates: dict[str, int] = {}
        """Account -> when it applied."""
        self.probation = 0
        self.readmitted: dict[int, int] = {}
        """memberId -> when a former member was last admitted anew."""
        self.touched: dict[int, int] = {}
        """memberId -> when key or place on the roll last changed after the first admission."""
        self.key_changes: list[Callable[[int], None]] = []
        """Told the memberId whenever a key was changed."""
        self.guardians = GuardiansReplay(proceedings, self.roll, self.is_free)
        self.handlers: dict[str, Callable[[Args], None]] = {
            "Membership.ProbationSet": self._probation_set,
            "Membership.CandidateApplied": self._candidate_applied,
            "Membership.CandidateWithdrew": self._candidate_withdrew,
            "Membership.MemberAdmitted": self._member_admitted,
            "Membership.MemberLeft": self._member_left,
            "Membership.MemberSuspended": self._member_suspended,
            "Membership.MemberReinstated": self._member_reinstated,
            "Membership.MemberExpelled": self._member_expelled,
            "Membership.KeyRotated": self._key_rotated,
            "Membership.KeyRecovered": self._key_recovered,
            **self.guardians.handlers,
        }
        self._proceedings, self._checks = proceedings, proceedings.checks
        proceedings.at_beginning.append(self._founders_suffice)

    def is_free(self, account: str) -> bool:
        """Whether the account can become a member's new key."""
        taken = account in self.roll.member_ids or account in self.candidates
        return account != NOBODY and not taken

    # Candidates

    def _probation_set(self, args: Args) -> None:
        probation = args["probation"]
        self._proceedings.ordered("setProbation", probation_=probation)
        within = probation <= _MAX_PROBATION
        self._checks.that("4.1.15", "too_long", within, _MAX_PROBATION, probation)
        self.probation = probation

    def _candidate_applied(self, args: Args) -> None:
        account, profile = args["account"], args["profileHash"]
        self._checks.about("account", account)
        fresh = account not in self.candidates
        self._checks.that("4.1.5", "applied_twice", fresh, "no candidate", "a candidate")
        self._checks.that("4.1.5", "no_profile", profile != bytes(32), "a hash", profile)
        self._see_owner(account)
        self.candidates[account] = self._proceedings.now

    def _candidate_withdrew(self, args: Args) -> None:
        account = args["account"]
        applied = self.candidates.pop(account, None)
        self._checks.that("4.1.5", "not_applied", applied is not None, "a candidate", account)

    # Admission

    def _member_admitted(self, args: Args) -> None:
        member_id, account = args["memberId"], args["account"]
        now = self._proceedings.now
        self._checks.about("member", member_id)
        if self._proceedings.founding:
            self.roll.founders += 1
            fresh = account != NOBODY and account not in self.roll.member_ids
            self._checks.that("4.1.1", "founder_twice", fresh, "an account of their own", account)
        else:
            self._see_candidate(account)
        former = self.roll.member_ids.get(account)
        next_id = len(self.roll.members) + 1 if former is None else former
        self._checks.that("4.1.2", "member_id", member_id == next_id, next_id, member_id)
        self._see_owner(account)
        if member_id in self.roll.members:
            self.readmitted[member_id] = self.touched[member_id] = now
            self.guardians.readmitted(member_id)
        self.roll.add(MemberEvent(now, member_id, "admitted", account))

    def _see_candidate(self, account: str) -> None:
        proceedings = self._proceedings
        ordered = proceedings.ordered("admit", account=account)
        applied = self.candidates.pop(account, None)
        if not self._checks.that("4.1.4", "no_candidate", applied is not None, "one", account):
            return
        assert applied is not None
        ends_at = applied + self.probation
        in_time = proceedings.now >= ends_at
        self._checks.that("4.1.4", "probation_runs", in_time, ends_at, proceedings.now)
        if ordered:
            proceedings.in_time(applied)

    def _see_owner(self, account: str) -> None:
        """Who has been a member may come back only with the key held last, after it ended."""
        member = self.roll.members.get(self.roll.member_ids.get(account, 0))
        returns = member is None or (member.account == account and member.standing not in _PRESENT)
        free = returns and account != NOBODY
        expected = "a new account, or a former member's last key"
        self._checks.that("4.1.3", "account_taken", free, expected, account)

    def _founders_suffice(self) -> bool:
        count = len(self.roll.members)
        within = _MIN_FOUNDERS <= count <= _MAX_FOUNDERS
        expected = f"{_MIN_FOUNDERS} to {_MAX_FOUNDERS}"
        return self._checks.that("4.1.1", "founder_count", within, expected, count)

    # Standing

    def _member_left(self, args: Args) -> None:
        member = self._known(args["memberId"], "4.1.6", _PRESENT)
        self._changed(member, "left")

    def _member_suspended(self, args: Args) -> None:
        member_id, ends_at = args["memberId"], args["endsAt"]
        duration = ends_at - self._proceedings.now
        member = self._known(member_id, "4.1.7", ("active",))
        if self._proceedings.ordered("suspend", memberId=member_id, duration=duration):
            self._proceedings.in_time(self.readmitted.get(member_id, 0))
        within = 0 < duration <= _MAX_SUSPENSION
        self._checks.that("4.1.7", "duration", within, _MAX_SUSPENSION, duration)
        self._changed(member, "suspended", ends_at)

    def _member_reinstated(self, args: Args) -> None:
        member_id, now = args["memberId"], self._proceedings.now
        member = self._known(member_id, "4.1.8", ("suspended",))
        if member is None:
            return
        if self._proceedings.is_ordered("reinstate", memberId=member_id):
            self._proceedings.ordered("reinstate", memberId=member_id)
            self._proceedings.in_time(member.until)
        else:
            ends_at = member.suspended_until
            self._checks.that("4.1.8", "term_runs", now >= ends_at, ends_at, now)
        self._changed(member, "reinstated")

    def _member_expelled(self, args: Args) -> None:
        member_id = args["memberId"]
        member = self._known(member_id, "4.1.9", _PRESENT)
        if self._proceedings.ordered("expel", memberId=member_id):
            self._proceedings.in_time(self.readmitted.get(member_id, 0))
        self._changed(member, "expelled")

    # Keys

    def _key_rotated(self, args: Args) -> None:
        member_id, now = args["memberId"], self._proceedings.now
        member = self._known(member_id, "4.1.10", _PRESENT)
        rested = self.touched.get(member_id, -_ROTATION_PAUSE) + _ROTATION_PAUSE
        self._checks.that("4.1.11", "too_soon", now >= rested, rested, now)
        self._new_key(member, args, "rotated")

    def _key_recovered(self, args: Args) -> None:
        member_id, account = args["memberId"], args["newAccount"]
        member = self._known(member_id, "4.1.10", _PRESENT)
        by_guardians = self._proceedings.followed
        if not by_guardians and self._proceedings.ordered(
            "recover", memberId=member_id, newAccount=account
        ):
            self._proceedings.in_time(self.readmitted.get(member_id, 0))
        self._new_key(member, args, "recovered")
        if not by_guardians:
            self.guardians.expect_removal(member_id)

    def _new_key(self, member: Member | None, args: Args, change: Change) -> None:
        if member is None:
            return
        new, epoch, before = args["newAccount"], args["epoch"], args["presentAccount"]
        checks, number = self._checks, member.member_id
        checks.that("4.1.10", "other_key", before == member.account, member.account, before)
        checks.that("4.1.10", "epoch", epoch == member.epoch + 1, member.epoch + 1, epoch)
        checks.that("4.1.3", "account_taken", self.is_free(new), "a new account", new)
        now = self._proceedings.now
        self.touched[number] = now
        self.roll.add(MemberEvent(now, number, change, new, epoch))
        self.guardians.key_changed(number)
        for told in self.key_changes:
            told(number)

    # Private

    def _known(self, member_id: int, check: str, standings: tuple[str, ...]) -> Member | None:
        """The member, who must stand so; None if there is none."""
        self._checks.about("member", member_id)
        member = self.roll.members.get(member_id)
        found = member.standing if member else "unknown"
        expected = " or ".join(standings)
        self._checks.that(check, "standing", found in standings, expected, found)
        return member

    def _changed(self, member: Member | None, change: Change, ends_at: int = 0) -> None:
        if member is None:
            return
        now, number = self._proceedings.now, member.member_id
        if change == "reinstated" or member.standing == "active":
            self.touched[number] = now
        self.roll.add(MemberEvent(now, number, change, ends_at=ends_at))
