/** s3fs: a bucket as a file system, on which plain programs read, write, append, rename and remove. */

import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import {
  appendFile,
  chmod,
  cp,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { absent, openWorkbench, programs } from './workbench.ts';

const s3fs = programs('s3fs')[0];
const unmount = programs('fusermount3')[0] ?? programs('fusermount')[0];
const mebibyte = 1024 * 1024;
const skip = absent('s3fs', s3fs !== undefined && unmount !== undefined) || absent('/dev/fuse that we may open', canMount());

test('s3fs mounts a bucket', { skip }, async (t) => {
  const bench = await openWorkbench();
  const at = join(bench.home, 'mounted');
  t.after(async () => {
    await bench.run(unmount!, ['-u', '-z', at]);
    await bench.close();
  });
  const s3 = bench.cloud.client(S3Client);
  const Bucket = 's3fs-bucket';
  await s3.send(new CreateBucketCommand({ Bucket }));
  for (const [Key, Body] of [
    ['from the API/', ''],
    ['from the API/하늘.txt', 'clouds'],
  ] as const)
    await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const keys = join(bench.home, 'keys');
  await writeFile(keys, 'test:test', { mode: 0o600 });
  await mkdir(at);
  const where = `passwd_file=${keys},url=${bench.cloud.endpoint},endpoint=us-east-1,use_path_request_style`;
  await bench.ok(s3fs!, [Bucket, at, '-o', where]);
  const bodyOf = async (Key: string): Promise<string> => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();

  await t.test('shows what the API wrote, and the API what was written here', async () => {
    assert.equal(await readFile(join(at, 'from the API/하늘.txt'), 'utf8'), 'clouds');
    await writeFile(join(at, 'a b+c.txt'), 'hello');
    assert.equal(await bodyOf('a b+c.txt'), 'hello');
  });

  await t.test('makes folders, renames, appends and cuts', async () => {
    await mkdir(join(at, 'folder'));
    await rename(join(at, 'a b+c.txt'), join(at, 'folder/moved.txt'));
    await appendFile(join(at, 'folder/moved.txt'), ', sky');
    assert.equal(await bodyOf('folder/moved.txt'), 'hello, sky');
    await truncate(join(at, 'folder/moved.txt'), 5);
    assert.equal(await bodyOf('folder/moved.txt'), 'hello');
    assert.deepEqual((await readdir(at)).sort(), ['folder', 'from the API']);
  });

  await t.test('carries a large file in parts, there and back', async () => {
    const source = await bench.randomFile('big.bin', 25 * mebibyte + 3);
    await cp(source, join(at, 'big.bin'));
    const bytes = await readFile(source);
    const stored = await s3.send(new GetObjectCommand({ Bucket, Key: 'big.bin' }));
    assert.match(stored.ETag!, /-\d+"$/);
    assert.ok(Buffer.from(await stored.Body!.transformToByteArray()).equals(bytes));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'back.bin', Body: bytes }));
    assert.ok((await readFile(join(at, 'back.bin'))).equals(bytes));
  });

  await t.test('keeps modes, times and links', async () => {
    await chmod(join(at, 'folder/moved.txt'), 0o640);
    assert.equal((await stat(join(at, 'folder/moved.txt'))).mode & 0o777, 0o640);
    await symlink('folder/moved.txt', join(at, 'link'));
    assert.equal(await readlink(join(at, 'link')), 'folder/moved.txt');
    assert.equal(await readFile(join(at, 'link'), 'utf8'), 'hello');
  });

  await t.test('removes everything', async () => {
    for (const name of await readdir(at)) await rm(join(at, name), { recursive: true });
    assert.deepEqual((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? [], []);
  });
});

function canMount(): boolean {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
