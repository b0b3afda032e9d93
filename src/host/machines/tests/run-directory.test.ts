/** What lives until the next boot: its directories let the users of machines through, whoever made them first. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makePassable } from '../run-directory.ts';

void test('users of machines pass through, though a part of the way was made for root alone, and under a narrow umask', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'haneul-run-'));
  t.after(() => rm(place, { recursive: true }));
  const path = join(place, 'haneul', 'cloud');
  // As runc makes what is missing of its own place.
  await mkdir(join(path, 'runc'), { recursive: true, mode: 0o700 });
  const umask = process.umask(0o077);
  t.after(() => process.umask(umask));
  assert.equal(await makePassable({ path }, 'machines', 'i-one', 'root'), join(path, 'machines', 'i-one', 'root'));
  for (const name of ['', 'cloud', 'cloud/machines', 'cloud/machines/i-one', 'cloud/machines/i-one/root'])
    assert.equal((await stat(join(place, 'haneul', name))).mode & 0o777, 0o711, name);
  assert.equal((await stat(join(path, 'runc'))).mode & 0o777, 0o700);
});
