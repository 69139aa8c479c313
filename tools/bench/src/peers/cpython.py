"""asyncio itself. Speaks the protocol of child.mjs: `cpython.py <workload>`, a line of JSON for each request."""

import asyncio
import gc
import json
import os
import platform
import sys
import time
import tracemalloc

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(__file__), os.pardir))
from locks import cpython as locks  # noqa: E402
from queues import cpython as queues  # noqa: E402
from tasks import cpython as tasks  # noqa: E402

BATCH = 1000
MASK = 0xFFFFFF


def far_delay(i, distinct):
    return 60 + (i * 7919) % distinct / 1000


def near_delay(i):
    return (1 + (i * 7919) % 1000) / 1000


def never():
    pass


loop = asyncio.new_event_loop()


def callsoon_burst(n):
    total = 0

    def work(i):
        nonlocal total
        total = (total * 31 + i) & MASK

    for i in range(n):
        loop.call_soon(work, i)
    loop.call_soon(loop.stop)
    loop.run_forever()
    return total


def callsoon_chain(n):
    total = 0
    i = 0

    def step():
        nonlocal total, i
        total = (total * 31 + i) & MASK
        i += 1
        if i < n:
            loop.call_soon(step)
        else:
            loop.stop()

    loop.call_soon(step)
    loop.run_forever()
    return total


def future_callback(n):
    total = made = ran = 0

    def callback(future):
        nonlocal total, ran
        total = (total * 31 + future.result()) & MASK
        ran += 1
        if ran == n:
            loop.stop()
        elif ran == made:
            batch()

    def batch():
        nonlocal made
        end = min(made + BATCH, n)
        while made < end:
            future = loop.create_future()
            future.add_done_callback(callback)
            future.set_result(made)
            made += 1

    batch()
    loop.run_forever()
    return total


def future_handoff(n):
    total = i = 0

    def on_ping(future):
        nonlocal total, i, ping
        total = (total * 31 + future.result()) & MASK
        if i == n:
            loop.stop()
            return
        ping = loop.create_future()
        ping.add_done_callback(on_ping)
        i += 1
        pong.set_result(i - 1)

    def on_pong(future):
        nonlocal total, i, pong
        total = (total * 31 + future.result()) & MASK
        if i == n:
            loop.stop()
            return
        pong = loop.create_future()
        pong.add_done_callback(on_pong)
        i += 1
        ping.set_result(i - 1)

    ping = loop.create_future()
    ping.add_done_callback(on_ping)
    pong = loop.create_future()
    pong.add_done_callback(on_pong)
    i += 1
    ping.set_result(i - 1)
    loop.run_forever()
    return total


def done_futures(n):
    futures = []
    for i in range(n):
        future = loop.create_future()
        future.set_result(i)
        futures.append(future)
    return futures


def await_done(n, futures):
    async def main():
        total = 0
        for future in futures:
            total = (total * 31 + await future) & MASK
        return total

    return loop.run_until_complete(main())


def await_pending(n):
    total = 0

    async def wait(future):
        nonlocal total
        value = await future
        total = (total * 31 + value) & MASK

    async def main():
        futures = [loop.create_future() for _ in range(n)]
        tasks = [loop.create_task(wait(future)) for future in futures]
        await asyncio.sleep(0)
        for i in range(n):
            futures[i].set_result(i)
        await tasks[-1]

    loop.run_until_complete(main())
    return total


def cancel_timers(distinct):
    def run(n, kept):
        total = 0

        async def main():
            nonlocal total
            for i in range(n):
                timer = loop.call_later(far_delay(i, distinct), never)
                if i % 10:
                    timer.cancel()
                else:
                    kept.append(timer)
                total = (total * 31 + i) & MASK
            await asyncio.sleep(0)
            await asyncio.sleep(0)

        loop.run_until_complete(main())
        return total

    def cleanup(kept):
        for timer in kept:
            timer.cancel()

    return (lambda n: [], run, cleanup)


def timer_fire(n):
    total = 0
    left = n

    def fire(i):
        nonlocal total, left
        total = (total + i) & MASK
        left -= 1
        if left == 0:
            loop.stop()

    def start():
        for i in range(n):
            loop.call_later(near_delay(i), fire, i)

    loop.call_soon(start)
    loop.run_forever()
    return total


def virtual_empty(n):
    async def main():
        pass

    total = 0
    for i in range(n):
        asyncio.run(main())
        total = (total * 31 + i) & MASK
    return total


def heap_future(n):
    return [loop.create_future() for _ in range(n)]


def heap_callsoon(n):
    for i in range(n):
        loop.call_soon(never)
    return range(n)


def run_pending(_held):
    loop.call_soon(loop.stop)
    loop.run_forever()


def heap_timer(n):
    return [loop.call_later(far_delay(i, 10_000), never) for i in range(n)]


def cancel_all(timers):
    for timer in timers:
        timer.cancel()
    run_pending(timers)


def plain(run):
    return (lambda n: None, lambda n, state: run(n), lambda state: None)


WORKLOADS = {
    "callsoon-burst": plain(callsoon_burst),
    "callsoon-chain": plain(callsoon_chain),
    "future-callback": plain(future_callback),
    "future-handoff": plain(future_handoff),
    "await-done": (done_futures, await_done, lambda state: None),
    "await-pending": plain(await_pending),
    "timer-cancel-100": cancel_timers(100),
    "timer-cancel-10k": cancel_timers(10_000),
    "timer-fire": plain(timer_fire),
    "virtual-empty": plain(virtual_empty),
    "heap-future": plain(heap_future),
    "heap-callsoon": (lambda n: None, lambda n, state: heap_callsoon(n), run_pending),
    "heap-timer": plain(heap_timer),
    **locks.workloads(loop),
    **queues.workloads(loop),
    **tasks.workloads(loop),
}


def measure_heap(n, prepare, run, cleanup):
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    held = run(n, prepare(n))
    gc.collect()
    value = (tracemalloc.get_traced_memory()[0] - before) / n
    tracemalloc.stop()
    checksum = len(held)
    cleanup(held)
    return {"checksum": checksum, "runs": 1, "value": value}


def measure_round(work, kind, n, min_ms):
    prepare, run, cleanup = work
    if kind == "heap":
        return measure_heap(n, prepare, run, cleanup)
    clock = time.process_time_ns if kind == "cpu" else time.perf_counter_ns
    spent = runs = 0
    checksum = None
    gc.collect()
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    while runs == 0 or spent < min_ms * 1e6:
        state = prepare(n)
        began = clock()
        result = run(n, state)
        spent += clock() - began
        cleanup(state)
        if checksum not in (None, result):
            raise ValueError(f"checksums {checksum} and {result}")
        checksum = result
        runs += 1
    result = {"checksum": checksum, "runs": runs, "value": spent / (runs * n)}
    if kind == "time":
        result["share"] = (time.process_time_ns() - cpu) / (time.perf_counter_ns() - wall)
    return result


def answer(message):
    print(json.dumps(message), flush=True)


work = WORKLOADS.get(sys.argv[1])
answer({"ready": work is not None, "label": f"CPython {platform.python_version()}"})
if work is not None:
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer(measure_round(work, request["kind"], request["n"], request["minMs"]))
        except Exception as error:
            answer({"error": repr(error)})
