/** Debug mode for a whole program, from outside: `node --import @aiokit/debug/register app.js`. */
import './auto.js';
