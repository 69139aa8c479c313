import preset from '../test-setup/vitest.preset.js';

export default preset({ mode: 'test', command: 'serve' });
