"""The steps that may wait."""
from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Awaitable, Callable

import differences
from show import show, show_error
from who import Me

if TYPE_CHECKING:
    from interpreter import Run, Step


async def acquire(run: Run, _me: Me, name: str) -> None:
    await run.thing(name).acquire()


async def wait(run: Run, _me: Me, name: str) -> Any:
    one = run.thing(name)
    run.mark('wait outside', name[0] == 'W' and one._state.name in ('DRAINING', 'RESETTING'))
    return await one.wait()


async def wait_until(run: Run, _me: Me, name: str, event: str) -> Any:
    return await run.thing(name).wait_for(run.thing(event).is_set)


async def sleep(run: Run, _me: Me, delay: int) -> None:
    await asyncio.sleep(delay)


async def put(run: Run, _me: Me, name: str, item: int) -> None:
    await run.thing(name).put(item)


async def get(run: Run, _me: Me, name: str) -> Any:
    one = run.thing(name)
    run.mark(f'get {type(one).__name__}')
    return await one.get()


async def join(run: Run, _me: Me, name: str) -> None:
    await run.thing(name).join()


async def reset(run: Run, _me: Me, name: str) -> None:
    await run.thing(name).reset()


async def abort(run: Run, _me: Me, name: str) -> None:
    await run.thing(name).abort()


async def awaits(run: Run, me: Me, name: str) -> Any:
    one = run.ref(name)
    if one is asyncio.current_task():
        return await one
    return await run.owning(me, [name], lambda: one)


async def gather(run: Run, me: Me, exceptions: bool, sources: list[Any]) -> Any:
    run.mark('gather twice', len(set(map(str, sources))) < len(sources))
    run.mark('gather exceptions', exceptions)
    make = lambda: differences.gather([run.source(me, one) for one in sources], exceptions, run.ids)
    return await run.owning(me, sources, make)


async def some(run: Run, me: Me, when: str, delay: int | None, names: list[str]) -> Any:
    run.mark(f'some {when}')
    ones = {run.name(name): run.ref(name) for name in names}
    done, _ = await run.owning(me, names, lambda: asyncio.wait(ones.values(), timeout=delay, return_when=when))
    return ' '.join(name for name, one in ones.items() if one in done) or 'none'


async def shield(run: Run, me: Me, source: Any) -> Any:
    return await run.owning(me, [source], lambda: differences.shield(run.source(me, source), run.ids))


async def wait_for(run: Run, me: Me, delay: int | None, source: Any) -> Any:
    return await run.owning(me, [source], lambda: differences.wait_for(run.source(me, source), delay, run.ids))


async def each(run: Run, me: Me, delay: int | None, names: list[str]) -> Any:
    async def collect() -> Any:
        found = []
        for one in asyncio.as_completed(one_done(run, names), timeout=delay):
            try:
                value = show(await one)
            except Exception as error:
                value = show_error(error)
                run.mark('each error')
            run.note(f'{me.label} next {value}')
            found.append(value)
        return ' '.join(found)
    return await run.owning(me, names, collect)


def one_done(run: Run, names: list[str]) -> list[Any]:
    """Of those that are done the first only: asyncio takes them in the order of a set."""
    ones = [run.ref(name) for name in names]
    done = [one for one in ones if one.done()]
    return [one for one in ones if not one.done() or one is done[0]]


async def timeout(run: Run, me: Me, delay: int | None, steps: list[Step]) -> Any:
    async with differences.timeout(delay, run.ids) as limit:
        inner = Me(me.label, me.index, me.group, limit)
        await run.block(inner, steps)
    run.mark('expired, caught', limit.expired())
    return limit.expired()


async def group(run: Run, me: Me, steps: list[Step]) -> None:
    async with differences.group(run.ids) as group:
        await run.block(Me(me.label, me.index, group, me.limit), steps)


async def section(run: Run, me: Me, name: str, steps: list[Step]) -> None:
    one = run.thing(name)
    await one.acquire()
    try:
        await run.block(me, steps)
    finally:
        one.release()


async def within(run: Run, me: Me, name: str, steps: list[Step]) -> None:
    async with run.thing(name):
        await run.block(me, steps)


async def attempt(run: Run, me: Me, mode: str, steps: list[Step]) -> Any:
    try:
        await run.block(me, steps)
    except Exception as error:
        return error
    except asyncio.CancelledError as error:
        run.mark(f'caught {mode}')
        if mode == 'errors':
            raise
        if mode == 'uncancel':
            run.tasks[me.index].uncancel()
        return error


WAITS: dict[str, Callable[..., Awaitable[Any]]] = {
    'acquire': acquire, 'wait': wait, 'waitUntil': wait_until, 'sleep': sleep, 'put': put, 'get': get,
    'join': join, 'reset': reset, 'abort': abort, 'await': awaits, 'gather': gather, 'some': some,
    'shield': shield, 'waitFor': wait_for, 'each': each, 'timeout': timeout, 'group': group,
    'section': section, 'with': within, 'try': attempt,
}
