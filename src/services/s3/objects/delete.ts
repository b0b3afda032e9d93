/** DeleteObject and DeleteObjects: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */

import type { Check } from '../../../framework/authorization.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { checkExpectedOwner, lookUp, requireBucket } from '../buckets/lookup.ts';
import { invalidRequest, malformedXml } from '../errors.ts';
import { deletedKeysMax } from '../limits.ts';
import { checkOn } from '../permissions.ts';
import type { Input, Operation, Output } from '../sdk.ts';
import { objects } from '../tables.ts';
import { checkWriteConditions } from './conditions.ts';
import { checkKey, checkVersion, deleteObject } from './object.ts';
import { refuseUnbuilt } from './unbuilt-parameters.ts';

export const DeleteObject: Operation<'DeleteObject'> = async (request, input) => {
  checkKey(input.Key);
  checkVersion(input.VersionId);
  refuseUnbuilt(request, input);
  await request.store.write(async (tx) => {
    await requireBucket(tx, input.Bucket);
    const old = await objects.get(tx, input.Bucket, input.Key);
    checkWriteConditions(input.Key, old, { IfMatch: input.IfMatch });
    if (old) await deleteObject(tx, request.blobs, old);
  });
  return {};
};

type Listed = NonNullable<Input<'DeleteObjects'>['Delete']['Objects']>[number];
type Failure = NonNullable<Output<'DeleteObjects'>['Errors']>[number];

export const DeleteObjects: Operation<'DeleteObjects'> = async (request, input) => {
  const listed = input.Delete.Objects ?? [];
  if (listed.length === 0 || listed.length > deletedKeysMax) throw malformedXml();
  requireDigest(request);
  refuseUnbuilt(request, input);
  const failures: Failure[] = [];
  const allowed: Listed[] = [];
  for (const item of listed) {
    const failure = await refusal(request, input.Bucket, item);
    if (failure) failures.push(failure);
    else allowed.push(item);
  }
  const conflicts = await deleteAll(request, input.Bucket, allowed);
  const deleted = allowed.filter((_, i) => !conflicts[i]);
  for (const conflict of conflicts) if (conflict) failures.push(conflict);
  const Deleted = input.Delete.Quiet ? [] : deleted.map(({ Key, VersionId }) => ({ Key, ...(VersionId !== undefined && { VersionId }) }));
  return { ...(Deleted.length > 0 && { Deleted }), ...(failures.length > 0 && { Errors: failures }) };
};

/** Each key is authorised on its own, and its refusal is a line of the answer. Nameless callers are judged before, all keys together. */
export async function onDeleteObjects(request: ServiceRequest, input: Input<'DeleteObjects'>): Promise<Check[]> {
  const found = await lookUp(request, input.Bucket);
  checkExpectedOwner(found.bucket, input.ExpectedBucketOwner);
  if (request.principal.type !== 'Anonymous') return [];
  return (input.Delete.Objects ?? []).map((item) => checkOn(request, found, 's3:DeleteObject', item.Key ?? ''));
}

async function refusal(request: ServiceRequest, bucket: string, item: Listed): Promise<Failure | undefined> {
  try {
    checkKey(item.Key ?? '');
    checkVersion(item.VersionId);
    refuseUnbuilt(request, { IfMatchLastModifiedTime: item.LastModifiedTime, IfMatchSize: item.Size });
    const action = item.VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
    await request.permit(checkOn(request, await lookUp(request, bucket), action, item.Key));
    return undefined;
  } catch (error) {
    return failureOf(item, error);
  }
}

async function deleteAll(request: ServiceRequest, bucket: string, items: readonly Listed[]): Promise<(Failure | undefined)[]> {
  return request.store.write(async (tx) => {
    await requireBucket(tx, bucket);
    const failures: (Failure | undefined)[] = [];
    for (const item of items) {
      const old = await objects.get(tx, bucket, item.Key!);
      const failure = conflict(item, () => checkWriteConditions(item.Key!, old, { IfMatch: item.ETag }));
      failures.push(failure);
      if (old && !failure) await deleteObject(tx, request.blobs, old);
    }
    return failures;
  });
}

function conflict(item: Listed, check: () => void): Failure | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return failureOf(item, error);
  }
}

function failureOf(item: Listed, error: unknown): Failure {
  if (!(error instanceof AwsError)) throw error;
  return { Key: item.Key, ...(item.VersionId !== undefined && { VersionId: item.VersionId }), Code: error.code, Message: error.message };
}

/** S3 deletes many only where the list came with a digest. */
function requireDigest(request: ServiceRequest): void {
  const headers = request.http?.headers;
  if (!headers || headers['content-md5'] !== undefined || headers['x-amz-trailer'] !== undefined) return;
  for (const header of Object.keys(headers)) if (header.startsWith('x-amz-checksum-')) return;
  throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
}
