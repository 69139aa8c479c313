"""What aiokit does otherwise on purpose, by the ids of docs/semantics/differences.md; without an id, asyncio's own."""
import asyncio
from typing import Any, Awaitable

from permits import HeldBoundedSemaphore, HeldCondition, HeldLock, HeldSemaphore
from strict import StrictLifoQueue, StrictPriorityQueue, StrictQueue

Ids = frozenset[str]
# DIFF-47 comes with DIFF-40, DIFF-61 and DIFF-66 with DIFF-60. DIFF-5 is in the loop.
ALL: Ids = frozenset({'DIFF-5', 'DIFF-20', 'DIFF-25', 'DIFF-38', 'DIFF-39', 'DIFF-40', 'DIFF-60'})
QUEUES = {
    'fifo': (asyncio.Queue, StrictQueue),
    'lifo': (asyncio.LifoQueue, StrictLifoQueue),
    'priority': (asyncio.PriorityQueue, StrictPriorityQueue),
}


def queue(kind: str, size: int, ids: Ids) -> asyncio.Queue:
    return QUEUES[kind]['DIFF-60' in ids](size)


def lock(ids: Ids) -> asyncio.Lock:
    return HeldLock() if 'DIFF-40' in ids else asyncio.Lock()


def semaphore(value: int, ids: Ids) -> asyncio.Semaphore:
    return (HeldSemaphore if 'DIFF-40' in ids else asyncio.Semaphore)(value)


def bounded(value: int, ids: Ids) -> asyncio.BoundedSemaphore:
    return (HeldBoundedSemaphore if 'DIFF-40' in ids else asyncio.BoundedSemaphore)(value)


def condition(over: asyncio.Lock | None, ids: Ids) -> asyncio.Condition:
    return HeldCondition(over or HeldLock()) if 'DIFF-40' in ids else asyncio.Condition(over)


def asked(task: Any) -> int:
    """The cancellations of before: one that is still to come is not of the past."""
    return task.cancelling() - task._must_cancel


class CarefulTimeout(asyncio.Timeout):
    """DIFF-20: the cancellation that is to come is not its own."""

    async def __aenter__(self) -> 'CarefulTimeout':
        await super().__aenter__()
        self._cancelling = asked(self._task)
        return self


def timeout(delay: int | None, ids: Ids) -> asyncio.Timeout:
    if 'DIFF-20' not in ids:
        return asyncio.timeout(delay)
    return CarefulTimeout(None if delay is None else asyncio.get_running_loop().time() + delay)


async def wait_for(source: Awaitable[Any], delay: int | None, ids: Ids) -> Any:
    if 'DIFF-20' not in ids or delay is None or delay <= 0:
        return await asyncio.wait_for(source, delay)
    async with timeout(delay, ids):
        return await source


class OrderedSet(dict):
    """asyncio cancels the tasks of a group in the order of a set, which is none: here, as they were made."""

    def add(self, one: Any) -> None:
        self[one] = None

    def discard(self, one: Any) -> None:
        self.pop(one, None)


class Since:
    """A task, with those cancellations that were asked for since."""

    def __init__(self, task: Any) -> None:
        self.task, self.before = task, asked(task)
        self.cancel, self.done = task.cancel, task.done

    def cancelling(self) -> int:
        return max(0, self.task.cancelling() - self.before)

    def uncancel(self) -> int:
        self.task.uncancel()
        return self.cancelling()


class ForgivingGroup(asyncio.TaskGroup):
    """DIFF-25: what was caught before it is not asked for again."""

    async def __aenter__(self) -> 'ForgivingGroup':
        await super().__aenter__()
        self._parent_task = Since(self._parent_task)
        return self


def group(ids: Ids) -> asyncio.TaskGroup:
    made = ForgivingGroup() if 'DIFF-25' in ids else asyncio.TaskGroup()
    made._tasks = OrderedSet()
    return made


class KeepingTask(asyncio.tasks._PyTask):
    """DIFF-38: a cancelled task has one message, for whoever asks."""
    kept: Any = None

    @property
    def _cancel_message(self) -> Any:
        error = self._cancelled_exc
        return error.args[0] if error is not None and error.args else self.kept

    @_cancel_message.setter
    def _cancel_message(self, message: Any) -> None:
        self.kept = message

    def _make_cancelled_error(self) -> asyncio.CancelledError:
        message = self._cancel_message
        error = super()._make_cancelled_error()
        self.kept = message
        return error


TASKS = {False: asyncio.Task, True: KeepingTask}


def keeping(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task:
    return KeepingTask(coroutine, loop=loop, **options)


def gather(sources: list[Any], exceptions: bool, ids: Ids) -> asyncio.Future:
    outer: Any = asyncio.gather(*sources, return_exceptions=exceptions)
    if 'DIFF-38' in ids and not outer.done():
        keep_message(outer, exceptions)
    return outer


def keep_message(outer: Any, exceptions: bool) -> None:
    cancel, fail = outer.cancel, outer.set_exception
    message: list[Any] = []

    def cancels(msg: Any = None) -> bool:
        taken = cancel(msg)
        if taken:
            message[:] = [] if msg is None else [msg]
        return taken

    def fails(error: BaseException) -> None:
        own = outer._cancel_requested and (exceptions or not any(child.cancelled() for child in outer._children))
        fail(asyncio.CancelledError(*message) if own and isinstance(error, asyncio.CancelledError) else error)

    outer.cancel, outer.set_exception = cancels, fails


def shield(source: Any, ids: Ids) -> asyncio.Future:
    inner = asyncio.ensure_future(source)
    outer = asyncio.shield(inner)
    if 'DIFF-39' in ids and outer is not inner:
        inner.add_done_callback(lambda _: outer.cancelled() and report(inner))
    return outer


def report(inner: asyncio.Future) -> None:
    """DIFF-39: an error that comes once nobody waits for it is told at once, as in 3.14."""
    if not inner.cancelled() and inner.exception():
        error = inner.exception()
        context = {'message': f'{type(error).__name__} exception in shielded future', 'exception': error}
        inner.get_loop().call_exception_handler(context)
