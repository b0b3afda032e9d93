/** After a sync has failed no write is acknowledged any more, reads go on, and a restart finds what was acknowledged before. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { below, encodeKey } from '../keys.ts';
import { StoreFailed } from '../store.ts';

// The disk that fails and the power that goes are made here: both drivers below read their functions from node:fs when loaded.
let failing = false;
let syncedBytes = 0;
const original = fs.fdatasync;
fs.fdatasync = ((descriptor: number, callback: (error: Error | null) => void) => {
  const covered = fs.fstatSync(descriptor).size;
  original(descriptor, (error) => {
    if (failing) return callback(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
    syncedBytes = covered;
    callback(error);
  });
}) as typeof fs.fdatasync;
const originalWritev = fs.writev;
fs.writev = ((descriptor: number, parts: Uint8Array[], position: number, callback: (error: Error | null, count: number) => void) =>
  originalWritev(descriptor, parts, position, (error, count) =>
    callback(failing ? Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' }) : error, count),
  )) as typeof fs.writev;
syncBuiltinESMExports();
const { SqliteStore } = await import('../drivers/sqlite/sqlite-store.ts');
const { openBlobs } = await import('../blobs/blobs.ts');
const { openStore } = await import('../open-store.ts');

const directory = fs.mkdtempSync(join(tmpdir(), 'haneul-failing-'));
after(() => fs.rmSync(directory, { recursive: true }));

test('a failed sync stops all writes; a restart has what was acknowledged', async () => {
  const where = join(directory, 'sync');
  const store = new SqliteStore(where);
  await store.write((tx) => tx.put(encodeKey('before'), '1'));
  failing = true;
  await assert.rejects(
    store.write((tx) => tx.put(encodeKey('lost'), '1')),
    StoreFailed,
  );
  failing = false;
  await assert.rejects(
    store.write((tx) => tx.put(encodeKey('after'), '1')),
    StoreFailed,
    'nobody knows what the disk holds now',
  );
  assert.deepEqual(await store.read((tx) => tx.getMany([encodeKey('before'), encodeKey('lost')])), ['1', undefined]);
  await store.close();
});

test('a write to a segment ends when its bytes are on the disk', async () => {
  const store = await openStore({ temporary: true });
  const where = join(directory, 'durable');
  const blobs = await openBlobs({ directory: where, store });
  await blobs.stage(Buffer.alloc(1_000, 1));
  const [segment] = fs.readdirSync(join(where, 'segments'));
  const open = fs.readdirSync('/proc/self/fd').find((descriptor) => linkOf(descriptor) === join(where, 'segments', segment!));
  const flags = Number.parseInt(/^flags:\s+(\d+)$/m.exec(fs.readFileSync(`/proc/self/fdinfo/${open}`, 'utf8'))![1]!, 8);
  assert.equal(flags & fs.constants.O_DSYNC, fs.constants.O_DSYNC);
  await blobs.close();
  await store.close();
});

/** Undefined for a descriptor that is closed by now: that of reading their directory. */
function linkOf(descriptor: string): string | undefined {
  return fs.lstatSync(`/proc/self/fd/${descriptor}`, { throwIfNoEntry: false }) && fs.readlinkSync(`/proc/self/fd/${descriptor}`);
}

test('a segment is retired when a write to it has failed, and the next stage begins another', async () => {
  const store = await openStore({ temporary: true });
  const blobs = await openBlobs({ directory: join(directory, 'blobs'), store });
  const first = await blobs.stage(Buffer.alloc(1_000, 1));
  failing = true;
  await assert.rejects(blobs.stage(Buffer.alloc(1_000, 2)));
  failing = false;
  const third = await blobs.stage(Buffer.alloc(1_000, 3));
  assert.equal(fs.readdirSync(join(directory, 'blobs', 'segments')).length, 2);
  assert.deepEqual([(await blobs.bytes(first.ref))[0], (await blobs.bytes(third.ref))[0]], [1, 3]);
  await blobs.close();
  await store.close();
});

test('power cuts at any moment lose nothing acknowledged and show no half transaction', async (context) => {
  const where = join(directory, 'power');
  const store = new SqliteStore(where, { walFrames: Infinity }); // without checkpoints the database file stays as it was
  const moments: { synced: number; acknowledged: number }[] = [];
  const acknowledged: number[] = [];
  const text = (n: number): string => `"${`${n} `.repeat(40)}"`;
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next < 4_000) {
      const n = next++;
      await store.write(async (tx) => {
        await tx.put(encodeKey('left', n), text(n));
        await tx.put(encodeKey('right', n), text(n));
      });
      acknowledged.push(n);
      if (acknowledged.length % 500 === 7) moments.push({ synced: syncedBytes, acknowledged: acknowledged.length });
    }
  };
  await Promise.all(Array.from({ length: 32 }, writer));
  const wal = fs.readFileSync(join(where, 'store.sqlite-wal'));
  for (const [i, moment] of moments.entries()) {
    const survivor = join(directory, `power-${i}`);
    fs.mkdirSync(survivor);
    fs.copyFileSync(join(where, 'store.sqlite'), join(survivor, 'store.sqlite'));
    const torn = wal.subarray(moment.synced, moment.synced + 7_777 * i); // later frames of which a part had reached the disk
    fs.writeFileSync(join(survivor, 'store.sqlite-wal'), Buffer.concat([wal.subarray(0, moment.synced), torn, Buffer.alloc(8192, 0xa5)]));
    const recovered = new SqliteStore(survivor);
    const [left, right] = await recovered.read(
      async (tx) => [await tx.range(below(encodeKey('left'))), await tx.range(below(encodeKey('right')))] as const,
    );
    assert.deepEqual(
      left.map(([, value]) => value),
      right.map(([, value]) => value),
      'both sides of every transaction',
    );
    const found = new Set(left.map(([, value]) => value));
    for (const n of acknowledged.slice(0, moment.acknowledged)) assert.ok(found.has(text(n)));
    await recovered.close();
  }
  await store.close();
  context.diagnostic(`${moments.length} power cuts`);
});
