"""The roll as Membership stores it."""

from indexer.audit.replay import Replay
from indexer.audit.storage.words import Placed, Word, by_moment, mapped, packed, trace
from indexer.rules.roll import Member

STATE, MEMBERS, COURSES, MEMBER_IDS, CANDIDATES, ROLL_SIZES, ACCOUNTS = range(1, 8)


def words(replay: Replay, assembly: int) -> Placed:
    """Yield every slot that the roll determines."""
    roll = replay.roll
    sizes = roll.sizes
    last, size = len(roll.members), sizes[-1][1] if sizes else 0
    state = packed((assembly, 160), (replay.probation, 32), (last, 32), (size, 32))
    yield STATE, Word(state, "probation, last memberId and size of the roll")
    for number, member in roll.members.items():
        yield mapped(number, MEMBERS), Word(_record(member), f"member {number}")
        course = _course(member, replay.readmitted.get(number, 0))
        yield mapped(number, COURSES), Word(course, f"suspension and expulsion of member {number}")
        history = [
            (moment, int(account or "0x0", 16))
            for moment, account in replay.histories.get(number, ())
        ]
        yield from trace(mapped(number, ACCOUNTS), history, f"the key of member {number}")
    for account, number in roll.member_ids.items():
        slot = mapped(int(account, 16), MEMBER_IDS)
        yield slot, Word(number, f"whose account {account} is")
    for account, applied_at in replay.candidates.items():
        slot = mapped(int(account, 16), CANDIDATES)
        yield slot, Word(applied_at, f"when {account} applied")
    yield from trace(ROLL_SIZES, _sizes(sizes), "the roll's size")


def _record(member: Member) -> int:
    return packed(
        (int(member.account, 16), 160), (member.since, 40), (member.until, 40), (member.epoch, 16)
    )


def _course(member: Member, readmitted_at: int) -> int:
    expelled = int(member.standing == "expelled")
    return packed((member.suspended_until, 40), (expelled, 8), (readmitted_at, 40))


def _sizes(sizes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Nothing before the first change: until then it is the founders, who all joined at once."""
    founders = [size for moment, size in sizes if moment == sizes[0][0]]
    untouched = len(founders) == len(sizes) and founders == sorted(founders)
    return [] if untouched else by_moment(sizes)
