/** Archives what nobody has read for as long as a bucket's configurations say, once a day at midnight of the cloud's clock. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import type { Table } from '../../../store/table.ts';
import { matchesFilter } from '../lifecycle/rule.ts';
import { dayMilliseconds } from '../limits.ts';
import { causeOf, note, type Cause } from '../notifications/note.ts';
import {
  buckets,
  objects,
  tieringConfigurations,
  tieringSweeps,
  versions,
  type Bucket,
  type ObjectRecord,
  type TieringConfiguration,
  type VersionRecord,
} from '../tables.ts';
import { settleHours } from '../storage-classes/settlement.ts';
import { updateVersion } from '../versions/history.ts';
import { isDeleteMarker, placeOf } from '../versions/version.ts';
import { broughtBack, idleSince, watchedBytesMin } from './access.ts';

/** Rows that are read at once: requests wait for no more than that. */
const rowsPerPage = 100;

type Version = ObjectRecord & { since?: number };

export const archiver: Reconciler = {
  name: 's3/intelligent-tiering',
  run: async (context) => {
    const byBucket = new Map<string, TieringConfiguration[]>();
    for await (const configuration of tieringConfigurations.each(context.store))
      if (configuration.enabled) byBucket.set(configuration.bucket, [...(byBucket.get(configuration.bucket) ?? []), configuration]);
    for (const [bucket, configurations] of byBucket) {
      await sweep(context, objects, bucket, configurations, (tx, { key }) => objects.get(tx, bucket, key));
      await sweep(context, versions, bucket, configurations, (tx, version) => versions.get(tx, bucket, version.key, placeOf(version)));
    }
    const today = Math.floor(context.now / dayMilliseconds) * dayMilliseconds;
    await context.store.write((tx) => tieringSweeps.put(tx, { name: 'all', at: today }), 'relaxed');
    return { nextAt: today + dayMilliseconds };
  },
};

async function sweep<Row extends VersionRecord, Index extends string>(
  context: ReconcilerContext,
  table: Table<Row, Index>,
  bucket: string,
  configurations: readonly TieringConfiguration[],
  again: (tx: ReadTransaction, version: Version) => Promise<VersionRecord | undefined>,
): Promise<void> {
  const { store, now, signal } = context;
  const cause = causeOf(context);
  for await (const row of table.each(store, [bucket], rowsPerPage)) {
    signal.throwIfAborted();
    const version: VersionRecord = row;
    if (isDeleteMarker(version) || tiered(version, configurations, now) === version) continue;
    const changed = await store.write(async (tx) => {
      const present = await again(tx, version);
      if (!present || isDeleteMarker(present)) return undefined;
      const next = tiered(present, configurations, now);
      if (next === present) return undefined;
      await updateVersion(tx, next);
      const owner = await buckets.get(tx, bucket);
      if (!owner) return undefined;
      if (next.archiveTier !== undefined) await noteArchived(tx, cause, owner, next, next.archiveTier);
      return { present, at: next.archiveTier === undefined ? next.accessed! : next.classSince!, owner };
    }, 'relaxed');
    if (changed) await settleHours(context, changed.owner, changed.present, changed.at);
  }
}

async function noteArchived(tx: WriteTransaction, cause: Cause, owner: Bucket, object: Version, tier: string): Promise<void> {
  const data = { intelligentTieringEventData: { destinationAccessTier: tier } };
  await note(tx, cause, owner, { name: 'IntelligentTiering', key: object.key, object, version: object.version, data });
}

/** The same object, or what is to become of it: brought back at last, or archived deeper. */
function tiered(object: Version, configurations: readonly TieringConfiguration[], now: number): Version {
  if (object.storageClass !== 'INTELLIGENT_TIERING' || object.size < watchedBytesMin) return object;
  const back = broughtBack(object, now);
  if (back !== object) return back;
  if (object.restore) return object;
  const idle = now - idleSince(object);
  let chosen: TieringConfiguration['tierings'][number] | undefined;
  for (const { filter, tierings } of configurations)
    for (const tiering of tierings)
      if (tiering.days * dayMilliseconds <= idle && (!filter || matchesFilter(filter, object)) && (!chosen || tiering.days > chosen.days))
        chosen = tiering;
  if (!chosen || object.archiveTier === 'DEEP_ARCHIVE_ACCESS' || object.archiveTier === chosen.tier) return object;
  // It is idle since it was read last, and archived since it was due to be.
  const accessed = idleSince(object);
  return { ...object, accessed, archiveTier: chosen.tier, classSince: accessed + chosen.days * dayMilliseconds };
}
