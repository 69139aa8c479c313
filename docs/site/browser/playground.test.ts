/** The playground in Chromium. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { faintTexts } from './contrast.ts';
import { Site, type Screen } from './site.ts';

/** As in playground/presets.ts, which needs a bundler to be imported. */
const PRESETS = [
  'abba',
  'lost-permit',
  'lost-wake-up',
  'overdrawn',
  'philosophers',
  'future-callback',
].concat(['future-cancel', 'event', 'queue', 'queue-async', 'chain-tasks', 'pipeline']);
const DEADLOCK = 'preset=abba&schedule=1.0.1jk.o2o.4';

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(async () => site.close());
afterEach(() => {
  const problems = site.problems.splice(0);
  if (problems.length > 0) throw new Error(problems.join('\n'));
});

/** Opens the playground, and waits until it shows a run. */
async function playground(hash = '', screen?: Screen): Promise<Page> {
  const page = await site.show(`playground.html${hash === '' ? '' : `#${hash}`}`, screen);
  await page.getByRole('slider', { name: 'Step' }).waitFor();
  return page;
}

const verdict = (page: Page) => page.locator('.verdict');
const what = (page: Page) => page.locator('.moment .what');
const position = async (page: Page) => page.locator('.transport output').innerText();
const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
/** The name of what has the focus. */
const focused = async (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement & { labels?: NodeListOf<HTMLElement> };
    const label = element?.labels?.[0]?.querySelector('span') ?? element?.labels?.[0];
    return (
      element?.getAttribute('aria-label') ?? label?.textContent?.trim() ?? element?.textContent?.trim() ?? ''
    );
  });

test('every preset runs', async () => {
  const page = await playground();
  const select = page.getByRole('combobox', { name: 'Program' });
  const offered = await select
    .locator('option')
    .evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value));
  expect(offered).toEqual(PRESETS);
  for (const preset of PRESETS) {
    await select.selectOption(preset);
    await expect
      .poll(async () => verdict(page).innerText())
      .toMatch(/Nothing was wrong|deadlock|invariant|leak/);
    expect(await page.locator('.timeline tbody tr').count()).toBeGreaterThan(1);
  }
});

test('a deadlock is found, and stepped through', async () => {
  const page = await playground('preset=abba');
  await expect.poll(async () => verdict(page).innerText()).toContain('Nothing was wrong');
  await page.getByRole('button', { name: 'Find a failure' }).click();
  await expect.poll(async () => verdict(page).innerText()).toContain('rent waits for bob, held by lunch');
  expect(await position(page)).toBe('7 / 7');
  await page.getByRole('button', { name: 'First step' }).click();
  expect(await what(page).innerText()).toBe('0 ms rent takes ann, sleeps until 2 ms');
  await page.getByRole('button', { name: 'Next instant' }).click();
  expect(await what(page).innerText()).toBe('1 ms (loop) wakes lunch');
  await page.getByRole('button', { name: 'Step forward' }).click();
  expect(await what(page).innerText()).toBe('1 ms lunch takes bob, goes on');
  await page.locator('.timeline tbody tr').first().locator('td').last().click();
  expect(await what(page).innerText()).toBe('2 ms rent waits for bob');
});

test('the rows are the tasks, then what they wait for', async () => {
  const page = await playground('preset=pipeline');
  await expect.poll(async () => verdict(page).innerText()).toContain('Nothing was wrong in these 21 steps');
  expect(await page.locator('.timeline tbody th').allInnerTexts()).toEqual(['main', 'Ann', 'Bob', 'queue']);
});

