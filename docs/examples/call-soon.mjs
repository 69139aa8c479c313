// Callbacks run in the order in which they were scheduled, after the code that schedules them.
import { getEventLoop } from '@aiokit/loop-core';

const loop = getEventLoop();
loop.callSoon(console.log, 'first callback');
loop.callSoon(() => {
  console.log('second callback');
  loop.callSoon(console.log, 'scheduled by the second callback');
});
loop.callSoon(console.log, 'third callback');
console.log('the code that schedules');

// prints: the code that schedules
// prints: first callback
// prints: second callback
// prints: third callback
// prints: scheduled by the second callback
