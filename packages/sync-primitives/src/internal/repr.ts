/** How primitives print themselves. */
import type { WaitQueue } from '@aiokit/loop-core/wait-queue';

/** What `util.inspect` asks for. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** `<Lock locked waiters=2>`: those are counted who have not noticed yet that they were woken or cancelled. */
export function repr(primitive: object, state: string, { size }: Pick<WaitQueue<never>, 'size'>): string {
  return `<${primitive.constructor.name} ${state}${size > 0 ? ` waiters=${size}` : ''}>`;
}
