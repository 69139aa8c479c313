"""Runs programs (see ../src/program.ts) on asyncio: a line of JSON in, a line of JSON with the trace out."""
import asyncio
import re
from typing import Any, Awaitable, Callable, Iterable

import differences
from virtual import VirtualLoop

Step = list[Any]
Program = dict[str, Any]
Task = asyncio.Task
ROUNDS = 6
# What the errors of asyncio are called in aiokit: docs/semantics/errors.md.
NAMES = {'ValueError': 'RangeError', 'BaseExceptionGroup': 'ExceptionGroup'}
TEXTS = {
    'Result is not set.': 'Result is not ready.',
    'task_done() called too many times': 'taskDone() called too many times',
    'Task does not support set_result operation': 'Task does not support setResult operation',
    'Task does not support set_exception operation': 'Task does not support setException operation',
}
# asyncio gives these no text.
SILENT = {'QueueFull', 'QueueEmpty', 'QueueShutDown'}
REPR = re.compile('<.*>')


class Failure(Exception):
    """What a program raises by itself."""


def show_error(error: BaseException) -> str:
    name = type(error).__name__
    text = '' if name in SILENT else str(error)
    parts = getattr(error, 'exceptions', None)
    rest = f'[{",".join(map(show_error, parts))}]' if parts else ''
    return f'{NAMES.get(name, name)}({TEXTS.get(text) or REPR.sub("<>", text)}){rest}'


def show(value: Any) -> str:
    if value is None:
        return '-'
    if isinstance(value, BaseException):
        return show_error(value)
    if isinstance(value, list):
        return f'[{",".join(map(show, value))}]'
    return str(value).lower() if isinstance(value, bool) else str(value)


class Me:
    """Who runs steps: a task, or a coroutine within one."""
    __slots__ = ('label', 'index', 'group', 'limit', 'count')

    def __init__(self, label: str, index: int, group: Any = None, limit: Any = None) -> None:
        self.label, self.index, self.group, self.limit, self.count = label, index, group, limit, 0

    def inner(self) -> 'Me':
        self.count += 1
        return Me(f'{self.label}.{self.count}', self.index)


