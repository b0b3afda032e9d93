/** Pages put together are the whole list, whatever the size of a page. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { page } from './pagination.ts';

test('no item is lost, doubled or out of order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'binary' })), fc.integer({ min: 1, max: 7 }), (items, MaxItems) => {
      const seen: string[] = [];
      let Marker: string | undefined;
      do {
        const cut = page(items, { MaxItems, ...(Marker !== undefined && { Marker }) }, (item) => item);
        assert.equal(cut.IsTruncated, cut.Marker !== undefined);
        assert.ok(cut.items.length <= MaxItems);
        seen.push(...cut.items);
        Marker = cut.Marker;
      } while (Marker !== undefined);
      assert.deepEqual(
        seen,
        items.toSorted((a, b) => (a < b ? -1 : 1)),
      );
    }),
  );
});
