/** A virtual loop that stands in for the host's: its run methods return promises, so that async functions have their turns. */
import { Future } from '@aiokit/future';
import { VirtualLoop } from '@aiokit/loop-core/virtual';

export class HostlikeLoop extends VirtualLoop {
  /** @returns {any} a promise, as HostLoop's */
  runForever() {
    const forever = new Future({ loop: this });
    return this.runUntilCompleteAsync(forever).catch((error) => {
      if (error.code !== 'LOOP_STOPPED') throw error;
    });
  }

  /**
   * @param {any} main
   * @returns {any} a promise, as HostLoop's
   */
  runUntilComplete(main) {
    return this.runUntilCompleteAsync(main);
  }
}
