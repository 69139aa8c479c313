/** A workspace in a temporary folder, for rules that must see what is planted in it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Writes files, by path, into a new folder that is removed when the test ends. */
export function workspaceWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'aiokit-rules-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'packages'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** A workspace with source files of the given packages: `{ 'queue/src/index.ts': '…' }`. */
export function packagesWith(files: Record<string, string>): string {
  const names = new Set(Object.keys(files).map((path) => path.split('/')[0]));
  return workspaceWith({
    ...Object.fromEntries([...names].map((name) => [`packages/${name}/package.json`, '{}'])),
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`packages/${path}`, text])),
  });
}
