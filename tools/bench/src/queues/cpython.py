"""The workloads of queues for asyncio, on the loop of `peers/cpython.py`."""

import asyncio

MASK = 0xFFFFFF
WORKERS = 10


async def alternate(n):
    queue = asyncio.Queue()
    total = 0
    for i in range(n):
        await queue.put(i)
        total = (total * 31 + await queue.get()) & MASK
    return total


async def consume(n, queue):
    total = 0
    for _ in range(n):
        total = (total * 31 + await queue.get()) & MASK
    return total


def pass_on(maxsize):
    async def main(n):
        queue = asyncio.Queue(maxsize)
        total = asyncio.ensure_future(consume(n, queue))
        for i in range(n):
            await queue.put(i)
        return await total

    return main


async def pool(n):
    queue = asyncio.Queue()
    total = 0

    async def work():
        nonlocal total
        while (i := await queue.get()) >= 0:
            await asyncio.sleep(0)
            total = (total + i) & MASK

    workers = [asyncio.ensure_future(work()) for _ in range(WORKERS)]
    for i in range(n):
        queue.put_nowait(i)
    for _ in range(WORKERS):
        queue.put_nowait(-1)
    await asyncio.gather(*workers)
    return total


def workloads(loop):
    def in_task(main):
        return (
            lambda n: None,
            lambda n, state: loop.run_until_complete(main(n)),
            lambda state: None,
        )

    return {
        "queue-unbounded": in_task(alternate),
        "queue-1": in_task(pass_on(1)),
        "queue-100": in_task(pass_on(100)),
        "queue-pool": in_task(pool),
    }
