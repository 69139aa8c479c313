/** Whoever publishes for a check publishes to this machine: anything else is refused before npm is started. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Settings of whoever runs the check that could lead elsewhere, or hold a secret. */
const LEADS_ELSEWHERE = /^(npm_|pnpm_|yarn_|node_auth_token$|.*_proxy$)/i;

/**
 * The registry's URL.
 *
 * @param {string} text
 * @throws Error if it is not on this machine
 */
export function loopback(text, what = 'the registry') {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' || !/^(127(\.\d+){3}|\[::1\]|localhost)$/.test(url.hostname))
    throw new Error(`refused: ${what} is ${text}, which is not on this machine`);
  return url;
}

/**
 * The environment for npm with settings of its own, which know one registry and none of the user's.
 *
 * @param {string} folder an empty folder for the settings and the cache
 * @param {string} registry
 * @param {NodeJS.ProcessEnv} [environment]
 */
export function environmentFor(folder, registry, environment = process.env) {
  const { host, href } = loopback(registry);
  mkdirSync(folder, { recursive: true });
  const settings = join(folder, 'user.npmrc');
  writeFileSync(settings, `registry=${href}\n//${host}/:_authToken=loopback\n`);
  writeFileSync(join(folder, 'global.npmrc'), '');
  return {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !LEADS_ELSEWHERE.test(name))),
    npm_config_registry: href,
    npm_config_userconfig: settings,
    npm_config_globalconfig: join(folder, 'global.npmrc'),
    npm_config_cache: join(folder, 'cache'),
    npm_config_update_notifier: 'false',
  };
}

/**
 * Asks npm where it would publish a package, with the settings that publishing would have.
 *
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 * @param {{ name: string, publishConfig?: Record<string, unknown> }} manifest
 * @throws Error if that is not on this machine
 */
export function assertLoopback(cwd, env, { name, publishConfig = {} }) {
  const ask = (key) =>
    execFileSync('npm', ['config', 'get', key], {
      cwd,
      env,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    }).trim();
  loopback(ask('registry'));
  const [scope] = name.startsWith('@') ? name.split('/') : [];
  const scoped = scope === undefined ? 'undefined' : ask(`${scope}:registry`);
  if (scoped !== 'undefined') loopback(scoped, `the registry of ${scope}`);
  for (const [key, value] of Object.entries(publishConfig)) {
    if (key.endsWith('registry')) loopback(String(value), `publishConfig.${key} of ${name}`);
  }
}
