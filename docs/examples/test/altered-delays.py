"""What asyncio does with the programs of this folder when a delay in them is altered: `python3 altered-delays.py`.

Prints one line per program and alteration: the messages from the first timer on, each with its time in milliseconds.
The loop's clock jumps, so nothing waits. Run on CPython 3.13.0; altered-delays.txt is what it printed.
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


def log(message):
    LINES.append(f"{round(asyncio.get_event_loop().time() * 1000)} {message}")


def call_later(delay_ms, callback, *args):
    delay_ms = DELAYS.get(delay_ms, delay_ms)
    asyncio.get_event_loop().call_later(delay_ms / 1000, callback, *args)


def stop_operation(future):
    if future.program != "future-callback":
        log("stop_operation")
        if future.cancelled():
            return
    log(future.result())


def operation(future):
    future.add_done_callback(stop_operation)
    log("start operation")
    outcome = None
    if future.program == "future-cancel-unchecked":
        outcome = asyncio.get_event_loop().create_future()
    asyncio.get_event_loop().call_soon(operationsub, future, outcome)
    log("operation1")
    call_later(200, operation2, future, outcome)


def operation2(future, outcome):
    if future.program != "future-callback":
        future.cancel()
    log("operation2")
    call_later(3000, operation3, outcome)


def operation3(outcome):
    log("operation3")
    asyncio.get_event_loop().stop()


def operationsub(future, outcome):
    log("start operationsub")
    log("operationsub10")
    call_later(1000, operationsub11, future, outcome)


def operationsub11(future, outcome):
    log("operationsub11")
    if future.program == "future-cancel" and future.cancelled():
        return
    try:
        future.set_result("operation is done!")
    except Exception as error:
        if outcome is None:
            raise
        outcome.set_exception(error)
    else:
        if outcome is not None:
            outcome.set_result(None)


class ProgramFuture(asyncio.Future):
    program = ""


def run(program):
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    selector = loop._selector = JumpingSelector(loop._selector)
    loop.time = lambda: selector.now
    loop.set_exception_handler(lambda _, context: log(context["message"].split(" at ")[0]))
    future = ProgramFuture(loop=loop)
    future.program = program
    loop.call_soon(operation, future)
    loop.run_forever()
    del future
    gc.collect()
    loop.close()


for program in ("future-callback", "future-cancel", "future-cancel-unchecked", "callback-exception"):
    for before, after in ((200, 1000), (200, 1500), (1000, 100), (1000, 3200), (3000, 500)):
        DELAYS = {before: after}
        LINES = []
        run(program)
        print(f"{program}, {before} -> {after}: {', '.join(LINES[4:])}")
