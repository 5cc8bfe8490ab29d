"""The whole co-op as a pure model: receives the calls that the chain receives."""

import pickle
from collections.abc import Callable, Sequence
from typing import Any

from indexer.rules.bylaws import Rule
from indexer.rules.pay import PayRule
from tests.model.assembly import Assembly
from tests.model.ballots import Ballots
from tests.model.bylaws import Bylaws
from tests.model.membership import Membership
from tests.model.pay_votes import PayVotes
from tests.model.roles import Roles
from tests.model.words import Call, Refused
from tests.model.world import World


class CoopModel:
    """All four contracts in plain Python, made of the rules in indexer/rules."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.membership = Membership(world)
        self.bylaws = Bylaws(world)
        self.assembly = Assembly(world, self.membership, self.bylaws)
        self.ballots = Ballots(self.assembly)
        self.roles = Roles(world)
        self.pay_votes = PayVotes(self.roles, self.membership)
        self.assembly.carry_out = self._carry_out

    def found(
        self,
        founders: tuple[str, ...],
        probation: int,
        rules: Sequence[Rule],
        currency: bytes,
        pay_rule: PayRule,
        roles: tuple[tuple[Any, ...], ...],
    ) -> None:
        """The co-op comes into being in the present block."""
        self.membership.begin(probation, founders)
        self.bylaws.begin(rules)
        self.roles.begin(currency, pay_rule, roles)
        self.world.fold()
        self.world.events.clear()

    def next_block(self, moment: int) -> None:
        """A block begins at that second."""
        self.world.now, self.world.block = moment, self.world.block + 1

    def after(self, sender: str, call: Call) -> "tuple[CoopModel, Refused | None]":
        """The co-op after a call in the present block, and the refusal if it is refused, which
        undoes whatever the call did. Use what is returned, not the model that was asked."""
        self.world.events.clear()
        before = pickle.dumps(self)
        # An order given in the Assembly's name is as if its vote had opened just now.
        ordered = sender == self.world.addresses["Assembly"]
        self.world.execution_snapshot = self.world.now if ordered else 0
        try:
            self._dispatch(sender, call)
        except Refused as refusal:
            unchanged: CoopModel = pickle.loads(before)
            return unchanged, refusal
        self.world.fold()
        return self, None

    def _carry_out(self, action: Call) -> None:
        if action.contract in ("Membership", "Bylaws", "PayRates"):
            self._dispatch(self.world.addresses["Assembly"], action)

    def _dispatch(self, sender: str, call: Call) -> None:
        acts: dict[str, Callable[..., None]] = {
            "applyToJoin": self.membership.apply_to_join,
            "withdrawApplication": self.membership.withdraw_application,
            "leaveCooperative": self.membership.leave_cooperative,
            "rotate": self.membership.rotate,
            "reinstate": self.membership.reinstate,
            "admit": self.membership.admit,
            "suspend": self.membership.suspend,
            "expel": self.membership.expel,
            "recover": self.membership.recover,
            "setProbation": self.membership.set_probation,
            "setGuardians": self.membership.guardians.set_guardians,
            "supportRecovery": self.membership.guardians.support_recovery,
            "cancelRecovery": self.membership.guardians.cancel_recovery,
            "completeRecovery": self.membership.guardians.complete_recovery,
            "setRule": self._set_rule,
            "propose": self.assembly.propose,
            "cancel": self.assembly.cancel,
            "queue": self.assembly.queue,
            "execute": self.assembly.execute,
            "reply": self.assembly.reply,
            "appeal": self.assembly.appeal,
            "object": self.assembly.object,
            "castBallot": self.ballots.cast_ballot,
            "castBallots": self.ballots.cast_ballots,
            "addRole": self.roles.add_role,
            "changeRole": self.roles.change_role,
            "retireRole": self.roles.retire_role,
            "setPayRule": self.roles.set_pay_rule,
            "openPayVote": self.pay_votes.open_pay_vote,
            "castPayBallot": self.pay_votes.cast_pay_ballot,
            "castPayBallots": self.pay_votes.cast_pay_ballots,
            "closePayVote": self.pay_votes.close_pay_vote,
        }
        acts[call.function](sender, *call.args)

    def _set_rule(self, sender: str, decision_class: int, values: tuple[int, ...]) -> None:
        roll = self.membership.roll.size_at(self.world.now)
        self.bylaws.set_rule(sender, decision_class, values, roll)
