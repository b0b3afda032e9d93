/** `haneul up` as a process: it starts, is found, refuses what it must, and ends cleanly or not. */

import assert from 'node:assert/strict';
import { access, chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { AllocateAddressCommand, EC2Client, ReleaseAddressCommand } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { migrateTables } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open-store.ts';
import { table } from '../../src/store/table.ts';
import { newUser, type User } from './haneul-process.ts';

let user: User;
beforeEach(async () => {
  user = await newUser();
});
afterEach(() => user.leave());

type Status = { running: boolean; pid: number; endpoint: string; testKey: boolean; publicRange: string };

function s3At(endpoint: string, credentials = { accessKeyId: 'test', secretAccessKey: 'test' }): S3Client {
  return new S3Client({ endpoint, region: 'us-east-1', credentials: { ...credentials }, forcePathStyle: true });
}

function lineOf(stderr: string): string {
  assert.match(stderr, /^haneul: [^\n]+\n$/, 'exactly one line');
  return stderr;
}

test('it prints how to connect, ends its start with Ready., is found by status, and SIGTERM ends it cleanly', async () => {
  const up = await user.up();
  assert.match(up.output(), /AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+/);
  const status = await user.json<Status>('status');
  assert.deepEqual([status.running, status.pid, status.endpoint], [true, up.child.pid, up.endpoint]);
  up.child.kill('SIGTERM');
  const { code, stdout } = await up.ended;
  assert.equal(code, 0);
  assert.match(stdout, /Stopped\.\n$/);
  assert.equal((await user.haneul('status')).code, 3);
  await assert.rejects(access(join(user.dataDirectory, 'run.json')), { code: 'ENOENT' });
});

test('public addresses come from the range that it was told once, which holds while one of them is in use', async () => {
  const first = await user.up('--public-range', '100.66.16.0/20');
  const ec2 = new EC2Client({
    endpoint: first.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { PublicIp, AllocationId } = await ec2.send(new AllocateAddressCommand({}));
  assert.match(PublicIp!, /^100\.66\.(1[6-9]|2\d|3[01])\./);
  assert.equal((await user.haneul('stop')).code, 0);
  await first.ended;
  const refused = lineOf((await user.haneul('up', '--port', '0', '--public-range', '100.67.0.0/16')).stderr);
  assert.ok(refused.includes(PublicIp!) && refused.includes(AllocationId!) && refused.includes('release'), refused);
  const second = await user.up();
  assert.equal((await user.json<Status>('status')).publicRange, '100.66.16.0/20');
  const client = new EC2Client({
    endpoint: second.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await client.send(new ReleaseAddressCommand({ AllocationId }));
  assert.equal((await user.haneul('stop')).code, 0);
  await second.ended;
  await user.up('--public-range', '100.67.0.0/16');
  assert.equal((await user.json<Status>('status')).publicRange, '100.67.0.0/16');
  for (const range of ['8.8.0.0/16', '100.65.0.0/20', '100.66.0.1/16', '100.66.0.0/28', 'nonsense'])
    assert.match(
      lineOf((await user.haneul('up', '--port', '0', '--public-range', range)).stderr),
      /cannot be the range of public addresses/,
    );
});

test('stop stops it, and a cloud that does not run counts as stopped', async () => {
  const up = await user.up();
  assert.equal((await user.haneul('stop')).code, 0);
  assert.equal((await up.ended).code, 0);
  const again = await user.haneul('stop');
  assert.deepEqual([again.code, again.stderr], [0, '']);
});

test('SIGINT ends it cleanly too', async () => {
  const up = await user.up();
  up.child.kill('SIGINT');
  assert.equal((await up.ended).code, 0);
});

test('what was stored is there after kill -9, and the run file left behind does no harm', async () => {
  const first = await user.up();
  const before = s3At(first.endpoint);
  await before.send(new CreateBucketCommand({ Bucket: 'kept' }));
  await before.send(new PutObjectCommand({ Bucket: 'kept', Key: 'a', Body: 'bytes' }));
  before.destroy();
  first.child.kill('SIGKILL');
  assert.equal((await first.ended).killedBy, 'SIGKILL');
  assert.equal((await user.haneul('status')).code, 3);
  const second = await user.up();
  const after = s3At(second.endpoint);
  const { Body } = await after.send(new GetObjectCommand({ Bucket: 'kept', Key: 'a' }));
  assert.equal(await Body!.transformToString(), 'bytes');
  after.destroy();
  assert.equal((await user.haneul('stop')).code, 0);
});

test('a data directory in use is refused in one line that names its user', async () => {
  const up = await user.up();
  const { code, stderr } = await user.haneul('up', '--port', '0');
  assert.equal(code, 1);
  assert.match(lineOf(stderr), new RegExp(`in use by process ${up.child.pid} at port ${up.port}`));
  assert.equal((await user.json<Status>('status')).running, true, 'the first is not disturbed');
});

test('a port in use is refused in one line', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  const { code, stderr } = await user.haneul('up', '--port', String(port));
  server.close();
  assert.equal(code, 1);
  assert.match(lineOf(stderr), new RegExp(`port ${port} is in use`));
});

test('a directory of a newer release is refused in one line', async () => {
  await mkdir(user.dataDirectory);
  await writeFile(join(user.dataDirectory, 'haneul.json'), '{"layout":99,"madeBy":"9.9.9"}');
  const { code, stderr } = await user.haneul('up', '--port', '0');
  assert.equal(code, 1);
  assert.match(lineOf(stderr), /newer release \(Haneul 9\.9\.9\)/);
});

test('records of a newer release are refused in one line', async () => {
  const store = await openStore({ dataDirectory: user.dataDirectory });
  const newer = table<{ name: string }>('s3/buckets', { version: 99, key: (row) => [row.name] });
  await migrateTables(store, [newer]);
  await store.write((tx) => newer.put(tx, { name: 'from-the-future' }));
  await store.close();
  const { code, stderr } = await user.haneul('up', '--port', '0');
  assert.equal(code, 1);
  assert.match(lineOf(stderr), /newer release .*s3\/buckets/);
});

test('what is not a directory is refused in one line', async () => {
  await writeFile(user.dataDirectory, '');
  const { code, stderr } = await user.haneul('up', '--port', '0');
  assert.equal(code, 1);
  assert.match(lineOf(stderr), /is not a directory/);
});

test('listening beyond this machine is refused while the test key is root, saying how', async () => {
  const { code, stderr } = await user.haneul('up', '--port', '0', '--host', '0.0.0.0');
  assert.equal(code, 2);
  assert.match(lineOf(stderr), /--no-test-key/);
});

test('wrong usage is told in one line', async () => {
  for (const given of [
    ['up', '--port', 'x'],
    ['up', '--nonsense'],
    ['up', 'more'],
    ['up', '--clock', 'odd'],
    ['up', '--store', 'mysql://x'],
    ['nonsense'],
    ['stop', '--timeout', 'soon'],
  ]) {
    const { code, stderr } = await user.haneul(...given);
    assert.equal(code, 2, given.join(' '));
    lineOf(stderr);
  }
});

test('without the test key a root key is minted, kept for its owner alone, and works where test/test does not', async () => {
  const up = await user.up('--no-test-key');
  const path = join(user.dataDirectory, 'root-key.json');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const key = JSON.parse(await readFile(path, 'utf8')) as { accessKeyId: string; secretAccessKey: string };
  assert.ok(!up.output().includes(key.secretAccessKey), 'a secret is never printed');
  assert.ok(!(await readFile(join(user.dataDirectory, 'logs', 'haneul.log'), 'utf8')).includes(key.secretAccessKey), 'nor logged');
  const variables = await user.json<Record<string, string>>('env');
  assert.equal(variables['AWS_SECRET_ACCESS_KEY'], key.secretAccessKey);
  const root = s3At(up.endpoint, key);
  await root.send(new CreateBucketCommand({ Bucket: 'mine' }));
  const stranger = s3At(up.endpoint);
  await assert.rejects(stranger.send(new CreateBucketCommand({ Bucket: 'theirs' })), { name: 'InvalidAccessKeyId' });
  await user.haneul('stop');
  const again = await user.up('--no-test-key');
  assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), key, 'the second start mints none');
  const still = s3At(again.endpoint, key);
  const { Buckets } = await still.send(new ListBucketsCommand({}));
  assert.deepEqual(
    Buckets!.map(({ Name }) => Name),
    ['mine'],
  );
  await user.haneul('stop');
  const third = await user.up('--no-test-key', '--new-root-key');
  const newKey = JSON.parse(await readFile(path, 'utf8')) as typeof key;
  assert.notEqual(newKey.accessKeyId, key.accessKeyId);
  const [old, renewed] = [s3At(third.endpoint, key), s3At(third.endpoint, newKey)];
  await assert.rejects(old.send(new ListBucketsCommand({})), { name: 'InvalidAccessKeyId' });
  assert.equal((await renewed.send(new ListBucketsCommand({}))).Buckets!.length, 1);
  assert.equal((await user.haneul('reset', '--yes')).code, 0);
  const afterReset = JSON.parse(await readFile(path, 'utf8')) as typeof key;
  const reborn = s3At(third.endpoint, afterReset);
  assert.equal((await reborn.send(new ListBucketsCommand({}))).Buckets?.length ?? 0, 0, 'a reset leaves somebody who can sign in');
  for (const client of [root, stranger, still, old, renewed, reborn]) client.destroy();
});

test('hooks run in order with the connection in their environment; what is not a program of the user is skipped', async () => {
  const folder = join(user.dataDirectory, 'init', 'ready.d');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '10-second'), '#!/bin/sh\necho "second sees $AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID"; exit 3\n');
  await writeFile(join(folder, '05-first'), '#!/bin/sh\necho first\n');
  await writeFile(join(folder, '20-text'), 'no program\n');
  await writeFile(join(folder, '30-open'), '#!/bin/sh\necho open\n');
  for (const [name, mode] of [
    ['10-second', 0o755],
    ['05-first', 0o755],
    ['20-text', 0o644],
    ['30-open', 0o777],
  ] as const)
    await chmod(join(folder, name), mode);
  const goodbye = join(user.dataDirectory, 'init', 'shutdown.d');
  await mkdir(goodbye, { recursive: true });
  await writeFile(join(goodbye, 'last'), '#!/bin/sh\necho goodbye\n');
  await chmod(join(goodbye, 'last'), 0o755);
  const up = await user.up();
  const output = up.output();
  assert.ok(output.indexOf('05-first: first') < output.indexOf(`10-second: second sees ${up.endpoint} test`), output);
  assert.match(output, /10-second failed: exit code 3/);
  assert.match(output, /20-text is skipped: it is not executable/);
  assert.match(output, /30-open is skipped: others may write to it/);
  assert.ok(output.endsWith('Ready.\n'));
  up.child.kill('SIGTERM');
  assert.match((await up.ended).stdout, /shutdown\.d\/last: goodbye[^]*Stopped\.\n$/);
});

test('with --tls it speaks HTTPS that clients trust by its own authority', async () => {
  const up = await user.up('--tls');
  assert.match(up.endpoint, /^https:/);
  const variables = await user.json<Record<string, string>>('env');
  const { request } = await import('node:https');
  const ca = await readFile(variables['AWS_CA_BUNDLE']!);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request({ host: '127.0.0.1', port: up.port, path: '/_haneul/health', servername: 'localhost', ca }, (response) =>
      resolve(response.resume().statusCode),
    )
      .on('error', reject)
      .end();
  });
  assert.equal(status, 200);
  assert.equal((await user.json<Status>('status')).running, true);
  await assert.rejects(access(join(user.dataDirectory, 'tls', 'ca.key')), { code: 'ENOENT' });
});
