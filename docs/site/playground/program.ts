/** A program of the editor: its text is compiled once, and its module evaluated anew in every run. */
import * as future from '@aiokit/future';
import * as loopCore from '@aiokit/loop-core';
import * as queue from '@aiokit/queue';
import * as syncPrimitives from '@aiokit/sync-primitives';
import * as task from '@aiokit/task';
import type { Program, World } from '@aiokit/testing';
import * as aiokit from 'aiokit';
import { transform } from 'sucrase';

/** What a program can import. */
const MODULES: Record<string, object> = {
  aiokit,
  '@aiokit/future': future,
  '@aiokit/loop-core': loopCore,
  '@aiokit/queue': queue,
  '@aiokit/sync-primitives': syncPrimitives,
  '@aiokit/task': task,
};

/** Classes whose instances are shown, each in a row of its own. */
const SHOWN =
  /^(Lock|Event|Condition|Semaphore|BoundedSemaphore|Barrier|RWLock|CapacityLimiter|KeyedLock|Future|(Lifo|Priority)?Queue)$/;

/** The program cannot be run as it stands: what its author must be told. */
export class ProgramError extends Error {
  override readonly name: string = 'ProgramError';
}

/** What a run of a program tells. */
export interface Listener {
  /** Something was printed. */
  printed(text: string): void;
  /** A primitive was made; `name` is the variable that it was given to, if that is known. */
  made(thing: object, name: string | undefined): void;
}

/** Who listens to a run, and the world that the program is given in it. */
export interface Attendance {
  readonly listener: Listener;
  readonly world: World;
}

type Module = (require: (name: string) => object, exports: Record<string, unknown>, console: object) => void;

const shown = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  return String(value);
};

/** The variable that a line of a program gives a new object to. */
function variableOf(line: string, kind: string): string | undefined {
  return new RegExp(`(\\w+)(?:\\s*:[^=]*)?\\s*[=:]\\s*new (?:\\w+\\.)*${kind}\\b`).exec(line)?.[1];
}

/** The file that the text is known as in stacks. */
const FILE = 'editor-text.ts';

function placeOf(stack: string): number | undefined {
  const line = new RegExp(`${FILE}:(\\d+)`).exec(stack)?.[1];
  // Two lines of the function that the text is wrapped into come before it.
  return line === undefined ? undefined : Number(line) - 2;
}

/** A text that was compiled. */
export class CompiledProgram {
  readonly #module: Module;
  readonly #lines: readonly string[];
  #listener: Listener | undefined;
  readonly #console: Record<string, (...values: unknown[]) => void>;

  /**
   * @param text TypeScript, or JavaScript: types are stripped, not checked
   * @throws ProgramError if it is neither
   */
  constructor(text: string) {
    this.#lines = text.split('\n');
    const print = (...values: unknown[]) => this.#listener?.printed(values.map(shown).join(' '));
    this.#console = { log: print, info: print, debug: print, warn: print, error: print };
    try {
      const { code } = transform(text, {
        transforms: ['typescript', 'imports'],
        disableESTransforms: true,
        preserveDynamicImport: true,
      });
      this.#module = new Function(
        'require',
        'exports',
        'console',
        `${code}\n//# sourceURL=${FILE}`,
      ) as Module;
    } catch (error) {
      throw new ProgramError((error as Error).message);
    }
    this.main();
  }

  /** The program as the explorer takes it; `attend` is called at the beginning of each run. */
  main(attend?: (world: World) => Attendance): Program {
    const main = this.#evaluate(undefined);
    const program = (world: World): unknown => {
      const { listener, world: given = world } = attend?.(world) ?? {};
      return this.#evaluate(listener)(given);
    };
    // The explorer looks at the kind of function.
    if ((main as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === 'AsyncFunction') {
      Object.defineProperty(program, Symbol.toStringTag, { value: 'AsyncFunction' });
    }
    return program;
  }

  #evaluate(listener: Listener | undefined): (world: World) => unknown {
    this.#listener = listener;
    const exports: Record<string, unknown> = {};
    this.#module((name) => this.#require(name), exports, this.#console);
    const main = exports['default'];
    if (typeof main !== 'function') {
      throw new ProgramError(
        'a program exports its main function: export default function* main(world) { … }',
      );
    }
    return main as (world: World) => unknown;
  }

  #require(name: string): object {
    const module = Object.hasOwn(MODULES, name) ? MODULES[name] : undefined;
    if (!module) {
      throw new ProgramError(
        `'${name}' is not among what can be imported: ${Object.keys(MODULES).join(', ')}`,
      );
    }
    return Object.fromEntries(
      Object.entries(module).map(([key, value]) => [
        key,
        SHOWN.test(key) ? this.#watched(key, value) : value,
      ]),
    );
  }

  /** The class itself, but for who is told of its instances. */
  #watched(kind: string, type: object): object {
    return new Proxy(type, {
      construct: (target, args: unknown[], newTarget) => {
        const thing = Reflect.construct(target as never, args, newTarget) as object;
        if (!this.#listener) return thing;
        const line = placeOf(new Error().stack ?? '');
        this.#listener.made(
          thing,
          line === undefined ? undefined : variableOf(this.#lines[line - 1] ?? '', kind),
        );
        return thing;
      },
    });
  }
}
