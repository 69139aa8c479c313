import { expect, test } from 'vitest';
import { PRESETS } from '../playground/presets.ts';
import { linkTo, readLink } from '../playground/share.ts';

test.each(PRESETS)('the preset $name goes by its name', async ({ name, text, cancellations }) => {
  const link = await linkTo({ text, token: '1.0.1jk.o2o.4', cancellations });
  expect(link).toContain(`preset=${name}`);
  expect(await readLink(`#${link}`)).toEqual({ text, token: '1.0.1jk.o2o.4', cancellations });
});

test.each(['', 'export default () => {};', '// ε — 🧵\n'.repeat(500)])(
  'a program of its own is in the link',
  async (text) => {
    const link = await linkTo({ text });
    expect(link).toMatch(/^program=[\w-]*$/);
    expect(link.length).toBeLessThan(200);
    expect(await readLink(link)).toEqual({ text, token: undefined, cancellations: 0 });
  },
);

test.each(['', '#', '#preset=none', '#program=AAAA', '#program=%%%', '#other=1'])(
  '%s is no link',
  async (hash) => {
    expect(await readLink(hash)).toBeUndefined();
  },
);
