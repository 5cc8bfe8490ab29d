"""A random season of a co-op: whatever members do, allowed or refused, at whatever moment.

Refused acts are part of life; what matters is that the mirror follows what the chain accepts.
"""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from eth_account import Account
from eth_typing import HexStr
from web3 import Web3
from web3.exceptions import ContractCustomError, ContractLogicError, Web3RPCError

from node.devnet import MNEMONIC
from tests.contracts.acts import one_block, rotate
from tests.contracts.coop import HOUR, Coop
from tests.contracts.founding import role, rule
from tests.contracts.people import Person
from tests.contracts.refusals import Reverted
from tests.contracts.roll import order_of
from tests.contracts.signing import entry

HASH = "0x" + "ab" * 32
PEOPLE = 14
OPEN, COUNTING = 1, 2
WEAVER, DYER, SPINNER = (name.encode().ljust(32, b"\0") for name in ("weaver", "dyer", "spinner"))
BROKEN = b"\xff\xfe broken \x00"


class Season:
    """Plays random acts; `done` counts the accepted ones by name."""

    def __init__(self, coop: Coop, seed: int) -> None:
        self.coop, self.random = coop, Random(seed)
        self.done: Counter[str] = Counter()
        self.actions: dict[int, tuple[list[tuple[str, int, bytes]], str]] = {}
        self.people = [_person(number) for number in range(PEOPLE)]
        for newcomer in self.people[5:9]:
            coop.send(coop.membership.functions.applyToJoin(b"\x11" * 32), newcomer)
        coop.warp(coop.now() + HOUR)
        for newcomer in self.people[5:9]:
            order_of(coop, coop.membership, "admit", newcomer.address)

    def play(self, acts: int) -> None:
        """Tries so many acts; some of them wait first."""
        likely: list[tuple[int, Callable[[], None]]] = [
            (6, self.wait),
            (2, self.apply),
            (1, self.withdraw),
            (3, self.roll_changes),
            (1, self.leave),
            (2, self.rotate),
            (7, self.propose),
            (20, self.vote),
            (4, self.vote_in_a_batch),
            (2, self.cancel),
            (3, self.queue),
            (3, self.execute),
            (2, self.reply),
            (3, self.appeal_or_object),
            (3, self.open_pay_vote),
            (6, self.cast_pay_ballot),
            (3, self.close_pay_vote),
            (1, self.set_a_rule),
            (1, self.change_a_role),
        ]
        weights, choices = zip(*likely, strict=True)
        for act in self.random.choices(choices, weights, k=acts):
            self._try(act)

    # Time

    def wait(self) -> None:
        """Goes to a moment where something may turn, or just on."""
        now, turns = self.coop.now(), []
        for number in self._recent():
            info = self.coop.assembly.functions.proposal(number).call()
            opens_at, deadline, eta = info[4], info[5], info[6]
            turns += [opens_at, opens_at + 1, deadline - HOUR // 2, deadline, deadline + 1, eta]
        for vote in range(max(1, self._pay_votes() - 2), self._pay_votes() + 1):
            info = self.coop.pay_rates.functions.payVote(vote).call()
            turns += [info[1] + 1, info[2], info[2] + 1]
        ahead = [turn for turn in turns if now < turn < now + 5 * 24 * HOUR]
        ahead += [now + self.random.choice([1, 60, HOUR, 5 * HOUR, 26 * HOUR])]
        self.coop.warp(self.random.choice(ahead))

    # The roll

    def apply(self) -> None:
        person = self._anybody()
        self._send(person, self.coop.membership.functions.applyToJoin(b"\x11" * 32))

    def withdraw(self) -> None:
        self._send(self._anybody(), self.coop.membership.functions.withdrawApplication())

    def roll_changes(self) -> None:
        """What passed proposals would have done, without the wait."""
        member = self._member_id()
        function, *args = self.random.choice(
            [
                ("admit", self._anybody().address),
                ("admit", self._anybody().address),
                ("suspend", member, self.random.choice([HOUR, 24 * HOUR])),
                ("reinstate", member),
                ("expel", member),
                ("recover", member, self._anybody().address),
                ("setProbation", self.random.choice([0, HOUR])),
            ]
        )
        if function in ("suspend", "expel") and self._roll() <= 4:
            return
        order_of(self.coop, self.coop.membership, str(function), *args)

    def leave(self) -> None:
        if self._roll() > 4:
            self._send(self._anybody(), self.coop.membership.functions.leaveCooperative())

    def rotate(self) -> None:
        holder = self._holder(self._member_id())
        if holder:
            rotate(self.coop, holder, self._anybody())

    # Proposals

    def propose(self) -> None:
        coop, member = self.coop, self._member_id()
        resolution: tuple[Any, ...] = (None, "")
        target, function, *args = self.random.choice(
            [
                resolution,
                resolution,
                (coop.membership, "admit", self._anybody().address),
                (coop.membership, "expel", member),
                (coop.membership, "suspend", member, HOUR),
                (coop.membership, "recover", member, self._anybody().address),
                (coop.pay_rates, "changeRole", WEAVER, 1_000, 5, 2_000),
            ]
        )
        actions = [coop.action(target, str(function), *args)] if target else []
        text = HASH if target is coop.membership else f"Resolution {self.random.random()}"
        notice = 24 * HOUR if function in ("expel", "suspend", "recover") else 0
        opens_at = coop.now() + notice + self.random.choice([5, HOUR])
        call = coop.assembly.functions.propose(actions, text, opens_at)
        self._send(self._current_holder(), call)
        self.actions[coop.assembly.functions.proposalCount().call()] = (actions, text)

    def vote(self) -> None:
        proposal = self._proposal("active")
        for _ in range(3 if proposal else 0):
            member = self._member_id()
            holder = self._holder(member)
            if not holder:
                continue
            sequence = self._sequence("assembly", proposal, member)
            choice = self.random.choice([1, 1, 1, 1, 0, 2])
            args = (proposal, member, choice, sequence)
            if self.random.random() < 0.2:
                cast_broken_text(self.coop, holder, *args)
            else:
                self._send(holder, self.coop.assembly.functions.castBallot(*args, ""))

    def vote_in_a_batch(self) -> None:
        proposal = self._proposal("active")
        if not proposal:
            return
        packed = b""
        for member in self.random.sample(range(1, self._last() + 1), min(4, self._last())):
            holder = self._holder(member)
            sequence = self._sequence("assembly", proposal, member)
            signer = holder if holder and self.random.random() < 0.8 else self._anybody()
            choice = self.random.choice([0, 1, 1, 2])
            signature = self.coop.sign(signer, proposal, choice, sequence, "", memberId=member)
            packed += entry(member, choice, signature, sequence)
        self.coop.cast_batch(self.people[0], proposal, packed)

    def cancel(self) -> None:
        self._send(self._anybody(), self.coop.assembly.functions.cancel(self._proposal("pending")))

    def queue(self) -> None:
        self._send(self.people[0], self.coop.assembly.functions.queue(self._proposal("succeeded")))

    def execute(self) -> None:
        proposal = self._proposal("queued")
        actions, text = self.actions.get(proposal, ([], ""))
        call = self.coop.assembly.functions.execute(proposal, actions, Web3.keccak(text=text))
        self._send(self.people[0], call)

    def reply(self) -> None:
        proposal = self._proposal("queued")
        call = self.coop.assembly.functions.reply(proposal, b"\x22" * 32)
        self._send(self._concerned(proposal), call)

    def appeal_or_object(self) -> None:
        proposal = self._proposal("queued")
        functions = self.coop.assembly.functions
        call = self.random.choice([functions.appeal, functions.object])(proposal)
        self._send(self._concerned(proposal), call)

    def set_a_rule(self) -> None:
        changed = rule(
            notice=24 * HOUR,
            votingPeriod=4 * HOUR,
            executionDelay=24 * HOUR,
            quorumBps=self.random.choice([2_000, 6_000]),
            passNum=2,
            passDen=3,
            strict=False,
            subjectVotes=self.random.random() < 0.5,
        )
        number = self.random.randrange(7)
        order_of(self.coop, self.coop.bylaws, "setRule", number, changed)

    # Pay

    def open_pay_vote(self) -> None:
        name = self.random.choice([WEAVER, DYER, SPINNER])
        opens_at = self.coop.now() + self.random.choice([5, HOUR])
        call = self.coop.pay_rates.functions.openPayVote(name, opens_at)
        self._send(self._current_holder(), call)

    def cast_pay_ballot(self) -> None:
        vote = self._pay_vote(OPEN)
        for _ in range(3 if vote else 0):
            member = self._member_id()
            holder = self._holder(member)
            if not holder:
                continue
            info = self.coop.pay_rates.functions.payVote(vote).call()
            rate = info[4] + info[5] * self.random.randrange(info[6])
            sequence = self._sequence("pay_rates", vote, member)
            call = self.coop.pay_rates.functions.castPayBallot(vote, member, rate, sequence, "why")
            self._send(holder, call)

    def close_pay_vote(self) -> None:
        self._send(
            self.people[0], self.coop.pay_rates.functions.closePayVote(self._pay_vote(COUNTING))
        )

    def change_a_role(self) -> None:
        function, *args = self.random.choice(
            [
                ("addRole", role("spinner", 1_300)),
                ("changeRole", DYER, self.random.choice([900, 1_450]), 7, 500),
                ("retireRole", SPINNER),
            ]
        )
        order_of(self.coop, self.coop.pay_rates, str(function), *args)

    # Who and what

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (Reverted, ContractCustomError, ContractLogicError, Web3RPCError):
            return
        self.done[act.__name__] += 1

    def _send(self, by: Person, call: Any) -> None:
        # Now and then two acts share a block, and so a moment.
        if self.random.random() < 0.15:
            applying = self.coop.membership.functions.applyToJoin(b"\x33" * 32)
            calls = [(call, by), (applying, self._anybody())]
            self.random.shuffle(calls)
            one_block(self.coop, calls, self.coop.now() + 1)
        else:
            self.coop.send(call, by)

    def _anybody(self) -> Person:
        return self.random.choice(self.people)

    def _last(self) -> int:
        return int(self.coop.membership.functions.lastMemberId().call())

    def _roll(self) -> int:
        return int(self.coop.membership.functions.rollSize().call())

    def _member_id(self) -> int:
        return self.random.randint(1, self._last())

    def _holder(self, member: int) -> Person | None:
        account = self.coop.membership.functions.memberOf(member).call()[0]
        return next((each for each in self.people if each.address == account), None)

    def _current_holder(self) -> Person:
        return self._holder(self._member_id()) or self.people[0]

    def _concerned(self, proposal: int) -> Person:
        subject = self.coop.assembly.functions.proposal(proposal).call()[3]
        return self._holder(subject) or self.people[0]

    def _proposal(self, wanted: str) -> int:
        """A recent proposal, nearly always one in the state wanted; 0 if there is none at all."""
        recent = self._recent()
        fitting = [number for number in recent if self.coop.state(number) == wanted]
        return self.random.choice(fitting or recent) if recent else 0

    def _recent(self) -> list[int]:
        count = int(self.coop.assembly.functions.proposalCount().call())
        return list(range(max(1, count - 3), count + 1))

    def _pay_votes(self) -> int:
        return int(self.coop.pay_rates.functions.payVoteCount().call())

    def _pay_vote(self, wanted: int) -> int:
        count, states = self._pay_votes(), self.coop.pay_rates.functions.payVoteState
        recent = list(range(max(1, count - 2), count + 1))
        fitting = [vote for vote in recent if states(vote).call() == wanted]
        return self.random.choice(fitting or recent) if recent else 0

    def _sequence(self, contract: str, vote: int, member: int) -> int:
        """Mostly the next one, sometimes with numbers left out, rarely a stale one."""
        function = "ballotOf" if contract == "assembly" else "payBallotOf"
        last = getattr(self.coop, contract).functions[function](vote, member).call()[2]
        return min(255, max(0, int(last) + self.random.choice([1, 1, 1, 1, 2, 40, 0])))


def cast_broken_text(coop: Coop, by: Person, *args: int) -> None:
    """A direct ballot whose reason is no UTF-8, as a member can cast it by hand."""
    text = "?" * len(BROKEN)
    calldata = coop.assembly.encode_abi("castBallot", (*args, text))
    broken = calldata.replace(text.encode().hex(), BROKEN.hex())
    assert broken != calldata
    sent = coop.w3.eth.send_transaction(
        {"from": by.address, "to": coop.assembly.address, "data": HexStr(broken), "gas": 2_000_000}
    )
    coop.w3.eth.wait_for_transaction_receipt(sent)


def _person(number: int) -> Person:
    Account.enable_unaudited_hdwallet_features()
    path = f"m/44'/60'/0'/0/{number}"
    return Person(f"person {number}", Account.from_mnemonic(MNEMONIC, account_path=path))
