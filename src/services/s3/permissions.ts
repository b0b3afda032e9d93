/** The checks behind every operation: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */

import type { Check } from '../../framework/authorization.ts';
import type { PolicyDocument } from '../../framework/policy/document.ts';
import type { Principal } from '../../framework/principal.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { denialsOf } from '../../framework/s3-access/policy.ts';
import { throughPoint } from './access-points/permissions.ts';
import { aclGrant, foreignOwner, withGrant } from './acl/access.ts';
import { namesAcl, type AclInput } from './acl/requested.ts';
import { restricted } from './bucket-policies/policy.ts';
import { bucketArn, inventoryName, logWriterName, objectArn } from './buckets/bucket.ts';
import { checkExpectedOwner, lookUp, type Found } from './buckets/lookup.ts';
import { isControl } from './control.ts';
import { invalidVersionId, markerNotAllowed, methodNotAllowed, noSuchKey, noSuchVersion } from './errors.ts';
import { isKeeper } from './metadata-tables/warehouse.ts';
import { lockContext } from './object-lock/lock.ts';
import type { Tag } from './tables.ts';
import { isCurrent, topOfHistory } from './versions/history.ts';
import { isDeleteMarker, nullVersion, versionIdOf } from './versions/version.ts';

type Context = Record<string, string | readonly string[] | undefined>;

/** Of a call; or of a role in whose name replicas are made, which calls nothing. */
type Asking = Pick<ServiceRequest, 'principal'> & { readonly http?: ServiceRequest['http'] };

/** A check of one action on a bucket, or on one of its objects. */
export function checkOn(request: Asking, found: Found, action: string, key?: string, more?: () => Context): Check {
  const check = checkOfBucket(request, found, action, key, more);
  return found.through ? throughPoint(request, found.through, check, { key, block: found.block }) : check;
}

function checkOfBucket(request: Asking, found: Found, action: string, key?: string, more?: () => Context): Check {
  if (found.bucket.tableArn !== undefined && !isKeeper(request.principal)) return checkOfTable(found, found.bucket.tableArn, action);
  const { document, account } = ruleFor(request, found, action);
  return {
    action,
    resource: key === undefined ? bucketArn(found.bucket.name) : objectArn(found.bucket.name, key),
    resourceAccount: account,
    ...(isWriter(request.principal) && { resourcePolicyRequired: true }),
    ...(document && { resourcePolicy: { name: bucketArn(found.bucket.name), document } }),
    context: more ? Object.assign(requestContext(request, found), more()) : requestContext(request, found),
  };
}

/**
 * Files of a table are read by those who may read the table, and by nobody written but who keeps it:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-setting-up.html Throws MethodNotAllowed.
 */
function checkOfTable({ bucket }: Found, resource: string, action: string): Check {
  if (action !== 's3:GetObject') throw methodNotAllowed(action.slice('s3:'.length), 'TABLE');
  return { action: 's3tables:GetTableData', resource, resourceAccount: bucket.account };
}

/** Logs and reports are written where the bucket lets their writer in, also within one account. */
function isWriter(principal: Principal): boolean {
  return isReporter(principal) || (principal.type === 'Service' && principal.name === logWriterName);
}

function isReporter(principal: Principal): boolean {
  return principal.type === 'Service' && principal.name === inventoryName;
}

/** What the resource says of a caller, and the account in which it lies. */
type Rule = { document: PolicyDocument | undefined; account: string };

function ruleFor(request: Asking, found: Found, action: string): Rule {
  const { account, ownership } = found.bucket;
  if (isControl(request.principal)) return { document: undefined, account };
  return ownership === undefined ? { document: policyFor(request, found), account } : aclRule(request, found, action);
}

/** Where ACLs are on they add to the policy, which has no say but its denials on objects that are another account's. */
function aclRule(request: Asking, found: Found, action: string): Rule {
  const owner = foreignOwner(found, action);
  const policy = policyFor(request, found);
  const base = owner !== undefined && policy ? denialsOf(policy) : policy;
  const grant = aclGrant(request.principal, found, action);
  return { document: grant === undefined ? base : withGrant(base, grant), account: owner ?? found.bucket.account };
}

function policyFor({ principal }: Asking, { bucket, policy, block }: Found): PolicyDocument | undefined {
  return restricted(policy, block, bucket.account, principal);
}

