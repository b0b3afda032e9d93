/** What S3 answers and the schema cannot say: statuses, CORS, who pays, and an Expires header that is no date. */

import type { HttpResponse } from '../../framework/http-message.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { isLogged, noteAccess } from './access-logs/note.ts';
import { addCorsHeaders, isCrossOrigin } from './cors/answers.ts';
import { lookedUp, type Found } from './buckets/lookup.ts';
import { beganToRestore } from './storage-classes/restore.ts';
import { requesterIsCharged } from './buckets/payer.ts';

/** A part of an object is 206; some puts without an answer are 204; Expires goes back as it came, unless the caller chose another. */
export function afterReply(request: ServiceRequest, response: HttpResponse): void | Promise<void> {
  const found = lookedUp(request);
  if (isCrossOrigin(request, found) || isLogged(request, found)) return touchMore(request, response, found);
  correct(request, response, found);
}

/** What few buckets have: rules for browsers, and a log. */
async function touchMore(request: ServiceRequest, response: HttpResponse, found: Found | undefined): Promise<void> {
  await addCorsHeaders(request, response);
  correct(request, response, found);
  await noteAccess(request, response);
}

const withoutContent: ReadonlySet<string> = new Set([
  'PutBucketPolicy',
  'PutBucketIntelligentTieringConfiguration',
  'PutBucketInventoryConfiguration',
  'PutBucketMetricsConfiguration',
  'PutBucketTagging',
]);

const namesRegion: ReadonlySet<string> = new Set(['HeadBucket', 'ListObjects', 'ListObjectsV2']);

function correct(request: ServiceRequest, response: HttpResponse, found: Found | undefined): void {
  const { operation } = request;
  if (found && requesterIsCharged(request, found.bucket)) response.headers['x-amz-request-charged'] = 'requester';
  if (response.status !== 200) return;
  if (withoutContent.has(operation)) response.status = 204;
  if (operation === 'RestoreObject' && beganToRestore(request)) response.status = 202;
  if (found && namesRegion.has(operation)) response.headers['x-amz-bucket-region'] = found.bucket.region;
  if (operation === 'HeadBucket') response.headers['content-type'] = 'application/xml';
  if (operation !== 'GetObject' && operation !== 'HeadObject') return;
  if (response.headers['content-range'] !== undefined) response.status = 206;
  const expires = found?.object?.headers?.expires;
  if (expires !== undefined && !request.http?.rawQuery.includes('response-expires=')) response.headers['expires'] = expires;
}
