/** Noting down changes of objects for the metadata tables of their bucket, in the transaction in which they happen. */

import type { Principal } from '../../../framework/principal.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { serviceName } from '../buckets/bucket.ts';
import type { Bucket } from '../tables.ts';
import { findVersion } from '../versions/history.ts';
import { isDeleteMarker, nullVersion } from '../versions/version.ts';
import { described } from './described.ts';
import { journalEntries, type JournalEntry } from './tables.ts';

type Cause = { readonly now: number; readonly requestId: string; readonly principal?: Principal; readonly sourceIp?: string };
type Change = { name: string; key: string; version?: string | undefined };

/** By the beginnings of events' names; `undefined` for what the journal does not tell, but another table shows. */
const types: readonly (readonly [event: string, type: JournalEntry['type']])[] = [
  ['ObjectCreated:', 'CREATE'],
  ['ObjectRemoved:', 'DELETE'],
  ['LifecycleExpiration:', 'DELETE'],
  ['ObjectTagging:', 'UPDATE_METADATA'],
  ['ObjectEncryption:', 'UPDATE_METADATA'],
  ['LifecycleTransition', 'UPDATE_METADATA'],
  ['ObjectAnnotation:', undefined],
];

/** Whether some table tells of an event. */
export function isTold(name: string): boolean {
  return types.some(([event]) => name.startsWith(event));
}

/** To be called once the change is written. */
export async function enterChange(
  tx: WriteTransaction,
  cause: Cause,
  { name: bucket }: Bucket,
  { name, key, version }: Change,
  sequence: string,
): Promise<void> {
  const type = types.find(([event]) => name.startsWith(event))![1];
  const isGone = type === 'DELETE' && !name.endsWith(':DeleteMarkerCreated');
  const found = isGone ? undefined : await findVersion(tx, bucket, key, version ?? nullVersion);
  await journalEntries.put(tx, {
    ...{ bucket, sequence, at: cause.now, key, requestId: cause.requestId },
    ...(type && { type }),
    ...(version !== undefined && { version }),
    ...(found && isDeleteMarker(found) && { isDeleteMarker: true }),
    ...(found && type && { object: described(found) }),
    ...requesterOf(cause),
  });
}

/** S3 itself, and other services, have no address. */
function requesterOf({ principal, sourceIp }: Cause): Pick<JournalEntry, 'requester' | 'sourceIp'> {
  if (principal === undefined) return { requester: serviceName };
  if (principal.type === 'Service') return { requester: principal.name };
  return { requester: principal.account, ...(sourceIp !== undefined && { sourceIp }) };
}
