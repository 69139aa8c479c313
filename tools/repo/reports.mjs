/** The test reports of all workspace packages: each `test` task leaves `.reports/vitest.json`. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

const REPORT = join('.reports', 'vitest.json');

/** Folders of the workspace that have a `test` script. */
function testedFolders(workspace) {
  return ['packages', 'tools', 'docs']
    .map((name) => join(workspace, name))
    .filter(existsSync)
    .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)))
    .filter((folder) => {
      const manifest = join(folder, 'package.json');
      return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).scripts?.test !== undefined;
    });
}

/** Removes earlier reports, so that a task that crashes leaves none. */
export function clearReports(workspace) {
  for (const folder of testedFolders(workspace)) rmSync(join(folder, REPORT), { force: true });
}

/** Adds all reports up. A skipped or todo test is a problem, as is a file that did not load or a missing report. */
export function sumReports(workspace) {
  let passed = 0;
  let failed = 0;
  const problems = [];
  for (const folder of testedFolders(workspace)) {
    const name = relative(workspace, folder);
    if (!existsSync(join(folder, REPORT))) {
      problems.push(`${name}: no test report`);
      continue;
    }
    const report = JSON.parse(readFileSync(join(folder, REPORT), 'utf8'));
    const skipped = report.numPendingTests + report.numTodoTests;
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    if (skipped > 0) problems.push(`${name}: ${skipped} skipped or todo tests`);
    if (!report.success && report.numFailedTests === 0) problems.push(`${name}: a test file did not load`);
  }
  return { passed, failed, problems };
}
