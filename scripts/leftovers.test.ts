/** Leftovers of tests are found and named, and nothing that belongs to somebody else. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { labelOf } from '../src/host/networks/names.ts';
import { runDirectoryOf } from '../src/host/machines/run-directory.ts';
import { watchLeftovers } from './leftovers.ts';

const skip = process.platform === 'linux' && process.getuid?.() === 0 ? false : 'SKIPPED: what is left on a machine is made by root';

void test('a process that was started here is named, one of elsewhere is not, and none when it has ended', { skip }, async (t) => {
  const leftovers = watchLeftovers();
  t.after(leftovers.close);
  const [ours, others] = [{ TMPDIR: leftovers.place }, {}].map((more) => spawn('sleep', ['600'], { env: { ...process.env, ...more } }));
  t.after(() => others!.kill());
  await Promise.all([ours, others].map((child) => child!.pid ?? once(child!, 'spawn')));
  const found = await leftovers.find(1);
  ours!.kill();
  assert.deepEqual(found, [`the process ${ours!.pid}: sleep 600`]);
  await once(ours!, 'exit');
  assert.deepEqual(await leftovers.find(), []);
});

void test('what a cloud has made on the machine is named after its data directory has gone', { skip }, async (t) => {
  const leftovers = watchLeftovers();
  t.after(leftovers.close);
  const home = mkdtempSync(join(leftovers.place, 'haneul-journey-'));
  const data = join(home, 'cloud');
  mkdirSync(data);
  const run = await runDirectoryOf(join(data, 'machines'));
  const namespace = `hn-${labelOf(realpathSync(data))}-vpc-1`;
  const disk = join(data, 'disk');
  writeFileSync(disk, Buffer.alloc(1024 * 1024));
  const ends: (() => unknown)[] = [];
  t.after(() => ends.reverse().forEach((end) => void end()));
  const ip = (...words: string[]): unknown => execFileSync('ip', words);
  ip('netns', 'add', namespace);
  ends.push(() => ip('netns', 'delete', namespace));
  mkdirSync(run.path, { recursive: true });
  ends.push(() => rmSync(run.path, { recursive: true }));
  const loop = execFileSync('losetup', ['--find', '--show', disk], { encoding: 'utf8' }).trim();
  ends.push(() => execFileSync('losetup', ['--detach', loop]));
  // Of another cloud.
  const stranger = mkdtempSync(join(tmpdir(), 'haneul-journey-'));
  ends.push(() => rmSync(stranger, { recursive: true }));
  const other = `hn-${labelOf(stranger)}-vpc-1`;
  ip('netns', 'add', other);
  ends.push(() => ip('netns', 'delete', other));
  rmSync(home, { recursive: true });
  assert.deepEqual(await leftovers.find(1), [
    `the network namespace ${namespace}`,
    `the loop device ${loop} of ${disk} (deleted)`,
    `the directory ${run.path}`,
  ]);
});
