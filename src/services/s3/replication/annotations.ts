/**
 * Annotations of replicas, each on its own: what comes at the source comes at the destination, what is deleted there stays here, and a role
 * or a destination that refuses annotations has its objects all the same:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-example-walkthroughs.html#replication-annotations
 */

import type { BlobKey } from '../../../framework/blob-encryption/frames.ts';
import { rewrap } from '../../../framework/blob-encryption/data-keys.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { denialsOf } from '../../../framework/s3-access/policy.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { withGrant } from '../acl/access.ts';
import { withAnnotation } from '../annotations/annotation.ts';
import { annotationsOf } from '../annotations/bytes.ts';
import { annotations, type Annotation } from '../annotations/tables.ts';
import { keysOf } from '../encryption/kms-keys.ts';
import { checkOn } from '../permissions.ts';
import type { Annotations, ObjectRecord } from '../tables.ts';
import { keyOfVersion, type Ends } from './hands.ts';
import type { ReplicationRule } from './tables.ts';
import { askForReplicas } from './tasks.ts';

/** What carries annotations over: the keys at both ends; or that they are refused. */
export type Carrier = 'refused' | { from: BlobKey; to: BlobKey; of: string; id: string };

/** Undefined where the source has no annotations. `to` is absent for a replica that is there already. */
export async function carrierFor(
  context: ReconcilerContext,
  ends: Ends,
  source: ObjectRecord,
  there: ObjectRecord,
  to?: BlobKey,
): Promise<Carrier | undefined> {
  if (!source.annotations) return undefined;
  if (!(await permitted(context, ends))) return 'refused';
  const from = await keyOfVersion(context, ends, 'source', source);
  return { from, to: to ?? (await keyOfVersion(context, ends, 'destination', there)), of: keysOf(source), id: context.random.uuid() };
}

/** To write them the right to replicate objects is enough, unless there is a denial. */
async function permitted(context: ReconcilerContext, { role, source, destination, key }: Ends): Promise<boolean> {
  const reading = checkOn({ principal: role }, source, 's3:GetObjectVersionAnnotationForReplication', key);
  if (!(await context.permits(reading, role, source.bucket.region))) return false;
  const writing = checkOn({ principal: role }, destination, 's3:ReplicateObjectAnnotation', key);
  const policy = writing.resourcePolicy?.document;
  const document = withGrant(policy && denialsOf(policy), '*');
  const undenied = { ...writing, resourceAccount: role.account, resourcePolicy: { name: writing.resource, document } };
  return context.permits(undenied, role, destination.bucket.region);
}

/** Which of the source's annotations: all for a new replica, else those that came since. */
type Which = 'all' | 'new';

/** Writes them, and returns the replica's member that names its own. What is refused is FAILED at the source. */
export async function carryAnnotations(
  tx: WriteTransaction,
  { blobs, now }: Pick<ReconcilerContext, 'blobs' | 'now'>,
  { source, replica, carrier, which }: { source: ObjectRecord; replica: ObjectRecord; carrier: Carrier | undefined; which: Which },
): Promise<Pick<ObjectRecord, 'annotations'>> {
  const own = replica.annotations && { annotations: replica.annotations };
  if (!source.annotations) return { ...own };
  // They came after the keys were opened: `askAgain` is for them.
  if (carrier === undefined) return { ...own };
  const wanted = (await annotationsOf(tx, source.annotations.id)).filter((each) => which === 'all' || isOpen(each));
  for (const each of wanted) await annotations.put(tx, { ...each, replication: carrier === 'refused' ? 'FAILED' : 'PENDING' });
  if (carrier === 'refused' || wanted.length === 0) return { ...own };
  if (keysOf(source) !== carrier.of) throw new Error('the version has other keys by now');
  let all: Annotations = replica.annotations ?? { id: carrier.id, count: 0, bytes: 0, since: now };
  for (const each of wanted) {
    const old = await annotations.get(tx, all.id, each.name);
    if (old) await blobs.remove(tx, old.blob);
    await blobs.share(tx, each.blob);
    await annotations.put(tx, { ...each, set: all.id, dataKey: rewrap(carrier.from, each.dataKey, carrier.to), replication: 'REPLICA' });
    all = withAnnotation(all, old, each, now);
  }
  return { annotations: all };
}

function isOpen({ replication }: Annotation): boolean {
  return replication === 'PENDING' || replication === 'FAILED';
}

/** Where annotations came while their object was under way: what is open of them is asked for once more, after the task is settled. */
export async function askAgain(
  tx: WriteTransaction,
  { now }: Pick<ReconcilerContext, 'now'>,
  { source, rule, carrier }: { source: ObjectRecord; rule: ReplicationRule; carrier: Carrier | undefined },
): Promise<void> {
  if (!source.annotations || carrier !== undefined) return;
  for (const each of await annotationsOf(tx, source.annotations.id)) await annotations.put(tx, { ...each, replication: 'PENDING' });
  await askForReplicas(tx, source, [rule], { kind: 'description', now });
}

/** Once no destination is open any more. */
export async function settleAnnotationsOf(
  tx: WriteTransaction,
  { annotations: all }: ObjectRecord,
  state: 'COMPLETED' | 'FAILED',
): Promise<void> {
  if (!all) return;
  for (const each of await annotationsOf(tx, all.id))
    if (each.replication === 'PENDING') await annotations.put(tx, { ...each, replication: state });
}
