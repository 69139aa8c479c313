/** What a peer was given to do, as it stands in its file. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { peerFile } from './catalogue.mjs';

const source = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Removes the indentation that all lines but the first have, or so much of it. */
function outdent(text, width = Infinity) {
  const [first = '', ...others] = text.split('\n');
  const indents = others.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const least = Math.min(width, ...(indents.length === 0 ? [0] : indents));
  return [first, ...others.map((line) => line.slice(least))].join('\n');
}

/** What only runs others, as its name says. */
const RUNS_OTHERS = new Set(['in_task', 'plain']);

/** The functions that the entry of a workload names, and the entry. */
function pythonListing(name) {
  const files = ['peers', 'locks', 'queues', 'tasks'].map((folder) => source(`${folder}/cpython.py`));
  for (const text of files.filter(existsSync).map((path) => readFileSync(path, 'utf8'))) {
    const entry = text.match(new RegExp(`^ *("${name}": .*),$`, 'm'))?.[1];
    if (entry === undefined) continue;
    const names = new Set(entry.slice(name.length + 3).match(/\w+/g));
    const functions = [...names].flatMap((one) => {
      const block = new RegExp(`^( *)(?:async )?def ${one}\\(.*\n(?:(?:\\1[ \\t]+.*)?\n)*`, 'm');
      const found = RUNS_OTHERS.has(one) ? undefined : text.match(block);
      return found ? [outdent(found[0].slice(found[1]?.length).trimEnd(), found[1]?.length)] : [];
    });
    return [...functions, `# ${entry}`].join('\n\n');
  }
  return '';
}

/**
 * The code of a peer for a workload; empty if there is none.
 *
 * @param {string} peer
 * @param {string} uses the name under which the peer has it
 * @returns {Promise<{ language: string, code: string }>}
 */
export async function listingOf(peer, uses) {
  const { language, file } = peerFile(peer);
  if (language === 'python') return { language: 'python', code: pythonListing(uses) };
  const { default: adapter } = await import(file);
  const work = adapter.workloads[uses];
  const parts = typeof work === 'function' ? { run: work } : (work ?? {});
  const code = Object.entries(parts)
    .filter(([, part]) => typeof part === 'function')
    .map(([name, part]) => {
      const text = outdent(String(part.shown ?? part));
      return typeof work === 'function' ? text : `// ${name}\n${text}`;
    })
    .join('\n\n');
  return { language: 'mjs', code };
}

/** The adapter of a peer: how its library is imported and called. */
export const adapterOf = (peer) => readFileSync(peerFile(peer).file, 'utf8').trimEnd();
