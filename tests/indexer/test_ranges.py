"""How many blocks are asked for at once: soon many where little happens, never too many logs."""

from indexer.ranges import FEW, FIRST, LARGEST, MANY, SMALLEST, next_size


def test_a_quiet_chain_is_read_in_large_ranges_after_a_few_steps() -> None:
    size = FIRST
    for _ in range(3):
        size = next_size(size, 0)
    assert size == LARGEST


def test_ranges_grow_by_no_more_than_the_logs_leave_room_for() -> None:
    for logs in (0, FEW // 8 - 1, FEW // 8, FEW - 1):
        grown = next_size(100, logs)
        assert grown > 100
        assert logs * grown / 100 < 2 * FEW


def test_ranges_stay_where_logs_are_many_and_shrink_where_they_are_too_many() -> None:
    assert next_size(100, FEW) == next_size(100, MANY) == 100
    assert next_size(100, MANY + 1) == 50
    assert next_size(1, MANY + 1) == SMALLEST
