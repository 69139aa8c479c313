/** What pools run. */
export const echo = (value) => value;

/** For those that call a module. */
export default (value) => value;
