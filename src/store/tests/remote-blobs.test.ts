/** Blobs in another S3, for which a second Haneul stands: the same as in a directory, and what a network can do to them. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startCloud, type LiveCloud } from '../../../tests/live-cloud.ts';
import { BlobCorrupt, BlobPlaceRefused } from '../blob-store.ts';
import type { RunningBlobStore } from '../blobs/blobs.ts';
import { openStore } from '../open-store.ts';
import { parseRemoteAddress, type RemotePlace } from '../remote/place.ts';
import { openRemoteBlobs } from '../remote/remote-blobs.ts';
import { StoreAway, type Store } from '../store.ts';
import { blobConformance, collect } from './blob-conformance.ts';

const Bucket = 'blobs';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const never = new AbortController().signal;

let remote: LiveCloud;
let s3: S3Client;
before(async () => {
  remote = await startCloud({ clock: 'real', rehearse: false });
  s3 = remote.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
after(() => remote.close());

let prefixes = 0;
const newPlace = (endpoint = remote.endpoint): RemotePlace => ({
  ...{ endpoint, region: 'us-east-1', bucket: Bucket, prefix: `cloud-${prefixes++}/`, credentials },
});

async function open(
  place = newPlace(),
  options: { store?: Store; now?: () => number } = {},
): Promise<{ store: Store; blobs: RunningBlobStore; place: RemotePlace }> {
  const store = options.store ?? (await openStore({ temporary: true }));
  const blobs = await openRemoteBlobs({ place, store, ...(options.now && { now: options.now }) });
  after(async () => {
    await blobs.close();
    if (!options.store) await store.close();
  });
  return { store, blobs, place };
}

async function listed({ prefix }: RemotePlace): Promise<{ Key: string; Size: number }[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefix }));
  return (Contents as { Key: string; Size: number }[]).filter(({ Key }) => !Key.endsWith('haneul-owner'));
}

blobConformance('another S3', async () => {
  let ahead = 0;
  const { store, blobs, place } = await open(newPlace(), { now: () => Date.now() + ahead });
  return {
    store,
    blobs,
    pass: (minutes) => void (ahead += minutes * 60_000),
    big: async () => (await listed(place)).filter(({ Size }) => Size > 1 << 20).map(({ Key }) => Key),
  };
});

test('a body of many parts streams in and out, and its digests are those of what came', async () => {
  const { store, blobs } = await open();
  const bytes = randomBytes(40_000_123);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 1_000_003) yield bytes.subarray(at, at + 1_000_003);
  }
  const staged = await blobs.stage(pieces(), { hashes: ['crc32'] });
  await store.write((tx) => blobs.adopt(tx, staged));
  assert.ok((await collect(blobs.read(staged.ref))).equals(bytes));
  const range = { start: 8_388_600, end: 17_000_000 };
  assert.ok((await collect(blobs.read(staged.ref, range))).equals(bytes.subarray(range.start, range.end)));
});

test('an upload that a crash cut off is aborted a day later', async () => {
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const { store, blobs, place } = await open(newPlace(), { now });
  let end = (): void => {};
  async function* cutOff(): AsyncGenerator<Uint8Array> {
    yield randomBytes(20_000_000);
    await new Promise<void>((resolve) => (end = resolve));
  }
  const staging = blobs.stage(cutOff());
  const uploads = async (): Promise<number> =>
    (await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: place.prefix }))).Uploads?.length ?? 0;
  while ((await uploads()) === 0) await new Promise(setImmediate);
  // To another process it is what a crash would have left.
  const { blobs: other } = await open(place, { store, now });
  await other.maintain(never);
  assert.equal(await uploads(), 1);
  ahead = 25 * 60 * 60_000;
  await other.maintain(never);
  assert.equal(await uploads(), 0);
  end();
  await assert.rejects(staging, StoreAway, 'nothing counts as stored that is not');
});

test('damage is noticed: changed bytes, a lost end', async () => {
  const { store, blobs, place } = await open();
  const keep = async (size: number) => {
    const staged = await blobs.stage(randomBytes(size));
    await store.write((tx) => blobs.adopt(tx, staged));
    return staged.ref;
  };
  const [small, big] = [await keep(50_000), await keep(3_000_000)];
  const { blobs: next } = await open(place, { store }); // with nothing in memory
  for (const { Key, Size } of await listed(place)) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const bytes = Buffer.from(await Body!.transformToByteArray());
    bytes[Math.min(1_000_000, Size - 100)]! ^= 1;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: bytes }));
  }
  await assert.rejects(next.bytes(small), BlobCorrupt);
  await assert.rejects(collect(next.read(big)), BlobCorrupt);
  await assert.rejects(collect(next.read(big, { start: 1_000_100, end: 1_000_101 })), BlobCorrupt, 'the range lies in the damaged block');
  assert.equal((await collect(next.read(big, { start: 0, end: 600_000 }))).length, 600_000, 'other blocks are whole');
  const Key = (await listed(place)).find(({ Size }) => Size > 1 << 20)!.Key;
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: randomBytes(2_000_000) }));
  await assert.rejects(collect(next.read(big, { start: 2_900_000, end: 3_000_000 })), BlobCorrupt);
});

/** A wire to the remote that can be cut. */
async function wire(): Promise<{ endpoint: string; cut(): Promise<void>; mend(): Promise<void>; cutAfter(bytes: number): void }> {
  const sockets = new Set<Socket>();
  let budget = Infinity;
  let server: Server;
  const open = (port: number): Promise<number> =>
    new Promise((resolve) => {
      server = createServer((near) => {
        const far = connect(remote.port, '127.0.0.1');
        for (const socket of [near, far])
          sockets.add(socket.on('error', () => {}).on('close', () => [near, far].forEach((end) => end.destroy())));
        near.pipe(far);
        far.on('data', (bytes: Buffer) => {
          budget -= bytes.length;
          if (budget < 0) {
            budget = Infinity;
            near.destroy();
          } else near.write(bytes);
        });
      }).listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
  const port = await open(0);
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  after(cut);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    cut,
    mend: async () => void (await open(port)),
    cutAfter: (bytes) => void (budget = bytes),
  };
}

test('a connection that is lost in the middle of a body is made anew, and nothing is missing', async () => {
  const { endpoint, cutAfter } = await wire();
  const { store, blobs } = await open(newPlace(endpoint));
  const bytes = randomBytes(12_000_000);
  const staged = await blobs.stage(bytes);
  await store.write((tx) => blobs.adopt(tx, staged));
  cutAfter(5_000_000);
  assert.ok((await collect(blobs.read(staged.ref))).equals(bytes));
  cutAfter(3_000_000);
  assert.ok(
    (await collect(blobs.read(staged.ref, { start: 1_000_000, end: 9_000_000, ownPieces: 1000 }))).equals(bytes.subarray(1e6, 9e6)),
  );
});

test('while the other side is away calls fail with what is wrong, and go on when it is back', async () => {
  const line = await wire();
  const place = newPlace(line.endpoint);
  const { store, blobs } = await open(place);
  const bytes = randomBytes(2_000);
  const staged = await blobs.stage(bytes);
  await store.write((tx) => blobs.adopt(tx, staged));
  const { blobs: cold } = await open(place, { store });
  await line.cut();
  const message = new RegExp(`the blobs in s3://blobs/${place.prefix} at ${place.endpoint} cannot be reached: `);
  await assert.rejects(blobs.stage(bytes), { name: StoreAway.name, message });
  await assert.rejects(blobs.stage(randomBytes(9_000_000)), { name: StoreAway.name, message });
  await assert.rejects(cold.bytes(staged.ref), { name: StoreAway.name, message });
  await assert.rejects(cold.maintain(never), { name: StoreAway.name, message });
  await assert.rejects(open(place), { name: StoreAway.name, message });
  await line.mend();
  assert.ok((await cold.bytes(staged.ref)).equals(bytes));
  await blobs.stage(bytes);
});

test('a bucket that is not there, is another cloud’s or takes no such key is refused at the start', async () => {
  const { place } = await open();
  await assert.rejects(open(place), { name: BlobPlaceRefused.name, message: /holds the blobs of another cloud/ });
  await assert.rejects(open({ ...newPlace(), bucket: 'not-there' }), {
    name: BlobPlaceRefused.name,
    message: /there is no bucket not-there/,
  });
  const stranger = { ...newPlace(), credentials: { accessKeyId: 'stranger', secretAccessKey: 'do-not-tell' } };
  await assert.rejects(open(stranger), (error: Error) => {
    assert.match(error.message, /it answers 403 InvalidAccessKeyId/);
    assert.doesNotMatch(JSON.stringify([error.message, error.stack]), /do-not-tell/);
    return true;
  });
});

test('an address names a bucket, and where it is', () => {
  assert.deepEqual(parseRemoteAddress('s3://kept/some/where/?endpoint=http://127.0.0.1:7480/&region=home&profile=ceph'), {
    ...{ endpoint: 'http://127.0.0.1:7480', region: 'home', bucket: 'kept', prefix: 'some/where/', profile: 'ceph' },
  });
  assert.equal(parseRemoteAddress('s3://kept?region=eu-west-1').endpoint, 'https://s3.eu-west-1.amazonaws.com');
  for (const wrong of ['s3://', 's3://A', 's3://kept?endpoint=ftp://x', 's3://kept?secret=1', 's3://key:secret@kept', 'http://kept'])
    assert.throws(() => parseRemoteAddress(wrong), TypeError, wrong);
});
