import { createTask, gather } from '@aiokit/task';
async function anoop(i){ return i; }
for (let r=0;r<15;r++){ const s=performance.now(); const ts=[]; for(let i=0;i<100000;i++) ts.push(createTask(anoop)); await gather(ts); if(r%5==4) console.log(((performance.now()-s)*1e6/1e5).toFixed(1)); }
process.exit(0)
