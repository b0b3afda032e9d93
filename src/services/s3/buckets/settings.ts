/** What S3 answers of settings that were never put: tools read them right after a bucket is made. */

import { noSuchConfiguration } from '../errors.ts';
import type { Operation } from '../sdk.ts';

export const GetBucketReplication: Operation<'GetBucketReplication'> = async (_request, input) => {
  throw noSuchConfiguration('ReplicationConfigurationNotFoundError', 'The replication configuration was not found', input.Bucket);
};
