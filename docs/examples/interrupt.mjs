/** Loaded before a program, presses Ctrl-C two seconds later, or when the program asks for it. */
import { getEventLoop } from '@aiokit/loop-core';

const press = () => {
  console.log('^C');
  process.emit('SIGINT', 'SIGINT');
};

if (process.env.PRESS_WHEN_ASKED) {
  const { log } = console;
  console.log = (...texts) => {
    log(...texts);
    if (String(texts[0]).includes('Ctrl-C ends')) setTimeout(press, 500);
  };
} else getEventLoop().callLater(2000, press);
