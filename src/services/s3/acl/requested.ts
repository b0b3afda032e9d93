/** The ACL that a request asks for: by a canned name, by grant headers, or by a document. */

import type { PublicAccessBlock } from '../../../framework/s3-access/public-access-block.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { ownerOf } from '../buckets/bucket.ts';
import {
  accessControlListNotSupported,
  accessDenied,
  invalidArgument,
  invalidRequest,
  malformedAcl,
  malformedXml,
  methodNotAllowed,
  missingSecurityHeader,
  unexpectedContent,
} from '../errors.ts';
import { aclGrantsMax } from '../limits.ts';
import type { Access, Bucket, Grant, Permission } from '../tables.ts';
import { cannedGrants, groupOf, isPublicAcl, keptAcl, permissions } from './acl.ts';

/** The members of an input that say who may. */
export type AclInput = {
  ACL?: string | undefined;
  GrantFullControl?: string | undefined;
  GrantRead?: string | undefined;
  GrantReadACP?: string | undefined;
  GrantWrite?: string | undefined;
  GrantWriteACP?: string | undefined;
};

type GivenGrant = {
  Grantee?: { Type?: string | undefined; ID?: string | undefined; URI?: string | undefined; EmailAddress?: string | undefined } | undefined;
  Permission?: string | undefined;
};
type GivenDocument = { Owner?: { ID?: string | undefined } | undefined; Grants?: readonly GivenGrant[] | undefined };

const headers: readonly [member: Exclude<keyof AclInput, 'ACL'>, permission: Permission][] = [
  ['GrantFullControl', 'FULL_CONTROL'],
  ['GrantRead', 'READ'],
  ['GrantReadACP', 'READ_ACP'],
  ['GrantWrite', 'WRITE'],
  ['GrantWriteACP', 'WRITE_ACP'],
];

export function namesAcl(input: AclInput): boolean {
  return input.ACL !== undefined || headers.some(([member]) => input[member] !== undefined);
}

/** The accounts that an ACL may speak of by their role. */
export type AclOwners = { kind: 'bucket' | 'object'; owner: string; bucketOwner: string };

/** The grants that the headers of a request name; undefined when they name none. Throws what AWS throws for bad ones. */
export function headerGrants(input: AclInput, owners: AclOwners): Grant[] | undefined {
  const named = headers.filter(([member]) => input[member] !== undefined);
  if (input.ACL !== undefined) {
    if (named.length > 0) throw invalidRequest('Specifying both Canned ACLs and Header Grants is not allowed');
    const ids = { owner: ownerOf(owners.owner).ID, bucketOwner: ownerOf(owners.bucketOwner).ID };
    const grants = cannedGrants(input.ACL, owners.kind, ids);
    if (!grants) throw invalidArgument('', 'x-amz-acl', input.ACL);
    return grants;
  }
  if (named.length === 0) return undefined;
  const grants = named.flatMap(([member, permission]) => grantees(input[member]!).map((to) => ({ to, permission })));
  if (grants.length > aclGrantsMax) throw malformedAcl();
  return grants;
}

/** `id="…", uri="…"`, in any order. */
function grantees(header: string): string[] {
  return header.split(',').map((part) => {
    const [, name, value] = /^\s*(\w+)\s*=\s*"?([^"]*?)"?\s*$/.exec(part) ?? [];
    if (name?.toLowerCase() === 'id') return canonicalUser(value!);
    if (name?.toLowerCase() === 'uri') return group(value!);
    if (name?.toLowerCase() === 'emailaddress') throw methodNotAllowed('PUT', 'ACL');
    throw invalidArgument('Argument format not recognized', 'x-amz-grant', header);
  });
}

/** The grants of a request to put an ACL: exactly one of document, canned name and grant headers. */
export function putGrants(input: AclInput & { AccessControlPolicy?: GivenDocument | undefined }, owners: AclOwners): Grant[] {
  const named = headerGrants(input, owners);
  const document = input.AccessControlPolicy;
  if (named && document) throw unexpectedContent();
  if (!named && !document) throw missingSecurityHeader();
  return named ?? documentGrants(document!, owners);
}

function documentGrants(document: GivenDocument, owners: AclOwners): Grant[] {
  const grants = document.Grants ?? [];
  if (document.Owner?.ID === undefined || grants.length > aclGrantsMax) throw malformedAcl();
  if (document.Owner.ID !== ownerOf(owners.owner).ID) throw accessDenied();
  return grants.map(({ Grantee: grantee, Permission: permission }) => {
    if (!grantee || !permissions.has(permission ?? '')) throw malformedXml();
    return { to: granteeOf(grantee), permission: permission as Permission };
  });
}

/** E-mail addresses name nobody since October 2025: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Grantee.html */
function granteeOf(grantee: NonNullable<GivenGrant['Grantee']>): string {
  if (grantee.Type === 'AmazonCustomerByEmail' || grantee.EmailAddress !== undefined) throw methodNotAllowed('PUT', 'ACL');
  if (grantee.URI !== undefined) return group(grantee.URI);
  if (grantee.ID === undefined) throw malformedXml();
  return canonicalUser(grantee.ID);
}

function canonicalUser(id: string): string {
  if (!/^[0-9a-f]{64}$/i.test(id)) throw invalidArgument('Invalid id', 'CanonicalUser/ID', id);
  return id.toLowerCase();
}

function group(uri: string): string {
  const named = groupOf(uri);
  if (!named) throw invalidArgument('Invalid group uri', 'uri', uri);
  return named;
}

/**
 * Whose a new object is to be, and whom it lets in. Throws AccessControlListNotSupported where ACLs are off, and AccessDenied where
 * public ones are blocked.
 */
export function newAccess(
  request: ServiceRequest,
  { bucket, block }: { bucket: Bucket; block: PublicAccessBlock | undefined },
  input: AclInput,
): Access {
  if (bucket.ownership === undefined) {
    // Only what is so anyway may be said.
    if (namesAcl(input) && input.ACL !== 'bucket-owner-full-control') throw accessControlListNotSupported();
    return {};
  }
  const { account } = request.principal;
  const given = bucket.ownership === 'BucketOwnerPreferred' && input.ACL === 'bucket-owner-full-control';
  const owner = given ? bucket.account : account;
  const grants = headerGrants(input, { kind: 'object', owner, bucketOwner: bucket.account });
  if (grants) refusePublic(request, block, grants);
  return { ...(owner !== bucket.account && { owner }), ...(grants && keptAcl(grants, ownerOf(owner).ID)) };
}

export function refusePublic(request: ServiceRequest, block: PublicAccessBlock | undefined, grants: readonly Grant[]): void {
  if (block?.blockPublicAcls && isPublicAcl(grants))
    throw accessDenied(
      `User: ${request.principal.arn} is not authorized to perform: s3:${request.operation} because public access control lists (ACLs) are blocked by the BlockPublicAcls block public access setting.`,
    );
}
