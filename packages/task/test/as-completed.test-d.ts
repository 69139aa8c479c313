import { asCompleted, createTask, sleep } from '@aiokit/task';
import { expectTypeOf, test } from 'vitest';

test('COMPLETED-1 for await gives the futures, not their results', async () => {
  const tasks = [createTask(() => sleep(1, 'one'))];
  for await (const future of asCompleted(tasks)) {
    expectTypeOf(future.result()).toEqualTypeOf<string>();
    expectTypeOf(future === tasks[0]).toBeBoolean();
  }
});

test('COMPLETED-1 for gives what is awaited for the results', async () => {
  for (const next of asCompleted([createTask(() => sleep(1, 'one'))])) {
    expectTypeOf(await next).toEqualTypeOf<string>();
  }
});
