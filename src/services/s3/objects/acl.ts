/** ACLs of buckets and objects while ACLs are off: the owner has full control, and nothing else can be said. */

import { lookUp } from '../buckets/lookup.ts';
import { ownerOf } from '../buckets/bucket.ts';
import { accessControlListNotSupported } from '../errors.ts';
import { refuseMissingKey } from '../permissions.ts';
import type { Input, Operation } from '../sdk.ts';
import { checkVersionId } from '../versions/version.ts';
import { refuseAcls } from './unbuilt-parameters.ts';

export const GetBucketAcl: Operation<'GetBucketAcl'> = async (request, input) =>
  ownersAcl((await lookUp(request, input.Bucket)).bucket.account);

export const GetObjectAcl: Operation<'GetObjectAcl'> = async (request, input) => {
  checkVersionId(input.VersionId);
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  if (!found.object) return refuseMissingKey(request, found, input.Key);
  return ownersAcl(found.bucket.account);
};

export const PutBucketAcl: Operation<'PutBucketAcl'> = async (request, input) => {
  acceptOwnersOnly(input, (await lookUp(request, input.Bucket)).bucket.account);
  return {};
};

export const PutObjectAcl: Operation<'PutObjectAcl'> = async (request, input) => {
  checkVersionId(input.VersionId);
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  if (!found.object) return refuseMissingKey(request, found, input.Key);
  acceptOwnersOnly(input, found.bucket.account);
  return {};
};

function ownersAcl(account: string) {
  const owner = ownerOf(account);
  return { Owner: owner, Grants: [{ Grantee: { Type: 'CanonicalUser' as const, ...owner }, Permission: 'FULL_CONTROL' as const }] };
}

type AclInput = Pick<Input<'PutObjectAcl'>, 'ACL' | 'AccessControlPolicy'>;

/** With BucketOwnerEnforced only bucket-owner-full-control is taken, which changes nothing. */
function acceptOwnersOnly(input: AclInput, account: string): void {
  if (input.ACL === 'private') throw accessControlListNotSupported();
  refuseAcls(input);
  if (!input.AccessControlPolicy) return;
  const grants = input.AccessControlPolicy.Grants ?? [];
  const owners = grants.length === 1 && grants[0]!.Permission === 'FULL_CONTROL' && grants[0]!.Grantee?.ID === ownerOf(account).ID;
  if (!owners) throw accessControlListNotSupported();
}
