// The page follows create, plan, approval and deletion within two seconds of the object's status, works by keyboard, and has no
// violation that axe-core finds, light and dark, from phone to wide screen.
import assert from 'node:assert';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {chromium} from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const kubectl = (arguments_, input) => execFileSync('kubectl', arguments_, {input, encoding: 'utf8'});
const cluster = (count) => `
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: web}
spec: {region: nyc1, version: latest, nodePools: [{name: web, size: s-2vcpu-4gb, count: ${count}}, {name: batch, size: s-4vcpu-8gb, count: 2}]}
`;
const field = (path) => kubectl(['get', 'doks', 'web', '-o', `jsonpath=${path}`]);
const condition = (type, what) => field(`{.status.conditions[?(@.type=="${type}")].${what}}`);
async function until(what, holds, limit = 90000) {
  const end = Date.now() + limit;
  while (!(await holds())) {
    assert(Date.now() < end, `did not happen: ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
// The page says so within two seconds of the moment that the API server does.
async function follows(what, page, pageHolds) {
  const begun = Date.now();
  await until(`the page shows: ${what}`, pageHolds, 15000);
  const took = Date.now() - begun;
  console.log(`${what}: the page followed after ${took} ms`);
  assert(took < 2000, `${what}: the page took ${took} ms`);
}

const browser = await chromium.launch({executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage']});
try {
  const context = await browser.newContext({viewport: {width: 1280, height: 900}, bypassCSP: false});
  const page = await context.newPage();
  const complaints = [], foreign = [];
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => { if (!request.url().startsWith(process.env.PAGE)) foreign.push(request.url()); });
  await page.goto(process.env.PAGE + '/');
  await page.waitForFunction(() => document.getElementById('connection').textContent === 'live');
  const text = (selector) => page.textContent(selector);

  kubectl(['apply', '-f', '-'], cluster(2));
  await follows('creation', page, async () => (await text('#objects tbody')).includes('web'));
  await until('Creating', () => condition('Ready', 'reason') === 'Creating');
  await follows('Creating', page, async () => (await text('#objects tbody')).includes('Creating'));
  await until('ready', () => condition('Synced', 'status') === 'True');
  await follows('ready', page, async () => (await text('#objects tbody')).includes('Available'));

  // By keyboard: the row's button opens the detail, Escape closes it and gives the focus back.
  await page.locator('#objects button').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.id === 'detail-title');
  await until('the effects', async () => (await text('#effects tbody')).includes('create'), 10000);
  assert((await page.locator('#timeline svg rect').count()) > 0, 'the timeline is empty');
  assert((await text('#pools')).includes('batch'), 'pools are not shown');
  assert((await text('#events')).includes('Available') || (await text('#events')).includes('Creating'), 'events are not shown');
  await page.keyboard.press('Escape');
  assert(await page.evaluate(() => document.activeElement.dataset.object === 'DigitalOceanCluster default/web'));

  // A plan that destroys waits for its approval, which the page shows and does not give.
  kubectl(['apply', '-f', '-'], cluster(1));
  await until('ApprovalNeeded', () => condition('Synced', 'reason') === 'ApprovalNeeded');
  await follows('ApprovalNeeded', page, async () => (await text('#objects tbody')).includes('ApprovalNeeded'));
  await page.locator('#objects button').first().click();
  await until('the plan', async () => (await text('#plan')).includes('destroys'), 10000);

  assert((await page.locator('#plots svg').count()) === 4, 'queue depth, rate, latency and quota are not all plotted');
  assert((await text('#plots')).includes('Queue depth: now') && (await text('#plots')).includes('Quota left'), 'the plots say nothing');
  assert(/digitalocean \d.*It can .*plan changes/.test(await text('#plugins')), 'plugins are not shown with version and capabilities');
  const violations = [];
  for (const [scheme, width] of [['light', 1280], ['dark', 1280], ['light', 320], ['dark', 320], ['light', 375], ['light', 768], ['light', 1920], ['dark', 1920]]) {
    await page.emulateMedia({colorScheme: scheme});
    await page.setViewportSize({width, height: 900});
    assert(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `the page is wider than ${width}`);
    // Its words are as large on a phone as on a wide screen: the picture is drawn again for each width.
    await until('the timeline is drawn for this width', () => page.evaluate(() => {
      const svg = document.querySelector('#timeline svg');
      return svg && Math.abs(svg.viewBox.baseVal.width - svg.clientWidth) < 20;
    }), 5000);
    await page.evaluate(axe).catch(() => null);
    const found = await page.evaluate(() => axe.run(document));
    for (const violation of found.violations)
      violations.push(`${scheme} ${width}: ${violation.id}: ${violation.nodes.map((node) => node.html).join(' ')}`);
    if (process.env.SCREENSHOTS)
      await page.screenshot({path: `${process.env.SCREENSHOTS}/page-${scheme}-${width}.png`, fullPage: false});
  }
  assert.deepEqual(violations, []);

  kubectl(['annotate', 'doks', 'web', '--overwrite', `capstan.dev/approve=${field('{.status.plan.hash}')}`]);
  await until('in sync', () => condition('Synced', 'status') === 'True');
  await follows('in sync', page, async () => (await text('#objects tbody')).includes('InSync'));
  kubectl(['delete', 'doks', 'web', '--wait=false']);
  await until('gone', () => { try { kubectl(['get', 'doks', 'web']); return false; } catch { return true; } });
  await follows('deletion', page, async () => !(await text('#objects tbody')).includes('web'));
  assert(await page.isHidden('#detail'), 'the detail of a deleted object stays');
  assert.deepEqual(foreign, [], 'the page asked others');
  assert.deepEqual(complaints.filter((line) => !line.includes('404')), []);
} finally {
  await browser.close();
}
