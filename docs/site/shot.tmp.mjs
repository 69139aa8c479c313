import { chromium } from 'playwright-core';
await import('/tmp/serve.mjs');
const b = await chromium.launch({ executablePath:'/usr/bin/chromium', args:['--no-sandbox'] });
const jobs = JSON.parse(process.argv[2]);
for (const [name, path, o={}] of jobs) {
  const p = await b.newPage({ viewport: o.phone?{width:390,height:844}:{width:1360,height:860}, colorScheme: o.dark?'dark':'light' });
  p.on('console', m => { if (m.type()==='error') console.log(name, m.text()); }); p.on('pageerror', e => console.log(name, e.message));
  await p.goto('http://127.0.0.1:4179/'+path); await p.waitForTimeout(1200);
  if (o.click) { await p.getByRole('button',{name:o.click}).first().click(); await p.waitForTimeout(1500); }
  await p.screenshot({ path: `/tmp/${name}.png`, fullPage: !!o.full });
  await p.close();
}
await b.close(); process.exit(0);