class Run:
    def __init__(self, program: Program, ids: frozenset[str] = frozenset(), mark: Callable[[str], None] | None = None) -> None:
        self.program, self.ids, self.leave = program, ids, mark
        # The clock, and the number of iterations since it has shown that.
        self.now = self.tick = self.round = 0
        self.over = False
        self.trace: list[str] = []
        self.notes: list[str] = []
        self.things: dict[str, Any] = {}
        self.shown: dict[str, str] = {}
        self.tasks: list[Task] = []
        self.doing: list[str] = []
        self.started: set[int] = set()
        self.edges: list[list[int]] = []
        self.handles: list[asyncio.Handle] = []
        self.callbacks: dict[int, Any] = {}
        self.at = sorted(program.get('at', ()), key=lambda entry: entry[:2])
        self.loop = VirtualLoop(self.before, self.after, 'DIFF-5' in ids)

    def run(self) -> list[str]:
        loop = self.loop
        loop.set_exception_handler(self.unhandled)
        if 'DIFF-38' in self.ids:
            loop.set_task_factory(differences.keeping)
        asyncio.set_event_loop(loop)
        try:
            self.begin()
            loop.run_forever()
        finally:
            self.over = True
            asyncio.set_event_loop(None)
            loop.close()
        return self.trace

    def begin(self) -> None:
        for steps in self.program['tasks']:
            self.create(Me('', -1), steps)

    # What happens around the iterations.

    def before(self) -> None:
        self.tick += 1
        while self.at and self.at[0][:2] <= [self.loop.now, self.tick]:
            self.quick(Me('at', -1), self.at.pop(0)[2:])
        while self.loop.idle():
            if self.at:
                self.quick(Me('at', -1), self.at.pop(0)[2:])
            elif all(task.done() for task in self.tasks) or self.round == ROUNDS:
                for number, task in enumerate(self.tasks):
                    self.note(f'T{number}{self.state(task)}')
                self.loop.stop()
                return
            else:
                self.end()

    def end(self) -> None:
        """Nothing goes on by itself any more."""
        self.round += 1
        self.note(f'round {self.round}')
        for task in self.tasks:
            if not task.done():
                task.cancel('end')
        if self.round > 1:
            for name, thing in self.things.items():
                if name[0] in 'LC' and thing.locked():
                    thing.release()

    def after(self) -> None:
        if self.loop.now > self.now:
            self.now, self.tick = self.loop.now, 0
        shown = self.shown
        states = []
        for name, thing in self.things.items():
            text = STATES[name[0]](thing)
            if shown.get(name) != text:
                shown[name] = text
                states.append(f'{name} {text}')
        if states:
            self.notes.append('| ' + ', '.join(states))
        if self.notes:
            self.trace.append(f'{self.now}+{self.tick} ' + '; '.join(self.notes))
            self.notes = []

    def note(self, text: str) -> None:
        if not self.over:
            self.notes.append(text)

    def mark(self, what: str, seen: bool = True) -> None:
        if self.leave and seen:
            self.leave(what)

    def unhandled(self, _loop: Any, context: dict[str, Any]) -> None:
        message = context['message']
        if 'never retrieved' not in message and 'destroyed' not in message:
            words = REPR.sub('<>', message).split(' ')[:3]
            self.mark(f'handler {words[-1]}')
            self.note(f'handler {" ".join(words)} {show(context.get("exception"))}')

    def state(self, one: Any) -> str:
        requests = one.cancelling() if hasattr(one, 'cancelling') else 0
        count = f' c{requests}' if requests else ''
        if not one.done():
            return f' pending{count}'
        if one.cancelled():
            return f' cancelled{count}'  # To ask it for the error would take that away.
        try:
            return f'={show(one.result())}{count}'
        except (Exception, asyncio.CancelledError) as error:
            return f'!{show_error(error)}{count}'

    # What steps refer to.

    def thing(self, name: str) -> Any:
        if name not in self.things:
            number = int(name[1:])
            sizes = self.program.get(name[0], ())
            size = sizes[number] if number < len(sizes) else 1
            self.things[name] = self.make(name, size)
        return self.things[name]

    def make(self, name: str, size: Any) -> Any:
        match name[0]:
            case 'L': return differences.lock(self.ids)
            case 'S': return differences.semaphore(size, self.ids)
            case 'B': return differences.bounded(size, self.ids)
            case 'E': return asyncio.Event()
            case 'C': return differences.condition(self.thing('L0') if name == 'C1' else None, self.ids)
            case 'W': return asyncio.Barrier(size)
            case 'Q': return differences.queue(size[0], size[1], self.ids) if size != 1 else asyncio.Queue()
            case _: return self.loop.create_future()

    def ref(self, name: str) -> Any:
        if name[0] == 'T':
            return self.tasks[int(name[1:]) % len(self.tasks)]
        return self.thing(name)

    def name(self, name: str) -> str:
        return f'T{int(name[1:]) % len(self.tasks)}' if name[0] == 'T' else name

    def reaches(self, start: int, goal: int) -> bool:
        return start == goal or any(self.reaches(target, goal) for target in self.edges[start])

    def awaited(self, me: Me, names: Iterable[str]) -> list[int]:
        """The tasks that are to be waited for; an error instead of a circle, which cannot be cancelled."""
        found = [int(name[1:]) % len(self.tasks) for name in names if isinstance(name, str) and name[0] == 'T']
        if any(self.reaches(one, me.index) for one in found):
            raise Failure('circle')
        return found

    # Making tasks and coroutines.

    def create(self, me: Me, steps: list[Step], how: str = 'create') -> None:
        number = len(self.tasks)
        group = me.group if how == 'child' else None
        coroutine = self.body(Me(f'T{number}', number, group), steps)
        self.doing.append('')
        self.edges.append([])
        if how == 'eager':
            self.tasks.append(None)
            self.tasks[number] = differences.TASKS['DIFF-38' in self.ids](coroutine, loop=self.loop, eager_start=True)
        elif group is not None:
            try:
                self.tasks.append(group.create_task(coroutine))
            except RuntimeError:
                self.doing.pop()
                self.edges.pop()
                raise
        else:
            self.tasks.append(self.loop.create_task(coroutine))

    async def body(self, me: Me, steps: list[Step]) -> Any:
        self.started.add(me.index)
        self.tasks[me.index] = asyncio.current_task()
        self.note(f'{me.label} starts')
        try:
            value = await self.block(me, steps)
        except (Exception, asyncio.CancelledError) as error:
            self.note(f'{me.label} ends !{show_error(error)}')
            raise
        self.note(f'{me.label} ends')
        if self.leave and self.tasks[me.index]._must_cancel:
            self.leave('ends:cancelled')
        return value

    def source(self, me: Me, source: Any) -> Any:
        return self.ref(source) if isinstance(source, str) else self.block(me.inner(), source)

    async def block(self, me: Me, steps: list[Step]) -> Any:
        value = None
        for step in steps:
            name = step[0]
            work = WAITS.get(name)
            if work is None:
                value = self.quick(me, step)
                continue
            tick = (self.now, self.tick)
            about = step[1] if len(step) > 1 and isinstance(step[1], str) and step[1][0].isupper() and step[1][1:].isdigit() else ''
            what = f'{me.label} {name}{about and " " + self.name(about)}'
            if self.leave:
                self.doing[me.index] = f'{name}{about[:1]}'
            try:
                value = await work(self, me, *step[1:])
            except (Exception, asyncio.CancelledError) as error:
                self.note(f'{what}!{show_error(error)}')
                self.outcome(me, name + about[:1], tick, type(error).__name__)
                raise
            self.note(what if value is None else f'{what}={show(value)}')
            self.outcome(me, name + about[:1], tick, '')
        return value

    def outcome(self, me: Me, what: str, tick: tuple[int, int], error: str) -> None:
        if self.leave and not self.over:
            end = f'{what}:{error or "ok"}:{"later" if (self.now, self.tick) != tick else "now"}'
            self.leave(end)
            if me.group is not None:
                self.leave(f'group>{end}')
            if me.limit is not None:
                self.leave(f'limit>{end}')

    def quick(self, me: Me, step: Step) -> Any:
        """A step that does not wait; what it raises is noted, and no more."""
        name, *args = step
        about = f' {self.name(args[0])}' if args and isinstance(args[0], str) and name in REFERS else ''
        if self.leave:
            self.mark_quick(me, name, args)
        try:
            value = QUICK[name](self, me, *args)
        except Raised as raised:
            raise raised.error from None
        except (Exception, asyncio.CancelledError) as error:
            self.note(f'{me.label} {name}{about}!{show_error(error)}')
            if self.leave:
                self.leave(f'{name}{about[1:2]}:{type(error).__name__}')
            return None
        self.note(f'{me.label} {name}{about}' + ('' if value is None else f'={show(value)}'))
        return value

    def mark_quick(self, me: Me, name: str, args: list[Any]) -> None:
        kind = args[0][0] if args and isinstance(args[0], str) and name in REFERS else ''
        self.leave(f'{name}{kind}')
        if name == 'cancel' and kind == 'T':
            number = int(args[0][1:]) % len(self.tasks)
            task = self.tasks[number]
            self.leave(f'cancel>{self.doing[number]}:{self.phase(task, number, me)}')

    def phase(self, task: Any, number: int, me: Me) -> str:
        if task is None or number == me.index:
            return 'self'
        if task.done():
            return 'done'
        if number not in self.started:
            return 'unstarted'
        again = ' again' if task.cancelling() else ''
        waiter = task._fut_waiter
        return ('woken' if waiter is None or waiter.done() else 'waiting') + again

    # Steps that may wait.

    async def acquire(self, _me: Me, name: str) -> None:
        await self.thing(name).acquire()

    async def wait(self, _me: Me, name: str) -> Any:
        return await self.thing(name).wait()

    async def wait_until(self, _me: Me, name: str, event: str) -> Any:
        return await self.thing(name).wait_for(self.thing(event).is_set)

    async def sleep(self, _me: Me, delay: int) -> None:
        await asyncio.sleep(delay)

    async def put(self, _me: Me, name: str, item: int) -> None:
        await self.thing(name).put(item)

    async def get(self, _me: Me, name: str) -> Any:
        return await self.thing(name).get()

    async def join(self, _me: Me, name: str) -> None:
        await self.thing(name).join()

    async def reset(self, _me: Me, name: str) -> None:
        await self.thing(name).reset()

    async def abort(self, _me: Me, name: str) -> None:
        await self.thing(name).abort()

    async def awaits(self, me: Me, name: str) -> Any:
        one = self.ref(name)
        if one is asyncio.current_task():
            return await one
        return await self.owning(me, [name], lambda: one)

    async def owning(self, me: Me, names: Iterable[str], make: Callable[[], Awaitable[Any]]) -> Any:
        edges = self.edges[me.index]
        found = self.awaited(me, names)
        edges.extend(found)
        try:
            return await make()
        finally:
            for one in found:
                edges.remove(one)

    async def gather(self, me: Me, exceptions: bool, sources: list[Any]) -> Any:
        self.mark('gather twice', len(set(map(str, sources))) < len(sources))
        self.mark('gather exceptions', exceptions)
        make = lambda: differences.gather([self.source(me, one) for one in sources], exceptions, self.ids)
        return await self.owning(me, sources, make)

    async def some(self, me: Me, when: str, delay: int | None, names: list[str]) -> Any:
        self.mark(f'some {when}')
        ones = {self.name(name): self.ref(name) for name in names}
        done, _ = await self.owning(me, names, lambda: asyncio.wait(ones.values(), timeout=delay, return_when=when))
        return ' '.join(name for name, one in ones.items() if one in done) or 'none'

    async def shield(self, me: Me, source: Any) -> Any:
        return await self.owning(me, [source], lambda: differences.shield(self.source(me, source), self.ids))

    async def wait_for(self, me: Me, delay: int | None, source: Any) -> Any:
        return await self.owning(me, [source], lambda: differences.wait_for(self.source(me, source), delay, self.ids))

    async def each(self, me: Me, delay: int | None, names: list[str]) -> Any:
        async def collect() -> Any:
            found = []
            for one in asyncio.as_completed(self.one_done(names), timeout=delay):
                try:
                    value = show(await one)
                except Exception as error:
                    value = show_error(error)
                    self.mark('each error')
                self.note(f'{me.label} next {value}')
                found.append(value)
            return ' '.join(found)
        return await self.owning(me, names, collect)

    def one_done(self, names: list[str]) -> list[Any]:
        """Of those that are done the first only: asyncio takes them in the order of a set."""
        ones = [self.ref(name) for name in names]
        done = [one for one in ones if one.done()]
        return [one for one in ones if not one.done() or one is done[0]]

    async def timeout(self, me: Me, delay: int | None, steps: list[Step]) -> Any:
        async with differences.timeout(delay, self.ids) as limit:
            inner = Me(me.label, me.index, me.group, limit)
            await self.block(inner, steps)
        return limit.expired()

    async def group(self, me: Me, steps: list[Step]) -> None:
        async with differences.group(self.ids) as group:
            await self.block(Me(me.label, me.index, group, me.limit), steps)

    async def section(self, me: Me, name: str, steps: list[Step]) -> None:
        one = self.thing(name)
        await one.acquire()
        try:
            await self.block(me, steps)
        finally:
            one.release()

    async def within(self, me: Me, name: str, steps: list[Step]) -> None:
        async with self.thing(name):
            await self.block(me, steps)

    async def attempt(self, me: Me, mode: str, steps: list[Step]) -> Any:
        try:
            await self.block(me, steps)
        except Exception as error:
            return error
        except asyncio.CancelledError as error:
            self.mark(f'caught {mode}')
            if mode == 'errors':
                raise
            if mode == 'uncancel':
                self.tasks[me.index].uncancel()
            return error

    # Steps that do not.

    def cancel(self, _me: Me, name: str, message: str | None = None) -> bool:
        return self.ref(name).cancel(*([] if message is None else [message]))

    def poll(self, _me: Me, name: str) -> str:
        one = self.ref(name)
        match name[0]:
            case 'T' | 'F': return self.state(one)
            case 'Q': return f'{show(one.empty())} {show(one.full())} {one.qsize()}'
            case 'E': return show(one.is_set())
            case 'W': return f'{one.n_waiting} {show(one.broken)}'
            case _: return show(one.locked())

    def uncancel(self, me: Me) -> int | None:
        return self.tasks[me.index].uncancel() if me.index >= 0 else None

    def fail(self, me: Me, text: str) -> None:
        if me.index >= 0:
            raise Raised(asyncio.CancelledError() if text == 'CancelledError' else Failure(text))

    def reschedule(self, me: Me, delay: int | None) -> None:
        if me.limit is not None:
            me.limit.reschedule(None if delay is None else self.loop.now + delay)

    def callback(self, _me: Me, name: str) -> None:
        one = self.ref(name)
        shown = self.name(name)
        if id(one) not in self.callbacks:
            self.callbacks[id(one)] = lambda done: self.note(f'callback {shown}{self.state(done)}')
        one.add_done_callback(self.callbacks[id(one)])

    def uncallback(self, _me: Me, name: str) -> int:
        one = self.ref(name)
        return one.remove_done_callback(self.callbacks[id(one)]) if id(one) in self.callbacks else 0

    def soon(self, _me: Me, mark: int) -> None:
        self.handles.append(self.loop.call_soon(self.note, f'soon {mark}'))

    def later(self, _me: Me, delay: int, mark: int) -> None:
        self.mark('later due', delay <= 0)
        self.handles.append(self.loop.call_later(delay, self.note, f'later {mark}'))

    def drop(self, _me: Me, number: int) -> None:
        if self.handles:
            handle = self.handles[number % len(self.handles)]
            self.mark('drop timer' if getattr(handle, '_scheduled', False) else 'drop ready')
            handle.cancel()

    def crash(self, _me: Me, text: str) -> None:
        def fails() -> None:
            raise Failure(text)
        self.loop.call_soon(fails)


