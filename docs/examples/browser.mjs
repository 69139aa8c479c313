/**
 * Drives the page in a real Chromium, with the headers that shared memory needs and without: `node browser.mjs`. Where
 * there is no Chromium it says that this is left out. `CHROMIUM` names another one.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { buildPage, servePage } from './page.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path));

const COMMON = [
  'hash on the loop: bed2ca45; the clock stood still for a moment: true',
  'hash in a thread: bed2ca45; the clock went on: true',
  'a module that imports nothing: 42',
];
const END = ['two threads compute on and on; Stop ends them', 'cancelled: true, threads left: 0', 'stopped'];
const EXPECTED = {
  shared: [
    'shared memory: true',
    ...COMMON,
    "no answer within 50 ms, then 'what is the matter?' has an answer",
    ...END,
  ],
  bare: [
    'shared memory: false',
    ...COMMON,
    'BlockingNotAllowedError: a worker can block with SharedArrayBuffer only, which a page has if it is served with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp: use await',
    ...END,
  ],
};

/** Opens the page, presses Stop once both threads have told of their progress, and checks what it says. */
async function drive(browser, bare) {
  const { url, end } = await servePage({ bare });
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  try {
    await page.goto(url);
    const log = page.locator('#log');
    const says = (text) =>
      page.waitForFunction(
        (wanted) => document.getElementById('log').textContent.split('\n').includes(wanted),
        text,
        {
          timeout: 60_000,
        },
      );
    await says('Ann has done round 2');
    await says('Bob has done round 2');
    await page.click('#stop');
    await says('stopped');
    const lines = (await log.textContent()).trim().split('\n');
    assert.ok(
      lines.some((line) => line.startsWith('Executing <Task ')),
      `debug mode names the step on the loop:\n${lines.join('\n')}`,
    );
    const told = lines.filter((line) => EXPECTED[bare ? 'bare' : 'shared'].includes(line));
    assert.deepEqual(told, EXPECTED[bare ? 'bare' : 'shared'], lines.join('\n'));
    assert.deepEqual(errors, []);
    console.log(`passed: the page ${bare ? 'without' : 'with'} the headers`);
  } finally {
    await page.close();
    end();
  }
}

if (executablePath === undefined) {
  console.log(
    'LEFT OUT: the page is not driven, as there is no Chromium here (apt install chromium, or CHROMIUM=<path>)',
  );
} else {
  await buildPage();
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    for (const bare of [false, true]) await drive(browser, bare);
  } finally {
    await browser.close();
  }
}
