"""The workloads of locks for asyncio, on the loop of `peers/cpython.py`."""

import asyncio

MASK = 0xFFFFFF
PLACES = 10


def workloads(loop):
    def in_task(main):
        return (
            lambda n: None,
            lambda n, state: loop.run_until_complete(main(n)),
            lambda state: None,
        )

    async def uncontended(n):
        lock = asyncio.Lock()
        total = 0
        for i in range(n):
            await lock.acquire()
            total = (total * 31 + i) & MASK
            lock.release()
        return total

    async def contended(n):
        lock = asyncio.Lock()
        tasks = min(1000, n)
        total = following = 0

        async def sections():
            nonlocal total, following
            for _ in range(n // tasks):
                async with lock:
                    value = following
                    following += 1
                    await asyncio.sleep(0)
                    total = (total * 31 + value) & MASK

        await asyncio.gather(*[sections() for _ in range(tasks)])
        return total

    async def jobs(n):
        semaphore = asyncio.Semaphore(PLACES)
        total = 0

        async def job(i):
            nonlocal total
            async with semaphore:
                await asyncio.sleep(0)
                total = (total + i) & MASK

        await asyncio.gather(*[job(i) for i in range(n)])
        return total

    async def wake(n):
        event = asyncio.Event()
        total = 0

        async def waiter(i):
            nonlocal total
            await event.wait()
            total = (total + i) & MASK

        waiting = asyncio.gather(*[waiter(i) for i in range(n)])
        await asyncio.sleep(0)
        event.set()
        await waiting
        return total

    return {
        "lock-uncontended": in_task(uncontended),
        "lock-contended": in_task(contended),
        "semaphore-jobs": in_task(jobs),
        "event-wake": in_task(wake),
    }
