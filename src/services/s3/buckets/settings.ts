/** What S3 answers of settings that were never put: tools read them right after a bucket is made. */

import { noSuchConfiguration } from '../errors.ts';
import type { Operation } from '../sdk.ts';

export const GetBucketRequestPayment: Operation<'GetBucketRequestPayment'> = async () => ({ Payer: 'BucketOwner' });

export const GetBucketAccelerateConfiguration: Operation<'GetBucketAccelerateConfiguration'> = async () => ({});

export const GetBucketLogging: Operation<'GetBucketLogging'> = async () => ({});

export const GetBucketNotificationConfiguration: Operation<'GetBucketNotificationConfiguration'> = async () => ({});

export const GetBucketCors: Operation<'GetBucketCors'> = async (_request, input) => {
  throw noSuchConfiguration('NoSuchCORSConfiguration', 'The CORS configuration does not exist', input.Bucket);
};

export const GetBucketWebsite: Operation<'GetBucketWebsite'> = async (_request, input) => {
  throw noSuchConfiguration('NoSuchWebsiteConfiguration', 'The specified bucket does not have a website configuration', input.Bucket);
};

export const GetBucketReplication: Operation<'GetBucketReplication'> = async (_request, input) => {
  throw noSuchConfiguration('ReplicationConfigurationNotFoundError', 'The replication configuration was not found', input.Bucket);
};
