/** The bounds of a listing in the store itself: whatever the keys, a page reads its range and nothing else. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { openStore } from '../../../store/open-store.ts';
import { table } from '../../../store/table.ts';
import { scanBucket, scanNumbers } from './bounds.ts';
import { listPage } from './list.ts';

type Row = { bucket: string; key: string };
const rows = table<Row>('test/keys', { key: (row) => [row.bucket, row.key] });
const numbered = table<{ id: string; number: number }>('test/numbers', { key: (row) => [row.id, row.number] });
const store = await openStore({ temporary: true });
after(() => store.close());

const text = fc
  .array(fc.constantFrom('a', 'b', '/', '\0', '\u0001', 'é', '\ud7ff', '\ue000', '\u{10ffff}'), { maxLength: 4 })
  .map((pieces) => pieces.join(''));
const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

test('listings of the store are those of a sorted list', async () => {
  let buckets = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(text, { maxLength: 25 }),
      text,
      text,
      fc.integer({ min: 1, max: 5 }),
      async (keys, prefix, start, max) => {
        const bucket = `bucket-${String(buckets++).padStart(6, '0')}`;
        await store.write(async (tx) => {
          for (const key of keys) await rows.put(tx, { bucket, key });
          // A neighbour on either side must not show.
          await rows.put(tx, { bucket: `${bucket}-next`, key: 'a' });
        });
        const expected = keys.filter((key) => key.startsWith(prefix) && compare(key, start) > 0).sort(compare);
        const page = await store.read((tx) => listPage(scanBucket(rows, tx, bucket), { prefix, delimiter: '', max, after: [start] }));
        assert.deepEqual(
          page.rows.map((row) => row.key),
          expected.slice(0, max),
        );
        assert.equal(page.isTruncated, expected.length > max);
      },
    ),
    { numRuns: 200 },
  );
});

test('numbers are scanned from one up to another', async () => {
  await store.write(async (tx) => {
    for (const number of [1, 2, 10, 255, 256, 10_000]) await numbered.put(tx, { id: 'x', number });
  });
  const scan = (from: number, to: number, limit?: number) =>
    store.read(async (tx) => (await scanNumbers(numbered, tx, ['x'], from, to, limit)).map((row) => row.number));
  assert.deepEqual(await scan(1, 10_001), [1, 2, 10, 255, 256, 10_000]);
  assert.deepEqual(await scan(2, 256), [2, 10, 255]);
  assert.deepEqual(await scan(3, 10_001, 2), [10, 255]);
});
