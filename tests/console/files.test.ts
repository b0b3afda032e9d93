/** The console as it is built and served: its guards, its catalogues, and the page until it is there. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { serve } from '../../scripts/build-console.ts';
import { operationsNotBuilt } from '../../scripts/console-operations.ts';
import { createControl } from '../../src/control/control.ts';
import { startCloud } from '../live-cloud.ts';
import { startConsoleCloud, type ConsoleCloud } from './browser.ts';

const home = dirname(dirname(import.meta.dirname));

let cloud: ConsoleCloud;
before(async () => (cloud = await startConsoleCloud()));
after(() => cloud.close());

test('a browser that asks for the cloud comes to the console, a tool does not', async () => {
  const browser = await fetch(`http://localhost:${cloud.port}/`, { headers: { accept: 'text/html,*/*' }, redirect: 'manual' });
  assert.equal(browser.status, 302);
  assert.equal(browser.headers.get('location'), '/_console/');
  const tool = await fetch(`http://localhost:${cloud.port}/`, { headers: { accept: '*/*' } });
  assert.equal(tool.status, 403);
});

test('the page may run nothing but its own files, and stand in no frame; deep places are the same page', async () => {
  for (const place of ['', 'sqs/queues/a%2Fb', 's3/buckets/..%2f..%2fetc']) {
    const page = await fetch(cloud.address + place);
    assert.equal(page.status, 200);
    const policy = page.headers.get('content-security-policy')!;
    assert.match(policy, /default-src 'none'.*script-src 'self';.*style-src 'self';.*frame-ancestors 'none'/);
    assert.ok(!policy.includes('unsafe'));
    const html = await page.text();
    assert.ok(!/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/.test(html), 'nothing inline');
    assert.equal(page.headers.get('cache-control'), 'no-cache');
  }
});

test('files are pressed and kept by their hashed names; nothing outside the folder is to be had', async () => {
  const html = await (await fetch(cloud.address)).text();
  const script = /src="\/_console\/(assets\/[^"]+\.js)"/.exec(html)![1]!;
  for (const encoding of ['br', 'gzip']) {
    const file = await fetch(cloud.address + script, { headers: { 'accept-encoding': encoding } });
    assert.equal(file.headers.get('content-encoding'), encoding);
    assert.match(file.headers.get('cache-control')!, /immutable/);
    assert.match(await file.text(), /import/);
  }
  for (const path of ['assets/..%2f..%2fpackage.json', 'assets/none.js', 'assets/'])
    assert.equal((await fetch(cloud.address + path)).status, 404, path);
});

test('what a customer stored runs in an origin of its own when a browser opens it', async () => {
  const object = await fetch(`http://localhost:${cloud.port}/bucket/page.html`, { headers: { 'sec-fetch-dest': 'document' } });
  assert.match(object.headers.get('content-security-policy')!, /^sandbox (?!.*allow-same-origin)/);
  const call = await fetch(`http://localhost:${cloud.port}/bucket/page.html`, { headers: { 'sec-fetch-dest': 'empty' } });
  assert.equal(call.headers.get('content-security-policy'), null);
});

test('until it is built, the page says so, and why when it cannot be', async () => {
  let state: { is: 'building' } | { is: 'failed'; why: string } = { is: 'building' };
  const other = await startCloud({
    control: (made) =>
      createControl(made, {
        token: '',
        testKey: true,
        version: '',
        startedAt: 0,
        ready: () => true,
        places: { store: '', blobs: '' },
        console: { directory: '/nowhere', state: async () => state },
      }),
  });
  try {
    const waiting = await fetch(`http://localhost:${other.port}/_console/`);
    assert.equal(waiting.status, 503);
    assert.match(await waiting.text(), /http-equiv="refresh".*Building the console/);
    assert.equal((await fetch(`http://localhost:${other.port}/_console/assets/none.js`)).status, 404, 'files are had meanwhile');
    state = { is: 'failed', why: 'no <vite> here' };
    assert.match(await (await fetch(`http://localhost:${other.port}/_console/`)).text(), /could not be built.*no &lt;vite> here/);
  } finally {
    await other.close();
  }
});

test('all catalogues have the same keys and places in both languages, and the Korean is Korean', async () => {
  const files = globSync('console/src/**/messages*.ts', { cwd: home });
  assert.ok(files.length > 3);
  for (const file of files) {
    const text = readFileSync(join(home, file), 'utf8');
    const [english, korean] = (['en', 'ko'] as const).map((language) => messagesIn(text, language)) as [
      Map<string, string>,
      Map<string, string>,
    ];
    assert.ok(english.size > 0, file);
    assert.deepEqual([...korean.keys()], [...english.keys()], file);
    for (const [key, message] of english) {
      const places = (one: string): string[] => [...one.matchAll(/\{\w+\}/g)].map(String).sort();
      assert.deepEqual(places(korean.get(key)!), places(message), `${file} ${key}`);
      if (/^[A-Z][a-z]+ [a-z]+ /.test(message)) assert.match(korean.get(key)!, /[가-힣]/, `${file} ${key}`);
    }
  }
});

test('the console calls nothing that the cloud does not have', async () => {
  assert.deepEqual(await operationsNotBuilt(), []);
});

test('what an open page may still ask for stays when the console is built anew, until the next build', async () => {
  const place = await mkdtemp(join(tmpdir(), 'haneul-builds-'));
  const [made, served] = [join(place, 'made'), join(place, 'served')];
  const build = async (name: string): Promise<string[]> => {
    await mkdir(join(made, 'assets'), { recursive: true });
    for (const file of [`page-${name}.js`, 'shared.js']) await writeFile(join(made, 'assets', file), name);
    await writeFile(join(made, '.assets'), [`page-${name}.js`, 'shared.js'].join('\n'));
    await writeFile(join(made, 'index.html'), name);
    await serve(made, served);
    assert.equal(await readFile(join(served, 'index.html'), 'utf8'), name);
    return (await readdir(join(served, 'assets'))).sort();
  };
  try {
    assert.deepEqual(await build('a'), ['page-a.js', 'shared.js']);
    assert.deepEqual(await build('b'), ['page-a.js', 'page-b.js', 'shared.js']);
    assert.deepEqual(await build('c'), ['page-b.js', 'page-c.js', 'shared.js']);
  } finally {
    await rm(place, { recursive: true });
  }
});

/** The catalogue's own text: `    key: 'message',` below `  en: {` or `  ko: {`, as the formatter writes it. */
function messagesIn(text: string, language: 'en' | 'ko'): Map<string, string> {
  const block = text.slice(text.indexOf(`\n  ${language}: {`)).split('\n  },')[0]!;
  return new Map([...block.matchAll(/^ {4}(\w+):\s+(['"`])(.*)\2,$/gm)].map((match) => [match[1]!, match[3]!]));
}
