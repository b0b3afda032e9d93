/** The lifecycle configuration of a bucket: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import { lookUp, requireBucket } from '../buckets/lookup.ts';
import { invalidRequest, malformedXml, noSuchConfiguration } from '../errors.ts';
import type { Operation, Output } from '../sdk.ts';
import { buckets, lifecycleRules, type LifecycleRule } from '../tables.ts';
import { readRules } from './configuration.ts';
import { newRuleId } from './rule.ts';
import { rulesOf } from './rules.ts';

type ListedRule = NonNullable<Output<'GetBucketLifecycleConfiguration'>['Rules']>[number];

const standardMinimum = 'all_storage_classes_128K';
const variedMinimum = 'varies_by_storage_class';

export const PutBucketLifecycleConfiguration: Operation<'PutBucketLifecycleConfiguration'> = async (request, input) => {
  const minimum = input.TransitionDefaultMinimumObjectSize ?? standardMinimum;
  if (minimum !== standardMinimum && minimum !== variedMinimum)
    throw invalidRequest(`Invalid TransitionDefaultMinimumObjectSize found: ${String(minimum)}`);
  if (!input.LifecycleConfiguration) throw malformedXml();
  const rules = readRules(input.LifecycleConfiguration.Rules ?? [], () => newRuleId(request.random));
  const revision = request.random.uuid();
  await request.store.write(async (tx) => {
    const { lifecycle: _old, ...bucket } = await requireBucket(tx, input.Bucket);
    for (const { row } of await lifecycleRules.scan(tx, [bucket.name])) await lifecycleRules.delete(tx, bucket.name, row.number);
    for (const [number, rule] of rules.entries()) await lifecycleRules.put(tx, { bucket: bucket.name, number, rule });
    await buckets.put(tx, { ...bucket, lifecycle: { revision, ...(minimum === variedMinimum && { minimumVaries: true }) } });
  });
  return { TransitionDefaultMinimumObjectSize: minimum };
};

export const GetBucketLifecycleConfiguration: Operation<'GetBucketLifecycleConfiguration'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  if (!bucket.lifecycle)
    throw noSuchConfiguration('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', input.Bucket);
  const rules = await rulesOf(request.store, bucket);
  return {
    Rules: rules.map(listed),
    TransitionDefaultMinimumObjectSize: bucket.lifecycle.minimumVaries ? variedMinimum : standardMinimum,
  };
};

export const DeleteBucketLifecycle: Operation<'DeleteBucketLifecycle'> = async (request: ServiceRequest, input) => {
  await request.store.write(async (tx) => {
    const { lifecycle, ...bucket } = await requireBucket(tx, input.Bucket);
    if (!lifecycle) return;
    for (const { row } of await lifecycleRules.scan(tx, [bucket.name])) await lifecycleRules.delete(tx, bucket.name, row.number);
    await buckets.put(tx, bucket);
  });
  return {};
};

function listed(rule: LifecycleRule): ListedRule {
  const { expiration, transitions, noncurrentTransitions, noncurrentExpiration, abortDays } = rule;
  return {
    ID: rule.id,
    Status: rule.enabled ? 'Enabled' : 'Disabled',
    ...(rule.filter ? { Filter: rule.filter } : { Prefix: rule.prefix }),
    ...(expiration && {
      Expiration: {
        ...timing(expiration),
        ...(expiration.deleteMarker !== undefined && { ExpiredObjectDeleteMarker: expiration.deleteMarker }),
      },
    }),
    ...(transitions && { Transitions: transitions.map((move) => ({ ...timing(move), StorageClass: move.storageClass as 'GLACIER' })) }),
    ...(noncurrentTransitions && {
      NoncurrentVersionTransitions: noncurrentTransitions.map((move) => ({
        ...noncurrent(move),
        StorageClass: move.storageClass as 'GLACIER',
      })),
    }),
    ...(noncurrentExpiration && { NoncurrentVersionExpiration: noncurrent(noncurrentExpiration) }),
    ...(abortDays !== undefined && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortDays } }),
  };
}

function timing({ date, days }: { date?: number; days?: number }) {
  return { ...(date !== undefined && { Date: new Date(date) }), ...(days !== undefined && { Days: days }) };
}

function noncurrent({ days, newer }: { days: number; newer?: number }) {
  return { NoncurrentDays: days, ...(newer !== undefined && { NewerNoncurrentVersions: newer }) };
}
