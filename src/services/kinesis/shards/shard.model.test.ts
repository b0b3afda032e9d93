/** Shards under any sequence of splits, merges and counts: the open ones always divide all hash keys, and lineages hold. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { endOfShard, formatSequence, parseSequence, startOfShard } from '../records/sequence.ts';
import type { Shard } from '../tables.ts';
import { hashAfter, hashOf, merge, rescale, split, uniformShards, uniformStarts, type Rearranged } from './shard.ts';

const seconds = 1_800_000_000;
const lastHash = 'f'.repeat(32);

type Step = { kind: 'split'; at: bigint } | { kind: 'merge'; at: number } | { kind: 'count'; target: number };

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('split' as const), at: fc.bigInt({ min: 2n, max: (1n << 128n) - 3n }) }),
    fc.record({ kind: fc.constant('merge' as const), at: fc.nat(50) }),
    fc.record({ kind: fc.constant('count' as const), target: fc.integer({ min: 1, max: 12 }) }),
  ),
  { maxLength: 12 },
);

const sorted = (shards: Iterable<Shard>) =>
  [...shards].filter((shard) => shard.closed === undefined).sort((a, b) => (a.startHash < b.startHash ? -1 : 1));

function apply(all: Map<number, Shard>, step: Step, now: number): void {
  const rearranged: Rearranged = { changed: new Map(), next: all.size };
  const open = sorted(all.values());
  if (step.kind === 'split') {
    const at = hashOf(step.at.toString())!;
    const shard = open.findLast(({ startHash }) => startHash <= at)!;
    if (at > hashAfter(shard.startHash) && at < shard.endHash) split(rearranged, shard, at, now);
  } else if (step.kind === 'merge') {
    const lower = open[step.at % open.length]!;
    const upper = open[(step.at % open.length) + 1];
    if (upper) merge(rearranged, lower, upper, now);
  } else {
    const result = rescale(rearranged, open, step.target, now);
    assert.deepEqual(
      result.map(({ startHash }) => startHash),
      uniformStarts(step.target),
    );
  }
  for (const shard of rearranged.changed.values()) all.set(shard.number, shard);
}

test('open shards always divide all hash keys, and children begin after their parents ended', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), steps, (count, list) => {
      const all = new Map(uniformShards('s', count, seconds).map((shard) => [shard.number, shard]));
      list.forEach((step, i) => apply(all, step, (seconds + i) * 1000));
      let expected = '0'.repeat(32);
      const open = sorted(all.values());
      for (const { startHash, endHash } of open) {
        assert.equal(startHash, expected);
        if (endHash !== lastHash) expected = hashAfter(endHash);
      }
      assert.equal(open.at(-1)!.endHash, lastHash);
      assert.deepEqual(
        [...all.keys()].toSorted((a, b) => a - b),
        Array.from({ length: all.size }, (_, i) => i),
      );
      for (const child of all.values()) {
        for (const number of [child.parent, child.adjacentParent]) {
          if (number === undefined) continue;
          const parent = all.get(number)!;
          assert.ok(parent.closed !== undefined && parent.number < child.number);
          assert.ok(BigInt(endOfShard(parent, parent.closed)) < BigInt(startOfShard(child)));
        }
      }
    }),
  );
});

test('sequence numbers grow with positions and say what they were made of', () => {
  const position = fc.nat(Number.MAX_SAFE_INTEGER - 2);
  fc.assert(
    fc.property(fc.nat(5_000_000), fc.nat(1_000_000_000), position, position, fc.nat(1_000_000), (number, made, a, b, later) => {
      const shard = { number, createdSeconds: seconds + made };
      const arrivedSeconds = shard.createdSeconds + later;
      const one = formatSequence(shard, BigInt(a), arrivedSeconds);
      assert.deepEqual(parseSequence(one), { createdSeconds: shard.createdSeconds, position: a, arrivedSeconds, shard: number });
      const other = BigInt(formatSequence(shard, BigInt(b), shard.createdSeconds));
      if (a !== b) assert.equal(BigInt(one) < other, a < b);
      assert.ok(BigInt(one) < BigInt(endOfShard({ ...shard, stream: '', startHash: '', endHash: '' }, arrivedSeconds * 1000)));
    }),
  );
});

test('no decimal number breaks the parser', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 430n }), (value) => {
      const parsed = parseSequence(value.toString());
      assert.ok(parsed === undefined || Number.isSafeInteger(parsed.position));
    }),
  );
});
