import { join } from 'node:path';
import { testClauses } from '../../../tools/test-setup/clauses.js';

testClauses({
  page: 'wait-queue',
  tests: import.meta.dirname,
  sources: join(import.meta.dirname, '../src'),
  files: /^(wait-queue|awaitable).*\.test\.ts$/,
});
