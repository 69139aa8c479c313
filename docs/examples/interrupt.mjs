/** Loaded before a program, presses Ctrl-C two seconds later. */
import { getEventLoop } from '@aiokit/loop-core';

getEventLoop().callLater(2000, () => {
  console.log('^C');
  process.emit('SIGINT', 'SIGINT');
});
