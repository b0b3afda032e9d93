/** What the SDK writers of the crash test have in common: one operation at a time, each acknowledged or in doubt. */

import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';

export type Writer = {
  /** Makes what it works with, before the first kill. */
  prepare?(endpoint: string): Promise<void>;
  /** Writes until the cloud has gone. */
  run(endpoint: string): Promise<void>;
  /** Compares the cloud with what was acknowledged; what was in doubt may be either, and is settled by this. */
  check(endpoint: string): Promise<void>;
  acknowledged(): number;
};

export const bucket = 'crash-test';
export const versionedBucket = 'crash-test-versions';

export function clientOptions(endpoint: string) {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
    maxAttempts: 1,
  };
}

export async function createBuckets(endpoint: string): Promise<void> {
  const s3 = new S3Client(clientOptions(endpoint));
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await s3.send(new CreateBucketCommand({ Bucket: versionedBucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: versionedBucket, VersioningConfiguration: { Status: 'Enabled' } }));
  s3.destroy();
}

/** True for what the end of the connection raises, false for an answer of the cloud: that one is a failure of the test. */
export function isConnectionLost(error: unknown): boolean {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === undefined;
}
