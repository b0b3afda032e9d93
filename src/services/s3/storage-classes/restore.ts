/** RestoreObject: a temporary copy of what is archived, after a wait on the cloud's clock: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { lookUp } from '../buckets/lookup.ts';
import { invalidArgument, malformedXml, noSuchKey, restoreInProgress, restoreNotAllowed } from '../errors.ts';
import { checkKey } from '../objects/object.ts';
import { note } from '../notifications/note.ts';
import { refuseMissingKey } from '../permissions.ts';
import type { Input, Operation } from '../sdk.ts';
import type { ObjectRecord, Restore } from '../tables.ts';
import { findObject, updateVersion } from '../versions/history.ts';
import { checkVersionId } from '../versions/version.ts';
import { expectRestoration } from './restorations.ts';
import { classOf, isArchived, isRestored, isRestoring, storageClasses } from './storage-class.ts';

type Tier = Restore['tier'];

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The shortest and the longest wait, in milliseconds. */
const waits: Readonly<Record<'flexible' | 'deep', Partial<Record<Tier, readonly [number, number]>>>> = {
  flexible: { Expedited: [minute, 5 * minute], Standard: [3 * hour, 5 * hour], Bulk: [5 * hour, 12 * hour] },
  deep: { Standard: [11 * hour, 12 * hour], Bulk: [36 * hour, 48 * hour] },
};
const tiers: readonly Tier[] = ['Bulk', 'Standard', 'Expedited'];

const accepted = new WeakSet<ServiceRequest>();

/** True for a call that began to restore, which is answered 202; one that only lengthened is 200. */
export function beganToRestore(request: ServiceRequest): boolean {
  return accepted.has(request);
}

export const RestoreObject: Operation<'RestoreObject'> = async (request, input) => {
  checkKey(input.Key);
  checkVersionId(input.VersionId);
  const asked = readRequest(input.RestoreRequest);
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  if (!found.object) return refuseMissingKey(request, found, input.Key);
  const chance = request.random.float();
  const { began, object } = await request.store.write(async (tx) => {
    const object = await findObject(tx, input.Bucket, input.Key, input.VersionId);
    if (!object) throw noSuchKey(input.Key);
    const began = !isRestored(object.restore, request.now);
    const restore = restored(object, asked, request.now, chance);
    const next = { ...object, restore };
    await updateVersion(tx, next);
    await expectRestoration(tx, next, restore, request.now);
    const { bucket } = found;
    if (began) await note(tx, request, bucket, { name: 'ObjectRestore:Post', key: input.Key, object, version: object.version });
    return { began, object };
  });
  if (!began) return {};
  accepted.add(request);
  meterRequest(request, found.bucket.account, object, asked.tier);
  return {};
};

type Asked = { tier: Tier; days: number | undefined };

function readRequest(given: Input<'RestoreObject'>['RestoreRequest']): Asked {
  if (!given) throw malformedXml();
  if (given.Type !== undefined || given.SelectParameters || given.OutputLocation) throw notImplemented('s3:RestoreObject with Type SELECT');
  const tier = given.GlacierJobParameters?.Tier ?? given.Tier ?? 'Standard';
  if (!tiers.includes(tier)) throw malformedXml();
  const days = given.Days;
  if (days !== undefined && (!Number.isInteger(days) || days < 1))
    throw invalidArgument('Days must be a positive integer value.', 'Days', days);
  return { tier, days };
}

/** What becomes of the object. Throws what S3 says of one that is not archived, or is being restored as fast already. */
function restored(object: ObjectRecord, { tier, days }: Asked, now: number, chance: number): Restore {
  if (!isArchived(object)) throw restoreNotAllowed(classOf(object));
  const tiering = object.archiveTier !== undefined;
  if (tiering === (days !== undefined)) throw malformedXml();
  const old = object.restore;
  if (isRestored(old, now)) {
    if (tiering) throw restoreNotAllowed(classOf(object));
    return { ...old!, until: expiry(now, days!) };
  }
  const wait = waits[object.storageClass === 'DEEP_ARCHIVE' || object.archiveTier === 'DEEP_ARCHIVE_ACCESS' ? 'deep' : 'flexible'][tier];
  if (!wait) throw invalidArgument('Retrieval option is not supported by this storage class', 'Tier', tier);
  const due = now + Math.round(wait[0] + chance * (wait[1] - wait[0]));
  if (isRestoring(old, now)) {
    // A faster tier speeds up what is under way; its lifespan stays: restoring-objects.html#restoring-objects-upgrade-tier.title.html
    if (tiers.indexOf(tier) <= tiers.indexOf(old.tier)) throw restoreInProgress();
    return { ...old, tier, due: Math.min(old.due, due) };
  }
  return { tier, due, ...(!tiering && { until: expiry(due, days!) }) };
}

/** S3 adds the days to the time of the restoration, and rounds up to the next midnight UTC. */
function expiry(from: number, days: number): number {
  return (Math.floor(from / day) + days + 1) * day;
}

function meterRequest(request: ServiceRequest, account: string, object: ObjectRecord, tier: Tier): void {
  const { billed } = storageClasses[classOf(object)];
  const resource = bucketArn(object.bucket);
  request.use({ usageType: `Requests-${billed}-Tier3-${tier}`, quantity: 1, unit: 'Requests', resource, account });
  request.use({ usageType: `Retrieval-${billed}-${tier}-Bytes`, quantity: object.size, unit: 'Bytes', resource, account });
}
