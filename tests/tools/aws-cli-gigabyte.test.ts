/** The AWS CLI with a gigabyte: one file of it copied in and out in parts, and a folder of it synchronised and found alike. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, open, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { awsOn, findAwsClis } from './aws-cli.ts';
import { absent, openWorkbench } from './workbench.ts';

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;
const cli = (await findAwsClis()).findLast(({ program }) => program !== undefined);

test('AWS CLI copies and synchronises a gigabyte', { skip: absent('AWS CLI', cli !== undefined) }, async (t) => {
  const bench = await openWorkbench();
  t.after(() => bench.close());
  const aws = awsOn(bench, cli!, { milliseconds: 600_000 });
  const source = await numbered(await bench.place('one.bin'), gibibyte);
  const back = await bench.place('back.bin');
  await aws('s3', 'mb', 's3://gigabyte');

  await t.test('cp', async () => {
    await aws('s3', 'cp', source, 's3://gigabyte/one.bin', '--no-progress');
    assert.equal((await aws.json('s3api', 'head-object', '--bucket', 'gigabyte', '--key', 'one.bin')).ContentLength, gibibyte);
    await aws('s3', 'cp', 's3://gigabyte/one.bin', back, '--no-progress');
    assert.equal((await stat(back)).size, gibibyte);
    assert.equal(await hashOf(back), await hashOf(source));
    await rm(back);
  });

  await t.test('sync', async () => {
    const folder = join(bench.home, 'folder');
    for (let i = 0; i < 4; i++) await numbered(await bench.place(`folder/${i}/part.bin`), gibibyte / 8);
    await copyFile(join(folder, '0/part.bin'), await bench.place('folder/copy.bin'));
    await aws('s3', 'sync', folder, 's3://gigabyte/folder', '--no-progress');
    assert.equal(await aws('s3', 'sync', folder, 's3://gigabyte/folder', '--no-progress'), '');
    await aws('s3', 'sync', 's3://gigabyte/folder', 's3://gigabyte/inside', '--no-progress');
    const target = join(bench.home, 'target');
    await aws('s3', 'sync', 's3://gigabyte/inside', target, '--no-progress');
    for (const name of ['0/part.bin', '3/part.bin', 'copy.bin'])
      assert.equal(await hashOf(join(target, name)), await hashOf(join(folder, name)));
  });
});

/** A file in which each 8 bytes are their own place: two parts in the wrong order would be seen. */
async function numbered(path: string, bytes: number): Promise<string> {
  const file = await open(path, 'w');
  const words = new BigUint64Array((16 * mebibyte) / 8);
  for (let at = 0; at < bytes; at += words.byteLength) {
    for (let i = 0; i < words.length; i++) words[i] = BigInt(at + 8 * i);
    await file.write(words);
  }
  await file.close();
  return path;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: mebibyte }), hash);
  return hash.digest('hex');
}
