import { createTask, sleep } from '@aiokit/task';
function* pausing(k){ for(let i=0;i<k;i++) yield* sleep(0); }
for (let r=0;r<4;r++){ const s=performance.now(); await createTask(pausing(4e6)); console.log(((performance.now()-s)*1e6/4e6).toFixed(1)); }
process.exit(0)
