"""asyncio's own loop in virtual time: waiting for the selector advances the clock."""
import asyncio
import heapq
from typing import Any, Callable

Hook = Callable[[], None]


class StableTimer(asyncio.TimerHandle):
    """DIFF-5: timers of one instant in the order in which they were made."""
    count = 0

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        StableTimer.count += 1
        self.number = StableTimer.count

    def __lt__(self, other: Any) -> bool:
        return (self._when, self.number) < (other._when, other.number)


class VirtualLoop(asyncio.BaseEventLoop):
    """Its unit of time is a millisecond, as in the programs."""

    def __init__(self, before: Hook, after: Hook, stable: bool) -> None:
        super().__init__()
        self._selector = self
        self.now = 0
        self.before, self.after, self.stable = before, after, stable

    def time(self) -> int:
        return self.now

    def select(self, timeout: int | None) -> tuple[()]:
        self.now += timeout or 0
        return ()

    def idle(self) -> bool:
        return not self._ready and all(timer._cancelled for timer in self._scheduled)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:
        if not self.stable:
            return super().call_at(when, callback, *args, context=context)
        timer = StableTimer(when, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer

    def _run_once(self) -> None:
        self.before()
        super()._run_once()
        self.after()

    def _process_events(self, _events: Any) -> None:
        pass

    def _write_to_self(self) -> None:
        pass
