"""DIFF-60, DIFF-61 and DIFF-66: a queue whose wake-ups reserve an item or a place."""
import asyncio
import math
from collections import deque
from typing import Any, Callable


class Side:
    """Those who wait to get, or to put; `turns` of what there is are reserved."""

    def __init__(self, waiters: deque[asyncio.Future], supply: Callable[[], float], scarce: Callable[[], bool]) -> None:
        self.waiters, self.supply, self.scarce = waiters, supply, scarce
        self.turns = 0

    def spare(self) -> float:
        """What a newcomer may have."""
        live = sum(not waiter.done() for waiter in self.waiters)
        return self.supply() - self.turns - live if live == 0 or self.turns > 0 else 0

    def wake(self, everybody: bool = False) -> None:
        for waiter in self.waiters:
            if not waiter.done():
                if not (everybody or self.scarce() or self.supply() > self.turns):
                    return
                self.turns += 1
                waiter.set_result(None)

    async def turn(self, take: Callable[[], Any], joined: Callable[[], None] = lambda: None) -> Any:
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self.waiters.append(waiter)
        if self.turns > 0:
            loop.call_soon(self.wake)
        joined()
        try:
            await waiter
        except BaseException:
            self.waiters.remove(waiter)
            if not waiter.cancelled():
                self.turns -= 1
            self.wake()
            raise
        self.waiters.remove(waiter)
        self.turns -= 1
        try:
            return take()
        finally:
            self.wake()


class StrictQueue(asyncio.Queue):
    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        self.getting = Side(self._getters, self.qsize, lambda: self._is_shutdown)
        self.putting = Side(self._putters, lambda: maxsize - self.qsize() if maxsize else math.inf, lambda: False)

    def empty(self) -> bool:
        return self.getting.spare() < 1

    def full(self) -> bool:
        return self.putting.spare() < 1

    def take(self) -> Any:
        if not self._queue:
            raise asyncio.QueueShutDown
        item = self._get()
        self.putting.wake()
        return item

    def accept(self, item: Any) -> None:
        if self._is_shutdown:
            raise asyncio.QueueShutDown
        self._put(item)
        self._unfinished_tasks += 1
        self._finished.clear()
        self.getting.wake()

    async def get(self) -> Any:
        if self.getting.turns == 0 and not self.empty() or self._is_shutdown and not self._queue:
            return self.take()
        return await self.getting.turn(self.take)

    async def put(self, item: Any) -> None:
        if self._is_shutdown:
            self.getting.wake()
        if self._is_shutdown or self.putting.turns == 0 and not self.full():
            return self.accept(item)
        await self.putting.turn(lambda: self.accept(item), self.getting.wake)

    def get_nowait(self) -> Any:
        if not self.empty() or self._is_shutdown and not self._queue:
            return self.take()
        raise asyncio.QueueEmpty

    def put_nowait(self, item: Any) -> None:
        if not self._is_shutdown and self.full():
            raise asyncio.QueueFull
        self.accept(item)

    def shutdown(self, immediate: bool = False) -> None:
        self._is_shutdown = True
        if immediate:
            while self._queue:
                self._get()
                self._unfinished_tasks = max(0, self._unfinished_tasks - 1)
            if self._unfinished_tasks == 0:
                self._finished.set()
        self.getting.wake(True)
        self.putting.wake(True)


class StrictLifoQueue(StrictQueue, asyncio.LifoQueue):
    pass


class StrictPriorityQueue(StrictQueue, asyncio.PriorityQueue):
    pass
