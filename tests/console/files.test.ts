/** The console as it is built and served: its size, its guards, its catalogues, and the page until it is there. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { operationsNotBuilt } from '../../scripts/console-operations.ts';
import { createControl } from '../../src/control/control.ts';
import { startCloud } from '../live-cloud.ts';
import { buildConsole, startConsoleCloud, type ConsoleCloud } from './browser.ts';

const home = dirname(dirname(import.meta.dirname));
/** Before a service is chosen. */
const firstLoadBytesMax = 350 * 1024;

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

test('what is loaded before a service is chosen is small', async () => {
  const directory = await buildConsole();
  const html = readFileSync(join(directory, 'index.html'), 'utf8');
  const entry = /assets\/[^"]+\.js/.exec(html)![0];
  const wanted = new Set<string>([entry, ...[...html.matchAll(/assets\/[^"]+\.(?:js|css)/g)].map(String)]);
  // The shell, the home page, their style sheets, English, and the clients that the home page uses.
  const later = /\/(shell|home|events|all\.en|client-sts|client-cloudtrail|aws-sdk)-/;
  for (const file of wanted) {
    if (!file.endsWith('.js')) continue;
    const text = readFileSync(join(directory, file), 'utf8');
    for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) wanted.add(`assets/${name}`);
    for (const [name] of text.matchAll(/assets\/[\w.-]+\.(?:js|css)/g)) if (later.test(name)) wanted.add(name);
    for (const [, name] of text.matchAll(/import\("\.\/([^"]+\.js)"\)/g)) if (later.test(`/${name}`)) wanted.add(`assets/${name}`);
  }
  const files = [...wanted].map((file) => [file, pressedSize(join(directory, file))] as const);
  const sum = files.reduce((all, [, size]) => all + size, 0);
  assert.ok(
    files.some(([file]) => file.includes('/shell-')),
    'the shell is among them',
  );
  assert.ok(sum <= firstLoadBytesMax, `${sum} bytes: ${files.map(([file, size]) => `${file} ${size}`).join(', ')}`);
});

function pressedSize(path: string): number {
  for (const ending of ['.gz', '']) {
    try {
      return readFileSync(path + ending).length;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return 0;
}

/** The catalogue's own text: `    key: 'message',` below `  en: {` or `  ko: {`, as the formatter writes it. */
function messagesIn(text: string, language: 'en' | 'ko'): Map<string, string> {
  const block = text.slice(text.indexOf(`\n  ${language}: {`)).split('\n  },')[0]!;
  return new Map([...block.matchAll(/^ {4}(\w+):\s+(['"`])(.*)\2,$/gm)].map((match) => [match[1]!, match[3]!]));
}
