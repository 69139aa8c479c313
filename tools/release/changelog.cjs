/** What changesets writes into a changelog: what a user reads in a changeset, and no line about a dependency. */

/** An item of a list; further lines of the text belong to it. */
const item = (text) => {
  const [first = '', ...others] = text.trim().split('\n');
  return [`- ${first}`, ...others.map((line) => (line.trim() === '' ? '' : `  ${line}`))].join('\n');
};

module.exports = {
  getReleaseLine: (changeset) => Promise.resolve(item(changeset.summary)),
  getDependencyReleaseLine: (_changesets, _dependencies) => Promise.resolve(''),
};
