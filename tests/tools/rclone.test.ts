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

  await t.test('carries names that are hard to write', async () => {
    const names = [
      'spaces  two/and \'quotes\'/"double".txt',
      'plus+percent%20%2F/100%.txt',
      'question?/hash#/semi;colon&amp;=.txt',
      'brackets[1]{2}(3)/tilde~^`|<>.txt',
      'back\\slash/new\nline/tab\t.txt',
      '.hidden/..two/...three',
      'ünïcødé/하늘/🌤/ﾌｧｲﾙ.txt',
      'e\u0301 composed otherwise/\u00e9',
      '-leading/ space/trailing .txt ',
      `long/${'n'.repeat(250)}`,
    ];
    const weird = join(bench.home, 'weird');
    for (const name of names) await writeFile(await bench.place(`weird/${name}`), name);
    await run('mkdir', 'sky:rclone-weird');
    await run('sync', weird, 'sky:rclone-weird/in');
    await run('check', weird, 'sky:rclone-weird/in', '--download');
    const listed = JSON.parse(await run('lsjson', '-R', '--files-only', 'sky:rclone-weird/in')) as { Path: string }[];
    // rclone shows what controls a terminal as pictures of it.
    const shown = names.map((name) => name.replace('\n', '␊').replace('\t', '␉'));
    assert.deepEqual(listed.map(({ Path }) => Path).toSorted(), shown.toSorted());
    await run('sync', 'sky:rclone-weird/in', 'sky:rclone-weird/copied');
    const back = join(bench.home, 'weird-back');
    await run('copy', 'sky:rclone-weird/copied', back);
    await run('check', weird, back);
    for (const name of names) assert.equal(await readFile(join(back, name), 'utf8'), name);
    await run('purge', 'sky:rclone-weird');
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
