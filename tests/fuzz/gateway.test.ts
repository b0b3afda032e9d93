/** Ten thousand spoilt requests at a live cloud: it answers every one, soon, never with 500, and grows no heavier. */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { services } from '../../src/services.ts';
import { startCloud } from '../live-cloud.ts';
import { dice, garbage, spoilt } from './mutations.ts';
import { record, silentNames, silentService } from './recordings.ts';

const requests = Number(process.env['FUZZ_REQUESTS'] ?? 10_000);
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_120);
const atOnce = 16;
const slowMilliseconds = 1_000;
const growthBytesMax = 64 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Sends bytes, closes its own side, and reads to the end: the status line, or nothing where the connection was cut. */
function exchange(port: number, bytes: Buffer): Promise<{ status: number | undefined; milliseconds: number }> {
  const from = performance.now();
  return new Promise((resolve) => {
    let head = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('data', (chunk: Buffer) => {
      if (head.length < 64) head += chunk.toString('latin1');
    });
    socket.on('end', () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => {
      const statuses = [...head.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
      resolve({ status: statuses.find((status) => status !== 100), milliseconds: performance.now() - from });
    });
    socket.end(bytes);
  });
}

test(`${requests} spoilt requests, seed ${seed}`, { timeout: 600_000 }, async () => {
  const logged: string[] = [];
  const silent = Object.fromEntries(silentNames.map((name) => [name, async () => silentService(name)]));
  const cloud = await startCloud({ services: { ...silent, ...services }, rehearse: false, log: (line) => logged.push(line) });
  const s3 = cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: 'fuzz' }));
  await s3.send(new PutObjectCommand({ Bucket: 'fuzz', Key: 'k', Body: 'content' }));
  const recorded = await record(cloud);
  assert.ok(recorded.length > 30, `${recorded.length} requests were recorded`);

  const die = dice(seed);
  const counts = new Map<number | undefined, number>();
  const slow: string[] = [];
  const failed: string[] = [];
  let made = 0;
  let heapBefore = 0;
  const one = async (): Promise<void> => {
    const { bytes, what } =
      die.below(20) === 0 ? garbage(die, `127.0.0.1:${cloud.port}`) : spoilt(die.pick(recorded), die, cloud.cloud.clock.now());
    let { status, milliseconds } = await exchange(cloud.port, bytes);
    // A machine that was busy with something else is not a slow gateway: slow is what is slow again.
    for (let again = 0; milliseconds > slowMilliseconds && again < 2; again++)
      ({ status, milliseconds } = await exchange(cloud.port, bytes));
    if (milliseconds > slowMilliseconds) slow.push(`${Math.round(milliseconds)} ms: ${what}`);
    if (status === 500) failed.push(what);
    counts.set(status, (counts.get(status) ?? 0) + 1);
  };
  const worker = async (): Promise<void> => {
    while (made < requests) {
      if (++made === Math.floor(requests / 3)) heapBefore = heapUsed();
      await one();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  await cloud.cloud.audit.flush();
  const growth = heapUsed() - heapBefore;

  assert.deepEqual(failed.slice(0, 5), [], `${failed.length} answers of 500; the log: ${logged.slice(0, 3).join('\n')}`);
  assert.deepEqual(logged.slice(0, 5), [], 'nothing unexpected was logged');
  assert.deepEqual(slow.slice(0, 5), [], 'every request was answered within a second');
  assert.ok(growth < growthBytesMax, `the heap grew by ${Math.round(growth / 1024)} KiB`);
  const told = [...counts].sort(([a], [b]) => (a ?? 0) - (b ?? 0)).map(([status, count]) => `${status ?? 'cut'}: ${count}`);
  assert.ok((counts.get(200) ?? 0) > 0 && (counts.get(400) ?? 0) > 0 && (counts.get(403) ?? 0) > 0, told.join(', '));
  console.log(told.join(', '));
  await s3
    .send(new PutObjectCommand({ Bucket: 'fuzz', Key: 'alive', Body: 'yes' }))
    .catch((error: { name: string }) => assert.match(error.name, /^(NoSuchBucket|AccessDenied)$/));
  await cloud.close();
});

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
