/**
 * `pnpm release:check`: releases the packages to a registry on this machine, as the workflow does to the world's, and installs
 * them from there as a user does. `--sbom <folder>` keeps the bills of materials.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { complaintsAboutTarball } from '../consumers/contents.mjs';
import { packAll } from '../consumers/pack.mjs';
import { installCommands, runFirstProgram, writeFirstPrograms } from '../consumers/readmes.mjs';
import { packageFolders, root } from '../repo/workspace.mjs';
import { billOf, strangersIn } from './bill.mjs';
import { assertLoopback, environmentFor } from './loopback.mjs';
import { publish } from './publish.mjs';
import { startRegistry } from './registry.mjs';
import { version } from './version.mjs';
import { addChangeset, commit, copyWorkspace } from './workspace-copy.mjs';

const { values: options } = parseArgs({ options: { sbom: { type: 'string' } } });
const shell = process.platform === 'win32';
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aiokit-release-')));
const copy = join(folder, 'workspace');
const registry = await startRegistry();
const env = environmentFor(join(folder, 'npm'), registry.url);
let failures = 0;
let passed = 0;

/** Runs one step and says how it ended; the others run all the same. */
async function step(title, run) {
  try {
    await run();
    passed++;
    console.log(`ok      ${title}`);
  } catch (error) {
    failures++;
    console.log(
      `FAILED  ${title}\n${`${error.message}\n${error.stderr ?? ''}`.trim().replaceAll(/^/gm, '        ')}`,
    );
  }
}

function expectSame(found, wanted, what) {
  const [one, other] = [found, wanted].map((list) => JSON.stringify([...list].map(String).sort()));
  if (one !== other) throw new Error(`${what}: ${one} instead of ${other}`);
}

const manifests = () =>
  packageFolders(copy).map((path) => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')));
const versions = () => manifests().map(({ name, version: one }) => `${name}@${one}`);

let releases = 0;
async function release() {
  const tarballs = join(folder, `tarballs-${releases++}`);
  mkdirSync(tarballs);
  return publish(copy, {
    folder: tarballs,
    env,
    before: (manifest) => assertLoopback(tarballs, env, manifest),
  });
}

/** An empty folder after the install commands of the README, which the registry of this process answers. */
async function installed(name, source) {
  const user = mkdtempSync(join(folder, `user-${basename(name)}-`));
  const commands = installCommands(readFileSync(join(source, 'README.md'), 'utf8'));
  if (!commands.flat().includes(name)) throw new Error(`${name}: its README does not install it`);
  for (const command of commands) {
    const args = [...command, '--no-audit', '--no-fund'];
    await promisify(execFile)('npm', args, { cwd: user, env, shell, timeout: 120_000 });
  }
  return user;
}

function imports(user, specifiers) {
  const list = JSON.stringify(specifiers);
  const programs = {
    'import.mjs': `for (const name of ${list}) await import(name);`,
    'require.cjs': `for (const name of ${list}) require(name);`,
  };
  for (const [file, text] of Object.entries(programs)) {
    writeFileSync(join(user, file), text);
    execFileSync(process.execPath, ['--no-warnings', file], { cwd: user, stdio: 'pipe' });
  }
}

async function tryAsUser({ name, folder: source, specifiers }) {
  const user = await installed(name, source);
  await step(`${name}: each of its ${specifiers.length} subpaths is imported and required`, () =>
    imports(user, specifiers),
  );
  await step(`${name}: the first program of its README, literally`, async () => {
    const [program] = await writeFirstPrograms(user, [name]);
    if (program) runFirstProgram(user, [process.execPath, program.compiled], program);
  });
  await step(`${name}: its bill of materials holds the family only`, () => {
    const bill = billOf(user, env);
    expectSame(strangersIn(bill), [], 'strangers');
    if (options.sbom === undefined) return;
    mkdirSync(options.sbom, { recursive: true });
    writeFileSync(join(options.sbom, `${basename(name)}.cdx.json`), `${JSON.stringify(bill, null, 2)}\n`);
  });
}

/** A further release: a change to one package, and which packages must move. */
async function moves(title, name, kind, wanted) {
  await step(title, async () => {
    const before = new Set(versions());
    commit(copy);
    addChangeset(copy, name, kind, 'What has changed, for users.');
    version(copy);
    const moved = versions().filter((one) => !before.has(one));
    expectSame(
      moved.map((one) => one.slice(0, one.lastIndexOf('@'))),
      wanted(),
      'moved',
    );
    expectSame(await release(), moved, 'published');
    for (const one of moved) {
      const stem = basename(one.slice(0, one.lastIndexOf('@')));
      const changelog = readFileSync(join(copy, 'packages', stem, 'CHANGELOG.md'), 'utf8');
      const [, entry = ''] = changelog.split(/^## .*$/m);
      if (entry.trim() === '') throw new Error(`${one}: its changelog says nothing`);
      if (/updated dependencies|@aiokit\/[\w-]+@\d/i.test(entry))
        throw new Error(`${one}: a line on a dependency`);
    }
  });
}

const dependentsOf = (name) => () => {
  const found = new Set([name]);
  for (const before = () => found.size, at = { size: 0 }; at.size !== before(); ) {
    at.size = before();
    for (const manifest of manifests()) {
      if (Object.keys(manifest.dependencies ?? {}).some((one) => found.has(one))) found.add(manifest.name);
    }
  }
  return found;
};

try {
  console.log(`registry ${registry.url}, npm's settings in ${join(folder, 'npm')}`);
  copyWorkspace(root, copy);
  await step('the changesets give the packages their versions', () => {
    version(copy);
    const unversioned = versions().filter((one) => one.endsWith('@0.0.0'));
    expectSame(unversioned, [], 'without a first version');
  });
  const tarballs = join(folder, 'contents');
  mkdirSync(tarballs);
  const packed = packAll(copy, tarballs);
  for (const { name, tarball } of packed) {
    await step(`${name}: ships what is meant to ship`, () =>
      expectSame(complaintsAboutTarball(tarballs, tarball), [], 'complaints'),
    );
  }
  await step('all are published, to this machine', async () =>
    expectSame(await release(), versions(), 'published'),
  );
  await step('a second time there is nothing to publish', async () =>
    expectSame(await release(), [], 'published'),
  );
  for (const one of packed) await tryAsUser(one);
  await moves('a patch of queue moves queue alone', '@aiokit/queue', 'patch', () => ['@aiokit/queue']);
  await moves(
    'a minor of queue moves what its range leaves out',
    '@aiokit/queue',
    'minor',
    dependentsOf('@aiokit/queue'),
  );
  await moves(
    'a minor of loop-core moves all that stands on it',
    '@aiokit/loop-core',
    'minor',
    dependentsOf('@aiokit/loop-core'),
  );
} finally {
  await registry.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
console.log(`${passed} passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
