/** Debug mode for every loop of the program: `import '@aiokit/debug/auto'`, before anything else. */
import { getEventLoop, realm } from '@aiokit/loop-core';
import './provider.js';

realm.debugging = true;
getEventLoop().setDebug(true);
