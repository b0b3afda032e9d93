/**
 * Does what lifecycle rules say, once a day at midnight of the cloud's clock, a page at a time. What is due follows from the records
 * and the rules alone, so a sweep that was cut off is only begun again.
 */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { Usage } from '../../../framework/meter.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { dayMilliseconds } from '../limits.ts';
import { causeOf, note } from '../notifications/note.ts';
import { releaseParts } from '../objects/object.ts';
import { earlyDeletion } from '../storage-classes/metering.ts';
import { settleAll } from '../storage-classes/settlement.ts';
import { storageClasses } from '../storage-classes/storage-class.ts';
import { bound } from '../storage-classes/zone.ts';
import {
  buckets,
  lifecycleSweeps,
  objects,
  uploads,
  versions,
  type Bucket,
  type LifecycleRule,
  type ObjectRecord,
  type VersionRecord,
} from '../tables.ts';
import { coverObject, isCurrent, removeVersion, updateVersion, type Means } from '../versions/history.ts';
import { isDeleteMarker, placeOf } from '../versions/version.ts';
import { decideCurrent, decideNoncurrent, isMarkerOver, isUploadOver, type Decision } from './decisions.ts';
import { rulesOf } from './rules.ts';

/** Changes in one transaction: few, so that no request waits long behind them. */
const changesPerWrite = 20;
/** Rows that are read at once: requests wait for no more than that. */
const rowsPerPage = 100;
/** Changes whose hours are metered together: after a leap of the clock there are hundreds of hours, whether of one object or of many. */
const changesPerSettlement = 500;

export const lifecycleSweeper: Reconciler = {
  name: 's3/lifecycle',
  run: async (context) => {
    const today = Math.floor(context.now / dayMilliseconds) * dayMilliseconds;
    for await (const bucket of buckets.each(context.store)) if (bucket.lifecycle) await sweepBucket(context, bucket, today);
    return { nextAt: today + dayMilliseconds };
  },
};

type Sweep = { context: ReconcilerContext; means: Means; bucket: Bucket; rules: readonly LifecycleRule[] };

async function sweepBucket(context: ReconcilerContext, bucket: Bucket, today: number): Promise<void> {
  const { store, blobs } = context;
  const { revision } = bucket.lifecycle!;
  const last = await store.read((tx) => lifecycleSweeps.get(tx, bucket.name));
  if (last?.revision === revision && last.at === today) return;
  const rules = (await rulesOf(store, bucket)).filter((rule) => rule.enabled);
  const sweep: Sweep = { context, means: { blobs, ...causeOf(context) }, bucket, rules };
  if (rules.some((rule) => rule.expiration || rule.transitions)) await sweepObjects(sweep);
  if (bucket.versioning !== undefined) await sweepVersions(sweep);
  if (rules.some((rule) => rule.abortDays !== undefined)) await sweepUploads(sweep);
  await store.write(async (tx) => {
    const present = await buckets.get(tx, bucket.name);
    if (present?.lifecycle?.revision === revision) await lifecycleSweeps.put(tx, { bucket: bucket.name, revision, at: today });
  }, 'relaxed');
}

async function sweepObjects(sweep: Sweep): Promise<void> {
  const { context, bucket, rules } = sweep;
  await inBatches(
    sweep,
    objects.each(context.store, [bucket.name], rowsPerPage),
    (object) => decideCurrent(bucket, rules, object, context.now) !== undefined,
    {
      change: async (tx, owner, { key }) => {
        const object = await objects.get(tx, owner.name, key);
        const decision = object && decideCurrent(owner, rules, object, context.now);
        if (!decision) return [];
        if (decision.kind === 'move') return move(tx, sweep, owner, object, decision);
        const { marker, gone } = await coverObject(tx, sweep.means, owner, key, object);
        const name = marker ? 'LifecycleExpiration:DeleteMarkerCreated' : 'LifecycleExpiration:Delete';
        await note(tx, sweep.means, owner, { name, key, version: marker?.version });
        return gone ? [ended(gone, context.now, decision.at)] : [];
      },
    },
  );
}

/** Versions of one key lie together, newest first; a delete marker is looked at when what it hid has had its turn. */
async function sweepVersions(sweep: Sweep): Promise<void> {
  const { context, bucket, rules } = sweep;
  let key: string | undefined;
  let newer = 0;
  const counted = new Map<VersionRecord, number>();
  await inBatches(
    sweep,
    versions.each(context.store, [bucket.name], rowsPerPage),
    (version) => {
      if (version.key !== key) newer = 0;
      key = version.key;
      if (isCurrent(version)) return false;
      const place = newer++;
      const due = decideNoncurrent(bucket, rules, version, place, context.now) !== undefined;
      if (due) counted.set(version, place);
      return due;
    },
    {
      change: async (tx, owner, row) => {
        const version = await versions.get(tx, owner.name, row.key, placeOf(row));
        if (!version || isCurrent(version)) return [];
        const decision = decideNoncurrent(owner, rules, version, counted.get(row)!, context.now);
        if (!decision) return [];
        if (decision.kind === 'move') return move(tx, sweep, owner, version as ObjectRecord, decision);
        await remove(tx, sweep, owner, version);
        return isDeleteMarker(version) ? [] : [ended(version, context.now, decision.at)];
      },
      done: (rows) => rows.forEach((row) => counted.delete(row)),
    },
  );
  if (rules.some((rule) => rule.expiration)) await sweepMarkers(sweep);
}

