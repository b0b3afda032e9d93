/** Files that share a process are told apart, whatever one of them does to it. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startSharedProcess, type FileOutcome } from './shared-processes.ts';

const directory = mkdtempSync(join(tmpdir(), 'haneul-shared-'));
after(() => rmSync(directory, { recursive: true }));

let files = 0;
function file(...lines: string[]): string {
  const path = join(directory, `${files++}.test.mjs`);
  writeFileSync(path, ["import { after, before, beforeEach, test } from 'node:test';", ...lines].join('\n'));
  return path;
}
const passes = file("test('passes', () => undefined);");
const limits = { signal: new AbortController().signal, millisecondsMax: 60_000 };
const said = ({ failures }: FileOutcome): string[] => failures.map(({ name }) => name);

test('each file has its own hooks and counts, and a failure is told whole', async (t) => {
  const shared = startSharedProcess();
  t.after(() => shared.end());
  const open = ['globalThis.open = 0;', 'await null;', 'before(async () => { await null; open++; });', 'after(() => void open--);'];
  const hooked = file(...open, "test('a', async (t) => { if (open !== 1) throw open; await t.test('b', () => undefined); });");
  const last = file(
    'beforeEach(() => { if (open !== 0) throw new Error(`open: ${open}`); });',
    "test('a', () => undefined);",
    "test.skip('c');",
  );
  assert.deepEqual((await shared.run(hooked, limits)).counts, { passed: 2, failed: 0, skipped: 0 });
  assert.deepEqual((await shared.run(last, limits)).counts, { passed: 1, failed: 0, skipped: 1 });
  const failing = await shared.run(
    file("test('is wrong', () => { throw new Error('the reason'); });", "test('is right', () => undefined);"),
    limits,
  );
  assert.deepEqual([failing.counts, said(failing)], [{ passed: 1, failed: 1, skipped: 0 }, ['is wrong']]);
  assert.match(failing.failures[0]!.text, /Error: the reason\n.*at /);
  assert.equal(
    (await shared.run(file("before(() => { throw new Error('no'); });", "test('a', () => undefined);"), limits)).counts.failed > 0,
    true,
  );
  const broken = await shared.run(file("import './not-there.mjs';"), limits);
  assert.deepEqual([broken.counts.failed, broken.failures.length], [1, 1]);
  assert.match(broken.failures[0]!.text, /ERR_MODULE_NOT_FOUND/);
  assert.deepEqual((await shared.run(passes, limits)).counts, { passed: 1, failed: 0, skipped: 0 });
  assert.deepEqual(await shared.end(), []);
});

test('a file that ends the process has failed', async () => {
  const shared = startSharedProcess();
  const outcome = await shared.run(file("test('ends all', () => process.exit(7));"), limits);
  assert.deepEqual([outcome.counts, shared.isAlive()], [{ passed: 0, failed: 1, skipped: 0 }, false]);
  assert.match(outcome.failures[0]!.text, /exit code 7/);
  assert.deepEqual(await shared.end(), []);
});

test('a file that does not end is ended', async () => {
  const shared = startSharedProcess();
  const endless = file("test('waits', () => new Promise((resolve) => setTimeout(resolve, 1e9)));");
  assert.deepEqual(said(await shared.run(endless, { ...limits, millisecondsMax: 3_000 })), ['waits']);
  assert.equal(shared.isAlive(), false);
});

test('an error that nobody waits for fails the file, and what is left open fails the process', async () => {
  const shared = startSharedProcess();
  const stray = file(
    "test('a', async () => void Promise.reject(new Error('lost')));",
    "test('b', () => new Promise((r) => setTimeout(r, 20)));",
  );
  assert.ok((await shared.run(stray, limits)).counts.failed > 0);
  assert.deepEqual((await shared.run(passes, limits)).counts, { passed: 1, failed: 0, skipped: 0 });
  await shared.run(file("import { createServer } from 'node:net';", "test('a', () => void createServer().listen(0));"), limits);
  const left = await shared.end(1_000);
  assert.match(left.map(({ text }) => text).join(), /TCPServerWrap/);
});