class Raised(BaseException):
    """Carries what a program raises by itself out of a step."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def line(waiters: Any) -> int:
    return len(waiters or ())


def live(waiters: Any) -> int:
    return sum(not waiter.done() for waiter in waiters)


STATES: dict[str, Callable[[Any], str]] = {
    'L': lambda one: f'{int(one.locked())}w{line(one._waiters)}',
    'S': lambda one: f'{one._value}w{line(one._waiters)}',
    'B': lambda one: f'{one._value}w{line(one._waiters)}',
    'E': lambda one: f'{int(one.is_set())}w{line(one._waiters)}',
    'C': lambda one: f'{int(one.locked())}w{line(one._waiters)}l{line(one._lock._waiters)}',
    'W': lambda one: f'{one.n_waiting}{"b" if one.broken else ""}',
    'Q': lambda one: f'{one.qsize()}g{live(one._getters)}p{live(one._putters)}u{one._unfinished_tasks}j{live(one._finished._waiters)}',
    'F': lambda one: 'pending' if not one.done() else 'cancelled' if one.cancelled() else 'done',
}
WAITS: dict[str, Callable[..., Awaitable[Any]]] = {
    'acquire': Run.acquire, 'wait': Run.wait, 'waitUntil': Run.wait_until, 'sleep': Run.sleep, 'put': Run.put, 'get': Run.get,
    'join': Run.join, 'reset': Run.reset, 'abort': Run.abort, 'await': Run.awaits, 'gather': Run.gather, 'some': Run.some,
    'shield': Run.shield, 'waitFor': Run.wait_for, 'each': Run.each, 'timeout': Run.timeout, 'group': Run.group,
    'section': Run.section, 'with': Run.within, 'try': Run.attempt,
}
QUICK: dict[str, Callable[..., Any]] = {
    'release': lambda run, me, name: run.thing(name).release(),
    'set': lambda run, me, name: run.thing(name).set(),
    'clear': lambda run, me, name: run.thing(name).clear(),
    'notify': lambda run, me, name, n: run.thing(name).notify(n),
    'notifyAll': lambda run, me, name: run.thing(name).notify_all(),
    'putNowait': lambda run, me, name, item: run.thing(name).put_nowait(item),
    'getNowait': lambda run, me, name: run.thing(name).get_nowait(),
    'taskDone': lambda run, me, name: run.thing(name).task_done(),
    'shutdown': lambda run, me, name, now: run.thing(name).shutdown(now),
    'setResult': lambda run, me, name, value: run.ref(name).set_result(value),
    'setException': lambda run, me, name, text: run.ref(name).set_exception(Failure(text)),
    'result': lambda run, me, name: run.ref(name).result(),
    'cancelling': lambda run, me: run.tasks[me.index].cancelling(),
    'create': lambda run, me, steps: run.create(me, steps),
    'child': lambda run, me, steps: run.create(me, steps, 'child'),
    'eager': lambda run, me, steps: run.create(me, steps, 'eager'),
    'cancel': Run.cancel, 'poll': Run.poll, 'uncancel': Run.uncancel, 'raise': Run.fail, 'reschedule': Run.reschedule,
    'callback': Run.callback, 'uncallback': Run.uncallback, 'soon': Run.soon, 'later': Run.later, 'drop': Run.drop,
    'crash': Run.crash,
}
REFERS = {
    'release', 'set', 'clear', 'notify', 'notifyAll', 'putNowait', 'getNowait', 'taskDone', 'shutdown', 'setResult',
    'setException', 'cancel', 'poll', 'result', 'callback', 'uncallback',
}
