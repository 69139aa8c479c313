/** Room for n things that a heap workload holds, made before the heap is looked at. */
export const roomFor = (n) => Array.from({ length: n }, () => null);
