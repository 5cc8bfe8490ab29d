"""What ballots commit to, computed as the write side computes it on its own."""

from hypothesis import given
from hypothesis import strategies as st

from indexer.abi import checksummed, readable
from indexer.hashing import keccak
from indexer.rules import content
from node import content as written
from node.packing import Ladder

words = st.binary(min_size=32, max_size=32)
addresses = st.binary(min_size=20, max_size=20).map(lambda raw: checksummed("0x" + raw.hex()))
moments = st.integers(0, 2**40 - 1)
actions = st.builds(content.Action, addresses, st.integers(0, 2**256 - 1), st.binary(max_size=99))


@given(
    assembly=addresses,
    numbers=st.tuples(st.integers(1, 2**56), st.integers(0, 6), st.integers(1, 8191)),
    opens_at=moments,
    acts=st.lists(actions, max_size=3).map(tuple),
    text=st.text(),
    confirms=words | st.just(b""),
)
def test_a_proposal_s_content_is_what_the_node_signs(
    assembly: str,
    numbers: tuple[int, int, int],
    opens_at: int,
    acts: tuple[content.Action, ...],
    text: str,
    confirms: bytes,
) -> None:
    codes = tuple(keccak(act.data) for act in acts)
    said = confirms or keccak(text.encode())
    ours = content.ProposalParts(31337, assembly, *numbers, opens_at, acts, codes, said)
    their_acts = tuple(written.Action(*act) for act in acts)
    theirs = written.ProposalParts(
        31337, assembly, *numbers, opens_at, their_acts, codes, text, confirms
    )
    assert content.proposal_content(ours) == written.proposal_content(theirs)


@given(
    pay_rates=addresses,
    role=words,
    numbers=st.tuples(st.integers(1, 2**32 - 1), st.integers(1, 2**32 - 1)),
    when=st.tuples(moments, moments),
    ladder=st.tuples(st.integers(1, 2**40), st.integers(1, 2**40), st.integers(1, 256)),
    present=st.integers(0, 255),
)
def test_a_pay_vote_s_content_is_what_the_node_signs(
    pay_rates: str,
    role: bytes,
    numbers: tuple[int, int],
    when: tuple[int, int],
    ladder: tuple[int, int, int],
    present: int,
) -> None:
    number, version = numbers
    ours = content.PayVoteParts(31337, pay_rates, number, role, version, *when, *ladder, present)
    theirs = written.PayVoteParts(
        31337, pay_rates, number, role, version, *when, Ladder(*ladder), present
    )
    assert content.pay_vote_content(ours) == written.pay_vote_content(theirs)


@given(st.binary(max_size=8) | st.text(max_size=8).map(str.encode))
def test_the_bytes_of_a_text_are_among_its_spellings(raw: bytes) -> None:
    read = readable(raw)
    assert raw in set(content.spellings(read))
    assert content.least_size(read) <= len(raw)


def test_the_four_characters_of_a_bad_byte_can_also_be_meant() -> None:
    assert set(content.spellings("a\\xff")) == {b"a\xff", b"a\\xff"}
    assert content.least_size("a\\xff") == 2


def test_a_text_with_too_many_bad_bytes_is_given_up() -> None:
    assert len(list(content.spellings("\\xff" * 10))) == 2**10
    assert list(content.spellings("\\xff" * 11)) == []


def test_only_a_lower_case_hash_stands_for_a_text() -> None:
    digest = keccak(b"a person").hex()
    assert content.is_hashed("0x" + digest)
    assert not content.is_hashed(digest)
    assert not content.is_hashed("0x" + digest.upper())
    assert not content.is_hashed("0x" + digest + "\n")
