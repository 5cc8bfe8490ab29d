"""A co-op's season in which everything happens that its contracts can log, and nothing but by the
rules: every order is voted on, queued and executed. Chapters follow one another."""

from typing import Any

from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts import guardianship
from tests.contracts.acts import (
    apply,
    ballot,
    deadline,
    eta,
    execute,
    hashed,
    leave,
    one_block,
    poll,
    queue,
    queued,
    rotate,
)
from tests.contracts.coop import ABSTAIN, AGAINST, DAY, FOR, HOUR, Coop
from tests.contracts.founding import found, role, rule
from tests.indexer.audit.telling import Telling
from tests.indexer.season import cast_broken_text

WEAVER, DYER, SPINNER = (name.encode().ljust(32, b"\0") for name in ("weaver", "dyer", "spinner"))
ELSEWHERE = "0x00000000000000000000000000000000000e15E7"
TEXT = hashed("a person")
_LIVELY: dict[str, Any] = {
    "notice": 0,
    "votingPeriod": 4 * HOUR,
    "executionDelay": HOUR,
    "secondCallDelay": 2 * HOUR,
    "secondCallBps": 2_000,
    "swingWindow": HOUR,
    "swingCap": 3 * HOUR,
    "coolDown": HOUR,
}
_PERSONAL = {**_LIVELY, "notice": DAY, "executionDelay": DAY}


def founded(chain: Devnet, factory: Contract) -> Coop:
    """Five founders, ada to eve, and two roles."""
    return found(
        chain,
        factory,
        rules={
            **dict.fromkeys(
                ("Ordinary", "Admission", "Pay", "Bylaws", "External"), rule(**_LIVELY)
            ),
            **dict.fromkeys(("Removal", "Recovery"), rule(**_PERSONAL)),
        },
        probation=HOUR,
        pay_rule={"notice": 0, "votingPeriod": 4 * HOUR, "rest": HOUR},
        roles=[role("weaver", 1_500), role("dyer", 1_400)],
    )