/** Authorises an operation on a bucket by one action. */
export function onBucket(action: string) {
  return async (request: ServiceRequest, input: { Bucket: string; ExpectedBucketOwner?: string | undefined }): Promise<Check[]> => {
    const found = await lookUp(request, input.Bucket);
    checkExpectedOwner(found.bucket, input.ExpectedBucketOwner);
    return [checkOn(request, found, action)];
  };
}

/**
 * Authorises work on the bucket policy itself. It cannot lock out the root user of the bucket's account, who may always read and
 * replace it: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
 */
export function onBucketPolicy(action: string) {
  const authorize = onBucket(action);
  return async (request: ServiceRequest, input: Parameters<typeof authorize>[1]): Promise<Check[]> => {
    const { principal } = request;
    const checks = await authorize(request, input);
    if (principal.type !== 'Root') return checks;
    return checks.map((check) => (check.resourceAccount === principal.account ? { ...check, resourcePolicy: undefined } : check));
  };
}

type ListInput = {
  Bucket: string;
  ExpectedBucketOwner?: string | undefined;
  Prefix?: string | undefined;
  Delimiter?: string | undefined;
  MaxKeys?: number | undefined;
};

/** Authorises a listing, whose parameters are condition keys. */
export function onListing(action: string) {
  return async (request: ServiceRequest, input: ListInput): Promise<Check[]> => {
    const found = await lookUp(request, input.Bucket);
    checkExpectedOwner(found.bucket, input.ExpectedBucketOwner);
    const more = () => ({ 's3:prefix': input.Prefix, 's3:delimiter': input.Delimiter, 's3:max-keys': input.MaxKeys?.toString() });
    return [checkOn(request, found, action, undefined, more)];
  };
}

type ObjectInput = { Bucket: string; Key: string; VersionId?: string | undefined; ExpectedBucketOwner?: string | undefined };

/** Authorises an operation on an existing object. With a version id AWS asks for the action on versions. */
export function onObject(action: string, versionAction = action) {
  return async (request: ServiceRequest, input: ObjectInput): Promise<Check[]> => {
    const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
    checkExpectedOwner(found.bucket, input.ExpectedBucketOwner);
    return [
      checkOn(request, found, input.VersionId === undefined ? action : versionAction, input.Key, () =>
        objectContext(found, input.VersionId),
      ),
    ];
  };
}

/**
 * Authorises reading an object. Of a key that is not there those are told who may list it, whether they could read it or not:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export async function onReading(request: ServiceRequest, input: ObjectInput): Promise<Check[]> {
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  if (found.object || input.VersionId !== undefined) return onReadableObject(request, input);
  checkExpectedOwner(found.bucket, input.ExpectedBucketOwner);
  return [listingCheck(request, found, input.Key)];
}

const onReadableObject = onObject('s3:GetObject', 's3:GetObjectVersion');

function listingCheck(request: ServiceRequest, found: Found, key: string): Check {
  return checkOn(request, found, 's3:ListBucket', undefined, () => ({ 's3:prefix': key }));
}

/** GetObjectAttributes asks for reading the object and for its attributes. */
export async function onGetObjectAttributes(request: ServiceRequest, input: ObjectInput): Promise<Check[]> {
  const plain = await onReadableObject(request, input);
  return [...plain, ...(await onObject('s3:GetObjectAttributes', 's3:GetObjectVersionAttributes')(request, input))];
}

type WriteInput = AclInput & {
  Bucket: string;
  Key: string;
  ExpectedBucketOwner?: string | undefined;
  Tagging?: string | undefined;
  ObjectLockMode?: string | undefined;
  ObjectLockRetainUntilDate?: Date | undefined;
  ObjectLockLegalHoldStatus?: string | undefined;
};

