/** What a report lists: the versions of a bucket in the order of their keys, the newest first, read a page at a time. */

import type { Store } from '../../../store/store.ts';
import { compareUtf8 } from '../listings/list.ts';
import { objects, versions, type VersionRecord } from '../tables.ts';

/** Rows that are read at once: requests wait for no more than that. */
const rowsPerPage = 100;

/** Current objects, and with `all` what lies below them and delete markers. */
export async function* contents(store: Store, bucket: string, prefix: string, all: boolean): AsyncGenerator<VersionRecord, void> {
  const current = below(prefix, objects.each(store, [bucket], rowsPerPage));
  if (!all) return yield* current;
  let object = await current.next();
  for await (const version of below(prefix, versions.each(store, [bucket], rowsPerPage))) {
    for (; !object.done && compareUtf8(object.value.key, version.key) <= 0; object = await current.next()) yield object.value;
    yield version;
  }
  for (; !object.done; object = await current.next()) yield object.value;
}

/** Those whose keys have the prefix, which lie together. */
async function* below(prefix: string, rows: AsyncIterable<VersionRecord>): AsyncGenerator<VersionRecord, void> {
  for await (const row of rows) {
    if (row.key.startsWith(prefix)) yield row;
    else if (compareUtf8(row.key, prefix) > 0) return;
  }
}
