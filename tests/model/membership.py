"""Membership as a pure model: who may join, leave, change keys, and what is then on record."""

from typing import NamedTuple

from indexer.rules.roll import Change, Member, MemberEvent, Roll
from tests.model.guardians import Guardians
from tests.model.words import Refused, Signed
from tests.model.world import World

DAY = 86_400
NOBODY = "0x" + "00" * 20
STANDINGS = ("none", "active", "suspended", "left", "expelled")
ENDED = ("left", "expelled")


class Rotation(NamedTuple):
    """What both keys sign."""

    member_id: int
    present: str
    new: str
    epoch: int
    deadline: int


class Membership:
    """Candidates and members. Methods bear the contract's names in Python's spelling."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.events: list[MemberEvent] = []
        self.roll = Roll([])
        self.candidates: dict[str, int] = {}
        self.probation = 0
        self.readmitted: dict[int, int] = {}
        """memberId -> when a former member was last admitted anew."""
        self.touched: dict[int, int] = {}
        """memberId -> when key or place on the roll last changed after the first admission."""
        self.guardians = Guardians(self)

    def begin(self, probation: int, founders: tuple[str, ...]) -> None:
        """The founders are members from the start."""
        self._set_probation(probation)
        for account in founders:
            self._enrol(account)

    # Anybody

    def apply_to_join(self, sender: str, profile: bytes) -> None:
        if profile == bytes(32):
            raise Refused("MembershipNoProfile")
        if sender in self.candidates:
            raise Refused("MembershipAlreadyCandidate", sender)
        if sender in self.roll.member_ids:
            self._refuse_unless_former(sender)
        self.candidates[sender] = self.world.now
        self._log("CandidateApplied", sender, profile)

    def withdraw_application(self, sender: str) -> None:
        if sender not in self.candidates:
            raise Refused("MembershipNotCandidate", sender)
        del self.candidates[sender]
        self._log("CandidateWithdrew", sender)

    def leave_cooperative(self, sender: str) -> None:
        member_id = self.present_key(sender)
        self._change(self.present(member_id), "left")
        self._log("MemberLeft", member_id)

    def rotate(
        self,
        sender: str,
        member_id: int,
        new: str,
        deadline: int,
        by_present: Signed,
        by_new: Signed,
    ) -> None:
        if self.world.now > deadline:
            raise Refused("MembershipRotationExpired", deadline)
        member = self.present(member_id)
        rested = self.touched.get(member_id, -2 * DAY) + 2 * DAY
        if self.world.now < rested:
            raise Refused("MembershipRotationTooSoon", member_id, rested)
        message = Rotation(member_id, member.account, new, member.epoch, deadline)
        for account, signature in ((member.account, by_present), (new, by_new)):
            if (signature.signer, signature.message) != (account, message):
                raise Refused("MembershipBadSignature", account)
        self.new_key(member, new, "rotated", "KeyRotated")

    def reinstate(self, sender: str, member_id: int) -> None:
        member = self.roll.members.get(member_id)
        if member is None or member.standing != "suspended":
            raise Refused("MembershipWrongStanding", member_id, self.standing(member_id))
        ends_at, assembly = member.suspended_until, self.world.addresses["Assembly"]
        if sender == assembly:
            self._refuse_if_outdated(member.until)
        elif self.world.now < ends_at:
            raise Refused("MembershipSuspensionRuns", member_id, ends_at)
        self._change(member, "reinstated")
        self._log("MemberReinstated", member_id)

    # Only a passed proposal

    def admit(self, sender: str, account: str) -> None:
        self._only_assembly(sender)
        if account not in self.candidates:
            raise Refused("MembershipNotCandidate", account)
        ends_at = self.candidates[account] + self.probation
        if self.world.now < ends_at:
            raise Refused("MembershipProbationRuns", account, ends_at)
        self._refuse_if_outdated(self.candidates[account])
        del self.candidates[account]
        self._enrol(account)

    def suspend(self, sender: str, member_id: int, duration: int) -> None:
        self._only_assembly(sender)
        if not 0 < duration <= 60 * DAY:
            raise Refused("MembershipSuspensionOutOfBounds", duration, 60 * DAY)
        member = self.roll.members.get(member_id)
        if member is None or member.standing != "active":
            raise Refused("MembershipWrongStanding", member_id, self.standing(member_id))
        self._refuse_if_outdated(self.readmitted.get(member_id, 0))
        ends_at = self.world.now + duration
        self._change(member, "suspended", ends_at=ends_at)
        self._log("MemberSuspended", member_id, ends_at)

    def expel(self, sender: str, member_id: int) -> None:
        self._only_assembly(sender)
        member = self.present(member_id)
        self._refuse_if_outdated(self.readmitted.get(member_id, 0))
        self._change(member, "expelled")
        self._log("MemberExpelled", member_id)

    def recover(self, sender: str, member_id: int, new: str) -> None:
        self._only_assembly(sender)
        member = self.present(member_id)
        self._refuse_if_outdated(self.readmitted.get(member_id, 0))
        self.new_key(member, new, "recovered", "KeyRecovered")
        self.guardians.replaced_by_vote(member_id)

    def set_probation(self, sender: str, probation: int) -> None:
        self._only_assembly(sender)
        if probation > 365 * DAY:
            raise Refused("MembershipProbationOutOfBounds", probation, 365 * DAY)
        self._set_probation(probation)

    # Who is who

    def standing(self, member_id: int) -> int:
        """The number of a standing in the contract."""
        member = self.roll.members.get(member_id)
        return STANDINGS.index(member.standing) if member else 0

    def account_at(self, member_id: int, moment: int) -> str:
        """The key with which a member was on the roll at a moment that has passed."""
        then = Roll(event for event in self.events if event.moment <= moment)
        member = then.members.get(member_id)
        return member.account if member and member.standing == "active" else NOBODY

    def holder(self, member_id: int) -> str:
        """The present key of a member in whatever standing."""
        member = self.roll.members.get(member_id)
        return member.account if member else NOBODY

    # What guardians need

    def present_key(self, sender: str) -> int:
        """The number of the member, active or suspended, whose present key this is."""
        member = self.roll.members.get(self.roll.member_ids.get(sender, 0))
        if member is None or member.account != sender:
            raise Refused("MembershipNotMember", sender)
        return self.present(member.member_id).member_id

    def present(self, member_id: int) -> Member:
        """A member, active or suspended."""
        member = self.roll.members.get(member_id)
        if member is None:
            raise Refused("MembershipUnknownMember", member_id)
        if member.standing in ENDED:
            raise Refused("MembershipWrongStanding", member_id, self.standing(member_id))
        return member

    def refuse_unless_free(self, account: str) -> None:
        """Refuses an account that is, was or wants to be somebody's."""
        if account == NOBODY or account in self.roll.member_ids or account in self.candidates:
            raise Refused("MembershipAccountTaken", account)

    def new_key(self, member: Member, new: str, change: Change, event: str) -> None:
        """Another account is the member's key, in a new epoch."""
        self.refuse_unless_free(new)
        number, epoch = member.member_id, member.epoch + 1
        self.touched[number] = self.world.now
        self._happened(MemberEvent(self.world.now, number, change, account=new, epoch=epoch))
        self.guardians.key_changed(number)
        self._log(event, number, member.account, new, epoch)

    # Private

    def _refuse_if_outdated(self, changed_at: int) -> None:
        opened_at = self.world.execution_snapshot
        if changed_at > opened_at:
            raise Refused("MembershipOrderOutdated", changed_at, opened_at)

    def _refuse_unless_former(self, account: str) -> None:
        member = self.roll.members[self.roll.member_ids[account]]
        if member.account != account or member.standing not in ENDED:
            raise Refused("MembershipAccountTaken", account)

    def _enrol(self, account: str) -> None:
        member_id = self.roll.member_ids.get(account)
        if member_id is None:
            member_id = len(self.roll.members) + 1
        else:
            self._refuse_unless_former(account)
            self.touched[member_id] = self.readmitted[member_id] = self.world.now
            self.guardians.readmitted(member_id)
        self._happened(MemberEvent(self.world.now, member_id, "admitted", account=account))
        self._log("MemberAdmitted", member_id, account)

    def _change(self, member: Member, change: Change, ends_at: int = 0) -> None:
        if change == "reinstated" or member.standing == "active":
            self.touched[member.member_id] = self.world.now
        self._happened(MemberEvent(self.world.now, member.member_id, change, ends_at=ends_at))

    def _happened(self, event: MemberEvent) -> None:
        self.events.append(event)
        self.roll = Roll(self.events)

    def _set_probation(self, probation: int) -> None:
        self.probation = probation
        self._log("ProbationSet", probation)

    def _only_assembly(self, sender: str) -> None:
        self.world.only_assembly(sender, "MembershipOnlyAssembly")

    def _log(self, name: str, *values: object) -> None:
        self.world.record("Membership", name, *values)
