import { compliance } from '@aiokit/loop-core/compliance';
import { describe, it } from 'vitest';
import { subjects } from './subjects.js';

for (const subject of subjects) compliance(subject, { describe, it });
