/** Runs every example and shows what it prints. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('./', import.meta.url);
for (const name of readdirSync(folder).filter((file) => file.endsWith('.mjs') && file !== 'demo.mjs')) {
  const path = fileURLToPath(new URL(name, folder));
  const [title] = readFileSync(path, 'utf8').split('\n');
  console.log(`\n${name}: ${title.replace(/^\/\/ /, '')}\n`);
  const { status } = spawnSync(process.execPath, [path], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
