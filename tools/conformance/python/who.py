"""Who runs steps."""
from typing import Any


class Me:
    """Who runs steps: a task, or a coroutine within one."""
    __slots__ = ('label', 'index', 'group', 'limit', 'count')

    def __init__(self, label: str, index: int, group: Any = None, limit: Any = None) -> None:
        self.label, self.index, self.group, self.limit, self.count = label, index, group, limit, 0

    def inner(self) -> 'Me':
        self.count += 1
        return Me(f'{self.label}.{self.count}', self.index)
