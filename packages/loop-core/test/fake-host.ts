/** A host whose clock and timers a test moves. Its promises and immediates stay the real ones. */
import { onTestFinished, vi } from 'vitest';

export interface HostTimer {
  readonly callback: () => void;
  readonly delayMs: number;
  readonly at: number;
  /** Whether it keeps the process alive. */
  alive: boolean;
}

export class FakeHost {
  /** What its clock shows. */
  now = 1000;
  /** The delay of each timer that was ever set. */
  readonly delays: number[] = [];
  /** The most timers that were pending at once. */
  most = 0;
  readonly #timers = new Map<unknown, HostTimer>();

  /** @param numbers whether timers are known by numbers, as in browsers, which cannot be unref'd */
  constructor({ numbers = false } = {}) {
    let last = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => this.now);
    vi.stubGlobal('setTimeout', (callback: () => void, delayMs: number): unknown => {
      const timer: HostTimer = { callback, delayMs, at: this.now + Math.max(1, delayMs), alive: true };
      const ref = (alive: boolean) => () => {
        timer.alive = alive;
      };
      const key = numbers ? ++last : { ref: ref(true), unref: ref(false) };
      this.delays.push(delayMs);
      this.#timers.set(key, timer);
      this.most = Math.max(this.most, this.#timers.size);
      return key;
    });
    vi.stubGlobal('clearTimeout', (key: unknown) => this.#timers.delete(key));
    onTestFinished(() => {
      vi.unstubAllGlobals();
      vi.restoreAllMocks();
    });
  }

  /** The timers that are set, in order of their deadlines. */
  get timers(): HostTimer[] {
    return [...this.#timers.values()].sort((one, other) => one.at - other.at);
  }

  /** Moves the clock to the first deadline, or `earlyMs` before it, and calls that timer. */
  ring(earlyMs = 0): void {
    const [key, { callback, at }] = [...this.#timers].sort(([, one], [, other]) => one.at - other.at)[0] as [
      unknown,
      HostTimer,
    ];
    this.#timers.delete(key);
    this.now = Math.max(this.now, at - earlyMs);
    callback();
  }
}
