"""Values and errors as traces show them, by their names in aiokit."""
import re
from typing import Any

# What the errors of asyncio are called in aiokit: docs/semantics/errors.md.
NAMES = {'ValueError': 'RangeError', 'BaseExceptionGroup': 'ExceptionGroup'}
TEXTS = {
    'Result is not set.': 'Result is not ready.',
    'task_done() called too many times': 'taskDone() called too many times',
    'Task does not support set_result operation': 'Task does not support setResult operation',
    'Task does not support set_exception operation': 'Task does not support setException operation',
}
# asyncio gives these no text.
SILENT = {'QueueFull', 'QueueEmpty', 'QueueShutDown'}
REPR = re.compile('<.*>')


class Failure(Exception):
    """What a program raises by itself."""


def show_error(error: BaseException) -> str:
    name = type(error).__name__
    text = '' if name in SILENT else str(error)
    parts = getattr(error, 'exceptions', None)
    rest = f'[{",".join(map(show_error, parts))}]' if parts else ''
    return f'{NAMES.get(name, name)}({TEXTS.get(text) or REPR.sub("<>", text)}){rest}'


def show(value: Any) -> str:
    if value is None:
        return '-'
    if isinstance(value, BaseException):
        return show_error(value)
    if isinstance(value, list):
        return f'[{",".join(map(show, value))}]'
    return str(value).lower() if isinstance(value, bool) else str(value)
