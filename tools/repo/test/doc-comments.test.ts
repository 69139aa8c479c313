import { expect, test } from 'vitest';
import { checkDocComments } from '../rules/doc-comments.mjs';
import { packagesWith } from './fixture.js';

const problemsOf = (text: string, path = 'queue/src/queue.ts') =>
  checkDocComments(packagesWith({ [path]: text })).map((problem: string) =>
    problem.replace(`packages/${path}:`, ''),
  );

test('asks functions, classes and public methods for a comment', () => {
  const text = `
export function f(): void {}
export const g = (): void => {};
export class Queue {
  put(): void {}
  get size(): number { return 0; }
  #grow(): void {}
  protected shrink(): void {}
  private rest(): void {}
  then(): Promise<void> {}
  [Symbol.dispose](): void {}
}
function local(): void {}
export const LIMIT = 1;
`;
  expect(problemsOf(text)).toEqual([
    '2: f has no doc comment',
    '3: g has no doc comment',
    '4: Queue has no doc comment',
    '5: Queue.put has no doc comment',
    '6: Queue.size has no doc comment',
  ]);
});

test('asks for a summary of one line', () => {
  expect(problemsOf('/**\n * Does this\n * and that.\n */\nexport function f(): void {}\n')).toEqual([
    '5: f has a summary of more than one line',
  ]);
  expect(
    problemsOf('/**\n * Does this.\n *\n * At\n * length.\n */\nexport function f(): void {}\n'),
  ).toEqual([]);
});

test.each(['Awaitable<number>', 'Promise<void>', 'number | Promise<number>', 'Coroutine<void>'])(
  'asks what returns %s for the tags of a wait',
  (type) => {
    const text = `/** A queue. */\nexport class Queue {\n  /** Gets. @complexity O(1) */\n  get(): ${type} {}\n}\n`;
    expect(problemsOf(text)).toEqual([
      '4: Queue.get may wait and has no @ordering',
      '4: Queue.get may wait and has no @cancellation',
      '4: Queue.get may wait and has no @source',
    ]);
  },
);

test('asks what throws for @throws, not counting functions inside it', () => {
  const text = `
/** A. */
export function a(): void { if (x) throw new Error(); }
/** B. */
export function b(): () => void { return () => { throw new Error(); }; }
/**
 * C.
 *
 * @throws Error always
 */
export const c = (): void => { throw new Error(); };
`;
  expect(problemsOf(text)).toEqual(['3: a throws and has no @throws']);
});

test('takes the comment of what a class implements or extends', () => {
  const text = `
interface Loop {
  /** Runs. */
  run(): void;
  stop(): void;
}
interface Named extends Loop {}
/** Does. */
export class HostLoop implements Named {
  run(): void {}
  stop(): void {}
}
/** Does it virtually. */
export class VirtualLoop extends HostLoop {
  override run(): void { throw new Error(); }
}
`;
  expect(problemsOf(text)).toEqual([
    '11: HostLoop.stop has no doc comment',
    '15: VirtualLoop.run throws and has no @throws',
  ]);
});

test('reads overloads as one', () => {
  const text = `/** Does. */\nexport function f(a: number): void;\nexport function f(a: string): void;\nexport function f(): void {}\n`;
  expect(problemsOf(text)).toEqual([]);
});

test('leaves internal files out unless a public one re-exports them', () => {
  const internal = 'export function f(): void {}\nexport function g(): void {}\n';
  expect(problemsOf(internal, 'queue/src/internal/ring.ts')).toEqual([]);
  const workspace = packagesWith({
    'queue/src/internal/ring.ts': internal,
    'queue/src/ring.ts': `export { f } from './internal/ring.js';\n`,
  });
  expect(checkDocComments(workspace)).toEqual([
    'packages/queue/src/internal/ring.ts:1: f has no doc comment',
  ]);
});
