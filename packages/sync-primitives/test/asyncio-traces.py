"""Runs random programs over asyncio's primitives and writes a line for each: the program, and what happened in which tick.

CPython 3.13: python3.13 asyncio-traces.py > asyncio-traces.jsonl
"""
import asyncio
import json
import random

COUNT = 150
TICKS = 40
KINDS = [
    (4, lambda r: ['sleep', r.randrange(4)]),
    (2, lambda r: ['lockAcquire']),
    (2, lambda r: ['lockRelease']),
    (3, lambda r: ['lockSection']),
    (2, lambda r: ['semaphoreAcquire']),
    (2, lambda r: ['semaphoreRelease']),
    (3, lambda r: ['semaphoreSection']),
    (1, lambda r: ['boundedAcquire']),
    (1, lambda r: ['boundedRelease']),
    (2, lambda r: ['eventWait']),
    (2, lambda r: ['eventSet']),
    (2, lambda r: ['eventClear']),
    (4, lambda r: ['conditionWait', r.randrange(2)]),
    (3, lambda r: ['conditionNotify', r.randrange(3), r.randrange(2)]),
    (1, lambda r: ['conditionWaitFor']),
    (1, lambda r: ['wait']),
    (1, lambda r: ['notifyAll']),
    (3, lambda r: ['barrierWait']),
    (1, lambda r: ['barrierReset']),
    (1, lambda r: ['barrierAbort']),
    (5, lambda r: ['cancel', r.randrange(6)]),
]


def make(r):
    # Half of the programs use a part of the primitives only, to have them meet more often.
    kinds = KINDS
    if r.randrange(2):
        name = r.choice(['lock', 'semaphore', 'bounded', 'event', 'condition', 'barrier'])
        kinds = [one for one in KINDS if one[1](r)[0].startswith((name, 'sleep', 'cancel'))]
    step = lambda: r.choices([one for _, one in kinds], [weight for weight, _ in kinds])[0](r)
    tasks = [[step() for _ in range(1 + r.randrange(7))] for _ in range(2 + r.randrange(5))]
    return {'size': r.randrange(3), 'dies': bool(r.randrange(2)), 'tasks': tasks}


def run(program):
    trace = []

    async def main():
        loop = asyncio.get_running_loop()
        lock, event, condition = asyncio.Lock(), asyncio.Event(), asyncio.Condition()
        semaphore, bounded = asyncio.Semaphore(program['size']), asyncio.BoundedSemaphore(1)
        barrier = asyncio.Barrier(2)
        tick, over, last, tasks = 0, False, None, []
        size = lambda one: len(one._waiters or ())

        def count():
            nonlocal tick, last
            tick += 1
            state = [
                lock.locked(), size(lock), semaphore.locked(), semaphore._value, size(semaphore),
                bounded.locked(), bounded._value, size(bounded), event.is_set(), size(event),
                condition.locked(), size(condition), size(condition._lock), barrier.n_waiting, barrier.broken,
            ]
            text = ' '.join(str(int(one)) for one in state)
            if text != last:
                trace.append(f'{tick} state {text}')
            last = text
            if not over:
                loop.call_soon(count)

        loop.call_soon(count)

        async def section(one, do):
            await one.acquire()
            try:
                await do()
            finally:
                one.release()

        async def sleep(ticks):
            for _ in range(ticks):
                await asyncio.sleep(0)

        async def perform(i, name, a=0, b=0):
            def note(what):
                trace.append(f'{tick} {i} {what}')

            async def inside():
                note('inside')
                await sleep(1)

            async def wait():
                note('inside')
                await condition.wait()
                note('notified')
                await sleep(a)

            async def notify():
                condition.notify(a)
                await sleep(b)

            if name == 'sleep': await sleep(a)
            elif name == 'lockAcquire': await lock.acquire()
            elif name == 'lockRelease': lock.release()
            elif name == 'lockSection': await section(lock, inside)
            elif name == 'semaphoreAcquire': await semaphore.acquire()
            elif name == 'semaphoreRelease': semaphore.release()
            elif name == 'semaphoreSection': await section(semaphore, inside)
            elif name == 'boundedAcquire': await bounded.acquire()
            elif name == 'boundedRelease': bounded.release()
            elif name == 'eventWait': await event.wait()
            elif name == 'eventSet': event.set()
            elif name == 'eventClear': event.clear()
            elif name == 'conditionWait': await section(condition, wait)
            elif name == 'conditionNotify': await section(condition, notify)
            elif name == 'conditionWaitFor': await section(condition, lambda: condition.wait_for(event.is_set))
            elif name == 'wait': await condition.wait()
            elif name == 'notifyAll': condition.notify_all()
            elif name == 'barrierWait': note(f'number {await barrier.wait()}')
            elif name == 'barrierReset': await barrier.reset()
            elif name == 'barrierAbort': await barrier.abort()
            elif name == 'cancel' and a % len(tasks) != i: tasks[a % len(tasks)].cancel()

        async def body(i, steps):
            for step in steps:
                try:
                    await perform(i, *step)
                    trace.append(f'{tick} {i} {step[0]}')
                except asyncio.CancelledError:
                    trace.append(f'{tick} {i} {step[0]} CancelledError')
                    if program['dies']:
                        raise
                except Exception as error:
                    name = type(error).__name__.replace('ValueError', 'RangeError')
                    trace.append(f'{tick} {i} {step[0]} {name}')

        for i, steps in enumerate(program['tasks']):
            tasks.append(asyncio.create_task(body(i, steps)))
        await sleep(TICKS)
        over = True
        # Whoever acquires the condition's lock again cannot be cancelled, so the lock is given away until all have ended.
        while not all(task.done() for task in tasks):
            for task in tasks:
                task.cancel()
            if condition.locked():
                condition.release()
            await sleep(1)

    asyncio.run(main())
    return trace


if __name__ == '__main__':
    r = random.Random(20)
    for _ in range(COUNT):
        program = make(r)
        print(json.dumps({'program': program, 'trace': run(program)}, separators=(',', ':')))
