"""What asyncio logs in the programs of this folder, also when a delay in them is altered: `python3 asyncio-programs.py`.

Prints one line per program and alteration: the messages, each with its time in milliseconds. The loop's clock jumps, so
nothing waits. Run on CPython 3.13.0; asyncio-programs.txt is what it printed.
"""
import asyncio
import gc

DELAYS = {}
LINES = []


class JumpingSelector:
    def __init__(self, selector):
        self.selector = selector
        self.now = 0.0

    def select(self, timeout):
        self.now += timeout or 0
        return []

    def __getattr__(self, name):
        return getattr(self.selector, name)


class Log:
    @staticmethod
    def info(message):
        LINES.append(f"{round(asyncio.get_event_loop().time() * 1000)} {message}")


LOG = Log()


async def sleep(delay):
    await asyncio.sleep(DELAYS.get(delay, delay))


# The tutorial's programs.


def stop_operation_of_callback(future):
    LOG.info(future.result())


def stop_operation(future):
    LOG.info("stop_operation")
    if not future.cancelled():
        LOG.info(future.result())


async def future_callback(loop):
    future = asyncio.Future()
    future.add_done_callback(stop_operation_of_callback)
    LOG.info("start operation")
    task = asyncio.ensure_future(future_callback_sub(future))
    LOG.info("operation1")
    await sleep(0.2)
    LOG.info("operation2")
    await sleep(3)
    LOG.info("operation3")
    loop.stop()


async def future_callback_sub(future):
    LOG.info("start operationsub")
    LOG.info("operationsub10")
    await sleep(1)
    LOG.info("operationsub11")
    future.set_result("operation is done!")


async def future_cancel(loop, operationsub=None):
    future = asyncio.Future()
    future.add_done_callback(stop_operation)
    LOG.info("start operation")
    task = asyncio.ensure_future((operationsub or future_cancel_sub)(future))
    LOG.info("operation1")
    await sleep(0.2)
    future.cancel()
    LOG.info("operation2")
    await sleep(3)
    LOG.info("operation3")
    loop.stop()


async def future_cancel_sub(future):
    LOG.info("start operationsub")
    LOG.info("operationsub10")
    await sleep(1)
    LOG.info("operationsub11")
    if not future.cancelled():
        future.set_result("operation is done!")


async def future_cancel_unchecked(loop):
    await future_cancel(loop, future_callback_sub)


async def event(loop):
    event = asyncio.Event()
    event.clear()
    LOG.info("start operation")
    task = asyncio.ensure_future(event_sub(event))
    LOG.info("operation1")
    await sleep(0.2)
    event.set()
    LOG.info("operation2")
    await sleep(3)
    LOG.info("operation3")
    loop.stop()


async def event_sub(event):
    LOG.info("start operationsub")
    LOG.info("operationsub10")
    await event.wait()
    LOG.info("operationsub11")


async def queue(loop):
    queue = asyncio.Queue()
    LOG.info("start operation")
    task = asyncio.ensure_future(queue_sub(queue))
    LOG.info("operation1")
    await sleep(0.2)
    queue.put_nowait(["start", 1, 2, 3])
    LOG.info("operation2")
    await sleep(0.2)
    queue.put_nowait(["next", 4, 5, 6])
    LOG.info("operation3")
    await sleep(0.2)
    queue.put_nowait(["stop", 7, 8, 9])
    await sleep(3)
    LOG.info("operation4")
    loop.stop()


async def queue_sub(queue):
    LOG.info("start operationsub")
    LOG.info("operationsub10")
    while True:
        if not queue.empty():
            queuedata = await queue.get()
            LOG.info("queuedata:{}".format(queuedata))
            if queuedata[0] == "stop":
                break
        await sleep(0.2)
    LOG.info("operationsub11")


# The programs of "Chain coroutines correctly".


async def create():
    await sleep(3.0)
    LOG.info("(1) create file")


async def write():
    await sleep(1.0)
    LOG.info("(2) write into file")