test('another task goes first where one is chosen', async () => {
  const page = await playground('preset=lost-wake-up');
  for (const _ of [1, 2]) await page.getByRole('button', { name: 'Step forward' }).click();
  const group = page.getByRole('group', { name: 'Next comes' });
  expect(await group.getByRole('button', { name: 'customer' }).getAttribute('aria-pressed')).toBe('true');
  await group.getByRole('button', { name: 'kitchen' }).click();
  await expect.poll(async () => verdict(page).innerText()).toContain('customer waits for bell');
  expect(await position(page)).toMatch(/^3 \//);
});

test('a shared link brings back the program and its schedule', async () => {
  const page = await playground('preset=abba');
  await page.getByRole('textbox', { name: 'Program' }).click();
  await press(page, 'Control+Home');
  await page.keyboard.type('// mine\n');
  await page.getByRole('button', { name: 'Find a failure' }).click();
  await expect.poll(async () => verdict(page).innerText()).toContain('deadlock');
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByText('The link is').waitFor();
  const link = page.url();
  expect(await page.evaluate(async () => navigator.clipboard.readText())).toBe(link);
  const other = await playground(link.slice(link.indexOf('#') + 1));
  await expect.poll(async () => verdict(other).innerText()).toContain('deadlock');
  expect(await other.getByRole('textbox', { name: 'Program' }).innerText()).toMatch(/^\/\/ mine/);
  expect(await other.getByLabel('Schedule').inputValue()).toBe(
    await page.getByLabel('Schedule').inputValue(),
  );
});

test('a program that never ends is stopped', async () => {
  const page = await playground('preset=event');
  await page.getByRole('textbox', { name: 'Program' }).click();
  await press(page, 'Control+a');
  await page.keyboard.insertText('export default function main() { while (true); }');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect.poll(async () => verdict(page).innerText()).toContain('running');
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(async () => verdict(page).innerText()).toContain('Stopped.');
  await page.getByRole('combobox', { name: 'Program' }).selectOption('abba');
  await expect.poll(async () => verdict(page).innerText()).toContain('Nothing was wrong');
});

test('an error of syntax is told', async () => {
  const page = await playground('preset=event');
  await page.getByRole('textbox', { name: 'Program' }).click();
  await press(page, 'Control+a');
  await page.keyboard.insertText('export default function*');
  await press(page, 'Control+Enter');
  await expect.poll(async () => verdict(page).innerText()).toContain('ProgramError');
});

test('the keyboard is enough', async () => {
  const page = await playground('preset=abba');
  await page.getByRole('combobox', { name: 'Program' }).focus();
  const stops = ['Cancellations', 'Find a failure', 'Run', 'Share', 'Program'];
  for (const stop of stops) {
    await press(page, 'Tab');
    expect(await focused(page)).toContain(stop === 'Program' ? '' : stop);
  }
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Program');
  await press(page, 'Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Enter');
  await expect.poll(async () => verdict(page).innerText()).toContain('deadlock');
  await press(page, 'Tab', 'Tab', 'Tab', 'Tab');
  for (let tabs = 0; tabs < 6 && (await focused(page)) !== 'Step'; tabs++) await press(page, 'Tab');
  expect(await focused(page)).toBe('Step');
  await press(page, 'Home');
  expect(await position(page)).toBe('1 / 7');
  await press(page, 'ArrowRight', 'PageDown');
  expect(await position(page)).toBe('3 / 7');
  expect(await page.getByRole('slider', { name: 'Step' }).getAttribute('aria-valuetext')).toBe(
    'Step 3 of 7, 1 ms: (loop) wakes lunch',
  );
  await press(page, 'PageUp', 'End', 'ArrowLeft');
  expect(await position(page)).toBe('6 / 7');
});

test('everything that can be operated has a name', async () => {
  const page = await playground(DEADLOCK);
  const nameless = await page.evaluate(() =>
    [
      ...document.querySelectorAll<HTMLElement>(
        '.playground :is(button, select, input, [tabindex="0"], [role="textbox"])',
      ),
    ]
      .filter((one) => {
        const { labels } = one as HTMLInputElement;
        const text = one.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? one.textContent;
        return (text ?? '').trim() === '';
      })
      .map((one) => one.outerHTML.slice(0, 120)),
  );
  expect(nameless).toEqual([]);
  expect(await page.locator('h1').count()).toBe(1);
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
});

describe.each([
  { name: 'light', screen: {} },
  { name: 'dark', screen: { dark: true } },
  { name: 'light on a phone', screen: { width: 390, height: 844 } },
  { name: 'dark on a phone', screen: { width: 390, height: 844, dark: true } },
])('$name', ({ screen }: { screen: Screen }) => {
  test.each(['index.html', 'guide/cancellation.html', `playground.html#${DEADLOCK}`])(
    'the texts of %s can be read, and nothing sticks out',
    async (path) => {
      const page = await site.show(path, screen);
      if (path.startsWith('playground')) await page.getByRole('slider', { name: 'Step' }).waitFor();
      const main = path.startsWith('playground') ? '.playground' : '#VPContent';
      expect(await faintTexts(page, main)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(background === 'rgb(255, 255, 255)').toBe(screen.dark !== true);
    },
  );
});

test('on a phone buttons are large enough for a thumb', async () => {
  const page = await playground(DEADLOCK, { width: 390, height: 844 });
  const small = await page
    .locator('.bar button, .transport button')
    .evaluateAll((all) =>
      all.filter((one) => one.getBoundingClientRect().height < 40).map((one) => one.textContent),
    );
  expect(small).toEqual([]);
});

test('the first page says what, why and two commands without scrolling', async () => {
  const page = await site.show('index.html');
  for (const selector of ['.what', '.why', '.commands']) {
    const box = await page.locator(selector).boundingBox();
    expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThan(860);
  }
  expect(await page.locator('.commands').innerText()).toBe('$ npm install aiokit\n$ node hello.mjs');
});

test('the search works without a network', async () => {
  const page = await site.show('guide/quick-start.html');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('searchbox').fill('rethrowCancelled');
  await expect.poll(async () => page.locator('.result').count()).toBeGreaterThan(0);
});
