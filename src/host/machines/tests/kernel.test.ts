/** The kernel of QEMU's guests, made of this host's. */

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { kernelIn, kernelVersion } from '../virtual/kernel.ts';

const skip = (await kernelVersion()) === undefined && 'SKIPPED: needs a kernel in /boot';

test('machines that start at one time make it once', { skip }, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'haneul-kernel-'));
  t.after(() => rm(directory, { recursive: true }));
  const [first, ...others] = await Promise.all(Array.from({ length: 4 }, () => kernelIn(directory)));
  for (const other of others) assert.deepEqual(other, first);
  assert.equal((await readdir(directory)).length, 1);
  assert.ok((await stat(first!.initramfs)).size > 1024 * 1024);
  assert.deepEqual(await kernelIn(directory), first);
});
