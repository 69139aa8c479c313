"""Runs programs on asyncio. `../src/interpreter.ts` is the same for aiokit, `../src/program.ts` the format."""
import asyncio
import re
from typing import Any, Awaitable, Callable, Iterable

import differences
import things
from quick import QUICK, REFERS, Raised
from show import REPR, Failure, show, show_error
from virtual import VirtualLoop
from waits import WAITS
from who import Me

Step = list[Any]
Program = dict[str, Any]
Mark = Callable[[str], None]
ROUNDS = 6
NAME = re.compile(r'[A-Z]\d+')


class Run:
    def __init__(self, program: Program, ids: frozenset[str] = frozenset(), mark: Mark | None = None) -> None:
        self.program, self.ids, self.leave = program, ids, mark
        # The clock, and the number of iterations since it has shown that.
        self.now = self.tick = self.round = 0
        self.over = False
        self.trace: list[str] = []
        self.notes: list[str] = []
        self.things: dict[str, Any] = {}
        self.shown: dict[str, str] = {}
        self.tasks: list[Any] = []
        self.doing: list[str] = []
        self.started: set[int] = set()
        self.children: set[int] = set()
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
            text = things.STATES[name[0]](thing)
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
            over = self.thing('L0') if name == 'C1' else None
            self.things[name] = things.make(name[0], size, over, self.ids)
        return self.things[name]

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
        self.mark('child of a child', group is not None and me.index in self.children)
        coroutine = self.body(Me(f'T{number}', number, group), steps)
        self.doing.append('')
        self.edges.append([])
        if how == 'eager':
            self.tasks.append(None)
            self.tasks[number] = differences.TASKS['DIFF-38' in self.ids](coroutine, loop=self.loop, eager_start=True)
        elif group is not None:
            try:
                self.tasks.append(group.create_task(coroutine))
                self.children.add(number)
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
            about = step[1] if len(step) > 1 and isinstance(step[1], str) and NAME.fullmatch(step[1]) else ''
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
            asked = self.tasks[me.index].cancelling() > 0
            self.mark('group again', what == 'group' and error == 'ExceptionGroup' and asked)
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

    async def owning(self, me: Me, names: Iterable[str], make: Callable[[], Awaitable[Any]]) -> Any:
        edges = self.edges[me.index]
        found = self.awaited(me, names)
        edges.extend(found)
        try:
            return await make()
        finally:
            for one in found:
                edges.remove(one)
