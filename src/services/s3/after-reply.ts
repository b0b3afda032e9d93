/** What S3 answers and the schema cannot say: statuses, CORS, who pays, and an Expires header that is no date. */

import type { HttpResponse } from '../../framework/http-message.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { noteAccess } from './access-logs/note.ts';
import { addCorsHeaders } from './cors/answers.ts';
import { lookedUp } from './buckets/lookup.ts';
import { beganToRestore } from './storage-classes/restore.ts';
import { requesterIsCharged } from './buckets/payer.ts';

/** A part of an object is 206; three puts without an answer are 204; Expires goes back as it came, unless the caller chose another. */
export async function afterReply(request: ServiceRequest, response: HttpResponse): Promise<void> {
  await correct(request, response);
  await noteAccess(request, response);
}

async function correct(request: ServiceRequest, response: HttpResponse): Promise<void> {
  const { operation } = request;
  await addCorsHeaders(request, response);
  const found = lookedUp(request);
  if (found && requesterIsCharged(request, found.bucket)) response.headers['x-amz-request-charged'] = 'requester';
  if (response.status !== 200) return;
  if (operation === 'PutBucketPolicy' || operation === 'PutBucketIntelligentTieringConfiguration' || operation === 'PutBucketTagging')
    response.status = 204;
  if (operation === 'RestoreObject' && beganToRestore(request)) response.status = 202;
  if (operation !== 'GetObject' && operation !== 'HeadObject') return;
  if (response.headers['content-range'] !== undefined) response.status = 206;
  const expires = found?.object?.headers?.expires;
  if (expires !== undefined && !request.http?.rawQuery.includes('response-expires=')) response.headers['expires'] = expires;
}
