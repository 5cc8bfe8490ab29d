"""What members and their guardians do next, drawn at random: mostly what makes sense now."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import TypeVar

from tests.contracts.guardianship import NONE, PAUSE, List, listed
from tests.model.guardians import Ward
from tests.model.picking import Picker
from tests.model.words import Call

Picked = TypeVar("Picked")
ADDED = "0x000000000000000000000000000000000000bEEF"


class Guarding:
    """Names guardians, vouches, cancels and completes."""

    def __init__(self, pick: Picker, random: Random) -> None:
        self.pick, self.random = pick, random

    def edges(self) -> Iterator[int]:
        """Every moment at which something turns for guardians."""
        for ward in self._wards().values():
            yield ward.next_from
            yield ward.recovered_at + PAUSE if ward.recovered_at else 0
            for begun in ward.begun.values():
                yield from (begun.due_at, begun.expires_at)

    def name_guardians(self) -> tuple[str, Call]:
        member = self.pick.member()
        named = [self._list(member, each).hash(member) for each in (0, 1)]
        chosen = self.random.choices([*named, NONE], [6, 3, 1])[0]
        return self.pick.mostly(self.pick.holder(member)), Call(
            "Membership", "setGuardians", (chosen,)
        )

    def vouch(self) -> tuple[str, Call]:
        guarded = [number for number, each in self._wards().items() if each.list_hash != NONE]
        member = self._one_of(guarded) or self.pick.member()
        known = self._list(member, self._in_force(member))
        by, new = self.random.choice(known.accounts), self._new_account(member)
        if self.random.random() < 0.04:
            known = replace(known, accounts=(*known.accounts, ADDED))
        call = Call("Membership", "supportRecovery", (member, new, known.values))
        return self.pick.mostly(by), call

    def cancel_recovery(self) -> tuple[str, Call]:
        member, new = self._begun(due=False)
        return self.pick.mostly(self.pick.holder(member)), Call(
            "Membership", "cancelRecovery", (new,)
        )

    def complete_recovery(self) -> tuple[str, Call]:
        member, new = self._begun(due=True)
        return self.pick.mostly(new), Call("Membership", "completeRecovery", (member,))

    def _wards(self) -> dict[int, Ward]:
        """The guardians of every member at this moment."""
        membership = self.pick.play.model.membership
        return {number: membership.guardians.ward(number) for number in membership.roll.members}

    def _list(self, member: int, variant: int) -> List:
        """One of two lists of a member: three people of whom two suffice, or one alone."""
        people = self.pick.people
        chosen = [people[(member + 3 * each + variant) % len(people)] for each in range(3)]
        return listed(1, chosen[0]) if variant else listed(2, *chosen)

    def _in_force(self, member: int) -> int:
        ward = self.pick.play.model.membership.guardians.ward(member)
        return int(self._list(member, 1).hash(member) == ward.list_hash)

    def _new_account(self, member: int) -> str:
        """Mostly one that is free, and often the one that others vouched for."""
        membership = self.pick.play.model.membership
        begun = list(membership.guardians.ward(member).begun)
        if begun and self.random.random() < 0.7:
            return self.random.choice(begun)
        taken = {*membership.roll.member_ids, *membership.candidates}
        free = [each.address for each in self.pick.people if each.address not in taken]
        return self._one_of(free) or self.pick.anybody()

    def _begun(self, *, due: bool) -> tuple[int, str]:
        """A recovery, if due one that may be completed now, and its account."""
        now = self.pick.play.model.world.now
        every = [
            (number, new, each.due_at)
            for number, ward in self._wards().items()
            for new, each in ward.begun.items()
        ]
        fitting = [each for each in every if not due or 0 < each[2] <= now]
        if not (fitting or every):
            return self.pick.member(), self.pick.anybody()
        number, new, _ = self.random.choice(fitting or every)
        return number, new

    def _one_of(self, some: list[Picked]) -> Picked | None:
        """Nearly always one of these, if there are any."""
        return self.random.choice(some) if some and self.random.random() < 0.95 else None
