/** Tags of buckets and objects, read and written as sub-resources. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { Check } from '../../../framework/authorization.ts';
import { checkTagged } from '../buckets/abac.ts';
import { checkExpectedOwner, lookUp, requireBucket } from '../buckets/lookup.ts';
import { noSuchConfiguration, noSuchKey } from '../errors.ts';
import { note } from '../notifications/note.ts';
import { checkOn, objectContext, refuseHidden, tagContext } from '../permissions.ts';
import { replicateDescription } from '../replication/tasks.ts';
import type { Input, Operation } from '../sdk.ts';
import { bucketTags, type Tag } from '../tables.ts';
import { findObject, updateVersion } from '../versions/history.ts';
import { checkVersionId, versionMember } from '../versions/version.ts';
import { checkedTags } from './tags.ts';

export const GetBucketTagging: Operation<'GetBucketTagging'> = async (request, input) => {
  const row = await request.store.read((tx) => bucketTags.get(tx, input.Bucket));
  if (!row) throw noSuchConfiguration('NoSuchTagSet', 'The TagSet does not exist', input.Bucket);
  return { TagSet: row.tags };
};

export const PutBucketTagging: Operation<'PutBucketTagging'> = async (request, input) => {
  const tags = checkedTags(input.Tagging.TagSet ?? [], 'Bucket');
  await request.store.write(async (tx) => {
    checkTagged(request, await requireBucket(tx, input.Bucket));
    // No tags and an empty set of them are the same.
    if (tags.length > 0) await bucketTags.put(tx, { bucket: input.Bucket, tags });
    else await bucketTags.delete(tx, input.Bucket);
  });
  return {};
};

export const DeleteBucketTagging: Operation<'DeleteBucketTagging'> = async (request, input) => {
  await request.store.write(async (tx) => {
    checkTagged(request, await requireBucket(tx, input.Bucket));
    await bucketTags.delete(tx, input.Bucket);
  });
  return {};
};

export const GetObjectTagging: Operation<'GetObjectTagging'> = async (request, input) => {
  checkVersionId(input.VersionId);
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  if (!found.object) return refuseHidden(request, found, input.Key);
  return { TagSet: found.object.tags ?? [], ...versionMember(found.bucket, found.object) };
};

export const PutObjectTagging: Operation<'PutObjectTagging'> = async (request, input) => {
  checkVersionId(input.VersionId);
  return replaceTags(request, input, checkedTags(input.Tagging.TagSet ?? [], 'Object'));
};

export const DeleteObjectTagging: Operation<'DeleteObjectTagging'> = async (request, input) => {
  checkVersionId(input.VersionId);
  return replaceTags(request, input, []);
};

/** Authorises PutObjectTagging, whose new tags are condition keys. */
export async function onPutObjectTagging(request: ServiceRequest, input: Input<'PutObjectTagging'>): Promise<Check[]> {
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  checkExpectedOwner(found.bucket, input.ExpectedBucketOwner);
  const tags = (input.Tagging.TagSet ?? []).map(({ Key = '', Value = '' }) => ({ Key, Value }));
  const action = input.VersionId === undefined ? 's3:PutObjectTagging' : 's3:PutObjectVersionTagging';
  return [checkOn(request, found, action, input.Key, () => ({ ...objectContext(found, input.VersionId), ...tagContext(tags) }))];
}

type TaggedInput = { Bucket: string; Key: string; VersionId?: string | undefined };

async function replaceTags(request: ServiceRequest, input: TaggedInput, tags: Tag[]): Promise<{ VersionId?: string }> {
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  if (!found.object) return refuseHidden(request, found, input.Key);
  await request.store.write(async (tx) => {
    const object = await findObject(tx, input.Bucket, input.Key, input.VersionId);
    if (!object) throw noSuchKey(input.Key);
    const { tags: _old, ...rest } = object;
    const next = tags.length === 0 ? rest : { ...rest, tags };
    await updateVersion(tx, await replicateDescription(tx, found.bucket, next, request.now));
    const name = request.operation === 'DeleteObjectTagging' ? 'ObjectTagging:Delete' : 'ObjectTagging:Put';
    await note(tx, request, found.bucket, { name, key: input.Key, object, version: object.version });
  });
  return versionMember(found.bucket, found.object);
}
