/** Manifests of what is to be replicated, which S3 finds for a job: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html */

import type { S3JobManifestGenerator } from '@aws-sdk/client-s3-control';
import type { Principal } from '../../../../framework/principal.ts';
import { dropCandidates, replicationCandidates, replicationSearches } from '../../../../framework/replication-searches.ts';
import type { Store } from '../../../../store/store.ts';
import type { Job } from '../../tables.ts';
import { bucketOfArn } from '../checks.ts';
import { JobFailure } from '../failure.ts';
import { matches } from './generator.ts';
import type { Entry } from './manifest.ts';

/** Asks S3 once; true when it has answered. Throws JobFailure where it could not find anything. */
export async function areCandidatesFound(store: Store, { id, generator }: Job, asker: () => Promise<Principal>): Promise<boolean> {
  const search = await store.read((tx) => replicationSearches.get(tx, id));
  if (search?.outcome?.status === 'FAILED') throw new JobFailure('ManifestGenerationFailure', search.outcome.reason);
  if (search) return search.outcome !== undefined;
  const { SourceBucket, ExpectedBucketOwner: owner, Filter } = generator!;
  const { EligibleForReplication: eligible, ObjectReplicationStatuses: statuses } = Filter!;
  const asked = {
    ...{ job: id, bucket: bucketOfArn('SourceBucket', SourceBucket), principal: await asker() },
    ...(owner !== undefined && { owner }),
    ...(eligible !== undefined && { eligible }),
    ...(statuses && statuses.length > 0 && { statuses }),
  };
  await store.write((tx) => replicationSearches.put(tx, asked));
  return false;
}

/** What S3 has found, as far as the other filters of the generator let it through. */
export async function* candidateEntries(
  store: Store,
  job: string,
  { SourceBucket, Filter: filter = {} }: S3JobManifestGenerator,
): AsyncGenerator<Entry, void> {
  const bucket = bucketOfArn('SourceBucket', SourceBucket);
  for await (const { key, version, size, modified, storageClass } of replicationCandidates.each(store, [job])) {
    const described = { Key: key, Size: size, LastModified: new Date(modified), StorageClass: storageClass };
    if (matches(filter, described)) yield { bucket, key, version };
  }
}

/** The tasks have been made, or never will be. */
export async function forgetSearch(store: Store, { id }: Job): Promise<void> {
  await store.write((tx) => replicationSearches.delete(tx, id));
  await dropCandidates(store, id);
}
