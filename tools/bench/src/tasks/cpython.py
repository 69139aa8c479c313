"""The workloads of tasks for asyncio, on the loop of `peers/cpython.py`."""

import asyncio

MASK = 0xFFFFFF


def split(n):
    tasks = min(1000, n)
    return tasks, n // tasks


async def trivial(i):
    return i


async def yield_once(i):
    await asyncio.sleep(0)
    return i


async def pause(steps):
    for _ in range(steps):
        await asyncio.sleep(0)
    return steps


async def park(future):
    await future


def fold_of(values):
    total = 0
    for value in values:
        total = (total * 31 + value) & MASK
    return total


def workloads(loop):
    def in_task(main):
        return (
            lambda n: None,
            lambda n, state: loop.run_until_complete(main(n)),
            lambda state: None,
        )

    def spawn(work):
        async def main(n):
            total = 0
            for task in [loop.create_task(work(i)) for i in range(n)]:
                total = (total * 31 + await task) & MASK
            return total

        return in_task(main)

    async def spawn_gather(n):
        tasks = [loop.create_task(trivial(i)) for i in range(n)]
        return fold_of(await asyncio.gather(*tasks))

    async def sleep0_many(n):
        tasks, steps = split(n)
        total = 0
        for task in [loop.create_task(pause(steps)) for _ in range(tasks)]:
            total += await task
        return total

    def done_futures(n):
        futures = []
        for i in range(n):
            future = loop.create_future()
            future.set_result(i)
            futures.append(future)
        return futures

    def gather_done(n, futures):
        async def main():
            return fold_of(await asyncio.gather(*futures))

        return loop.run_until_complete(main())

    def start_parked(n):
        async def main():
            tasks = [loop.create_task(park(loop.create_future())) for _ in range(n)]
            await asyncio.sleep(0)
            return tasks

        return loop.run_until_complete(main())

    def cancel_all(n, tasks):
        async def main():
            total = 0
            for task in tasks:
                task.cancel()
            for i, task in enumerate(tasks):
                try:
                    await task
                except asyncio.CancelledError:
                    total = (total * 31 + i) & MASK
            return total

        return loop.run_until_complete(main())

    async def timeouts(n):
        total = 0
        for i in range(n):
            async with asyncio.timeout(60):
                total = (total * 31 + await trivial(i)) & MASK
        return total

    async def handoff(n):
        total = i = 0
        futures = {"ping": loop.create_future(), "pong": loop.create_future()}

        async def play(own, other):
            nonlocal total, i
            while True:
                value = await futures[own]
                if value < 0:
                    return
                total = (total * 31 + value) & MASK
                if i == n:
                    futures[other].set_result(-1)
                    return
                futures[own] = loop.create_future()
                i += 1
                futures[other].set_result(i - 1)

        players = [loop.create_task(play("ping", "pong")), loop.create_task(play("pong", "ping"))]
        i += 1
        futures["ping"].set_result(i - 1)
        for player in players:
            await player
        return total

    class Parked(list):
        future = None

    def park_all(n):
        async def main():
            parked = Parked()
            parked.future = loop.create_future()
            for _ in range(n):
                parked.append(loop.create_task(park(parked.future)))
            await asyncio.sleep(0)
            return parked

        return loop.run_until_complete(main())

    def wake(parked):
        parked.future.set_result(None)
        loop.run_until_complete(asyncio.sleep(0))

    return {
        "task-spawn": spawn(trivial),
        "task-spawn-gather": in_task(spawn_gather),
        "task-yield": spawn(yield_once),
        "task-sleep0-many": in_task(sleep0_many),
        "task-sleep0-one": in_task(pause),
        "gather-done": (done_futures, gather_done, lambda state: None),
        "task-cancel": (start_parked, cancel_all, lambda state: None),
        "timeout-unexpired": in_task(timeouts),
        "task-handoff": in_task(handoff),
        "heap-task": (lambda n: None, lambda n, state: park_all(n), wake),
    }
