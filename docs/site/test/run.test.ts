import { expect, test } from 'vitest';
import { CompiledProgram, ProgramError } from '../playground/program.ts';
import { PRESETS } from '../playground/presets.ts';
import { record, search } from '../playground/run.ts';

const textOf = (name: string): string => PRESETS.find((preset) => preset.name === name)?.text ?? '';

test.each(PRESETS)('the preset $name runs, and is recorded', async ({ text }) => {
  const { moments, token, wrong } = await record(new CompiledProgram(text), { choices: [] });
  for (const m of moments) console.log(m.atMs, m.who, '|', m.what, '|', m.printed.join(';'), '|', m.things.map(t=>t.name+t.text+t.waiters).join(), '|', m.tasks.map(t=>t.name+':'+t.state+':'+t.holds).join(' '), JSON.stringify(m.choices));
  console.log(token, wrong);
  expect(moments.length).toBeGreaterThan(0);
});
test('s', async () => {
  for (const { name, text, cancellations } of PRESETS) {
    const r = await search(new CompiledProgram(text), { schedules: 2000, cancellations });
    console.log(name, r.schedules, r.complete, r.recording?.wrong, r.recording?.token);
  }
});
