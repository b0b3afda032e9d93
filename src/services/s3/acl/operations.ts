/** ACLs of buckets and objects: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acls.html */

import { lookUp, requireBucket, type Found } from '../buckets/lookup.ts';
import { ownerOf } from '../buckets/bucket.ts';
import { accessControlListNotSupported, missingSecurityHeader, noSuchKey } from '../errors.ts';
import { note } from '../notifications/note.ts';
import { refuseHidden } from '../permissions.ts';
import { replicateDescription } from '../replication/tasks.ts';
import type { Input, Operation } from '../sdk.ts';
import { buckets, type ObjectRecord } from '../tables.ts';
import { findObject, updateVersion } from '../versions/history.ts';
import { checkVersionId } from '../versions/version.ts';
import { aclMembers, keptAcl, objectOwner } from './acl.ts';
import { namesAcl, putGrants, refusePublic } from './requested.ts';

export const GetBucketAcl: Operation<'GetBucketAcl'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  return aclMembers(bucket.account, bucket.ownership === undefined ? undefined : bucket.acl);
};

export const GetObjectAcl: Operation<'GetObjectAcl'> = async (request, input) => {
  checkVersionId(input.VersionId);
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  // AWS says so of a delete marker here, where other reads are a MethodNotAllowed.
  if (found.deleteMarker) throw noSuchKey(input.Key);
  if (!found.object) return refuseHidden(request, found, input.Key);
  const { bucket, object } = found;
  return aclMembers(objectOwner(bucket, object), bucket.ownership === undefined ? undefined : object.acl);
};

export const PutBucketAcl: Operation<'PutBucketAcl'> = async (request, input) => {
  const { bucket: seen, block } = await lookUp(request, input.Bucket);
  if (seen.ownership === undefined) return acceptOwnersOnly(input, seen.account);
  const grants = putGrants(input, { kind: 'bucket', owner: seen.account, bucketOwner: seen.account });
  refusePublic(request, block, grants);
  await request.store.write(async (tx) => {
    const { acl: _old, ...bucket } = await requireBucket(tx, input.Bucket);
    await buckets.put(tx, { ...bucket, ...keptAcl(grants, ownerOf(bucket.account).ID) });
  });
  return {};
};

export const PutObjectAcl: Operation<'PutObjectAcl'> = async (request, input) => {
  checkVersionId(input.VersionId);
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  if (!found.object) return refuseHidden(request, found, input.Key);
  if (found.bucket.ownership === undefined) return acceptOwnersOnly(input, found.bucket.account);
  const change = aclChange(found, found.object, input);
  refusePublic(request, found.block, change.grants);
  await request.store.write(async (tx) => {
    const object = await findObject(tx, input.Bucket, input.Key, input.VersionId);
    if (!object) throw noSuchKey(input.Key);
    await updateVersion(tx, await replicateDescription(tx, found.bucket, change.apply(object), request.now));
    await note(tx, request, found.bucket, { name: 'ObjectAcl:Put', key: input.Key, object, version: object.version });
  });
  return {};
};

/** With BucketOwnerPreferred the bucket's owner takes over the object that is granted to him in full. */
function aclChange({ bucket }: Found, seen: ObjectRecord, input: Input<'PutObjectAcl'>) {
  const given = bucket.ownership === 'BucketOwnerPreferred' && input.ACL === 'bucket-owner-full-control';
  const owner = given ? bucket.account : objectOwner(bucket, seen);
  const grants = putGrants(input, { kind: 'object', owner, bucketOwner: bucket.account });
  const apply = ({ acl: _acl, owner: _owner, ...object }: ObjectRecord): ObjectRecord => ({
    ...object,
    ...(owner !== bucket.account && { owner }),
    ...keptAcl(grants, ownerOf(owner).ID),
  });
  return { grants, apply };
}

type AclInput = Pick<Input<'PutObjectAcl'>, 'ACL' | 'AccessControlPolicy'>;

/** With BucketOwnerEnforced only bucket-owner-full-control is taken, which changes nothing. */
function acceptOwnersOnly(input: AclInput, account: string): Record<string, never> {
  if (namesAcl(input) && input.ACL !== 'bucket-owner-full-control') throw accessControlListNotSupported();
  if (!namesAcl(input) && !input.AccessControlPolicy) throw missingSecurityHeader();
  if (!input.AccessControlPolicy) return {};
  const grants = input.AccessControlPolicy.Grants ?? [];
  const owners = grants.length === 1 && grants[0]!.Permission === 'FULL_CONTROL' && grants[0]!.Grantee?.ID === ownerOf(account).ID;
  if (!owners) throw accessControlListNotSupported();
  return {};
}
