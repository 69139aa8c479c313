/** What a tarball may hold: what is built, its licence and its README, and no more. */
import { run } from './pack.mjs';

const NEEDED = ['package.json', 'LICENSE', 'README.md', 'dist/index.js', 'dist/index.cjs', 'dist/index.d.ts'];
const ALLOWED =
  /^(package\.json|LICENSE|README\.md|CHANGELOG\.md|dist\/[a-z0-9/-]+(\.d\.ts|\.d\.cts|\.js|\.cjs))$/;
const TESTS = /(^|\/)(tests?|bench|__tests__)\/|\.(test|spec|bench|test-d)\./;

/** Complaints about a list of files. */
export const complaintsAbout = (files) => [
  ...NEEDED.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
  ...files
    .filter((file) => !ALLOWED.test(file) || TESTS.test(file))
    .map((file) => `${file} is not meant to ship`),
];

/** Complaints about a tarball in a folder. */
export const complaintsAboutTarball = (folder, tarball) =>
  complaintsAbout(
    run(folder, 'tar', '-tzf', tarball)
      .trim()
      .split('\n')
      .map((file) => file.replace(/^package\//, '')),
  );
