/** The versions of a bucket whose keys lie in a range, in the order of their keys, the newest first, read a page at a time. */

import type { KeyPart } from '../../../store/keys.ts';
import type { Store } from '../../../store/store.ts';
import { compareUtf8 } from '../listings/list.ts';
import { objects, versions, type VersionRecord } from '../tables.ts';
import { placeOf } from '../versions/version.ts';

/** Rows that are read at once: requests wait for no more than that. */
const rowsPerPage = 100;

/** Keys after `from`, up to and with `until`; without it up to the last. */
export async function* versionsInRange(store: Store, bucket: string, from: string, until?: string): AsyncGenerator<VersionRecord, void> {
  // A string's direct successor is itself with a zero behind it.
  const begin = [bucket, `${from}\0`];
  const end = until === undefined ? [`${bucket}\0`] : [bucket, `${until}\0`];
  const current = pages(store, objects, begin, end, ({ key }) => [bucket, `${key}\0`]);
  let object = await current.next();
  for await (const version of pages(store, versions, begin, end, (row) => [bucket, row.key, `${placeOf(row)}\0`])) {
    for (; !object.done && compareUtf8(object.value.key, version.key) <= 0; object = await current.next()) yield object.value;
    yield version;
  }
  for (; !object.done; object = await current.next()) yield object.value;
}

type Pages = Pick<typeof objects, 'between'> | Pick<typeof versions, 'between'>;

async function* pages(
  store: Store,
  table: Pages,
  begin: readonly KeyPart[],
  end: readonly KeyPart[],
  after: (row: VersionRecord) => readonly KeyPart[],
): AsyncGenerator<VersionRecord, void> {
  for (let from: readonly KeyPart[] = begin; ;) {
    const start = from;
    const page = await store.read((tx) => table.between(tx, start, end, { limit: rowsPerPage }));
    for (const { row } of page) yield row;
    if (page.length < rowsPerPage) return;
    from = after(page.at(-1)!.row);
  }
}
