/** Noting down what happened, in the transaction in which it happens, for those who want to know. */

import type { Principal } from '../../../framework/principal.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { bucketConfigurations, pendingEvents, sequencers, type Bucket, type EventData, type ObjectRecord } from '../tables.ts';
import { askForReplicas, replicatingRules } from '../replication/tasks.ts';
import { enterChange, isTold } from '../metadata-tables/entries.ts';
import { sequenceOf } from '../metadata-tables/described.ts';
import { writeObject, type Written } from '../versions/history.ts';
import { wanting, type Notifications } from './destinations.ts';

/** Who or what made it happen: a request, or a reconciler's pass. */
export type Cause = {
  readonly now: number;
  readonly requestId: string;
  readonly principal?: Principal;
  readonly sourceIp?: string;
  readonly http?: ServiceRequest['http'];
};

const requestIdAlphabet = '0123456789ABCDEF';
const requestIdLength = 16;

/** What a reconciler's pass makes happen. */
export function causeOf({ now, random }: Pick<ReconcilerContext, 'now' | 'random'>): Cause {
  return { now, requestId: random.text(requestIdLength, requestIdAlphabet) };
}

/** An event without `s3:`, and the object that it is about. */
export type Happening = {
  name: string;
  key: string;
  object?: { size?: number; etag: string };
  version?: string | undefined;
  data?: EventData;
};

/** Tells all who want to know; to be called once the change is written. Costs nothing where nobody does. */
export async function note(tx: WriteTransaction, cause: Cause, bucket: Bucket, happening: Happening): Promise<void> {
  if (bucket.metadata && isTold(happening.name))
    await enterChange(tx, cause, bucket, happening, await nextSequencer(tx, bucket.name, cause.now));
  if (bucket.configurations?.notification !== undefined) await notify(tx, cause, bucket, happening);
}

/** Writes one pending event for each destination that wants it. */
async function notify(tx: WriteTransaction, cause: Cause, bucket: Bucket, happening: Happening): Promise<void> {
  const row = await bucketConfigurations.get(tx, bucket.name, 'notification');
  const destinations = wanting((row?.value ?? {}) as Notifications, happening.name, happening.key);
  if (destinations.length === 0) return;
  const trace = cause.http?.headers['x-amzn-trace-id'];
  const sequencer = await nextSequencer(tx, bucket.name, cause.now);
  for (const { arn, id } of destinations) {
    await pendingEvents.put(tx, {
      ...{ bucket: bucket.name, account: bucket.account, region: bucket.region, key: happening.key, sequencer, name: happening.name },
      ...{ happened: cause.now, at: cause.now, failures: 0, destination: arn, configuration: id },
      object: {
        ...(happening.object?.size !== undefined && { size: happening.object.size }),
        ...(happening.object && { etag: happening.object.etag }),
        ...(happening.version !== undefined && { version: happening.version }),
      },
      ...(happening.data && { data: happening.data }),
      principal: principalId(cause.principal),
      sourceIp: cause.sourceIp ?? 's3.amazonaws.com',
      requestId: cause.requestId,
      ...(trace !== undefined && { trace }),
    });
  }
}

/** Writes a new object, and notes down that and how it was made, and that it is to be replicated. */
export async function writeCreated(
  tx: WriteTransaction,
  request: ServiceRequest,
  bucket: Bucket,
  old: ObjectRecord | undefined,
  next: ObjectRecord,
  how: 'Put' | 'Post' | 'Copy' | 'CompleteMultipartUpload',
): Promise<Written> {
  const rules = await replicatingRules(tx, bucket, next);
  const result = await writeObject(tx, request, bucket, old, rules.length > 0 ? { ...next, replication: 'PENDING' } : next);
  if (rules.length > 0) await askForReplicas(tx, result.written, rules, { kind: 'object', now: request.now });
  await note(tx, request, bucket, { name: `ObjectCreated:${how}`, key: next.key, object: next, version: result.written.version });
  return result;
}

/** Hexadecimal, of one length, and greater for each event of a bucket: events of a key are put into order by it. */
async function nextSequencer(tx: WriteTransaction, bucket: string, now: number): Promise<string> {
  const last = (await sequencers.get(tx, bucket))?.last ?? 0;
  const next = Math.max(last + 1, now * 1000);
  await sequencers.put(tx, { bucket, last: next });
  return sequenceOf(next);
}

function principalId(principal: Principal | undefined): string {
  if (!principal) return 'AmazonCustomer:s3.amazonaws.com';
  return principal.type === 'Anonymous' ? 'Anonymous' : `AWS:${principal.id}`;
}
