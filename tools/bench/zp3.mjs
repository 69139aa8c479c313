import { createTask, sleep } from '@aiokit/task';
function* noop(i){ return i; }
function* joinAll(n){ const ts=[]; for(let i=0;i<n;i++) ts.push(createTask(noop(i))); let s=0; for(const t of ts) s+=yield* t; return s; }
for (let r=0;r<30;r++){ const s=performance.now(); await createTask(joinAll(100000)); if(r%6==5) console.log(((performance.now()-s)*1e6/1e5).toFixed(1)); }
process.exit(0)
