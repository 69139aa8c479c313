"""What asyncio prints for the mistakes of debug-mode.ts: `python3 asyncio-debug-mode.py > ../debug-mode/asyncio.txt`.

Each mistake is run as it is, then in debug mode with ResourceWarnings shown, as its developing page says. Run on CPython
3.13.0. Only the lines that name this file or nothing are kept of a traceback; times are those of the machine.
"""
import asyncio
import gc
import os
import re
import subprocess
import sys
import time


async def test():
    print("never scheduled")


async def never_awaited():
    test()


async def bug():
    raise Exception("not consumed")


async def never_consumed():
    asyncio.ensure_future(bug())
    await asyncio.sleep(0.01)


async def create():
    await asyncio.sleep(3)
    print("(1) create file")


async def write():
    await asyncio.sleep(0.01)
    print("(2) write into file")


async def close():
    print("(3) close file")


async def wrong_order():
    for step in (create(), write(), close()):
        asyncio.ensure_future(step)
    await asyncio.sleep(0.02)


async def set_result():
    future = asyncio.Future()
    asyncio.get_running_loop().call_soon(future.set_result, "done")
    future.cancel()
    await asyncio.sleep(0.01)


async def blocking():
    await asyncio.sleep(0.01)
    time.sleep(0.15)
    await asyncio.sleep(0.01)


async def unclosed():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await loop.create_connection(asyncio.Protocol, "127.0.0.1", port)
    await asyncio.sleep(0.01)


async def swap(first, second):
    async with first:
        await asyncio.sleep(0.001)
        async with second:
            pass


async def deadlock():
    one, two = asyncio.Lock(), asyncio.Lock()
    tasks = [asyncio.ensure_future(swap(one, two)), asyncio.ensure_future(swap(two, one))]
    await asyncio.sleep(0.02)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def callback():
    try:
        asyncio.get_running_loop().call_soon(test)
        await asyncio.sleep(0.01)
    except TypeError as error:
        print(f"TypeError: {error}")


MISTAKES = {
    "a coroutine that is never awaited": never_awaited,
    "an exception that is never consumed": never_consumed,
    "coroutines that are not chained": wrong_order,
    "setResult() of a future that is cancelled": set_result,
    "a coroutine as a callback": callback,
    "a function that blocks": blocking,
    "a socket that is not closed": unclosed,
    "a deadlock": deadlock,
}


def run(mistake, debug):
    loop = asyncio.new_event_loop()
    loop.set_debug(debug)
    asyncio.set_event_loop(loop)
    loop.run_until_complete(MISTAKES[mistake]())
    gc.collect()
    loop.close()
    del loop
    asyncio.set_event_loop(None)
    gc.collect()


def told(text):
    """Without other files than this, and without what varies from run to run."""
    kept = []
    lines = text.splitlines()
    for index, line in enumerate(lines):
        if line.startswith("  File ") and __file__ not in line:
            continue
        if line.startswith("    ") and not lines[index - 1].startswith(f'  File "{__file__}"'):
            continue
        if "selectors.py" in line or "_fd_to_key" in line or "tracemalloc" in line:
            continue
        if line == "  test()" and not lines[index - 1].startswith(f"{__file__}"):
            continue
        kept.append(line.replace(__file__, os.path.basename(__file__)))
    text = "\n".join(kept)
    text = re.sub(r"0x[0-9a-f]{6,}", "0x…", text)
    text = re.sub(r"(?<=port=)\d+|(?<='127.0.0.1', )\d+|(?<=fd=)\d+", "…", text)
    return re.sub(r"/\S*/(?=asyncio/)", "", text)


if len(sys.argv) > 1:
    run(sys.argv[1], sys.argv[2] == "debug")
else:
    for mistake in MISTAKES:
        for mode in ("as it is", "debug"):
            options = ["-Wdefault"] if mode == "debug" else []
            command = [sys.executable, *options, __file__, mistake, mode]
            result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            print(f"== {mistake}, {'in debug mode' if mode == 'debug' else mode}")
            print(told(result.stdout).rstrip() or "(nothing)")
