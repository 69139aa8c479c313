"""Writes the recorded traces: of the programs that come in, a line of JSON each, those that are worth keeping.

A program is kept if it has to do with a rule, a difference or a mark of which not enough programs are kept already. Small
ones come first.
"""
import json
import sys
from collections import Counter

from main import quiet, record

ENOUGH = {'rule': 25, 'mark': 2}


def main() -> None:
    quiet()
    found = sorted((record(json.loads(line)) for line in sys.stdin), key=lambda one: (len(one[0]), one[0]))
    kept: Counter[tuple[str, str]] = Counter()
    for line, marks in found:
        entry = json.loads(line)
        uses = [*(('rule', one) for one in entry['rules'] + entry['ids']), *(('mark', one) for one in marks)]
        if any(kept[use] < ENOUGH[use[0]] for use in uses):
            kept.update(uses)
            print(line)


if __name__ == '__main__':
    main()
