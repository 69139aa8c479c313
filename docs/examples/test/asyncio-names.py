"""The public names of asyncio, and the members of its classes that are in scope: `python3 asyncio-names.py`.

Run on CPython 3.13.0; asyncio-names.txt is what it printed.
"""
import asyncio

CLASSES = (
    "AbstractEventLoop Barrier Condition Event Future Handle Lock Queue Runner Semaphore Task TaskGroup Timeout "
    "TimerHandle"
).split()

INHERITED = {"Task": asyncio.Future, "TimerHandle": asyncio.Handle}

for name in sorted(asyncio.__all__):
    print(name)
for name in CLASSES:
    members = {member for member in dir(getattr(asyncio, name)) if not member.startswith("_")}
    if name in INHERITED:
        members -= {member for member in dir(INHERITED[name])} - set(vars(getattr(asyncio, name)))
    for member in sorted(members):
        print(f"{name}.{member}")
