import { join } from 'node:path';
import { testClauses } from '../../../tools/test-setup/clauses.js';

testClauses({
  page: 'threadsafe',
  tests: import.meta.dirname,
  sources: join(import.meta.dirname, '../src'),
});
