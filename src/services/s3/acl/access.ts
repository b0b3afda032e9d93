/**
 * What ACLs let a caller do: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions. A grant reaches the
 * policy engine as one more statement of the resource's policy: to everyone, or to the caller's whole account, whose own policies
 * then decide.
 */

import type { PolicyDocument, Statement } from '../../../framework/policy/document.ts';
import type { Principal } from '../../../framework/principal.ts';
import { logWriterName, ownerOf } from '../buckets/bucket.ts';
import type { Found } from '../buckets/lookup.ts';
import type { Grant, Permission } from '../tables.ts';
import { objectOwner } from './acl.ts';

const onBuckets: Readonly<Record<string, Permission>> = {
  's3:ListBucket': 'READ',
  's3:ListBucketVersions': 'READ',
  's3:ListBucketMultipartUploads': 'READ',
  's3:PutObject': 'WRITE',
  's3:PutObjectTagging': 'WRITE',
  's3:DeleteObject': 'WRITE',
  's3:DeleteObjectVersion': 'WRITE',
  's3:AbortMultipartUpload': 'WRITE',
  's3:ListMultipartUploadParts': 'WRITE',
  's3:GetBucketAcl': 'READ_ACP',
  's3:PutBucketAcl': 'WRITE_ACP',
};
const onObjects: Readonly<Record<string, Permission>> = {
  's3:GetObject': 'READ',
  's3:GetObjectVersion': 'READ',
  's3:GetObjectVersionForReplication': 'READ',
  's3:GetObjectAcl': 'READ_ACP',
  's3:GetObjectVersionAcl': 'READ_ACP',
  's3:PutObjectAcl': 'WRITE_ACP',
  's3:PutObjectVersionAcl': 'WRITE_ACP',
};

/** Where an action on an object that another account owns is decided; undefined where the bucket's owner decides. */
export function foreignOwner(found: Found, action: string): string | undefined {
  if (!found.object || !Object.hasOwn(onObjects, action)) return undefined;
  const owner = objectOwner(found.bucket, found.object);
  return owner === found.bucket.account ? undefined : owner;
}

/** To whom of the caller's kind an ACL grants the action: everyone, the caller's account, or nobody (undefined). */
export type AclGrant = '*' | string;

export function aclGrant(principal: Principal, found: Found, action: string): AclGrant | undefined {
  const asked = Object.hasOwn(onObjects, action) ? objectGrants(found, action) : bucketGrants(principal, found, action);
  if (!asked?.grants) return undefined;
  const { grants, permission } = asked;
  const own = principal.type === 'Anonymous' || principal.type === 'Service' ? undefined : ownerOf(principal.account).ID;
  let closest: AclGrant | undefined;
  for (const grant of grants) {
    if (grant.permission !== permission && grant.permission !== 'FULL_CONTROL') continue;
    if (grant.to === own) closest ??= principal.account;
    else if (isInGroup(grant.to, principal) && !found.block?.ignorePublicAcls) closest = '*';
    else if (grant.to === 'LogDelivery' && principal.type === 'Service' && principal.name === logWriterName) closest = '*';
  }
  return closest;
}

type Asked = { grants: readonly Grant[] | undefined; permission: Permission };

/** Without the object there is nothing to read; but who may list, or write, is to be told so. */
function objectGrants({ bucket, object }: Found, action: string): Asked {
  const permission = onObjects[action]!;
  if (object) return { grants: object.acl ?? ownersGrant(objectOwner(bucket, object)), permission };
  return { grants: bucket.acl, permission: permission === 'WRITE_ACP' ? 'WRITE' : 'READ' };
}

/** Deleting by the bucket's ACL is for who owns the object; tags are for who writes a new one. */
function bucketGrants(principal: Principal, { bucket, object }: Found, action: string): Asked | undefined {
  if (!Object.hasOwn(onBuckets, action)) return undefined;
  if (action === 's3:PutObjectTagging' && object) return undefined;
  if (action.startsWith('s3:DeleteObject') && (!object || objectOwner(bucket, object) !== principal.account)) return undefined;
  return { grants: bucket.acl, permission: onBuckets[action]! };
}

function ownersGrant(account: string): Grant[] {
  return [{ to: ownerOf(account).ID, permission: 'FULL_CONTROL' }];
}

function isInGroup(group: string, principal: Principal): boolean {
  return group === 'AllUsers' || (group === 'AuthenticatedUsers' && principal.type !== 'Anonymous');
}

const silent: PolicyDocument = { version: '2012-10-17', statements: [] };
/** Kept with the policy, because the engine compiles a document once. */
const combined = new WeakMap<PolicyDocument, Map<AclGrant, PolicyDocument>>();
const accountsMax = 1_000;

/** A policy with what an ACL grants. */
export function withGrant(policy: PolicyDocument = silent, grant: AclGrant): PolicyDocument {
  let byGrant = combined.get(policy);
  if (!byGrant) combined.set(policy, (byGrant = new Map()));
  let document = byGrant.get(grant);
  if (!document) {
    if (byGrant.size >= accountsMax) byGrant.clear();
    byGrant.set(grant, (document = { ...policy, statements: [...policy.statements, statementOf(grant)] }));
  }
  return document;
}

function statementOf(grant: AclGrant): Statement {
  return {
    sid: 'AccessControlList',
    effect: 'Allow',
    principals: grant === '*' ? '*' : { AWS: [grant] },
    actions: ['*'],
    resources: ['*'],
    conditions: [],
  };
}
