/** rclone: copies, synchronises and checks folders, in parts too. */

import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { absent, openWorkbench, programs } from './workbench.ts';

const rclone = programs('rclone')[0];
const mebibyte = 1024 * 1024;

test('rclone', { skip: absent('rclone', rclone !== undefined) }, async (t) => {
  const bench = await openWorkbench();
  t.after(() => bench.close());
  const configuration = join(bench.home, 'rclone.conf');
  await writeFile(
    configuration,
    `[sky]\ntype = s3\nprovider = Other\nenv_auth = true\nregion = us-east-1\nendpoint = ${bench.cloud.endpoint}\nforce_path_style = true\n`,
  );
  const run = (...args: string[]): Promise<string> =>
    bench.ok(rclone!, ['--config', configuration, '--retries', '1', '--low-level-retries', '2', ...args]);
  const source = join(bench.home, 'source');
  await bench.randomFile('source/big.bin', 21 * mebibyte + 5);
  await bench.randomFile('source/deep/er/small.bin', 5);
  await writeFile(await bench.place('source/하늘 & sky.txt'), 'clouds');
  await writeFile(await bench.place('source/empty'), '');

  await t.test('makes a bucket and copies in parts', async () => {
    await run('mkdir', 'sky:rclone-bucket');
    await run(
      'copy',
      source,
      'sky:rclone-bucket/copy',
      '--s3-upload-cutoff',
      '5M',
      '--s3-chunk-size',
      '5M',
      '--s3-upload-concurrency',
      '4',
    );
    await run('check', source, 'sky:rclone-bucket/copy', '--download');
    await run('check', source, 'sky:rclone-bucket/copy');
  });

  await t.test('keeps times, so a second copy sends nothing', async () => {
    const outcome = await bench.run(rclone!, ['--config', configuration, '--retries', '1', 'copy', '-v', source, 'sky:rclone-bucket/copy']);
    assert.equal(outcome.code, 0);
    assert.doesNotMatch(outcome.stderr, /Copied/);
  });

  await t.test('lists as a tree and as JSON', async () => {
    assert.match(await run('lsd', 'sky:rclone-bucket/copy'), / deep$/m);
    const listed = JSON.parse(await run('lsjson', '-R', '--files-only', 'sky:rclone-bucket')) as { Path: string; Size: number }[];
    assert.deepEqual(
      listed.map(({ Path, Size }) => [Path, Size]).sort(),
      [
        ['copy/big.bin', 21 * mebibyte + 5],
        ['copy/deep/er/small.bin', 5],
        ['copy/empty', 0],
        ['copy/하늘 & sky.txt', 6],
      ].sort(),
    );
  });

  await t.test('synchronises away what is gone, and copies inside the cloud', async () => {
    await rm(join(source, 'empty'));
    await run('sync', source, 'sky:rclone-bucket/copy');
    assert.doesNotMatch(await run('lsf', 'sky:rclone-bucket/copy'), /empty/);
    await run('mkdir', 'sky:rclone-other');
    await run('sync', 'sky:rclone-bucket/copy', 'sky:rclone-other', '--s3-copy-cutoff', '6M');
    await run('check', source, 'sky:rclone-other', '--download');
  });

  await t.test('brings everything back, moves and purges', async () => {
    const target = join(bench.home, 'target');
    await run('copy', 'sky:rclone-other', target, '--multi-thread-cutoff', '6M', '--multi-thread-streams', '4');
    assert.ok((await readFile(join(target, 'big.bin'))).equals(await readFile(join(source, 'big.bin'))));
    await run('moveto', 'sky:rclone-other/하늘 & sky.txt', 'sky:rclone-other/구름.txt');
    assert.equal(await run('cat', 'sky:rclone-other/구름.txt'), 'clouds');
    await run('purge', 'sky:rclone-bucket');
    await run('purge', 'sky:rclone-other');
    assert.equal(await run('lsd', 'sky:'), '');
  });
});