/** Authorises what makes a new object; tags and ACLs of the new object need permissions of their own. */
export async function onNewObject(request: ServiceRequest, input: WriteInput): Promise<Check[]> {
  const found = await lookUp(request, input.Bucket);
  checkExpectedOwner(found.bucket, input.ExpectedBucketOwner);
  const acl = request.http ? undefined : input.ACL;
  const more =
    input.Tagging || acl !== undefined
      ? () => ({ ...(input.Tagging && tagContext(headerTags(input.Tagging))), 's3:x-amz-acl': acl })
      : undefined;
  const checks = [checkOn(request, found, 's3:PutObject', input.Key, more)];
  if (input.Tagging) checks.push(checkOn(request, found, 's3:PutObjectTagging', input.Key, more));
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until, ObjectLockLegalHoldStatus: hold } = input;
  const lock = () => lockContext(request.now, mode, until, hold);
  if (mode !== undefined || until !== undefined) checks.push(checkOn(request, found, 's3:PutObjectRetention', input.Key, lock));
  if (hold !== undefined) checks.push(checkOn(request, found, 's3:PutObjectLegalHold', input.Key, lock));
  // Reports of inventories always come with an ACL, of which AWS's policies for them say nothing.
  if (namesAcl(input) && !isReporter(request.principal)) checks.push(newAclCheck(request, found, input.Key));
  return checks;
}

/** Where ACLs are on the new object is its writer's own, and so is the right to say whom it lets in. */
function newAclCheck(request: ServiceRequest, found: Found, key: string): Check {
  const check = checkOn(request, found, 's3:PutObjectAcl', key);
  const { principal } = request;
  return found.bucket.ownership === undefined || principal.type === 'Anonymous' ? check : { ...check, resourceAccount: principal.account };
}

/** What is missing is told only to those who may list; for all others the object is as good as forbidden. */
export async function refuseMissingKey(request: ServiceRequest, found: Found, key: string): Promise<never> {
  if (found.deleteMarker)
    throw markerNotAllowed(request.http?.method ?? 'GET', found.deleteMarker.modified, versionIdOf(found.deleteMarker));
  await request.permit(listingCheck(request, found, key));
  const { bucket, version } = found;
  if (version !== undefined && version !== nullVersion && bucket.versioning === undefined) throw invalidVersionId(version);
  if (version !== undefined) throw noSuchVersion(key, version);
  if (bucket.versioning === undefined) throw noSuchKey(key);
  const top = await request.store.read((tx) => topOfHistory(tx, bucket.name, key));
  throw noSuchKey(key, top && isCurrent(top) ? versionIdOf(top) : undefined);
}

/** The same for tags and ACLs: those of a delete marker that hides the key are asked for, and it has none. */
export async function refuseHidden(request: ServiceRequest, found: Found, key: string): Promise<never> {
  if (found.version !== undefined || found.bucket.versioning === undefined) return refuseMissingKey(request, found, key);
  const top = await request.store.read((tx) => topOfHistory(tx, found.bucket.name, key));
  return refuseMissingKey(request, top && isCurrent(top) && isDeleteMarker(top) ? { ...found, deleteMarker: top } : found, key);
}

export function objectContext(found: Found, version?: string): Context {
  const context: Context = { 's3:VersionId': version };
  for (const tag of found.object?.tags ?? []) context[`s3:ExistingObjectTag/${tag.Key}`] = tag.Value;
  return context;
}

export function tagContext(tags: readonly Tag[]): Context {
  const context: Context = { 's3:RequestObjectTagKeys': tags.map((tag) => tag.Key) };
  for (const tag of tags) context[`s3:RequestObjectTag/${tag.Key}`] = tag.Value;
  return context;
}

/** Tags of a header, as far as they can be read: bad ones are refused later, by the operation. */
function headerTags(header: string): Tag[] {
  return [...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value }));
}

/** The headers that are condition keys of S3, besides those of the signature, which the gateway adds. */
const conditionHeaders: ReadonlySet<string> = new Set([
  'if-match',
  'if-none-match',
  'x-amz-acl',
  'x-amz-copy-source',
  'x-amz-grant-full-control',
  'x-amz-grant-read',
  'x-amz-grant-read-acp',
  'x-amz-grant-write',
  'x-amz-grant-write-acp',
  'x-amz-metadata-directive',
  'x-amz-object-ownership',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
]);

function requestContext(request: Asking, found: Found): Context {
  const context: Context = { 's3:ResourceAccount': found.bucket.account };
  for (const { Key, Value } of found.tags ?? []) context[`aws:ResourceTag/${Key}`] = context[`s3:BucketTag/${Key}`] = Value;
  const headers = request.http?.headers;
  for (const name in headers) if (conditionHeaders.has(name)) context[`s3:${name}`] = headers[name];
  return context;
}
