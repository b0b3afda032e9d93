/** The source of a copy: how it is named, who may read it, what of it is copied. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { pointNameOf } from '../access-points/names.ts';
import { findThrough } from '../access-points/through.ts';
import { checkExpectedOwner, lookUp, read, type Found } from '../buckets/lookup.ts';
import { checkPayer } from '../buckets/payer.ts';
import { copySourceIsMarker, invalidArgument } from '../errors.ts';
import { refuseMissingKey } from '../permissions.ts';
import type { ObjectRecord } from '../tables.ts';
import { checkVersionId } from '../versions/version.ts';

export type CopySource = { bucket: string; key: string; versionId?: string };

const fault = 'Invalid copy source object key';

/**
 * Reads `x-amz-copy-source`: `bucket/key`, with or without a slash before it, or an access point's ARN with `/object/` before the key;
 * URL-encoded as in a query, where a plus is a space.
 */
export function parseCopySource(header: string): CopySource {
  const queryAt = header.lastIndexOf('?versionId=');
  const versionId = queryAt < 0 ? undefined : header.slice(queryAt + '?versionId='.length);
  const path = decoded(queryAt < 0 ? header : header.slice(0, queryAt), header).replace(/^\//, '');
  const point = /^(arn:[^/]+:accesspoint\/[^/]+)\/object\/(.+)$/s.exec(path);
  if (point) return { bucket: point[1]!, key: point[2]!, ...(versionId !== undefined && { versionId }) };
  const slash = path.indexOf('/');
  if (slash <= 0 || slash === path.length - 1) throw invalidArgument(fault, 'x-amz-copy-source', 'x-amz-copy-source');
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1), ...(versionId !== undefined && { versionId }) };
}

function decoded(text: string, header: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) throw invalidArgument('The value specified must be URL encoded.', 'x-amz-copy-source', header);
    throw error;
  }
}

type SourceInput = { CopySource: string; ExpectedSourceBucketOwner?: string | undefined };

const sources = new WeakMap<ServiceRequest, Found>();

/** Finds the source's bucket and object, once for the authorizer and the operation. */
export async function lookUpSource(request: ServiceRequest, input: SourceInput): Promise<{ source: CopySource; found: Found }> {
  const named = parseCopySource(input.CopySource);
  checkVersionId(named.versionId);
  const found = sources.get(request) ?? (await readSource(request, named));
  checkPayer(request, found.bucket);
  sources.set(request, found);
  checkExpectedOwner(found.bucket, input.ExpectedSourceBucketOwner);
  return { source: { ...named, bucket: found.bucket.name }, found };
}

async function readSource(request: ServiceRequest, { bucket, key, versionId: version }: CopySource): Promise<Found> {
  const name = pointNameOf(bucket, request.region);
  if (!name) return read(request, bucket, key, { version });
  const through = await findThrough(request, name);
  return read(request, through.point.bucket, key, { version, through });
}

/** The object that is copied. A delete marker by its id is not what can be. */
export async function requireSource(
  request: ServiceRequest,
  input: SourceInput,
): Promise<{ source: CopySource; found: Found; object: ObjectRecord }> {
  const { source, found } = await lookUpSource(request, input);
  if (found.deleteMarker) throw copySourceIsMarker();
  if (!found.object) return refuseMissingKey(request, found, source.key);
  return { source, found, object: found.object };
}

/** The source's version in an answer. */
export function sourceVersionMember({ bucket }: Found, object: ObjectRecord): { CopySourceVersionId?: string } {
  return bucket.versioning === undefined || object.version === undefined ? {} : { CopySourceVersionId: object.version };
}

/** The bucket that is written to. */
export async function lookUpTarget(
  request: ServiceRequest,
  input: { Bucket: string; ExpectedBucketOwner?: string | undefined },
): Promise<Found> {
  const found = await lookUp(request, input.Bucket);
  checkExpectedOwner(found.bucket, input.ExpectedBucketOwner);
  return found;
}
