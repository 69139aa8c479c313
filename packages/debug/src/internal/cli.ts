#!/usr/bin/env node
/** The file that `npx aiokit-debug` runs. */
import { type CliProcess, main } from './cli-main.js';

const { process } = globalThis as unknown as { process: CliProcess & { readonly argv: readonly string[] } };
void main(process.argv.slice(2), process);
