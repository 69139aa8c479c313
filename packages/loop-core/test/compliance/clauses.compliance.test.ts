import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Capabilities,
  type Capability,
  clauses,
  compliance,
  runCompliance,
} from '@aiokit/loop-core/compliance';
import { describe, expect, test } from 'vitest';
import { brokenLoops } from './broken-loops.js';
import { ModelLoop } from './model-loop.js';
import { modelLoop } from './subjects.js';

const all: Required<Capabilities> = {
  virtualTime: true,
  orderedTimers: true,
  programLoop: true,
  blockingRun: true,
  hostTurn: true,
  asyncContext: true,
};

/** The titles of the tests that a loop with these capabilities gets. */
function titlesOf(capabilities: Capabilities): string[] {
  const titles: string[] = [];
  const runner = {
    describe: (_: string, body: () => void) => body(),
    it: (title: string) => titles.push(title),
  };
  compliance({ ...modelLoop, capabilities }, runner);
  return titles;
}

describe('docs/semantics/event-loop.md', () => {
  const path = join(import.meta.dirname, '../../../../docs/semantics/event-loop.md');
  const text = readFileSync(path, 'utf8');
  const entries = [...text.matchAll(/^- \*\*(LOOP-\d+\.\d+)\*\* ((?:.|\n {2})*)/gm)].map(
    ([, id = '', body = '']) => ({ id, test: body.match(/\]\((\S+\.test\.ts)\)/)?.[1] }),
  );

  test('has the clauses of the suite, in order', () => {
    const ids = entries.filter((entry) => entry.test === undefined).map(({ id }) => id);
    expect(ids).toEqual(clauses.map(({ id }) => id));
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  });

  test.each(entries.filter((entry) => entry.test !== undefined))(
    'names the test of $id',
    ({ id, test: file }) => {
      expect(readFileSync(join(dirname(path), file as string), 'utf8')).toMatch(new RegExp(`'${id} `));
    },
  );

  test('says what each capability is', () => {
    for (const name of Object.keys(all)) expect(text).toContain(`\`${name}\``);
  });
});

test('a clause has a test exactly if the loop has all capabilities that it needs', () => {
  expect(titlesOf(all)).toEqual(clauses.map(({ id, title }) => `${id} ${title}`));
  for (const left of Object.keys(all) as Capability[]) {
    const expected = clauses.filter(({ needs }) => !needs.includes(left));
    expect(titlesOf({ ...all, [left]: false })).toEqual(expected.map(({ id, title }) => `${id} ${title}`));
  }
});

test('every capability is needed by a clause', () => {
  expect(new Set(clauses.flatMap(({ needs }) => needs))).toEqual(new Set(Object.keys(all)));
});

test('a capability that does not exist is refused, and no test is registered', async () => {
  const subject = { ...modelLoop, capabilities: { fast: true } as Capabilities };
  const registered: string[] = [];
  const runner = {
    describe: (name: string) => registered.push(name),
    it: (title: string) => registered.push(title),
  };
  expect(() => compliance(subject, runner)).toThrow(/virtualTime, .* got fast/);
  await expect(runCompliance(subject)).rejects.toThrow(TypeError);
  expect(registered).toEqual([]);
});

test('a clause that fails rejects with what was expected and what was found', async () => {
  const bodies = new Map<string, () => Promise<void>>();
  const runner = {
    describe: (_: string, body: () => void) => body(),
    it: (title: string, body: () => Promise<void>) => bodies.set(title.split(' ')[0] as string, body),
  };
  const { subject } = brokenLoops.find(({ clause }) => clause === 'LOOP-3.2') as (typeof brokenLoops)[0];
  compliance(subject, runner);
  await expect(bodies.get('LOOP-3.2')?.()).rejects.toThrow(
    "the order of timers, past and future: expected ['-6', '-4', '-2', '2', '4', '6'], got ['-2', '-6', '-4', '2', '4', '6']",
  );
  await expect(bodies.get('LOOP-3.3')?.()).resolves.toBeUndefined();
});

test('a clause fails if the loop reports what nobody provoked', async () => {
  class Nervous extends ModelLoop {
    override run(): void {
      super.run();
      this.callExceptionHandler({ message: 'just so', exception: new Error('nothing') });
    }
  }
  const verdicts = await runCompliance({ ...modelLoop, create: () => new Nervous() });
  const { error } = verdicts.find(({ id }) => id === 'LOOP-1.2') ?? {};
  expect(String(error)).toBe('Error: unexpected report: just so: Error: nothing');
});

test('nearly every clause has a loop that breaks it', () => {
  const planted = new Set(brokenLoops.map(({ clause }) => clause));
  const without = clauses.map(({ id }) => id).filter((id) => !planted.has(id));
  expect(without).toEqual(['LOOP-11.3', 'LOOP-12.2']);
});
