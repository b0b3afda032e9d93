/** Requests that are no operation of the API: browsers' preflights and form uploads. */

import { AwsError, notImplemented } from '../../framework/aws-error.ts';
import type { ServiceRequest } from '../../framework/request.ts';

/**
 * Throws what S3 answers them: no bucket has a CORS configuration yet, so no preflight is allowed.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html
 */
export async function answerUnrouted({ http }: ServiceRequest): Promise<undefined> {
  if (http?.method === 'OPTIONS') throw preflightRefusal(http.headers);
  if (http?.method === 'POST' && http.headers['content-type']?.startsWith('multipart/form-data'))
    throw notImplemented('s3:PostObject (form uploads)');
  return undefined;
}

function preflightRefusal(headers: Readonly<Record<string, string>>): AwsError {
  const method = headers['access-control-request-method'];
  if (headers['origin'] === undefined)
    return new AwsError('BadRequest', 'Insufficient information. Origin request header needed.', { status: 400 });
  if (method === undefined) return new AwsError('BadRequest', 'Invalid Access-Control-Request-Method: null', { status: 400 });
  return new AwsError('AccessForbidden', 'CORSResponse: CORS is not enabled for this bucket.', {
    status: 403,
    fields: { Method: method, ResourceType: 'BUCKET' },
  });
}
