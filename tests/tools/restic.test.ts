/** restic: a backup program that trusts S3 with many small encrypted objects, and checks every byte. */

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { absent, openWorkbench, programs } from './workbench.ts';

const restic = programs('restic')[0];
const mebibyte = 1024 * 1024;

test('restic backs up, checks, restores and prunes', { skip: absent('restic', restic !== undefined) }, async (t) => {
  const bench = await openWorkbench();
  t.after(() => bench.close());
  const env = {
    RESTIC_REPOSITORY: `s3:${bench.cloud.endpoint}/restic-repository/below`,
    RESTIC_PASSWORD: 'correct horse',
    RESTIC_CACHE_DIR: join(bench.home, 'cache'),
  };
  const run = (...args: string[]): Promise<string> => bench.ok(restic!, args, { env });
  const source = join(bench.home, 'source');
  const big = await bench.randomFile('source/big.bin', 30 * mebibyte);
  await writeFile(await bench.place('source/하늘/note.txt'), 'first');

  assert.match(await run('init'), /created restic repository/);
  await run('backup', source);
  await writeFile(join(source, '하늘', 'note.txt'), 'second');
  await run('backup', source);
  assert.equal((JSON.parse(await run('snapshots', '--json')) as unknown[]).length, 2);
  assert.match(await run('check', '--read-data'), /no errors were found/);

  const target = join(bench.home, 'restored');
  await run('restore', 'latest', '--target', target);
  assert.equal(await readFile(join(target, source, '하늘', 'note.txt'), 'utf8'), 'second');
  assert.ok((await readFile(join(target, big))).equals(await readFile(big)));

  await run('forget', '--keep-last', '1', '--prune');
  assert.equal((JSON.parse(await run('snapshots', '--json')) as unknown[]).length, 1);
  assert.match(await run('check'), /no errors were found/);
});
