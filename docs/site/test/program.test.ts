/** What the editor's text may be, and what its author is told. */
import { check, exploreOne, type World } from '@aiokit/testing';
import { expect, test } from 'vitest';
import { CompiledProgram, ProgramError } from '../playground/program.ts';

const message = (text: string): string => {
  try {
    new CompiledProgram(text);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(ProgramError);
    return (error as Error).message;
  }
};

test('types are stripped', async () => {
  const text = `
    import { type Coroutine, sleep } from 'aiokit';
    import type { World } from '@aiokit/testing';
    interface Pair<T> { readonly one: T }
    export default function* main(world: World): Coroutine<void> {
      const pair: Pair<number> = { one: 1 as number };
      yield* sleep(pair.one!);
    }`;
  expect((await check(new CompiledProgram(text).main())).complete).toBe(true);
});

test('an error of syntax names the line', () => {
  expect(message('export default function* main() {\n  yield* ;;(\n}')).toMatch(/\(\d+:\d+\)/);
});

test('a program without a main function is told what it lacks', () => {
  expect(message('const one = 1;')).toContain('export default function* main(world)');
});

test('what cannot be imported is refused with what can', () => {
  const text = "import { readFile } from 'node:fs';\nexport default function main() { readFile(); }";
  expect(message(text)).toContain("'node:fs' is not among what can be imported: aiokit, @aiokit/future");
});

test('the module is evaluated anew in every run', async () => {
  const text = `
    let count = 0;
    export default function main(world) {
      world.spawn(function* () {}, 'one');
      world.spawn(function* () {}, 'two');
      if (++count > 1) throw new Error('state was kept');
    }`;
  expect((await check(new CompiledProgram(text).main())).schedules).toBeGreaterThan(1);
});

const made = async (line: string): Promise<(string | undefined)[]> => {
  const names: (string | undefined)[] = [];
  const text = `import { Lock, Queue } from 'aiokit';\nimport * as asyncio from 'aiokit';
export default function main() {
  const it = {};
  ${line}
}`;
  const attend = (world: World) => ({
    world,
    listener: {
      printed: () => {},
      made: (_thing: object, name: string | undefined) => void names.push(name),
    },
  });
  await check(new CompiledProgram(text).main(attend), { schedules: 1 });
  return names.slice(0, names.length / 2);
};

test.each([
  ['const door = new Lock();', 'door'],
  ['let door: Lock = new Lock();', 'door'],
  ['it.door = new Lock();', 'door'],
  ['const it2 = { door: new Lock() };', 'door'],
  ['const jobs = new asyncio.Queue<number>(2);', 'jobs'],
  ['[new Lock()];', undefined],
])('%s makes a primitive that is called %s', async (line, name) => {
  expect(await made(line)).toEqual([name]);
});

test('printed values are shown as text', async () => {
  const printed: string[] = [];
  const text = "export default function main() { console.log('a', [1, [2, 'b']], null); console.error(3n); }";
  const attend = (world: World) => ({
    world,
    listener: { printed: (line: string) => void printed.push(line), made: () => {} },
  });
  await check(new CompiledProgram(text).main(attend), { schedules: 1 });
  expect(printed.slice(0, 2)).toEqual(['a [1, [2, b]] null', '3']);
});

test('an async main function is called once in a run', async () => {
  let runs = 0;
  const attend = (world: World) => {
    runs++;
    return { world, listener: { printed: () => {}, made: () => {} } };
  };
  await exploreOne(new CompiledProgram('export default async function main() {}').main(attend), []);
  expect(runs).toBe(1);
});
