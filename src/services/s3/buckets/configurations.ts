/** Configurations of buckets, which may be long: they lie beside the bucket's record, which names the revision of each. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Store } from '../../../store/store.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { bucketConfigurations, buckets, identifiedConfigurations, type Bucket, type ConfigurationKind } from '../tables.ts';
import { inventoryReports } from '../inventory/tables.ts';
import { requireBucket } from './lookup.ts';

/** By revision, so one that another process replaced is never used. */
const parsed = new Map<string, unknown>();
const parsedMax = 1_000;

/** A configuration of the bucket as it was read; undefined where none was put. */
export async function configurationOf<T>({ store }: { store: Store }, bucket: Bucket, kind: ConfigurationKind): Promise<T | undefined> {
  const revision = bucket.configurations?.[kind];
  if (revision === undefined) return undefined;
  if (parsed.has(revision)) return parsed.get(revision) as T;
  const row = await store.read((tx) => bucketConfigurations.get(tx, bucket.name, kind));
  if (row?.revision !== revision) return row?.value as T | undefined;
  keepNewest(parsed, parsedMax, revision, row.value);
  return row.value as T;
}

/** Puts a configuration in place of the one before it. */
export async function putConfiguration(request: ServiceRequest, name: string, kind: ConfigurationKind, value: object): Promise<void> {
  const revision = request.random.uuid();
  await request.store.write(async (tx) => {
    const bucket = await requireBucket(tx, name);
    await bucketConfigurations.put(tx, { bucket: name, kind, revision, value });
    await buckets.put(tx, { ...bucket, configurations: { ...bucket.configurations, [kind]: revision } });
  });
}

export async function deleteConfiguration(request: ServiceRequest, name: string, kind: ConfigurationKind): Promise<void> {
  await request.store.write(async (tx) => {
    const bucket = await requireBucket(tx, name);
    const { [kind]: gone, ...rest } = bucket.configurations ?? {};
    if (gone === undefined) return;
    await bucketConfigurations.delete(tx, name, kind);
    await buckets.put(tx, { ...bucket, configurations: rest });
  });
}

/** All of a bucket that goes. Lines of its access log that are not written yet are dropped by their writer. */
export async function dropConfigurations(tx: WriteTransaction, bucket: string): Promise<void> {
  for (const { row } of await bucketConfigurations.scan(tx, [bucket])) await bucketConfigurations.delete(tx, bucket, row.kind);
  for (const { row } of await identifiedConfigurations.scan(tx, [bucket]))
    await identifiedConfigurations.delete(tx, bucket, row.kind, row.id);
  for (const { row } of await inventoryReports.scan(tx, [bucket])) await inventoryReports.delete(tx, bucket, row.id);
}
