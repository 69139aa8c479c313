import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspaceWith } from '../../repo/test/fixture.js';
import { assertLoopback, environmentFor, loopback } from '../loopback.mjs';

const ELSEWHERE = 'https://registry.example.test';
const HERE = 'http://127.0.0.1:4873';

/** An empty folder, and the environment that npm would be started with in it. */
function inFolder(environment: NodeJS.ProcessEnv = {}): { folder: string; env: NodeJS.ProcessEnv } {
  const folder = join(workspaceWith({}), 'cwd');
  mkdirSync(folder);
  return { folder, env: environmentFor(join(folder, '..', 'npm'), HERE, { ...process.env, ...environment }) };
}

test.each([HERE, 'http://localhost:1', 'http://[::1]:80/', 'http://127.8.9.1:4873/'])(
  '%s is here',
  (text) => {
    expect(loopback(text).href).toContain('http://');
  },
);

test.each([
  ELSEWHERE,
  'http://registry.example.test',
  'https://127.0.0.1',
  'http://127.0.0.1.example.test',
  'http://localhost.example.test:4873',
  'http://127.0.0.1@example.test/',
  'http://0.0.0.0:4873',
  'file:///127.0.0.1',
  'undefined',
  '',
])('%j is refused', (text) => {
  expect(() => loopback(text)).toThrow('not on this machine');
});

test('an environment for another registry is not made', () => {
  expect(() => environmentFor(workspaceWith({}), ELSEWHERE)).toThrow('refused');
});

test('settings of the user and tokens do not reach npm, nor does a proxy', () => {
  const { env } = inFolder({
    NPM_CONFIG_REGISTRY: ELSEWHERE,
    npm_config_registry: ELSEWHERE,
    pnpm_config_registry: ELSEWHERE,
    NPM_TOKEN: 'secret',
    NODE_AUTH_TOKEN: 'secret',
    HTTPS_PROXY: ELSEWHERE,
    http_proxy: ELSEWHERE,
  });
  expect(JSON.stringify(env)).not.toMatch(/registry\.example\.test|secret/);
  expect(readFileSync(env['npm_config_userconfig'] ?? '', 'utf8')).toContain(HERE);
});

test('a package goes to this machine', () => {
  const { folder, env } = inFolder();
  expect(() =>
    assertLoopback(folder, env, { name: '@aiokit/queue', publishConfig: { access: 'public' } }),
  ).not.toThrow();
  expect(() => assertLoopback(folder, env, { name: 'aiokit' })).not.toThrow();
});

test.each([
  ['the folder names another registry', `registry=${ELSEWHERE}`, {}],
  ['the folder names another registry for the scope', `@aiokit:registry=${ELSEWHERE}`, {}],
  ['the manifest names another registry', '', { publishConfig: { registry: ELSEWHERE } }],
  ['the manifest names another for the scope', '', { publishConfig: { '@aiokit:registry': ELSEWHERE } }],
])('refuses where %s', (_title, settings, manifest) => {
  const { folder, env } = inFolder();
  writeFileSync(join(folder, '.npmrc'), `${settings}\n`);
  // The environment wins over a folder's settings but for a scope; without it the folder's count.
  const { npm_config_registry: _registry, ...weaker } = env;
  expect(() => assertLoopback(folder, weaker, { name: '@aiokit/queue', ...manifest })).toThrow(ELSEWHERE);
});
