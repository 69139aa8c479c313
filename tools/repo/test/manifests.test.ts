import { expect, test } from 'vitest';
import { checkManifests } from '../rules/manifests.mjs';
import { workspaceWith } from './fixture.js';

const sound = {
  LICENSE: 'MIT',
  'packages/queue/LICENSE': 'MIT',
  'packages/queue/README.md': '# queue',
  'packages/queue/package.json': '{"name":"@aiokit/queue"}',
  'tools/consumers/package.json': '{"devDependencies":{"@aiokit/queue":"workspace:*"}}',
};
const withManifest = (manifest: object) =>
  workspaceWith({
    ...sound,
    'packages/queue/package.json': JSON.stringify({ name: '@aiokit/queue', ...manifest }),
  });

test.each([
  [{ dependencies: { tslib: '^2.0.0' } }, 'tslib is a runtime dependency outside the workspace'],
  [{ dependencies: { '@aiokit/task': 'workspace:^' } }, 'queue must not depend on task'],
  [{ dependencies: { '@aiokit/loop-core': '^0.1.0' } }, '@aiokit/loop-core must be workspace:^, is ^0.1.0'],
  [{ peerDependencies: { tinypool: '^2.0.0' } }, 'the peer tinypool must be optional'],
])('reports %j', (manifest, message) => {
  expect(checkManifests(withManifest(manifest))).toEqual([`packages/queue/package.json: ${message}`]);
});

test('lets workspace dependencies and optional peers be', () => {
  const workspace = withManifest({
    dependencies: { '@aiokit/loop-core': 'workspace:^' },
    peerDependencies: { tinypool: '^2.0.0' },
    peerDependenciesMeta: { tinypool: { optional: true } },
  });
  expect(checkManifests(workspace)).toEqual([]);
});

test('reports another licence text and a missing README', () => {
  expect(
    checkManifests(workspaceWith({ ...sound, LICENSE: 'Apache', 'packages/queue/README.md': '' })),
  ).toEqual([
    'packages/queue/package.json: LICENSE differs from the root’s',
    'packages/queue/package.json: README.md is missing',
  ]);
});

test('reports a package that is not tested as a user has it', () => {
  expect(checkManifests(workspaceWith({ ...sound, 'tools/consumers/package.json': '{}' }))).toEqual([
    'tools/consumers/package.json: @aiokit/queue is not among its devDependencies',
  ]);
});

test('reports a host in the lockfile', () => {
  const workspace = workspaceWith({
    ...sound,
    'pnpm-lock.yaml': "\n  tarball: 'https://example.test/a.tgz'\n",
  });
  expect(checkManifests(workspace)).toEqual(['pnpm-lock.yaml:2: names a host']);
});

test('reports prebuilt binaries that are only there for Linux', () => {
  const entries = [
    '@a/cli-linux-arm64@1.0.0',
    '@a/cli-darwin-arm64@1.0.0',
    '@b/linux-arm64-gnu@1.0.0',
    'c@1.0.0',
  ];
  const lockfile = entries.map((entry) => `  '${entry}':\n`).join('');
  expect(checkManifests(workspaceWith({ ...sound, 'pnpm-lock.yaml': lockfile }))).toEqual([
    'pnpm-lock.yaml: nothing of @a/cli-* for /^win(32|dows)/',
    'pnpm-lock.yaml: nothing of @b/* for /^darwin/',
    'pnpm-lock.yaml: nothing of @b/* for /^win(32|dows)/',
  ]);
});
