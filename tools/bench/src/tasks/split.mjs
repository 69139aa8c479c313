/** How many tasks share n steps, and how many steps each of them does. */
export function split(n) {
  const tasks = Math.min(1000, n);
  return { tasks, steps: n / tasks };
}
