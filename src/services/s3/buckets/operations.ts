/** Buckets: delete, list, head, location. */

import type { Check } from '../../../framework/authorization.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import { regionNames } from '../../../framework/billing/region-names.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { accessPoints } from '../../../framework/s3-access/access-points.ts';
import { accessDenied, bucketHasAccessPoints, bucketNotEmpty, invalidArgument, notARegion } from '../errors.ts';
import { listedBucketsMax } from '../limits.ts';
import { metadataConfigurations } from '../metadata-tables/tables.ts';
import { releaseParts } from '../objects/object.ts';
import { dropReplicationRules } from '../replication/tasks.ts';
import type { Operation } from '../sdk.ts';
import {
  bucketPolicies,
  buckets,
  bucketTags,
  lifecycleRules,
  lifecycleSweeps,
  storageMeters,
  tieringConfigurations,
  objects,
  sequencers,
  uploads,
  versions,
  type Bucket,
} from '../tables.ts';
import { bucketArn, ownerOf } from './bucket.ts';
import { dropConfigurations } from './configurations.ts';
import { lookUp, requireBucket } from './lookup.ts';

export const DeleteBucket: Operation<'DeleteBucket'> = async (request, { Bucket: name }) => {
  await request.store.write(async (tx) => {
    const bucket = await requireBucket(tx, name);
    for (const table of [objects, versions])
      if ((await table.scan(tx, [name], { limit: 1 })).length > 0) throw bucketNotEmpty(name, bucket.versioning !== undefined);
    if ((await accessPoints.scanIndex(tx, 'bucket', [name], { limit: 1 })).length > 0) throw bucketHasAccessPoints(name);
    // Unfinished uploads do not keep a bucket; they end with it.
    for (const { row } of await uploads.scan(tx, [name])) {
      await releaseParts(tx, request.blobs, row.id);
      await uploads.delete(tx, name, row.key, row.id);
    }
    await bucketPolicies.delete(tx, name);
    for (const { row } of await lifecycleRules.scan(tx, [name])) await lifecycleRules.delete(tx, name, row.number);
    await lifecycleSweeps.delete(tx, name);
    for (const { row } of await tieringConfigurations.scan(tx, [name])) await tieringConfigurations.delete(tx, name, row.id);
    await dropReplicationRules(tx, name);
    await storageMeters.delete(tx, name);
    await dropConfigurations(tx, name);
    await metadataConfigurations.delete(tx, name);
    await sequencers.delete(tx, name);
    await bucketTags.delete(tx, name);
    await buckets.delete(tx, bucket.name);
  });
  return {};
};

export const HeadBucket: Operation<'HeadBucket'> = async (request, input) => {
  const { bucket, through } = await lookUp(request, input.Bucket);
  return { BucketRegion: bucket.region, BucketArn: bucketArn(bucket.name), AccessPointAlias: through?.byAlias ?? false };
};

export const GetBucketLocation: Operation<'GetBucketLocation'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  // us-east-1 is the null of locations, for ever.
  return bucket.region === 'us-east-1' ? {} : { LocationConstraint: bucket.region as 'eu-west-1' };
};

export function onListBuckets(request: ServiceRequest): Check[] {
  if (request.principal.type === 'Anonymous') throw accessDenied();
  // The same path, signed for another service: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListDirectoryBuckets.html
  if (request.http?.headers['authorization']?.includes('/s3express/aws4_request')) throw notImplemented('s3:ListDirectoryBuckets');
  // Its policies name all buckets as often as anything: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-policies-s3.html
  return [{ action: 's3:ListAllMyBuckets', resource: 'arn:aws:s3:::*' }];
}

export const ListBuckets: Operation<'ListBuckets'> = async (request, input) => {
  const max = input.MaxBuckets ?? listedBucketsMax;
  if (!Number.isInteger(max) || max < 1 || max > listedBucketsMax)
    throw invalidArgument(`Argument max-buckets must be an integer between 1 and ${listedBucketsMax}`, 'max-buckets', input.MaxBuckets);
  if (input.BucketRegion !== undefined && !Object.hasOwn(regionNames, input.BucketRegion)) throw notARegion(input.BucketRegion);
  const after = input.ContinuationToken === undefined ? '' : nameOfToken(input.ContinuationToken);
  const rows = await request.store.read((tx) => buckets.scanIndex(tx, 'account', [request.account], { limit: 2 * listedBucketsMax }));
  const matching = rows
    .map(({ row }) => row)
    .filter(
      (row) => row.name > after && row.name.startsWith(input.Prefix ?? '') && (!input.BucketRegion || row.region === input.BucketRegion),
    );
  const page = matching.slice(0, max);
  return {
    Buckets: page.map(listed),
    Owner: ownerOf(request.account),
    ...(input.Prefix !== undefined && { Prefix: input.Prefix }),
    ...(matching.length > page.length && { ContinuationToken: Buffer.from(page.at(-1)!.name).toString('base64url') }),
  };
};

function listed(bucket: Bucket) {
  return { Name: bucket.name, CreationDate: new Date(bucket.created), BucketRegion: bucket.region, BucketArn: bucketArn(bucket.name) };
}

function nameOfToken(token: string): string {
  const name = Buffer.from(token, 'base64url').toString();
  if (Buffer.from(name).toString('base64url') !== token)
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  return name;
}
