"""What programs use: how it is made, and what traces show of it."""
import asyncio
from typing import Any, Callable

import differences

Ids = frozenset[str]


def make(kind: str, size: Any, over: Any, ids: Ids) -> Any:
    match kind:
        case 'L': return differences.lock(ids)
        case 'S': return differences.semaphore(size, ids)
        case 'B': return differences.bounded(size, ids)
        case 'E': return asyncio.Event()
        case 'C': return differences.condition(over, ids)
        case 'W': return asyncio.Barrier(size)
        case 'Q': return differences.queue(*(('fifo', 0) if size == 1 else size), ids)
        case _: return asyncio.get_event_loop().create_future()


def line(waiters: Any) -> int:
    return len(waiters or ())


def live(waiters: Any) -> int:
    return sum(not waiter.done() for waiter in waiters)


def queue(one: Any) -> str:
    counts = f'{one.qsize()}g{live(one._getters)}p{live(one._putters)}'
    return f'{counts}u{one._unfinished_tasks}j{live(one._finished._waiters)}'


STATES: dict[str, Callable[[Any], str]] = {
    'L': lambda one: f'{int(one.locked())}w{line(one._waiters)}',
    'S': lambda one: f'{one._value}w{line(one._waiters)}',
    'B': lambda one: f'{one._value}w{line(one._waiters)}',
    'E': lambda one: f'{int(one.is_set())}w{line(one._waiters)}',
    'C': lambda one: f'{int(one.locked())}w{line(one._waiters)}l{line(one._lock._waiters)}',
    'W': lambda one: f'{one.n_waiting}{"b" if one.broken else ""}',
    'Q': queue,
    'F': lambda one: 'pending' if not one.done() else 'cancelled' if one.cancelled() else 'done',
}
