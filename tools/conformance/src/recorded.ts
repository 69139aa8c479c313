/** The recorded traces: what programs did on CPython, one a line. Python writes them, and nobody else. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Program } from './program.js';

/** Where they are. */
export const RECORDED: string = fileURLToPath(new URL('../traces.jsonl', import.meta.url));

export interface Recorded {
  /** The version that it ran on. */
  readonly python: string;
  /** The clauses of docs/semantics that it has to do with. */
  readonly rules: readonly string[];
  /** The differences that it depends on. */
  readonly ids: readonly string[];
  readonly program: Program;
  readonly trace: readonly string[];
}

export const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);

export const readRecorded = (): Recorded[] =>
  linesOf(readFileSync(RECORDED, 'utf8')).map((line) => JSON.parse(line) as Recorded);
