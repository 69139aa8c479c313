"""Answers requests, a line of JSON each: the trace of a program on asyncio, that with the differences, or its record."""
import gc
import json
import platform
import sys
import traceback
import warnings
from typing import Any

import differences
from interpreter import Program, Run
from rules import rules_of


def explain(program: Program) -> tuple[list[str], list[str]]:
    """The trace with every difference in place, and those without which it is another one."""
    everything = Run(program, differences.ALL).run()
    needed = [one for one in sorted(differences.ALL) if Run(program, differences.ALL - {one}).run() != everything]
    return everything, needed


def record(program: Program) -> tuple[str, set[str]]:
    """The line of the recorded traces, and the marks that the run has left."""
    marks: set[str] = set()
    trace = Run(program, mark=marks.add).run()
    ids: list[str] = []
    if Run(program, differences.ALL).run() != trace:
        trace, ids = explain(program)
    version = platform.python_version()
    entry = {'python': version, 'rules': rules_of(marks), 'ids': ids, 'program': program, 'trace': trace}
    return json.dumps(entry, separators=(',', ':')), marks


def answer(how: str, program: Program) -> Any:
    if how == 'record':
        return record(program)[0]
    if how == 'apart':
        trace, ids = explain(program)
        return {'trace': '\n'.join(trace), 'ids': ids}
    return '\n'.join(Run(program).run())


def quiet() -> None:
    """What is left of a program when it ends is collected in silence."""
    warnings.simplefilter('ignore')
    sys.unraisablehook = lambda _: None
    gc.set_threshold(100_000)


if __name__ == '__main__':
    quiet()
    print(json.dumps(platform.python_version()), flush=True)
    for line in sys.stdin:
        try:
            result = answer(**json.loads(line))
        except Exception:
            result = f'the interpreter failed: {traceback.format_exc()}'
        print(json.dumps(result), flush=True)
