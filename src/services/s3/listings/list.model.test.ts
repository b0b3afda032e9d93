/** Listing against a slow, obvious model: odd Unicode, delimiters of any length, pages of any size. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commonPrefixOf, listPage, type Bound, type RollUp, type Scan } from './list.ts';

type Row = { key: string };

const piece = fc.constantFrom('a', 'b', '/', '//', '\0', '~', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', 'a/');
const text = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
const keys = fc.uniqueArray(
  text.filter((key) => key !== ''),
  { maxLength: 60 },
);
const delimiter = fc.constantFrom('', '/', 'a', '//', '\u{10ffff}', 'é', 'a/');

const bytes = (key: string) => Buffer.from(key);
const compare = (a: string, b: string) => Buffer.compare(bytes(a), bytes(b));

/** What S3 documents: distinct keys and common prefixes, in byte order, behind the marker. */
function expected(all: string[], prefix: string, by: string, after: string | undefined): string[] {
  const names = all
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = by === '' ? -1 : key.slice(prefix.length).indexOf(by);
      return at < 0 ? key : key.slice(0, prefix.length + at + by.length);
    });
  return [...new Set(names)].sort(compare).filter((name) => after === undefined || compare(name, after) > 0);
}

function source(all: string[], seen: { rows: number }): Scan<Row> {
  const sorted = [...all].sort(compare);
  const behind = (bound: Bound, key: string) => compare(key, bound[0]) >= 0;
  return async (from, to, limit) => {
    const rows = sorted.filter((key) => behind(from, key) && !(to && behind(to, key))).slice(0, limit);
    seen.rows += rows.length;
    return rows.map((key) => ({ key }));
  };
}

/** Rolls up as a store does, by bytes. */
function rolling(all: string[]): RollUp<Row> {
  const sorted = [...all].sort(compare);
  return async (from, to, { prefix, delimiter: by, limit }) => {
    const found: ({ row: Row } | { commonPrefix: string })[] = [];
    for (const key of sorted) {
      if (compare(key, from[0]) < 0 || (to && compare(key, to[0]) >= 0) || found.length === limit) continue;
      const commonPrefix = commonPrefixOf(key, prefix, by);
      const last = found.at(-1);
      if (commonPrefix === undefined) found.push({ row: { key } });
      else if (!last || !('commonPrefix' in last) || last.commonPrefix !== commonPrefix) found.push({ commonPrefix });
    }
    return found;
  };
}

const nameOf = (last: { row: Row } | { commonPrefix: string }) => ('row' in last ? last.row.key : last.commonPrefix);

test('pages put together are the whole listing, in order, each name once', async () => {
  await fc.assert(
    fc.asyncProperty(
      keys,
      text,
      delimiter,
      fc.option(text, { nil: undefined }),
      fc.integer({ min: 1, max: 7 }),
      fc.boolean(),
      async (all, prefix, by, start, max, rolls) => {
        const names: string[] = [];
        let after = start;
        for (let truncated = true; truncated;) {
          const query = { prefix, delimiter: by, max, ...(after !== undefined && { after: [after] as const }) };
          const page = await listPage(source(all, { rows: 0 }), query, rolls ? rolling(all) : undefined);
          const these = [...page.rows.map((row) => row.key), ...page.commonPrefixes].sort(compare);
          assert.ok(these.length <= max);
          if (page.isTruncated) assert.equal(these.length, max);
          names.push(...these);
          if (page.last) assert.equal(nameOf(page.last), these.at(-1));
          after = page.last && nameOf(page.last);
          truncated = page.isTruncated;
        }
        assert.deepEqual(names, expected(all, prefix, by, start));
      },
    ),
    { numRuns: 2000 },
  );
});

test('a rolled-up prefix is skipped, not read', async () => {
  const all = Array.from({ length: 50_000 }, (_, i) => `logs/${String(i).padStart(6, '0')}`).concat('readme');
  const seen = { rows: 0 };
  const page = await listPage(source(all, seen), { prefix: '', delimiter: '/', max: 1000 });
  assert.deepEqual([page.commonPrefixes, page.rows], [['logs/'], [{ key: 'readme' }]]);
  assert.ok(seen.rows < 100, `${seen.rows} rows were read`);
});

test('no page is empty for want of room, and none is truncated without more to come', async () => {
  assert.deepEqual(await listPage(source(['a', 'b'], { rows: 0 }), { prefix: '', delimiter: '', max: 0 }), {
    rows: [],
    commonPrefixes: [],
    isTruncated: false,
    last: undefined,
  });
  assert.equal((await listPage(source(['a', 'b'], { rows: 0 }), { prefix: '', delimiter: '', max: 2 })).isTruncated, false);
});
