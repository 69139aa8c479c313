import { createTask, sleep } from '@aiokit/task';
import { HostScheduler } from '@aiokit/loop-core';
function* pausing(k){ for(let i=0;i<k;i++) yield* sleep(0); }
function* bare(k){ for(let i=0;i<k;i++) yield; }
const P={next(s){ return s===null?D:Y }, [Symbol.iterator](){return this}}; const D={done:true,value:undefined}, Y={done:false,value:undefined};
function* custom(k){ for(let i=0;i<k;i++) yield* P; }
async function nulls(k){ for(let i=0;i<k;i++) await null; }
class R{ constructor(l,n){this.l=l;this.n=n;} run(){ if(--this.n>0) this.l.enqueue(this); else this.r(); } }
const N=2e6; const t={};
const V={ null: nulls, bare: n=>createTask(bare(n)), custom: n=>createTask(custom(n)), sleep0: n=>createTask(pausing(n)), enqueue: n=>{const l=new HostScheduler(); const r=new R(l,n); l.enqueue(r); return new Promise(x=>r.r=x)} };
for (let r=0;r<7;r++) for(const k in V){ const s=performance.now(); await V[k](N); (t[k]??=[]).push((performance.now()-s)*1e6/N); }
for(const k in t) console.log(k, Math.min(...t[k]).toFixed(1), t[k].sort((a,b)=>a-b)[3].toFixed(1));
process.exit(0)
