/** Tells when the copy of what is archived has come, and when it is gone again; what can be read follows from the clock alone. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { causeOf, note, type Cause } from '../notifications/note.ts';
import { buckets, restorations, type ObjectRecord, type Restoration, type Restore } from '../tables.ts';
import { findObject } from '../versions/history.ts';
import { versionIdOf } from '../versions/version.ts';
import { classOf } from './storage-class.ts';

const pageSize = 32;

/** Writes down when a restoration that was begun, sped up or lengthened is to be told of. */
export async function expectRestoration(tx: WriteTransaction, object: ObjectRecord, { due, until }: Restore, now: number): Promise<void> {
  const { bucket, key, modified, storageClass } = object;
  const version = versionIdOf(object);
  const known = await restorations.get(tx, bucket, key, version);
  const told = due <= now && !(known?.next === 'Completed' && known.at === due);
  await restorations.put(tx, {
    ...{ bucket, key, version, modified, storageClass: storageClass! },
    ...(told && until !== undefined ? { next: 'Delete', at: until } : { next: 'Completed', at: due }),
    ...(until !== undefined && { until }),
  });
}

export const restorer: Reconciler = {
  name: 's3/restorations',
  watches: [restorations],
  run: async (context) => {
    const cause = causeOf(context);
    for (;;) {
      context.signal.throwIfAborted();
      const next = await tellPage(context, cause);
      if (next !== 'more') return next === undefined ? {} : { nextAt: next };
    }
  },
};

/** Returns when the next one is due, once none is any more. */
async function tellPage({ store, now }: ReconcilerContext, cause: Cause): Promise<number | 'more' | undefined> {
  const first = await store.read((tx) => restorations.scanIndex(tx, 'at', [], { limit: 1 }));
  if (!first[0] || first[0].row.at > now) return first[0]?.row.at;
  return store.write(async (tx) => {
    const page = await restorations.scanIndex(tx, 'at', [], { limit: pageSize });
    for (const { row } of page) if (row.at <= now) await tell(tx, cause, row);
    return 'more' as const;
  });
}

/** In the transaction that forgets it, so that nothing is told twice or never. */
async function tell(tx: WriteTransaction, cause: Cause, row: Restoration): Promise<void> {
  const { bucket, key, version, until } = row;
  await restorations.delete(tx, bucket, key, version);
  const owner = await buckets.get(tx, bucket);
  const object = await findObject(tx, bucket, key, version);
  if (!owner || object?.modified !== row.modified || object.storageClass !== row.storageClass) return;
  const happening = { name: `ObjectRestore:${row.next}`, key, object, version: object.version };
  if (row.next === 'Delete') return note(tx, cause, owner, happening);
  await note(tx, cause, owner, { ...happening, ...(until !== undefined && { data: dataOf(object, until) }) });
  if (until !== undefined) await restorations.put(tx, { ...row, next: 'Delete', at: until });
}

function dataOf(object: ObjectRecord, until: number) {
  return {
    glacierEventData: {
      restoreEventData: {
        lifecycleRestorationExpiryTime: new Date(until).toISOString(),
        lifecycleRestoreStorageClass: classOf(object),
      },
    },
  };
}
