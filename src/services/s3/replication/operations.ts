/** The replication configuration of a bucket: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html */

import type { Check } from '../../../framework/authorization.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { passRole } from '../../../framework/service-role.ts';
import { bucketOfArn, serviceName } from '../buckets/bucket.ts';
import { lookUp, requireBucket } from '../buckets/lookup.ts';
import { invalidRequest, noSuchConfiguration } from '../errors.ts';
import { newRuleId } from '../lifecycle/rule.ts';
import { onBucket } from '../permissions.ts';
import type { Input, Operation, Output } from '../sdk.ts';
import { buckets } from '../tables.ts';
import { readReplication } from './configuration.ts';
import { dropReplicationRules, replicationRulesOf } from './tasks.ts';
import { replicationRules } from './tables.ts';

/** Besides the action on the bucket, giving S3 the role. */
export async function onPutBucketReplication(request: ServiceRequest, input: Input<'PutBucketReplication'>): Promise<Check[]> {
  const checks = await onBucket('s3:PutReplicationConfiguration')(request, input);
  const role = input.ReplicationConfiguration?.Role;
  return role ? [...checks, passRole(role, serviceName)] : checks;
}

export const PutBucketReplication: Operation<'PutBucketReplication'> = async (request, input) => {
  if (input.Token !== undefined) throw notImplemented('s3:PutBucketReplication with Token');
  const { role, rules } = readReplication(input.Bucket, input.ReplicationConfiguration, () => newRuleId(request.random));
  const revision = request.random.uuid();
  await request.store.write(async (tx) => {
    const bucket = await requireBucket(tx, input.Bucket);
    if (bucket.versioning !== 'Enabled')
      throw invalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration");
    for (const name of new Set(rules.map((rule) => bucketOfArn(rule.Destination.Bucket)!))) {
      const destination = await buckets.get(tx, name);
      if (destination?.versioning !== 'Enabled') throw invalidRequest('Destination bucket must have versioning enabled.');
    }
    await dropReplicationRules(tx, bucket.name);
    for (const [number, rule] of rules.entries()) await replicationRules.put(tx, { bucket: bucket.name, number, rule });
    await buckets.put(tx, { ...bucket, replication: { revision, role } });
  });
  return {};
};

export const GetBucketReplication: Operation<'GetBucketReplication'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  if (!bucket.replication)
    throw noSuchConfiguration('ReplicationConfigurationNotFoundError', 'The replication configuration was not found', input.Bucket);
  const rules = await request.store.read((tx) => replicationRulesOf(tx, bucket));
  return {
    ReplicationConfiguration: { Role: bucket.replication.role, Rules: rules as Rules },
  };
};

type Rules = NonNullable<NonNullable<Output<'GetBucketReplication'>['ReplicationConfiguration']>['Rules']>;

/** Versions that are still to be replicated stay where they are. */
export const DeleteBucketReplication: Operation<'DeleteBucketReplication'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { replication, ...bucket } = await requireBucket(tx, input.Bucket);
    if (!replication) return;
    await dropReplicationRules(tx, bucket.name);
    await buckets.put(tx, bucket);
  });
  return {};
};
