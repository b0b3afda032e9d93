/** s3cmd: the oldest of S3's command lines, with its own idea of encodings, parts and signatures. */

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { absent, openWorkbench, programs } from './workbench.ts';

const s3cmd = programs('s3cmd')[0];
const mebibyte = 1024 * 1024;

test('s3cmd', { skip: absent('s3cmd', s3cmd !== undefined) }, async (t) => {
  const bench = await openWorkbench();
  t.after(() => bench.close());
  const configuration = join(bench.home, '.s3cfg');
  const host = new URL(bench.cloud.endpoint).host;
  await writeFile(
    configuration,
    `[default]\naccess_key = test\nsecret_key = test\nhost_base = ${host}\nhost_bucket = ${host}\nuse_https = False\nbucket_location = us-east-1\nmax_retries = 1\n`,
  );
  const run = (...args: string[]): Promise<string> => bench.ok(s3cmd!, ['--config', configuration, '--no-progress', ...args]);
  const big = await bench.randomFile('folder/big.bin', 16 * mebibyte + 3);
  const named = await bench.place('folder/하늘 & sky.txt');
  await writeFile(named, 'clouds');

  await t.test('makes buckets and puts files, in parts too', async () => {
    assert.match(await run('mb', 's3://s3cmd-bucket'), /Bucket 's3:\/\/s3cmd-bucket\/' created/);
    await run('put', big, 's3://s3cmd-bucket/big.bin', '--multipart-chunk-size-mb', '5');
    await run('put', named, 's3://s3cmd-bucket/하늘 & sky.txt', '--mime-type', 'text/x-sky', '--add-header', 'x-amz-meta-color: blue');
    assert.match(await run('ls', 's3://s3cmd-bucket'), /s3:\/\/s3cmd-bucket\/하늘 & sky\.txt/);
    assert.match(await run('info', 's3://s3cmd-bucket/하늘 & sky.txt'), /MIME type: +text\/x-sky/);
  });

  await t.test('gets them back', async () => {
    const back = join(bench.home, 'back.bin');
    await run('get', 's3://s3cmd-bucket/big.bin', back);
    assert.ok((await readFile(back)).equals(await readFile(big)));
  });

  await t.test('synchronises, copies, moves and deletes', async () => {
    await run('sync', `${join(bench.home, 'folder')}/`, 's3://s3cmd-bucket/synced/');
    assert.doesNotMatch(await run('sync', `${join(bench.home, 'folder')}/`, 's3://s3cmd-bucket/synced/'), /upload:/);
    await run('cp', 's3://s3cmd-bucket/synced/하늘 & sky.txt', 's3://s3cmd-bucket/copied.txt');
    await run('mv', 's3://s3cmd-bucket/copied.txt', 's3://s3cmd-bucket/moved.txt');
    assert.match(await run('ls', '--recursive', 's3://s3cmd-bucket/'), /s3:\/\/s3cmd-bucket\/moved\.txt/);
    assert.match(await run('du', 's3://s3cmd-bucket/synced/'), new RegExp(`^\\s*${16 * mebibyte + 3 + 6} +2 objects`));
  });

  await t.test('signs a URL', async () => {
    const url = (await run('signurl', 's3://s3cmd-bucket/moved.txt', '+60')).trim();
    const answer = await fetch(url);
    assert.deepEqual([answer.status, await answer.text()], [200, 'clouds'], url);
  });

  await t.test('sets and removes a bucket policy', async () => {
    const policy = join(bench.home, 'policy.json');
    const statement = { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: 'arn:aws:s3:::s3cmd-bucket/closed/*' };
    await writeFile(policy, JSON.stringify({ Version: '2012-10-17', Statement: [statement] }));
    await run('setpolicy', policy, 's3://s3cmd-bucket');
    const refused = await bench.run(s3cmd!, ['--config', configuration, 'put', named, 's3://s3cmd-bucket/closed/door']);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /403 \(AccessDenied\): .*explicit deny in a resource-based policy/);
    await run('delpolicy', 's3://s3cmd-bucket');
  });

  await t.test('clears the bucket', async () => {
    await run('del', '--recursive', '--force', 's3://s3cmd-bucket/');
    await run('rb', 's3://s3cmd-bucket');
    assert.equal(await run('ls'), '');
  });
});
