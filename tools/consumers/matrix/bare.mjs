/**
 * Runs a script in a realm that has what a service worker has and nothing of Node: `node bare.mjs <script>`. The realm
 * of Node 20 and 22 has no `Symbol.dispose` either.
 */
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';

const script = readFileSync(process.argv[2] ?? '', 'utf8');
const NAMES = ['AbortController', 'AbortSignal', 'DOMException', 'MessageChannel', 'console', 'performance'];
const CLOCK = ['clearInterval', 'clearTimeout', 'queueMicrotask', 'setInterval', 'setTimeout'];
const scope = Object.fromEntries([...NAMES, ...CLOCK].map((name) => [name, globalThis[name]]));
scope.report = (line) => console.log(line);
const context = createContext(scope);
runInContext('globalThis.self = globalThis', context);
runInContext(script, context);
