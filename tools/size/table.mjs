/**
 * `pnpm size`: what each public export costs, and what has changed against the tables; `--update` writes them: `exports.json`
 * and the sizes in the root README.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageFolders, root } from '../repo/workspace.mjs';
import { changes, complaints, measureAll, readTable, tablePath } from './exports.mjs';
import { limits, measure } from './measure.mjs';
import { packageSizes, withSizes } from './readme.mjs';

const { values: options } = parseArgs({ options: { update: { type: 'boolean', default: false } } });
const table = readTable();
const sizes = measureAll();

for (const [specifier, names] of Object.entries(sizes)) {
  console.log(`\n${specifier}`);
  for (const [name, { bytes }] of Object.entries(names)) console.log(`${String(bytes).padStart(8)}  ${name}`);
}
console.log('\nwith goals');
for (const [name, { goal, limit, imports }] of Object.entries(limits)) {
  console.log(`${String(measure(imports)).padStart(8)}  ${name} (goal ${goal}, limit ${limit})`);
}
const changed = changes(table, sizes);
console.log(changed.length === 0 ? '\nnothing has changed' : `\nagainst the table:\n${changed.join('\n')}`);
if (options.update) {
  writeFileSync(tablePath, `${JSON.stringify(sizes, null, 2)}\n`);
  const readme = join(root, 'README.md');
  writeFileSync(readme, withSizes(readFileSync(readme, 'utf8'), packageSizes(packageFolders(root))));
} else if (complaints(table, sizes).length > 0) process.exitCode = 1;
