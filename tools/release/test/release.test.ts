import { expect, onTestFinished, test } from 'vitest';
import changelog from '../changelog.cjs';
import { installCommands } from '../../consumers/readmes.mjs';
import { strangersIn } from '../bill.mjs';
import { inOrder, refusal } from '../publish.mjs';
import { startRegistry } from '../registry.mjs';
import { withReasons } from '../version.mjs';

test('a line of a changelog is the text of the changeset, without its commit', async () => {
  const line = await changelog.getReleaseLine({
    id: 'two-lines',
    commit: 'abcdef',
    summary: 'A queue can be shut down.\n\nThen `get` fails.\n',
    releases: [],
  });
  expect(line).toBe('- A queue can be shut down.\n\n  Then `get` fails.');
});

test('a changelog has no line on dependencies', async () => {
  expect(await changelog.getDependencyReleaseLine([], [{ name: '@aiokit/loop-core' }])).toBe('');
});

test('an entry that would be empty says why it is there, the others stay', () => {
  const text = '# @aiokit/task\n\n## 0.1.1\n\n## 0.1.0\n\n### Minor Changes\n\n- First.\n';
  expect(withReasons(text)).toMatch(
    /## 0\.1\.1\n\nNothing of its own has changed.*\n\n## 0\.1\.0\n\n### Minor/,
  );
  expect(withReasons('# x\n\n## 0.1.1\n')).toContain('Nothing of its own');
  expect(withReasons(withReasons(text))).toBe(withReasons(text));
});

test('what others depend on is published first', () => {
  const manifests = [
    { name: 'aiokit', dependencies: { '@aiokit/queue': '^1.0.0' } },
    { name: '@aiokit/queue', dependencies: { '@aiokit/loop-core': '^1.0.0' } },
    { name: '@aiokit/loop-core' },
  ];
  expect(inOrder(manifests).map(({ name }) => name)).toEqual([
    '@aiokit/loop-core',
    '@aiokit/queue',
    'aiokit',
  ]);
});

test.each([{}, { GITHUB_ACTIONS: 'true' }, { ACTIONS_ID_TOKEN_REQUEST_URL: 'there' }])(
  'nothing is published outside the workflow: %j',
  (environment) => {
    expect(refusal(environment)).toMatch(/^refused/);
  },
);

test('the workflow may publish', () => {
  expect(refusal({ GITHUB_ACTIONS: 'true', ACTIONS_ID_TOKEN_REQUEST_URL: 'there' })).toBeUndefined();
});

test('a stranger in a bill of materials is found', () => {
  const components = ['aiokit', '@aiokit/task', 'left-pad'].map((name) => ({ name }));
  expect(strangersIn({ components })).toEqual(['left-pad']);
});

test('the registry keeps what is published, and a version stays as it is', async () => {
  const registry = await startRegistry();
  onTestFinished(() => registry.close());
  expect(registry.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const put = (data: string) =>
    fetch(`${registry.url}/@aiokit%2fqueue`, {
      method: 'PUT',
      body: JSON.stringify({
        name: '@aiokit/queue',
        versions: { '0.1.0': { name: '@aiokit/queue', version: '0.1.0', dist: {} } },
        'dist-tags': { latest: '0.1.0' },
        _attachments: { file: { data: Buffer.from(data).toString('base64') } },
      }),
    });
  expect((await put('first')).status).toBe(201);
  expect((await put('second')).status).toBe(409);
  const found = (await (await fetch(`${registry.url}/@aiokit%2fqueue`)).json()) as {
    versions: Record<string, { dist: { tarball: string } }>;
  };
  const tarball = found.versions['0.1.0']?.dist.tarball ?? '';
  expect(await (await fetch(tarball)).text()).toBe('first');
  expect((await fetch(`${registry.url}/left-pad`)).status).toBe(404);
  expect(registry.versions()).toEqual(['@aiokit/queue@0.1.0']);
});

test('the commands of a README are those of its first block for the shell', () => {
  const page =
    '# x\n\n```sh\nnpm install one\nnpm install --save-dev @aiokit/two\n```\n\n```sh\nrm -rf .\n```\n';
  expect(installCommands(page)).toEqual([
    ['install', 'one'],
    ['install', '--save-dev', '@aiokit/two'],
  ]);
  expect(() => installCommands('```sh\nnpm install one; rm -rf .\n```')).toThrow('is not an npm install');
  expect(installCommands('nothing')).toEqual([]);
});
