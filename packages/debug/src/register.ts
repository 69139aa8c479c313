/**
 * Debug mode for a whole program, from outside: `node --import @aiokit/debug/register app.js`. In the main thread of Node it
 * also starts the watchdog, and lets `aiokit-debug` attach.
 */
import './auto.js';
