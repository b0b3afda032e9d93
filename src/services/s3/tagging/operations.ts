/** Tags of buckets and objects, read and written as sub-resources. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { Check } from '../../../framework/authorization.ts';
import { checkExpectedOwner, lookUp, requireBucket } from '../buckets/lookup.ts';
import { noSuchConfiguration, noSuchKey } from '../errors.ts';
import { checkVersion } from '../objects/object.ts';
import { checkOn, objectContext, refuseMissingKey, tagContext } from '../permissions.ts';
import type { Input, Operation } from '../sdk.ts';
import { bucketTags, objects, type Tag } from '../tables.ts';
import { checkedTags } from './tags.ts';

export const GetBucketTagging: Operation<'GetBucketTagging'> = async (request, input) => {
  const row = await request.store.read((tx) => bucketTags.get(tx, input.Bucket));
  if (!row) throw noSuchConfiguration('NoSuchTagSet', 'The TagSet does not exist', input.Bucket);
  return { TagSet: row.tags };
};

export const PutBucketTagging: Operation<'PutBucketTagging'> = async (request, input) => {
  const tags = checkedTags(input.Tagging.TagSet ?? [], 'Bucket');
  await request.store.write(async (tx) => {
    await requireBucket(tx, input.Bucket);
    await bucketTags.put(tx, { bucket: input.Bucket, tags });
  });
  return {};
};

export const DeleteBucketTagging: Operation<'DeleteBucketTagging'> = async (request, input) => {
  await request.store.write((tx) => bucketTags.delete(tx, input.Bucket));
  return {};
};

export const GetObjectTagging: Operation<'GetObjectTagging'> = async (request, input) => {
  checkVersion(input.VersionId);
  const found = await lookUp(request, input.Bucket, input.Key);
  if (!found.object) return refuseMissingKey(request, found, input.Key);
  return { TagSet: found.object.tags ?? [] };
};

export const PutObjectTagging: Operation<'PutObjectTagging'> = async (request, input) => {
  checkVersion(input.VersionId);
  await replaceTags(request, input, checkedTags(input.Tagging.TagSet ?? [], 'Object'));
  return {};
};

export const DeleteObjectTagging: Operation<'DeleteObjectTagging'> = async (request, input) => {
  checkVersion(input.VersionId);
  await replaceTags(request, input, []);
  return {};
};

/** Authorises PutObjectTagging, whose new tags are condition keys. */
export async function onPutObjectTagging(request: ServiceRequest, input: Input<'PutObjectTagging'>): Promise<Check[]> {
  const found = await lookUp(request, input.Bucket, input.Key);
  checkExpectedOwner(found.bucket, input.ExpectedBucketOwner);
  const tags = (input.Tagging.TagSet ?? []).map(({ Key = '', Value = '' }) => ({ Key, Value }));
  const action = input.VersionId === undefined ? 's3:PutObjectTagging' : 's3:PutObjectVersionTagging';
  return [checkOn(request, found, action, input.Key, () => ({ ...objectContext(found, input.VersionId), ...tagContext(tags) }))];
}

async function replaceTags(request: ServiceRequest, input: { Bucket: string; Key: string }, tags: Tag[]): Promise<void> {
  const found = await lookUp(request, input.Bucket, input.Key);
  if (!found.object) return refuseMissingKey(request, found, input.Key);
  await request.store.write(async (tx) => {
    const object = await objects.get(tx, input.Bucket, input.Key);
    if (!object) throw noSuchKey(input.Key);
    const { tags: _old, ...rest } = object;
    await objects.put(tx, tags.length === 0 ? rest : { ...rest, tags });
  });
}
