"""DIFF-40 and DIFF-47: what is held is a permit; `release()` ends the oldest, and the end of a section its own."""
import asyncio
from typing import Any


class Permit:
    ends = 0


class Held:
    """Of what is acquired: the permits that are live, and those of the sections of each task."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.permits: list[Permit] = []
        self.entered: dict[Any, list[Permit]] = {}

    async def acquire(self) -> bool:
        await super().acquire()
        self.permits.append(Permit())
        return True

    def release(self) -> None:
        super().release()
        if self.permits:
            self.permits.pop(0).ends += 1

    def end(self, permit: Permit) -> None:
        permit.ends += 1
        if permit in self.permits:
            self.permits.remove(permit)
            if self._value < self._bound_value if isinstance(self, asyncio.BoundedSemaphore) else True:
                super().release()

    async def __aenter__(self) -> None:
        await self.acquire()
        self.entered.setdefault(asyncio.current_task(), []).append(self.permits[-1])

    async def __aexit__(self, *_error: Any) -> None:
        self.end(self.entered[asyncio.current_task()].pop())


class HeldLock(Held, asyncio.Lock):
    pass


class HeldSemaphore(Held, asyncio.Semaphore):
    pass


class HeldBoundedSemaphore(Held, asyncio.BoundedSemaphore):
    pass


class HeldCondition(asyncio.Condition):
    """The permit that is live before a wait is live again after it, unless it has ended meanwhile."""

    async def wait(self) -> bool:
        lock: Any = self._lock
        permit = lock.permits[0] if lock.permits else None
        try:
            return await super().wait()
        finally:
            if permit is not None:
                if permit.ends > 1:
                    lock.release()
                else:
                    permit.ends = 0
                    lock.permits[0] = permit

    async def __aenter__(self) -> None:
        await self._lock.__aenter__()

    async def __aexit__(self, *error: Any) -> None:
        await self._lock.__aexit__(*error)
