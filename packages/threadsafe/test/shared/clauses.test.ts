import { join } from 'node:path';
import { testClauses } from '../../../../tools/test-setup/clauses.js';

testClauses({
  page: 'shared',
  tests: import.meta.dirname,
  sources: join(import.meta.dirname, '../../src/shared'),
});
