import { createTask, gather, sleep, timeout, Task } from '@aiokit/task';
import { getEventLoop } from '@aiokit/loop-core';
import { Future } from '@aiokit/future';
const loop = getEventLoop();
const med=a=>a.sort((x,y)=>x-y)[a.length>>1];
async function bench(name, n, variants, rounds=9){ const t={}; for(let r=0;r<rounds;r++) for(const [k,f] of Object.entries(variants)){ globalThis.gc?.(); const s=performance.now(); await f(n); (t[k]??=[]).push((performance.now()-s)*1e6/n);} const base=med(Object.values(t)[0]); console.log(name.padEnd(22), Object.entries(t).map(([k,v])=>`${k} ${med(v).toFixed(1)} (${(med(v)/base).toFixed(2)})`).join('  ')); }
function* noop(i){ return i; }
async function anoop(i){ return i; }
function* joinAll(n){ const ts=[]; for(let i=0;i<n;i++) ts.push(createTask(noop(i))); let s=0; for(const t of ts) s+=yield* t; return s; }
await bench('spawn+join', 100000, { native: async n=>{const ps=[]; for(let i=0;i<n;i++) ps.push(anoop(i)); return (await Promise.all(ps)).length}, aiokit: async n=>createTask(joinAll(n)) });
function* pausing(k){ for(let i=0;i<k;i++) yield* sleep(0); }
async function nulls(k){ for(let i=0;i<k;i++) await null; }
function* many(n){ const ts=[]; for(let i=0;i<1000;i++) ts.push(createTask(pausing(n/1000))); for(const t of ts) yield* t; }
await bench('sleep0 1000x1000', 1e6, { native: async n=>{const ps=[];for(let i=0;i<1000;i++) ps.push(nulls(n/1000)); await Promise.all(ps)}, aiokit: async n=>createTask(many(n)) },5);
await bench('sleep0 1x1M', 1e6, { native: nulls, aiokit: async n=>createTask(pausing(n)) },5);
const dones=[];for(let i=0;i<100000;i++){const f=new Future();f.setResult(i);dones.push(f)}
const rs=[];for(let i=0;i<100000;i++)rs.push(Promise.resolve(i));
await bench('gather done', 100000, { native: async n=>Promise.all(rs), aiokit: async n=>gather(dones) });
function* park(f){ yield* f; }
function* cancelAll(n){ const ts=[]; for(let i=0;i<n;i++) ts.push(createTask(park(new Future()))); yield* sleep(0); for(const t of ts) t.cancel(); for(const t of ts){ try{ yield* t }catch{} } }
async function npark(p){ await p; }
await bench('cancel parked', 100000, { native: async n=>{ const rej=[],ps=[]; for(let i=0;i<n;i++){ ps.push(npark(new Promise((_,r)=>rej.push(r)))); } await null; for(const r of rej) r(new Error('x')); for(const p of ps){ try{ await p }catch{} } }, aiokit: async n=>createTask(cancelAll(n)) },5);
function* nb(){ }
function* tmo(n){ for(let i=0;i<n;i++) yield* timeout(1000, nb); }
await bench('timeout', 200000, { aiokit: async n=>createTask(tmo(n)) },5);
if (globalThis.gc) { gc(); const f=new Future(); const before=process.memoryUsage().heapUsed; const keep=[]; for(let i=0;i<100000;i++) keep.push(createTask(park(f))); await new Promise(r=>setTimeout(r,100)); gc(); console.log('bytes per parked', (process.memoryUsage().heapUsed-before)/1e5-8); f.setResult(); }
await bench('async task spawn', 100000, { native: async n=>{const ps=[]; for(let i=0;i<n;i++) ps.push(anoop(i)); return (await Promise.all(ps)).length}, aiokit: async n=>{ const ts=[]; for(let i=0;i<n;i++) ts.push(createTask(anoop)); for (const t of ts) await t; } },5);
process.exit(0);
