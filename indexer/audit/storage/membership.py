"""What Membership stores (contracts/Membership, modules/Roll and Guardians)."""

from indexer.audit.replay import Replay
from indexer.audit.storage.words import Fields, Word, Words, number_of, slot_of, trace
from indexer.rules.roll import Member, Roll

STATE = 1
MEMBERS = 2
COURSES = 3
MEMBER_IDS = 4
CANDIDATES = 5
ROLL_SIZES = 6
ACCOUNTS = 7
GUARDIANSHIPS = 8

STATE_FIELDS = Fields(assembly=160, probation=32, last_member_id=32, roll_size=32)
MEMBER_FIELDS = Fields(account=160, since=40, until=40, epoch=16)
COURSE_FIELDS = Fields(suspended_until=40, expelled=8, readmitted_at=40)
GUARDIANSHIP_FIELDS = Fields(next_from=40, recovered_at=40, round=32)
"""Of its third word, behind the two hashes."""


def words(replay: Replay, assembly: str) -> Words:
    """Return every word of Membership that the replay knows."""
    roll = replay.roll
    found = {STATE: Word(_state(replay, assembly), "Assembly, probation, last memberId and roll")}
    found |= _roll_sizes(roll)
    for member in roll.members.values():
        what = f"member {member.member_id}"
        found[slot_of(member.member_id, MEMBERS)] = Word(_member(member), what)
    for account, member_id in roll.member_ids.items():
        slot = slot_of(number_of(account), MEMBER_IDS)
        found[slot] = Word(member_id, f"memberId of account {account}")
    for account, applied_at in replay.candidates.items():
        slot = slot_of(number_of(account), CANDIDATES)
        found[slot] = Word(applied_at, f"application of account {account}")
    for member_id, history in roll.accounts.items():
        if len(history) > 1:
            found |= _changed(replay, member_id, history)
    found |= _guardianships(replay)
    return found


def _state(replay: Replay, assembly: str) -> int:
    sizes = replay.roll.sizes
    return STATE_FIELDS.word_of(
        assembly=number_of(assembly),
        probation=replay.probation,
        last_member_id=len(replay.roll.members),
        roll_size=sizes[-1][1] if sizes else 0,
    )


def _member(member: Member) -> int:
    return MEMBER_FIELDS.word_of(
        account=number_of(member.account),
        since=member.since,
        until=member.until,
        epoch=member.epoch,
    )


def _roll_sizes(roll: Roll) -> Words:
    """None are laid until the first change; then the founders' number becomes the first of them."""
    sizes = roll.sizes
    changed = len(sizes) > roll.founders
    return trace(ROLL_SIZES, sizes if changed else [], "sizes of the roll")


def _changed(replay: Replay, member_id: int, history: list[tuple[int, str]]) -> Words:
    """What is written down of a member when anything changes after the first admission, which until
    then the record alone tells."""
    terms = [(moment, number_of(account)) for moment, account in history]
    found = trace(slot_of(member_id, ACCOUNTS), terms, f"accounts of member {member_id}")
    member = replay.roll.members[member_id]
    course = COURSE_FIELDS.word_of(
        suspended_until=member.suspended_until,
        expelled=member.standing == "expelled",
        readmitted_at=replay.readmitted.get(member_id, 0),
    )
    found[slot_of(member_id, COURSES)] = Word(course, f"course of member {member_id}")
    return found


def _guardianships(replay: Replay) -> Words:
    """As the last act on them left them: a list that has come into force since still waits."""
    found = {}
    for member_id, each in replay.guardians.recorded.items():
        slot, whose = slot_of(member_id, GUARDIANSHIPS), f"guardians of member {member_id}"
        last = GUARDIANSHIP_FIELDS.word_of(
            next_from=each.next_from, recovered_at=each.recovered_at, round=each.round
        )
        found[slot] = Word(number_of(each.list_hash), f"list of the {whose}")
        found[slot + 1] = Word(number_of(each.next_hash), f"next list of the {whose}")
        found[slot + 2] = Word(last, f"next list's moment, last recovery, round of the {whose}")
    return found
