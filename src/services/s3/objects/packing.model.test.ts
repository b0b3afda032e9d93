/** Whatever an object's record holds: what is unpacked is what was packed, and early records are read as they were written. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { migrateTables } from '../../../store/migrate.ts';
import { openStore } from '../../../store/open-store.ts';
import { table } from '../../../store/table.ts';
import { objects, versions, type ObjectRecord, type VersionRecord } from '../tables.ts';
import { placeAt, placeOf } from '../versions/version.ts';

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const headerText = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const records: fc.Arbitrary<ObjectRecord> = fc
  .record({
    bucket: fc.constantFrom('a-bucket', 'another'),
    key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((key) => key.isWellFormed()),
    version: optional(fc.stringMatching(/^[A-Za-z0-9._]{32}$/)),
    modified: fc.nat({ max: 4e12 }),
    size: fc.nat({ max: 50_000 * 2 ** 30 }),
    etag: fc.oneof(
      hex(32),
      hex(32).map((etag) => `${etag}-12`),
    ),
    checksum: fc.oneof(
      fc.record({
        algorithm: fc.constantFrom('CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'SHA512', 'MD5', 'XXHASH64', 'XXHASH3', 'XXHASH128'),
        value: fc.base64String({ minLength: 4 }),
      }),
      fc.record({ algorithm: fc.constant('SHA256'), value: fc.constant('AAAA-3'), composite: fc.constant(true as const) }),
    ),
    blob: optional(fc.record({ id: fc.stringMatching(/^[a-zA-Z0-9._-]{1,60}$/), size: fc.nat({ max: 2 ** 42 }) })),
    dataKey: optional(fc.base64String({ minLength: 8 }).map((key) => `2.${key}`)),
    headers: optional(
      fc
        .record({ contentType: headerText, cacheControl: headerText }, { requiredKeys: [] })
        .filter((headers) => Object.keys(headers).length > 0),
    ),
    metadata: optional(fc.array(fc.tuple(headerText, fc.string()), { minLength: 1, maxLength: 2 }) as fc.Arbitrary<[string, string][]>),
    storageClass: optional(fc.constantFrom('GLACIER' as const, 'ONEZONE_IA' as const)),
    restore: optional(fc.constant({ tier: 'Bulk' as const, due: 17 })),
  })
  .map((record) => plain(record) as ObjectRecord);

test('records come out of the store as they went in: objects, versions and delete markers', async (t) => {
  const store = await openStore({ temporary: true });
  t.after(() => store.close());
  await fc.assert(
    fc.asyncProperty(records, fc.nat(), async (record, since) => {
      const old: VersionRecord = { ...record, ...(record.version === undefined && { place: placeAt(since) }), since };
      const { bucket, key, version, place } = old;
      const marker: VersionRecord = plain({ bucket, key: `${key}.`, version, place, modified: 17, deleteMarker: true as const });
      await store.write(async (tx) => {
        await objects.put(tx, record);
        await versions.put(tx, old);
        await versions.put(tx, marker);
      });
      await store.read(async (tx) => {
        assert.deepEqual(await objects.get(tx, bucket, key), record);
        assert.deepEqual(await objects.peek(tx, bucket, key), record);
        for (const row of [old, marker]) assert.deepEqual(await versions.get(tx, bucket, row.key, placeOf(row)), row);
        if (version === undefined) assert.deepEqual(await versions.find(tx, 'null', bucket, key), old);
      });
      await store.write(async (tx) => {
        for (const row of [old, marker]) await versions.delete(tx, bucket, row.key, placeOf(row));
      });
    }),
    { numRuns: 150 },
  );
});

test('two objects that differ in their key alone are not taken for each other', async (t) => {
  const store = await openStore({ temporary: true });
  t.after(() => store.close());
  const rows = ['one', 'other'].map((key) => ({ ...fc.sample(records, { numRuns: 1, seed: 1 })[0]!, bucket: 'a-bucket', key }));
  await store.write(async (tx) => {
    for (const row of rows) await objects.put(tx, row);
  });
  for (const row of rows) assert.equal((await store.read((tx) => objects.peek(tx, row.bucket, row.key)))?.key, row.key);
});

test('records of the release before are read, and written anew at the first start', async (t) => {
  const store = await openStore({ temporary: true });
  t.after(() => store.close());
  const early = table<ObjectRecord>('s3/objects', { key: ({ bucket, key }) => [bucket, key] });
  const rows = fc.sample(records, { numRuns: 20, seed: 7 }).map((row, i) => ({ ...row, key: `${row.key}-${i}` }));
  await migrateTables(store, [early]);
  await store.write(async (tx) => {
    for (const row of rows) await early.put(tx, row);
  });
  await migrateTables(store, [objects]);
  for (const row of rows) assert.deepEqual(await store.read((tx) => objects.get(tx, row.bucket, row.key)), row);
});