async function sweepMarkers(sweep: Sweep): Promise<void> {
  const { context, bucket, rules } = sweep;
  const isOver = (version: VersionRecord) => isDeleteMarker(version) && isCurrent(version) && isMarkerOver(rules, version, context.now);
  await inBatches(sweep, versions.each(context.store, [bucket.name], rowsPerPage), isOver, {
    change: async (tx, owner, { key }) => {
      const [top, ...below] = (await versions.scan(tx, [owner.name, key], { limit: 2 })).map(({ row }) => row);
      if (top && below.length === 0 && isOver(top)) await remove(tx, sweep, owner, top);
      return [];
    },
  });
}

async function sweepUploads(sweep: Sweep): Promise<void> {
  const { context, bucket, rules } = sweep;
  await inBatches(sweep, uploads.each(context.store, [bucket.name], rowsPerPage), (upload) => isUploadOver(rules, upload, context.now), {
    change: async (tx, owner, { key, id }) => {
      if (!(await uploads.get(tx, owner.name, key, id))) return [];
      await releaseParts(tx, context.blobs, id);
      await uploads.delete(tx, owner.name, key, id);
      return [];
    },
  });
}

type Steps<Row> = {
  /** Changes one row, which it reads again; returns what is to be metered once that is committed. */
  change: (tx: WriteTransaction, owner: Bucket, row: Row) => Promise<Ended[]>;
  done?: (rows: readonly Row[]) => void;
};

/** Walks rows page by page, and changes those that are due, a few in a transaction. */
async function inBatches<Row>(
  sweep: Sweep,
  rows: AsyncIterable<Row>,
  isDue: (row: Row) => boolean,
  { change, done }: Steps<Row>,
): Promise<void> {
  const { context, bucket } = sweep;
  let batch: Row[] = [];
  let unsettled: Ended[] = [];
  const settleThem = async (): Promise<void> => {
    const all = unsettled;
    unsettled = [];
    await settle(sweep, all);
  };
  const flush = async (): Promise<void> => {
    const due = batch;
    batch = [];
    const all = await context.store.write(async (tx) => {
      const owner = await buckets.get(tx, bucket.name);
      // Other rules than those that were read: their own sweep follows.
      if (owner?.lifecycle?.revision !== bucket.lifecycle!.revision) return [];
      const changed: Ended[] = [];
      for (const row of due) changed.push(...(await change(tx, owner, row)));
      return changed;
    }, 'relaxed');
    unsettled.push(...all);
    if (unsettled.length >= changesPerSettlement) await settleThem();
    done?.(due);
    await context.giveWay();
  };
  let looked = 0;
  try {
    for await (const row of rows) {
      context.signal.throwIfAborted();
      if (++looked % rowsPerPage === 0) await context.giveWay();
      if (isDue(row)) batch.push(row);
      if (batch.length === changesPerWrite) await flush();
    }
    if (batch.length > 0) await flush();
  } finally {
    await settleThem();
  }
}

async function remove(tx: WriteTransaction, { means }: Sweep, owner: Bucket, version: VersionRecord): Promise<void> {
  await removeVersion(tx, means.blobs, version);
  await note(tx, means, owner, { name: 'LifecycleExpiration:Delete', key: version.key, version: version.version });
}

async function move(
  tx: WriteTransaction,
  { context, means }: Sweep,
  owner: Bucket,
  object: ObjectRecord & { since?: number },
  { storageClass, at }: Extract<Decision, { kind: 'move' }>,
): Promise<Ended[]> {
  const { restore: _copy, accessed: _read, archiveTier: _tier, ...rest } = object;
  await updateVersion(tx, await bound(tx, owner, { ...rest, storageClass, classSince: at }, context.now));
  await note(tx, means, owner, {
    ...{ name: 'LifecycleTransition', key: object.key, object, version: object.version },
    data: { lifecycleEventData: { transitionEventData: { destinationStorageClass: storageClass } } },
  });
  const usageType = `Requests-${storageClasses[storageClass].billed}-Tier1`;
  const request: Usage = { usageType, quantity: 1, unit: 'Requests', resource: bucketArn(object.bucket) };
  return [{ ...ended(object, context.now, at), request }];
}

/** An object as it was until a moment, when it left its class or the bucket, and what that costs. */
type Ended = { object: ObjectRecord; at: number; early?: Usage | undefined; request?: Usage };

function ended(object: ObjectRecord, now: number, at: number): Ended {
  return { object, at, early: earlyDeletion(object, now) };
}

/** Nothing is charged for the time between when a rule was due and when it was carried out. */
async function settle({ context, bucket }: Sweep, all: readonly Ended[]): Promise<void> {
  const { account, region } = bucket;
  for (const { request, early } of all)
    for (const usage of [request, early])
      if (usage) context.meter.record({ ...usage, account, region, service: 's3', operation: 'Lifecycle', at: context.now });
  await settleAll(context, bucket, all);
}
