import { type EventLoop, type HostLoop, type Logger, realm, setLogger } from '@aiokit/loop-core';
import type { VirtualLoop } from '@aiokit/loop-core/virtual';
import { afterAll, assert, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { hop, thrownBy, WatchedHostLoop, WatchedVirtualLoop } from './watched-loops.js';

const checkHooks = (): void => assert.equal(realm.hooks, undefined, 'hooks that a test left');

beforeEach(() => {
  checkHooks();
  realm.debug = undefined;
});

afterAll(checkHooks);

/** What is logged as a warning in a test. */
function watchWarnings(): string[] {
  const warnings: string[] = [];
  const logger: Logger = { ...console, warn: (text) => void warnings.push(text) };
  setLogger(logger);
  onTestFinished(() => setLogger(null));
  return warnings;
}

/** Turns debug mode on, as the environment does, until the end of the test. */
function inEnvironment(text: string): void {
  process.env.AIOKIT_DEBUG = text;
  onTestFinished(() => void delete process.env.AIOKIT_DEBUG);
}

/** A package that has checks. */
function provide(): [EventLoop, boolean][] {
  const told: [EventLoop, boolean][] = [];
  realm.debug = (loop, enabled) => void told.push([loop, enabled]);
  onTestFinished(() => {
    realm.debug = undefined;
  });
  return told;
}

describe('debug mode', () => {
  test('LOOP-8.2 without checks is warned of once, with the import to add', () => {
    const warnings = watchWarnings();
    const [loop, other] = [new WatchedVirtualLoop(), new WatchedVirtualLoop()];
    for (const one of [loop, loop, other]) {
      one.setDebug(false);
      one.setDebug(true);
      expect(one.getDebug()).toBe(true);
    }
    expect(warnings).toEqual([
      "debug mode has no checks yet: import '@aiokit/debug', or start with node --import @aiokit/debug/register",
    ]);
    expect([thrownBy(() => loop.callSoon(1 as never)).name, realm.hooks]).toEqual(['TypeError', undefined]);
  });

  test('LOOP-8.1 is told to whoever has checks, each time', () => {
    const told = provide();
    const loop = new WatchedVirtualLoop();
    for (const enabled of [true, true, false]) loop.setDebug(enabled);
    expect(told).toEqual([true, true, false].map((enabled) => [loop, enabled]));
    expect(String(loop)).toContain('debug=false');
  });

  test.each([undefined, 1, 'true', null])(
    'LOOP-8.1 %j is refused by name, and nothing has changed',
    (bad) => {
      const told = provide();
      const loop = new WatchedVirtualLoop();
      const shown = typeof bad === 'string' ? `'${bad}'` : String(bad);
      expect(thrownBy(() => loop.setDebug(bad as never))).toEqual(
        new TypeError(`enabled must be true or false, got ${shown}`),
      );
      expect([loop.getDebug(), told]).toEqual([false, []]);
    },
  );

  test.each([
    ['1', true],
    ['yes', true],
    ['0', false],
    ['', false],
  ])('LOOP-8.3 AIOKIT_DEBUG=%s is how a loop begins: %s', (text, enabled) => {
    const told = provide();
    inEnvironment(text);
    const loops: (HostLoop | VirtualLoop)[] = [new WatchedHostLoop(), new WatchedVirtualLoop()];
    expect(loops.map((loop) => loop.getDebug())).toEqual([enabled, enabled]);
    expect(told).toEqual(enabled ? loops.map((loop) => [loop, true]) : []);
  });

  test('LOOP-8.3 what the realm says counts more than the environment', () => {
    provide();
    inEnvironment('1');
    realm.debugging = false;
    onTestFinished(() => void delete realm.debugging);
    expect(new WatchedVirtualLoop().getDebug()).toBe(false);
    realm.debugging = true;
    delete process.env.AIOKIT_DEBUG;
    expect(new WatchedVirtualLoop().getDebug()).toBe(true);
  });

  test('LOOP-8.3 Deno is not asked for the environment', () => {
    provide();
    inEnvironment('1');
    const host = globalThis as { Deno?: object };
    host.Deno = {};
    onTestFinished(() => void delete host.Deno);
    expect(new WatchedVirtualLoop().getDebug()).toBe(false);
  });

  test('LOOP-8.1 hooks may be empty', async () => {
    realm.hooks = {};
    const steps: string[] = [];
    const [loop, virtual, led] = [
      new WatchedHostLoop(),
      new WatchedVirtualLoop(),
      new WatchedVirtualLoop({ choose: () => 0 }),
    ];
    for (const one of [loop, virtual, led]) {
      one.callSoon(() => steps.push('ran'));
      one.callLater(0, () => {
        throw new Error('far');
      });
    }
    await hop();
    virtual.runUntilIdle();
    led.runUntilIdle();
    realm.hooks = undefined;
    expect(steps).toEqual(['ran', 'ran', 'ran']);
    for (const one of [loop, virtual, led]) expect(one.takeReports()).toHaveLength(1);
  });
});
