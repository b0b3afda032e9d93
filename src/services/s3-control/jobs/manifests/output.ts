/** Writes down the manifest that was generated for a job, in the form of an inventory. */

import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { S3GeneratedManifestDescriptor, S3ManifestOutputLocation } from '@aws-sdk/client-s3-control';
import { AwsError } from '../../../../framework/aws-error.ts';
import type { Aws } from '../../../../framework/clients.ts';
import type { Store } from '../../../../store/store.ts';
import { jobTasks, type Job } from '../../tables.ts';
import { bucketOfArn } from '../checks.ts';
import { JobFailure } from '../failure.ts';
import { csvLine, encodedKey } from './csv.ts';

/** Resolves with where it lies. Throws JobFailure where the role may not write there. */
export async function writeManifest(
  aws: Aws,
  { store, now }: { store: Store; now: number },
  job: Job,
  location: S3ManifestOutputLocation,
): Promise<S3GeneratedManifestDescriptor> {
  const Bucket = bucketOfArn('ManifestOutputLocation', location.Bucket);
  const folder = `${location.ManifestPrefix ? `${location.ManifestPrefix.replace(/\/$/, '')}/` : ''}generated-manifests/job-${job.id}`;
  const data = await zippedRows(store, job);
  const file = { key: `${folder}/data.csv.gz`, size: data.length, MD5checksum: createHash('md5').update(data).digest('hex') };
  const manifest = JSON.stringify({
    sourceBucket: bucketOfArn('SourceBucket', job.generator!.SourceBucket),
    destinationBucket: location.Bucket,
    version: '2021-11-30',
    creationTimestamp: String(now),
    ...{ fileFormat: 'CSV', fileSchema: 'Bucket, Key, VersionId', files: [file] },
  });
  const put = (Key: string, Body: Uint8Array) =>
    aws.s3('PutObject', {
      ...{ Bucket, Key, Body, ...encryptionOf(location) },
      ...(location.ExpectedManifestBucketOwner && { ExpectedBucketOwner: location.ExpectedManifestBucketOwner }),
    });
  try {
    await put(file.key, data);
    const { ETag } = await put(`${folder}/manifest.json`, Buffer.from(manifest));
    return { Format: location.ManifestFormat!, Location: { ObjectArn: `${location.Bucket}/${folder}/manifest.json`, ETag: ETag! } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new JobFailure('ManifestWriteFailure', `The manifest could not be written into ${Bucket}: ${error.message}`, { cause: error });
  }
}

function encryptionOf({ ManifestEncryption: encryption }: S3ManifestOutputLocation) {
  if (encryption?.SSEKMS) return { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: encryption.SSEKMS.KeyId! };
  return encryption?.SSES3 ? { ServerSideEncryption: 'AES256' as const } : {};
}

async function zippedRows(store: Store, { account, region, id }: Job): Promise<Buffer> {
  async function* lines() {
    for await (const { bucket, key, version = '' } of jobTasks.each(store, [account, region, id]))
      yield csvLine([bucket, encodedKey(key), version]);
  }
  const chunks: Buffer[] = [];
  // What breaks either stream is told to whoever reads the second.
  const zipped = pipeline(Readable.from(lines()), createGzip(), () => {});
  for await (const chunk of zipped as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
