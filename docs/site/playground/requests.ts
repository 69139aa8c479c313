/** What the page asks the worker for, and what it answers. */
import { CompiledProgram } from './program.ts';
import type { Recording, Search } from './recording.ts';
import { record, type Schedule, search } from './run.ts';

interface RunRequest {
  readonly kind: 'run';
  readonly text: string;
  readonly schedule: Schedule;
  readonly cancellations: number;
}

interface SearchRequest {
  readonly kind: 'search';
  readonly text: string;
  readonly schedules: number;
  readonly cancellations: number;
}

export type Request = RunRequest | SearchRequest;

/** The answer to a request; `problem` says why there is none. */
export interface Reply {
  readonly recording?: Recording | undefined;
  readonly search?: Search | undefined;
  readonly problem?: string | undefined;
}

/** Does what is asked for. Does not throw. */
export async function answer(request: Request): Promise<Reply> {
  try {
    const compiled = new CompiledProgram(request.text);
    if (request.kind === 'search') return { search: await search(compiled, request) };
    return { recording: await record(compiled, request.schedule, request.cancellations) };
  } catch (error) {
    return { problem: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}
