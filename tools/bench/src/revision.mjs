/** Which revision of the repository is measured. */
import { execFileSync } from 'node:child_process';

const git = (workspace, ...args) => execFileSync('git', args, { cwd: workspace, encoding: 'utf8' }).trim();

/** The commit, with a `+` if files differ from it; `unknown` outside a repository. */
export function revisionOf(workspace) {
  try {
    const changed = git(workspace, 'status', '--porcelain', '--untracked-files=no') === '' ? '' : '+';
    return git(workspace, 'rev-parse', '--short', 'HEAD') + changed;
  } catch {
    return 'unknown';
  }
}

/** The full id of a revision that is named in any way git takes. */
export const resolveRevision = (workspace, name) =>
  git(workspace, 'rev-parse', '--verify', `${name}^{commit}`);