class Story(Telling):
    """The chapters, in the order of `all`."""

    def all(self) -> None:
        """The whole season."""
        self.newcomers()
        self.a_resolution()
        self.a_late_swing()
        self.a_second_call()
        self.the_same_again()
        self.withdrawn()
        self.a_key_is_changed_mid_vote()
        self.guardians_help()
        self.a_suspension_is_appealed()
        self.reinstated_by_vote()
        self.expelled_and_back()
        self.keys_are_replaced_by_vote()
        self.bylaws_change()
        self.roles_change()
        self.pay_is_voted_on()
        self.a_result_is_clamped()

    # People

    def newcomers(self) -> None:
        coop = self.coop
        for person in (coop.fay, coop.gus, coop.hal, coop.ida):
            apply(coop, person)
        coop.send(coop.membership.functions.withdrawApplication(), coop.ida)
        newcomers = (coop.fay, coop.gus, coop.hal)
        self.decide([self.member("admit", each.address) for each in newcomers], TEXT)

    def a_key_is_changed_mid_vote(self) -> None:
        coop = self.coop
        number = self.opened("A vote while keys change")
        ballot(coop, coop.fay, number, AGAINST, 3)
        rotate(coop, coop.fay, coop.lea)
        ballot(coop, coop.lea, number, FOR, 1)
        coop.close(number)

    def guardians_help(self) -> None:
        coop = self.coop
        family = guardianship.listed(2, coop.ben, coop.ida, coop.jon)
        guardianship.name(coop, coop.eve, family)
        guardianship.started(coop, coop.kim, family, member=5)
        coop.send(coop.membership.functions.cancelRecovery(coop.kim.address), coop.eve)
        due = guardianship.started(coop, coop.kim, family, member=5)
        guardianship.complete(coop, coop.kim, member=5, at=due)

    def a_suspension_is_appealed(self) -> None:
        coop, member = self.coop, self.coop.id_of(self.coop.hal)
        action = self.member("suspend", member, 2 * DAY)
        number = coop.propose(coop.ada, [action], TEXT, opens_in=DAY + HOUR)
        reply = coop.assembly.functions.reply(number, b"\x22" * 32)
        coop.send(reply, coop.hal)
        queued(coop, number)
        confirming = self.appealed(number, coop.hal)
        coop.open(confirming)
        poll(coop, confirming, "ada ben cleo dan")
        coop.close(confirming)
        execute(coop, number, [action], TEXT, at=max(eta(coop, number), coop.now() + 1))
        coop.warp(coop.now() + 2 * DAY)
        coop.send(coop.membership.functions.reinstate(member), coop.tom)

    def reinstated_by_vote(self) -> None:
        member = self.coop.id_of(self.coop.hal)
        self.decide([self.member("suspend", member, 60 * DAY)], TEXT)
        self.decide([self.member("reinstate", member)], TEXT)

    def expelled_and_back(self) -> None:
        coop, member = self.coop, self.coop.id_of(self.coop.hal)
        self.decide([self.member("expel", member)], TEXT)
        apply(coop, coop.hal)
        apply(coop, coop.gus)
        back = [self.member("admit", each.address) for each in (coop.hal, coop.gus)]
        self.decide(back, TEXT)

    def keys_are_replaced_by_vote(self) -> None:
        coop = self.coop
        member = coop.id_of(coop.lea)
        action = self.member("recover", member, coop.max.address)
        number = coop.propose(coop.ada, [action], TEXT, opens_in=DAY + HOUR)
        coop.send(coop.assembly.functions.object(number), coop.lea)
        coop.warp(deadline(coop, number) + 1)
        self.decide([self.member("recover", 5, coop.max.address)], TEXT)

    # Votes

    def a_resolution(self) -> None:
        coop = self.coop
        number = self.opened("A resolution")
        leave(coop, coop.gus)
        signed = [(coop.ada, coop.ada, FOR), (coop.ben, coop.ben, FOR), (coop.cleo, coop.dan, FOR)]
        packed = b""
        for member, by, choice in [*signed, (coop.gus, coop.gus, FOR)]:
            packed += self.entry(number, coop.id_of(member), by, choice)
        packed += self.entry(number, 99, coop.tom, FOR)
        packed += self.entry(number, 1, coop.ada, AGAINST)
        coop.cast_batch(coop.tom, number, packed)
        coop.vote(coop.cleo, number, ABSTAIN, reason="I was not there")
        coop.vote(coop.ada, number, FOR, 5, reason="on second thoughts")
        cast_broken_text(coop, coop.ben, number, 2, FOR, 2)
        ballot(coop, coop.dan, number, FOR, at=deadline(coop, number))
        coop.close(number)
        queue(coop, number)
        execute(coop, number, (), "A resolution", at=eta(coop, number))

    def a_late_swing(self) -> None:
        coop = self.coop
        number = self.opened("A close vote")
        poll(coop, number, in_favour="ada ben", against="cleo dan")
        ballot(coop, coop.eve, number, FOR, at=deadline(coop, number) - HOUR // 2)
        ballot(coop, coop.fay, number, AGAINST, at=deadline(coop, number) - 60)
        late = [coop.assembly.functions.castBallots(number, self.late(number))]
        late += [coop.assembly.functions.castBallot(number, 99, FOR, 1, "")]
        one_block(coop, [(call, coop.tom) for call in late], deadline(coop, number) - 30)
        coop.close(number)
        queue(coop, number)
        coop.warp(eta(coop, number) + 11 * DAY)  # nobody executes it: it expires

    def late(self, number: int) -> bytes:
        """Ada has voted already; hal has not."""
        again = self.entry(number, 1, self.coop.ada, AGAINST, 2)
        hal = self.coop.id_of(self.coop.hal)
        return again + self.entry(number, hal, self.coop.hal, FOR)

    def a_second_call(self) -> None:
        coop = self.coop
        number = self.opened("Few come")
        poll(coop, number, "ada")
        coop.close(number)
        poll(coop, number, "ben cleo")
        coop.close(number)
        assert coop.state(number) == "succeeded"

    def the_same_again(self) -> None:
        coop = self.coop
        number = self.opened("Paint it green")
        poll(coop, number, in_favour="ada", against="ben cleo dan eve")
        coop.close(number)
        coop.warp(coop.now() + HOUR)
        number = self.opened("Paint it green")
        poll(coop, number, in_favour="ada ben cleo dan")
        coop.close(number)

    def withdrawn(self) -> None:
        number = self.coop.propose(self.coop.ben, text="Never mind", opens_in=HOUR)
        self.coop.send(self.coop.assembly.functions.cancel(number), self.coop.ben)

    def bylaws_change(self) -> None:
        coop = self.coop
        stricter = rule(**{**_LIVELY, "quorumBps": 6_000})
        self.decide(
            [
                coop.action(coop.bylaws, "setRule", 0, stricter),
                self.member("setProbation", DAY),
            ],
            "A higher quorum and a longer probation",
        )
        self.decide([(ELSEWHERE, 0, b"\x01\x02")], "A word to others")
        number = self.opened("Under the new rule")
        poll(coop, number, "ada ben cleo dan hal")
        coop.close(number)

    # Pay

    def roles_change(self) -> None:
        coop, pay = self.coop, self.coop.pay_rates
        self.decide([coop.action(pay, "addRole", role("spinner", 1_300))], "Spinners")
        self.decide([coop.action(pay, "changeRole", DYER, 1_100, 20, 2_000)], "Dyers' terms")
        self.decide([coop.action(pay, "retireRole", SPINNER)], "No more spinners")
        rule = (0, 4 * HOUR, 5 * DAY, HOUR, 30 * DAY, 250, 2, 5_000, True)
        self.decide([coop.action(pay, "setPayRule", rule)], "Fill to the roll")

    def pay_is_voted_on(self) -> None:
        coop = self.coop
        weaver = self.pay_opened(WEAVER)
        dyer = self.pay_opened(DYER)
        for person, rate in ((coop.ada, 1_600), (coop.ben, 1_560), (coop.cleo, 1_600)):
            self.pay(person, weaver, rate)
        self.pay(coop.ada, weaver, 1_580, 7, "less is enough")
        packed = b""
        for member, by in ((4, coop.dan), (6, coop.dan), (99, coop.dan), (1, coop.ada)):
            packed += self.pay_entry(weaver, member, by, 1_600)
        packed += self.pay_entry(weaver, 7, coop.gus, 1_600)
        coop.send(coop.pay_rates.functions.castPayBallots(weaver, packed), coop.tom)
        self.pay(coop.hal, weaver, 1_600)
        self.pay(coop.dan, dyer, 1_420)
        for vote in (weaver, dyer):
            self.pay_closed(vote)
        coop.warp(coop.now() + HOUR)

    def a_result_is_clamped(self) -> None:
        coop = self.coop
        vote = self.pay_opened(WEAVER)
        for person in (coop.ada, coop.ben, coop.cleo, coop.dan, coop.gus, coop.hal):
            self.pay(person, vote, self.rate(vote, 0))
        # The floor rises before the vote is closed.
        change = coop.action(coop.pay_rates, "changeRole", WEAVER, 1_490, 10, 1_000)
        self.decide([change], "A floor for weavers", opens_in=5)
        self.pay_closed(vote)
        coop.warp(coop.now() + HOUR)
        self.pay_opened(WEAVER)  # nobody closes this one
        coop.warp(coop.now() + 6 * DAY)
        self.pay_opened(WEAVER)
