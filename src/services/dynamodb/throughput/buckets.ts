/**
 * Throttling: a bucket of units for each table and global index, which fills at the provisioned rate and keeps five minutes of what was
 * not used: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html
 * A call is let in while there is anything in its bucket, and may take more than is there: at most a second's worth is owed then.
 * Buckets are memory alone; a restart fills them.
 */

import { keepNewest } from '../../../framework/bounded-map.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Store } from '../../../store/store.ts';
import type { Units } from '../items/capacity.ts';
import { burstSeconds, tableThroughputUnitsMax } from '../limits.ts';
import { classPrefix, globalIndexes, indexArn, tableArn, type TableIndex, type TableRecord } from '../tables/table.ts';

/** `perSecond` is the rate that it had when it was last looked at. */
type Bucket = { level: number; at: number; perSecond: number };
type Kind = Units['kind'];
type Caller = Pick<ServiceRequest, 'store' | 'now'>;
/** Who uses a table: what is used of provisioned capacity is metered where there is a way to (`use`). */
type Spender = Caller & Partial<Pick<ServiceRequest, 'use'>>;

const bucketsByStore = new WeakMap<Store, Map<string, Bucket>>();
const bucketsMax = 20_000;

function bucketOf({ store, now }: Caller, key: string, perSecond: number): Bucket {
  let buckets = bucketsByStore.get(store);
  if (!buckets) bucketsByStore.set(store, (buckets = new Map()));
  let bucket = buckets.get(key);
  if (!bucket) {
    keepNewest(buckets, bucketsMax, key, (bucket = { level: perSecond * burstSeconds, at: now, perSecond }));
  }
  // A table that was given more is not to wait for it.
  if (perSecond > bucket.perSecond) bucket.level += (perSecond - bucket.perSecond) * burstSeconds;
  bucket.perSecond = perSecond;
  const seconds = Math.max(0, now - bucket.at) / 1_000;
  bucket.level = Math.min(bucket.level + seconds * perSecond, perSecond * burstSeconds);
  bucket.at = Math.max(bucket.at, now);
  return bucket;
}

/** Units a second; undefined where only the account's quota stands in the way, which no single process reaches. */
function rateOf(table: TableRecord, kind: Kind, index?: TableIndex): number | undefined {
  if (table.billing === 'PAY_PER_REQUEST') {
    const { MaxReadRequestUnits: reads, MaxWriteRequestUnits: writes } = (index ?? table).onDemand ?? {};
    const most = kind === 'read' ? reads : writes;
    return most !== undefined && most > 0 && most < tableThroughputUnitsMax ? most : undefined;
  }
  const throughput = index ? index.throughput : table.throughput;
  return throughput?.[kind] || undefined;
}

const keyOf = (table: TableRecord, kind: Kind, index?: TableIndex): string => `${table.id} ${kind} ${index?.space ?? ''}`;

function isEmpty(caller: Caller, table: TableRecord, kind: Kind, index?: TableIndex): boolean {
  const rate = rateOf(table, kind, index);
  return rate !== undefined && bucketOf(caller, keyOf(table, kind, index), rate).level <= 0;
}

/** Whether a write to the table, or a read of it or its index, has to wait. */
export function isThrottled(caller: Caller, table: TableRecord, kind: Kind, index?: TableIndex): boolean {
  if (index?.kind === 'global') return isEmpty(caller, table, kind, index);
  return isEmpty(caller, table, kind) || (kind === 'write' && globalIndexes(table).some((one) => isEmpty(caller, table, kind, one)));
}

/** Throws ProvisionedThroughputExceededException, or ThrottlingException for a table that pays per request. */
export function admit(caller: Caller, table: TableRecord, kind: Kind, index?: TableIndex): void {
  if (isThrottled(caller, table, kind, index)) throw throttled(caller, table, kind, index);
}

export function throttled(caller: Caller, table: TableRecord, kind: Kind, index?: TableIndex): AwsError {
  if (table.billing === 'PAY_PER_REQUEST')
    return new AwsError('ThrottlingException', 'Throughput exceeds the maximum OnDemandThroughput configured on table or index', {
      status: 400,
    });
  const ofIndex = index?.kind === 'global' || !isEmpty(caller, table, kind);
  return new AwsError(
    'ProvisionedThroughputExceededException',
    ofIndex
      ? 'The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API'
      : 'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  );
}

/** Takes what a call has used, and meters it. Auto scaling follows what the meter says of provisioned tables. */
export function spend(caller: Spender, table: TableRecord, { kind, table: used, local, global, vector }: Units): void {
  let own = used;
  for (const units of local.values()) own += units;
  if (caller.use) meterUse(caller as Required<Spender>, table, kind, own, global);
  for (const [name, bytes] of vector ?? []) caller.use?.(vectorUse(table, name, 'Write', bytes));
  if (table.billing === 'PAY_PER_REQUEST' && !hasLimits(table)) return;
  take(caller, table, kind, own);
  for (const index of globalIndexes(table)) take(caller, table, kind, global.get(index.name) ?? 0, index);
}

const hasLimits = (table: TableRecord): boolean => table.onDemand !== undefined || table.indexes.some(({ onDemand }) => onDemand);

/** What is used on demand is billed; of provisioned capacity it is only known. */
function meterUse(caller: Required<Spender>, table: TableRecord, kind: Kind, own: number, global: ReadonlyMap<string, number>): void {
  const of = kind === 'read' ? 'Read' : 'Write';
  const common = {
    ...{ unit: 'Count' as const, account: table.account },
    ...(table.billing === 'PAY_PER_REQUEST'
      ? { usageType: `${classPrefix(table)}${of}RequestUnits` }
      : { usageType: `Consumed${of}CapacityUnits`, unbilled: true as const }),
  };
  if (own > 0) caller.use({ ...common, quantity: own, resource: tableArn(table) });
  for (const [name, quantity] of global) if (quantity > 0) caller.use({ ...common, quantity, resource: indexArn(table, name) });
}

/** Bytes that were written to a vector index, or searched in it. */
export const vectorUse = (table: TableRecord, index: string, kind: 'Write' | 'Search', quantity: number) => ({
  ...{ usageType: `Vector${kind}Request-Bytes`, unit: 'Bytes' as const, quantity, unbilled: true as const },
  ...{ account: table.account, resource: indexArn(table, index) },
});

function take(caller: Caller, table: TableRecord, kind: Kind, units: number, index?: TableIndex): void {
  const rate = units > 0 ? rateOf(table, kind, index) : undefined;
  if (rate === undefined) return;
  const bucket = bucketOf(caller, keyOf(table, kind, index), rate);
  bucket.level = Math.max(bucket.level - units, -rate);
}
