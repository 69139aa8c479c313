"""The steps that do not wait."""
from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Callable

from show import Failure, show
from who import Me

if TYPE_CHECKING:
    from interpreter import Run


class Raised(BaseException):
    """Carries what a program raises by itself out of a step."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def cancel(run: Run, _me: Me, name: str, message: str | None = None) -> bool:
    return run.ref(name).cancel(*([] if message is None else [message]))


def poll(run: Run, _me: Me, name: str) -> str:
    one = run.ref(name)
    match name[0]:
        case 'T' | 'F': return run.state(one)
        case 'Q': return f'{show(one.empty())} {show(one.full())} {one.qsize()}'
        case 'E': return show(one.is_set())
        case 'W': return f'{one.n_waiting} {show(one.broken)}'
        case _: return show(one.locked())


def shutdown(run: Run, _me: Me, name: str, immediate: bool) -> None:
    run.mark('shutdown immediate', immediate)
    run.thing(name).shutdown(immediate)


def uncancel(run: Run, me: Me) -> int | None:
    return run.tasks[me.index].uncancel() if me.index >= 0 else None


def fail(run: Run, me: Me, text: str) -> None:
    if me.index >= 0:
        raise Raised(asyncio.CancelledError() if text == 'CancelledError' else Failure(text))


def reschedule(run: Run, me: Me, delay: int | None) -> None:
    if me.limit is not None:
        me.limit.reschedule(None if delay is None else run.loop.now + delay)


def callback(run: Run, _me: Me, name: str) -> None:
    one = run.ref(name)
    shown = run.name(name)
    if id(one) not in run.callbacks:
        run.callbacks[id(one)] = lambda done: run.note(f'callback {shown}{run.state(done)}')
    one.add_done_callback(run.callbacks[id(one)])


def uncallback(run: Run, _me: Me, name: str) -> int:
    one = run.ref(name)
    return one.remove_done_callback(run.callbacks[id(one)]) if id(one) in run.callbacks else 0


def soon(run: Run, _me: Me, mark: int) -> None:
    run.handles.append(run.loop.call_soon(run.note, f'soon {mark}'))


def later(run: Run, _me: Me, delay: int, mark: int) -> None:
    run.mark('later due', delay <= 0)
    run.handles.append(run.loop.call_later(delay, run.note, f'later {mark}'))


def drop(run: Run, _me: Me, number: int) -> None:
    if run.handles:
        handle = run.handles[number % len(run.handles)]
        run.mark('drop timer' if getattr(handle, '_scheduled', False) else 'drop ready')
        handle.cancel()


def crash(run: Run, _me: Me, text: str) -> None:
    def fails() -> None:
        raise Failure(text)
    run.loop.call_soon(fails)


QUICK: dict[str, Callable[..., Any]] = {
    'release': lambda run, me, name: run.thing(name).release(),
    'set': lambda run, me, name: run.thing(name).set(),
    'clear': lambda run, me, name: run.thing(name).clear(),
    'notify': lambda run, me, name, n: run.thing(name).notify(n),
    'notifyAll': lambda run, me, name: run.thing(name).notify_all(),
    'putNowait': lambda run, me, name, item: run.thing(name).put_nowait(item),
    'getNowait': lambda run, me, name: run.thing(name).get_nowait(),
    'taskDone': lambda run, me, name: run.thing(name).task_done(),
    'shutdown': shutdown,
    'setResult': lambda run, me, name, value: run.ref(name).set_result(value),
    'setException': lambda run, me, name, text: run.ref(name).set_exception(Failure(text)),
    'result': lambda run, me, name: run.ref(name).result(),
    'cancelling': lambda run, me: run.tasks[me.index].cancelling(),
    'create': lambda run, me, steps: run.create(me, steps),
    'child': lambda run, me, steps: run.create(me, steps, 'child'),
    'eager': lambda run, me, steps: run.create(me, steps, 'eager'),
    'cancel': cancel, 'poll': poll, 'uncancel': uncancel, 'raise': fail, 'reschedule': reschedule,
    'callback': callback, 'uncallback': uncallback, 'soon': soon, 'later': later, 'drop': drop,
    'crash': crash,
}
REFERS = {
    'release', 'set', 'clear', 'notify', 'notifyAll', 'putNowait', 'getNowait', 'taskDone', 'shutdown', 'setResult',
    'setException', 'cancel', 'poll', 'result', 'callback', 'uncallback',
}
