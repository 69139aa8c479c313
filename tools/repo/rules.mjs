/** The repository's own rules; prints each violation as `file:line: what is wrong`. */
import { checkExports } from './exports.mjs';
import { checkDocComments } from './rules/doc-comments.mjs';
import { checkImports } from './rules/imports.mjs';
import { checkInstanceof } from './rules/instanceof.mjs';
import { checkManifests } from './rules/manifests.mjs';
import { checkNames } from './rules/names.mjs';
import { checkTests } from './rules/tests.mjs';
import { root } from './workspace.mjs';

const rules = [
  checkExports,
  checkDocComments,
  checkImports,
  checkInstanceof,
  checkManifests,
  checkNames,
  checkTests,
];
const problems = rules.flatMap((rule) => rule(root));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