async def close():
    LOG.info("(3) close file")


async def chain_wrong_order(loop):
    asyncio.ensure_future(create())
    asyncio.ensure_future(write())
    asyncio.ensure_future(close())
    await sleep(2.0)
    loop.stop()


async def chain_tasks(loop):
    await asyncio.ensure_future(create())
    await asyncio.ensure_future(write())
    await asyncio.ensure_future(close())
    await sleep(2.0)
    loop.stop()


async def chain_coroutines(loop):
    await create()
    await write()
    await close()
    await sleep(2.0)
    loop.stop()


# The other programs of that page.


async def check_early(loop):
    async def slow_operation(name, fut):
        if fut.cancelled():
            LOG.info(f"{name}: cancelled already, nothing to do")
            return
        LOG.info(f"{name}: slow computation")
        await sleep(0.3)
        LOG.info(f"{name}: {await fut}")

    one = asyncio.Future()
    two = asyncio.Future()
    operations = [
        asyncio.ensure_future(slow_operation("one", one)),
        asyncio.ensure_future(slow_operation("two", two)),
    ]
    LOG.info("cancelling two")
    two.cancel()
    await sleep(0.1)
    if not one.cancelled():
        one.set_result("done")
    await asyncio.gather(*operations)
    loop.stop()


async def call_soon_set_result(loop):
    fut = asyncio.Future()
    loop.call_soon(fut.set_result, "done")
    fut.cancel()
    other = asyncio.Future()

    def set_unless_cancelled(future, result):
        if not future.cancelled():
            future.set_result(result)
        LOG.info(f"the other: {future}")

    loop.call_soon(set_unless_cancelled, other, "done")
    other.cancel()
    loop.call_soon(loop.stop)


async def bug():
    raise Exception("not consumed")


async def never_retrieved(loop):
    task = asyncio.ensure_future(bug())
    await sleep(0.1)
    LOG.info("closing the loop")
    loop.stop()


async def exception_chained(loop):
    async def handle_exception():
        try:
            await bug()
        except Exception:
            LOG.info("exception consumed")

    asyncio.ensure_future(handle_exception())
    await sleep(0.1)
    loop.stop()


def run(program):
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    selector = loop._selector = JumpingSelector(loop._selector)
    loop.time = lambda: selector.now

    def report(_, context):
        message, _, where = context["message"].partition(" at ")
        LOG.info(message)

    loop.set_exception_handler(report)
    main = asyncio.ensure_future(program(loop), loop=loop)
    loop.run_forever()
    if program in (chain_wrong_order, chain_tasks, chain_coroutines):
        names = [task.get_coro().__qualname__ for task in asyncio.all_tasks(loop)]
        LOG.info("Pending tasks at exit: %s" % (names or set()))
    del main
    gc.collect()
    loop.close()
    gc.collect()


TUTORIAL = ((0.2, 1), (0.2, 1.5), (1, 0.1), (1, 3.2), (3, 0.5))
PROGRAMS = {
    future_callback: TUTORIAL,
    future_cancel: TUTORIAL,
    future_cancel_unchecked: TUTORIAL,
    event: ((0.2, 1), (3, 0.5)),
    queue: ((0.2, 0.5), (3, 0.1)),
    chain_wrong_order: ((2, 3.5), (1, 2.5), (3, 0.5)),
    chain_tasks: ((3, 0.5), (2, 0.1)),
    chain_coroutines: ((3, 0.5), (2, 0.1)),
    check_early: ((0.1, 0.5), (0.3, 0)),
    call_soon_set_result: (),
    never_retrieved: (),
    exception_chained: (),
}

for program, alterations in PROGRAMS.items():
    for before, after in ((0, 0), *alterations):
        DELAYS = {before: after} if before else {}
        LINES = []
        run(program)
        name = program.__name__.replace("_", "-")
        print(f"{name}, {round(before * 1000)} -> {round(after * 1000)}: {'; '.join(LINES)}")
