/** What was packed is unpacked, and token buckets never give more than they hold and gain. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isMarked, marksOf, packBatch, runInBatch } from './batch.ts';
import { pack, unpack } from './packing.ts';
import { fullBucket, holds, take } from '../../../framework/token-bucket.ts';

const record = fc.record({ key: fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }), data: fc.uint8Array({ maxLength: 50 }) });

test('runs of records come out of a blob as they went in', () => {
  fc.assert(
    fc.property(fc.array(fc.array(record, { minLength: 1, maxLength: 8 }), { maxLength: 8 }), (groups) => {
      const { bytes, ends } = pack(groups);
      groups.forEach((group, i) => {
        const found = unpack(bytes.subarray(ends[i - 1] ?? 0, ends[i]));
        assert.deepEqual(
          found.map(({ key, data }) => [key, Buffer.from(data).toString('hex')]),
          group.map(({ key, data }) => [key, Buffer.from(data).toString('hex')]),
        );
      });
      assert.equal(ends.at(-1) ?? 0, bytes.length);
    }),
  );
});

test('a batch gives each shard its run, and marks every shard that it has', () => {
  const group = fc.record({ shard: fc.nat(20_000), records: fc.array(record, { minLength: 1, maxLength: 4 }) });
  fc.assert(
    fc.property(fc.uniqueArray(group, { maxLength: 20, selector: ({ shard }) => shard }), fc.nat(20_000), (groups, other) => {
      const { bytes, index } = packBatch(groups);
      const marks = marksOf(groups.map(({ shard }) => shard));
      let before = 0;
      for (const { shard, records } of groups) {
        const run = runInBatch(bytes.subarray(index), shard)!;
        assert.ok(isMarked(marks, shard));
        assert.equal(run.offset, before);
        assert.deepEqual(
          unpack(bytes.subarray(run.start, run.end)).map(({ key }) => key),
          records.map(({ key }) => key),
        );
        before += records.length;
      }
      const isThere = groups.some(({ shard }) => shard === other);
      assert.equal(runInBatch(bytes.subarray(index), other) !== undefined, isThere);
      assert.equal(
        isMarked(marks, other),
        groups.some(({ shard }) => shard % 1024 === other % 1024),
      );
    }),
  );
});

test('a bucket gives no more than a full one and what it gained', () => {
  const steps = fc.array(fc.record({ wait: fc.nat(2_000), amount: fc.integer({ min: 1, max: 700 }) }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (list) => {
      const perSecond = 1_000;
      const bucket = fullBucket(perSecond, 0);
      let now = 0;
      let given = 0;
      for (const { wait, amount } of list) {
        now += wait;
        if (!holds(bucket, perSecond, amount, now)) continue;
        take(bucket, amount);
        given += amount;
      }
      assert.ok(given <= perSecond + (now * perSecond) / 1000 + 1e-6);
    }),
  );
});
