"""A thread that does one thing after another while its owner does something else."""

import gc
import threading
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
