/** The workloads in the order of the page: which belong together. The first group that takes a name has it. */
const GROUPS = [
  { id: 'curves', title: 'Cost against size', takes: /^flat-/ },
  { id: 'memory', title: 'Memory', takes: /^heap-/ },
  { id: 'locks', title: 'Locks, semaphores and events', takes: /^(lock|semaphore|event)-/ },
  { id: 'queues', title: 'Queues', takes: /^(async-)?queue-/ },
  { id: 'tasks', title: 'Tasks and timeouts', takes: /^(async-)?(task|gather|timeout)-/ },
  { id: 'futures', title: 'Futures and callbacks', takes: /^(future|await|callsoon)-/ },
  { id: 'threads', title: 'Threads', takes: /^(thread|executor)-/ },
  { id: 'timers', title: 'Timers and virtual time', takes: /^(timer|virtual)-/ },
  { id: 'others', title: 'Others', takes: /./ },
];
const ORDER = ['locks', 'queues', 'tasks', 'futures', 'timers', 'threads', 'others', 'memory', 'curves'];

/**
 * Names by group, without groups that have none.
 *
 * @param {readonly string[]} names
 * @returns {{ id: string, title: string, names: string[] }[]}
 */
export function grouped(names) {
  const groups = GROUPS.map(({ id, title }) => ({ id, title, names: /** @type {string[]} */ ([]) }));
  for (const name of names) {
    const at = GROUPS.findIndex(({ takes }) => takes.test(name));
    groups[at]?.names.push(name);
  }
  return ORDER.flatMap((id) => groups.filter((group) => group.id === id && group.names.length > 0));
}
