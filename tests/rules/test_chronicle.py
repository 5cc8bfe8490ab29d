"""The chronicle: no log can be left out, added, altered, moved or doubled unseen."""

from typing import NamedTuple

from hypothesis import assume, given
from hypothesis import strategies as st

from indexer.rules import chronicle

ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3"


class Entry(NamedTuple):
    """What is folded of a log."""

    block: int
    timestamp: int
    topics: bytes
    data: bytes


word = st.binary(min_size=32, max_size=32)
entries = st.lists(
    st.builds(
        Entry,
        st.integers(0, 2**64 - 1),
        st.integers(0, 2**64 - 1),
        st.lists(word, max_size=4).map(b"".join),
        st.binary(max_size=100),
    ),
    min_size=1,
    max_size=5,
)


def folded(logs: list[Entry], chain_id: int = 1, address: str = ADDRESS) -> bytes:
    head = chronicle.begin(chain_id, address)
    for each in logs:
        head = chronicle.fold(head, *each)
    return head


def test_the_first_head_is_the_hash_of_chain_and_address() -> None:
    # As `cast keccak 0x…7a69 5fbd…` gives it, with the chain id 31337 in 32 bytes.
    known = "73111281a8c62caa0d21f21595e5450b12af6817144628f5824cb7703078df49"
    assert chronicle.begin(31337, ADDRESS).hex() == known
    assert chronicle.begin(31337, ADDRESS.lower()).hex() == known


@given(entries, entries)
def test_two_histories_share_a_head_only_if_they_are_the_same(
    one: list[Entry], other: list[Entry]
) -> None:
    assert (folded(one) == folded(other)) == (one == other)


@given(entries, st.data())
def test_a_log_left_out_doubled_or_swapped_changes_the_head(
    logs: list[Entry], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(logs) - 1))
    assert folded(logs[:place] + logs[place + 1 :]) != folded(logs)
    assert folded([*logs, logs[place]]) != folded(logs)
    swapped = [*logs[place:], *logs[:place]]
    assume(swapped != logs)
    assert folded(swapped) != folded(logs)


@given(entries)
def test_a_topic_moved_into_the_data_changes_the_head(logs: list[Entry]) -> None:
    first = logs[0]
    assume(first.topics)
    moved = first._replace(topics=first.topics[:-32], data=first.topics[-32:] + first.data)
    assert folded([moved]) != folded([first])


@given(entries)
def test_another_chain_or_contract_has_another_head(logs: list[Entry]) -> None:
    assert folded(logs, chain_id=2) != folded(logs)
    assert folded(logs, address="0x" + "11" * 20) != folded(logs)
