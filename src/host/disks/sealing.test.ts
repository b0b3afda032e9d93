/** Sectors that are encrypted come back in any pieces, and show nothing but their zeros. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { seal, sealingKeyOf, sectorBytes, sectorsAround, unseal } from './sealing.ts';

const key = sealingKeyOf(randomBytes(32));

test('what is sealed in some pieces is unsealed in others, wherever it lies', () => {
  const place = fc.nat(40);
  fc.assert(
    fc.property(
      place,
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.nat(40), { maxLength: 6 }),
      fc.array(fc.nat(40)),
      (first, sectors, cuts, empty) => {
        const start = first * sectorBytes;
        const plain = randomBytes(sectors * sectorBytes);
        for (const sector of empty)
          plain.fill(0, Math.min(plain.length, sector * sectorBytes), Math.min(plain.length, (sector + 1) * sectorBytes));
        const stored = Buffer.from(plain);
        const edges = [0, ...cuts.map((cut) => cut % (sectors + 1)).sort((a, b) => a - b), sectors];
        for (const [at, edge] of edges.slice(1).entries())
          seal(key, start + edges[at]! * sectorBytes, stored.subarray(edges[at]! * sectorBytes, edge * sectorBytes));
        for (let at = 0; at < stored.length; at += sectorBytes) {
          const [before, after] = [plain.subarray(at, at + sectorBytes), stored.subarray(at, at + sectorBytes)];
          assert.equal(
            before.equals(after),
            before.every((byte) => byte === 0),
          );
        }
        unseal(key, start, stored);
        assert.ok(stored.equals(plain));
      },
    ),
    { numRuns: 60 },
  );
});

test('the same bytes look otherwise elsewhere, and another key opens nothing', () => {
  const plain = Buffer.alloc(sectorBytes, 7);
  const [here, there] = [Buffer.from(plain), Buffer.from(plain)];
  seal(key, 0, here);
  seal(key, sectorBytes, there);
  assert.ok(!here.equals(there));
  unseal(sealingKeyOf(randomBytes(32)), 0, here);
  assert.ok(!here.equals(plain));
  assert.throws(() => seal(key, 512, plain), RangeError);
  assert.deepEqual(sectorsAround(5000, 10), { start: 4096, length: 4096 });
  assert.deepEqual(sectorsAround(4095, 2), { start: 0, length: 8192 });
});
