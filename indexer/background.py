"""One thing after another in a thread of its own, in the order in which they were asked for."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar, cast
from weakref import finalize

_Task = tuple[Future[Any], Callable[[], Any]]
T = TypeVar("T")


class Background:
    """A thread that begins with its first task and ends when nobody can give it any more.

    It is a daemon, so that a node that never answers keeps no process from its end.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._begun, self._beginning = False, Lock()

    def begin(self, task: Callable[[], T]) -> Future[T]:
        """Ask for a task and return at once; the future gives its result or raises its error."""
        with self._beginning:
            if not self._begun:
                # The thread knows the queue and not its owner, whom it would keep alive.
                Thread(target=_work, args=(self._tasks,), name=self._name, daemon=True).start()
                finalize(self, self._tasks.put, None)
                self._begun = True
        future: Future[T] = Future()
        self._tasks.put((future, task))
        return future

    def ahead(self, items: Iterator[T]) -> Iterator[T]:
        """Give the items, and have the next one made while the present one is used."""
        end = object()
        coming = self.begin(partial(next, items, end))
        while (item := coming.result()) is not end:
            coming = self.begin(partial(next, items, end))
            yield cast("T", item)


def _work(tasks: "SimpleQueue[_Task | None]") -> None:
    while (task := tasks.get()) is not None:
        _do(*task)
        del task  # or what it holds would live until the next one


def _do(future: Future[Any], task: Callable[[], Any]) -> None:
    try:
        result = task()
    except BaseException as error:  # raised again where it is awaited
        future.set_exception(error)
    else:
        future.set_result(result)
