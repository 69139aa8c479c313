/** What pools run. */
export const echo = (value) => value;
export default echo;
