/** Server access logging: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html */

import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { configurationOf, deleteConfiguration, putConfiguration } from '../buckets/configurations.ts';
import { lookUp, read } from '../buckets/lookup.ts';
import { crossLocationLogging, invalidArgument, invalidTargetBucket, malformedXml } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';
import type { Bucket } from '../tables.ts';

export type Logging = NonNullable<Input<'PutBucketLogging'>['BucketLoggingStatus']['LoggingEnabled']>;

export const GetBucketLogging: Operation<'GetBucketLogging'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  const LoggingEnabled = await configurationOf<Logging>(request, bucket, 'logging');
  return LoggingEnabled ? { LoggingEnabled } : {};
};

/** Without `LoggingEnabled` it is turned off. */
export const PutBucketLogging: Operation<'PutBucketLogging'> = async (request, input) => {
  const logging = input.BucketLoggingStatus.LoggingEnabled;
  if (!logging) {
    await deleteConfiguration(request, input.Bucket, 'logging');
    return {};
  }
  if (!logging.TargetBucket || logging.TargetPrefix === undefined) throw malformedXml();
  const { TargetObjectKeyFormat: format } = logging;
  if (format?.SimplePrefix && format.PartitionedPrefix) throw malformedXml();
  const { bucket } = await lookUp(request, input.Bucket);
  checkTarget(bucket, await target(request, logging.TargetBucket), logging);
  await putConfiguration(request, input.Bucket, 'logging', logging);
  return {};
};

async function target(request: ServiceRequest, name: string): Promise<Bucket> {
  try {
    return (await read(request, name, undefined)).bucket;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchBucket')
      throw invalidTargetBucket('The target bucket for logging does not exist', name);
    throw error;
  }
}

function checkTarget(source: Bucket, to: Bucket, logging: Logging): void {
  if (to.account !== source.account)
    throw invalidTargetBucket('The owner for the bucket to be logged and the target bucket must be the same.', to.name);
  if (to.region !== source.region) throw crossLocationLogging(source.region, to.region);
  if ((logging.TargetGrants?.length ?? 0) === 0) return;
  if (to.ownership === undefined)
    throw invalidArgument('Target grants are not supported for buckets with bucket owner enforced ownership', 'TargetGrants', '');
}
