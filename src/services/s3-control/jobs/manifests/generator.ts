/** Objects of a bucket that a job is to be about, found by their names, ages, sizes and classes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/specify-batchjob-manifest.html */

import type { _Object } from '@aws-sdk/client-s3';
import type { JobManifestGeneratorFilter, ObjectEncryptionFilter, S3JobManifestGenerator } from '@aws-sdk/client-s3-control';
import { AwsError } from '../../../../framework/aws-error.ts';
import type { Aws } from '../../../../framework/clients.ts';
import { bucketOfArn } from '../checks.ts';
import { JobFailure } from '../failure.ts';
import type { Entry } from './manifest.ts';

/** Lists the bucket as the job's role may. Throws JobFailure where it may not. */
export async function* generatedEntries(aws: Aws, generator: S3JobManifestGenerator): AsyncGenerator<Entry, void> {
  const bucket = bucketOfArn('SourceBucket', generator.SourceBucket);
  const owner = generator.ExpectedBucketOwner;
  const filter = generator.Filter ?? {};
  for (let ContinuationToken: string | undefined; ;) {
    const asked = { Bucket: bucket, ...(owner && { ExpectedBucketOwner: owner }), ...(ContinuationToken && { ContinuationToken }) };
    const page = await list(aws, asked);
    for (const object of page.Contents ?? []) {
      if (matches(filter, object) && (await hasEncryption(aws, bucket, object.Key!, filter.MatchAnyObjectEncryption)))
        yield { bucket, key: object.Key! };
    }
    ContinuationToken = page.NextContinuationToken;
    if (ContinuationToken === undefined) return;
  }
}

async function list(aws: Aws, asked: { Bucket: string; ExpectedBucketOwner?: string; ContinuationToken?: string }) {
  try {
    return await aws.s3('ListObjectsV2', asked);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new JobFailure('ManifestGenerationFailure', `The bucket ${asked.Bucket} could not be listed: ${error.message}`, { cause: error });
  }
}

/** All conditions must hold, of each the one or the other. Pure. */
export function matches(
  filter: JobManifestGeneratorFilter,
  {
    Key: key = '',
    Size: size = 0,
    LastModified: modified,
    StorageClass,
  }: Pick<_Object, 'Key' | 'Size' | 'LastModified'> & {
    StorageClass?: string | undefined;
  },
): boolean {
  const { CreatedAfter: after, CreatedBefore: before, KeyNameConstraint: names } = filter;
  if (after && !(modified! > after)) return false;
  if (before && !(modified! < before)) return false;
  if (filter.ObjectSizeGreaterThanBytes !== undefined && !(size > filter.ObjectSizeGreaterThanBytes)) return false;
  if (filter.ObjectSizeLessThanBytes !== undefined && !(size < filter.ObjectSizeLessThanBytes)) return false;
  if (!anyOf(filter.MatchAnyStorageClass, (name) => name === (StorageClass ?? 'STANDARD'))) return false;
  return (
    anyOf(names?.MatchAnyPrefix, (prefix) => key.startsWith(prefix)) &&
    anyOf(names?.MatchAnySuffix, (suffix) => key.endsWith(suffix)) &&
    anyOf(names?.MatchAnySubstring, (part) => key.includes(part))
  );
}

/** What is not asked for always fits. */
function anyOf<T>(wanted: readonly T[] | undefined, fits: (one: T) => boolean): boolean {
  return !wanted || wanted.length === 0 || wanted.some(fits);
}

async function hasEncryption(
  aws: Aws,
  Bucket: string,
  Key: string,
  wanted: readonly ObjectEncryptionFilter[] | undefined,
): Promise<boolean> {
  if (!wanted || wanted.length === 0) return true;
  const head = await aws.s3('HeadObject', { Bucket, Key }).catch((error: unknown) => {
    // Gone since, or under a key that only its customer has.
    if (error instanceof AwsError) return { isUnreadable: true } as const;
    throw error;
  });
  if ('isUnreadable' in head) return wanted.some(({ SSEC }) => SSEC !== undefined);
  return wanted.some(({ SSES3, SSEKMS, DSSEKMS, NOTSSE }) => {
    if (SSES3) return head.ServerSideEncryption === 'AES256';
    if (NOTSSE) return head.ServerSideEncryption === undefined;
    if (DSSEKMS) return head.ServerSideEncryption === 'aws:kms:dsse' && [undefined, head.SSEKMSKeyId].includes(DSSEKMS.KmsKeyArn);
    if (!SSEKMS || head.ServerSideEncryption !== 'aws:kms') return false;
    const sameKey = SSEKMS.KmsKeyArn === undefined || SSEKMS.KmsKeyArn === head.SSEKMSKeyId;
    return sameKey && (SSEKMS.BucketKeyEnabled === undefined || SSEKMS.BucketKeyEnabled === (head.BucketKeyEnabled ?? false));
  });
}
