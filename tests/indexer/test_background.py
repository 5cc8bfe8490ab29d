"""A thread that does one thing after another while its owner does something else."""

import gc
import threading
from collections.abc import Iterator
from functools import partial
from threading import Event

import pytest

from indexer.background import Background


def test_tasks_are_done_in_the_order_in_which_they_were_asked_for() -> None:
    background, go, done = Background("in order"), Event(), list[int]()

    def task(number: int) -> int:
        go.wait(10)
        done.append(number)
        return number * number

    futures = [background.begin(partial(task, number)) for number in range(5)]
    assert done == []  # the owner goes on meanwhile
    go.set()
    assert [future.result(10) for future in futures] == [0, 1, 4, 9, 16]
    assert done == list(range(5))


def test_an_error_is_raised_where_the_result_is_awaited_and_the_next_task_is_done() -> None:
    background = Background("after an error")
    failing, good = background.begin(lambda: 1 // 0), background.begin(lambda: "good")
    with pytest.raises(ZeroDivisionError):
        failing.result(10)
    assert good.result(10) == "good"


def test_the_thread_ends_with_its_owner() -> None:
    background = Background("ending")
    thread = background.begin(threading.current_thread).result(10)
    assert thread.daemon
    del background
    gc.collect()
    thread.join(10)
    assert not thread.is_alive()


def test_the_next_item_is_made_while_the_present_one_is_used_and_no_further_one() -> None:
    made: list[int] = []
    next_is_there = [Event() for _ in range(6)]

    def items() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            next_is_there[number].set()
            yield number
        next_is_there[5].set()

    given = []
    for item in Background("ahead").ahead(items()):
        assert next_is_there[item + 1].wait(10)
        assert made == list(range(min(item + 2, 5)))
        given.append(item)
    assert given == [0, 1, 2, 3, 4]


def test_an_error_ahead_is_raised_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("the third")

    given = []

    def use() -> None:
        for item in Background("ahead, failing").ahead(items()):
            given.append(item)

    with pytest.raises(ValueError, match="the third"):
        use()
    assert given == [1, 2]
