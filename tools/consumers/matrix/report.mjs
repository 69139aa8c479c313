/** What became of the cells: a line for each, and whether all is well. */

/**
 * @typedef {object} Outcome
 * @property {string} host
 * @property {string} way
 * @property {string} version what the host says of itself, or why it was not asked
 * @property {readonly (string | undefined)[]} command
 * @property {string} [problem] why the cell is red
 */

/** A command as it can be typed in: paths below the workspace are shortened. */
const shownCommand = (command, root) =>
  command.map((part) => (part ?? '?').replace(`${root}/`, '') || "''").join(' ');

/**
 * The lines of the matrix and the exit code.
 *
 * @param {readonly Outcome[]} outcomes
 * @param {string} root of the workspace
 */
export function reportOf(outcomes, root) {
  const width = (key) => Math.max(...outcomes.map((outcome) => outcome[key].length));
  const widths = { host: width('host'), way: width('way'), version: width('version') };
  const lines = outcomes.map(({ host, way, version, command, problem }) => {
    const mark = problem === undefined ? 'ok ' : 'RED';
    const columns = [mark, host.padEnd(widths.host), way.padEnd(widths.way), version.padEnd(widths.version)];
    return `${[...columns, shownCommand(command, root)].join('  ')}${problem === undefined ? '' : `\n     ${problem.trim().split('\n').join('\n     ')}`}`;
  });
  const red = outcomes.filter(({ problem }) => problem !== undefined).length;
  return {
    lines,
    summary: `${outcomes.length - red} passed, ${red} failed`,
    exitCode: red === 0 && outcomes.length > 0 ? 0 : 1,
  };
}

/** Runs a cell: one whose host is missing, or that fails, is red. */
export async function outcomeOf(cell, consumer, versionOf) {
  const { host, way, path, command } = cell;
  const outcome = { host, way, command };
  if (path === undefined)
    return { ...outcome, version: 'not installed', problem: 'the host is not installed' };
  try {
    const version = versionOf(cell.version);
    try {
      await cell.run(consumer, command);
      return { ...outcome, version };
    } catch (error) {
      return { ...outcome, version, problem: `${error.message}${error.stderr ?? ''}` };
    }
  } catch (error) {
    return { ...outcome, version: 'unknown', problem: error.message };
  }
}
