/**
 * What pages of the web may do. They may call what AWS lets them call, as all of its services but S3 do whatever the page's origin. But
 * everybody knows the test key, so any page that a browser on this machine shows could be root of the cloud by it, and needs no answer
 * to do harm (docs/decisions/0052).
 */

import type { HttpRequest, HttpResponse } from '../framework/http-message.ts';
import { hostnameOf, isLocalName } from '../framework/local-names.ts';
import type { HostHint } from './hosts.ts';

/** How long a browser may rely on the answer to its preflight; Chromium keeps none for longer than two hours. */
const preflightSeconds = 172_800;
/** So much of a header is repeated to who sent it: the names that an SDK sends are a few hundred characters. */
const repeatedLengthMax = 2_048;
/** What an SDK reads of an answer beside its body. */
const exposedHeaders = 'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,x-amzn-query-error,x-amzn-trace-id,x-amz-id-2,Date';
/** Headers that S3 knows nothing of. */
const namesOperation = /(?:^|[ ,])(?:x-amz-target|smithy-protocol)(?:$|[ ,])/i;
/** These have answers of their own. */
const ownAnswers: ReadonlySet<string> = new Set(['s3', 'dynamodb']);

/** False for programs, which send neither header, and for pages that this machine serves. */
export function isWebPage({ headers }: Pick<HttpRequest, 'headers'>): boolean {
  if (headers['sec-fetch-site'] === 'cross-site') return true;
  const origin = headers['origin'];
  return origin !== undefined && !isLocalName(hostnameOf(URL.parse(origin)?.host));
}

/**
 * The answer to a browser that asks whether a page may call a service: yes, but never with cookies. Undefined for what else is asked,
 * and where S3 is meant or may be: what a bucket gives to pages its own rules say.
 * https://docs.aws.amazon.com/ec2/latest/devguide/cors-support.html
 */
export function answerPreflight(
  { method, rawPath, headers }: HttpRequest,
  readHost: (host: string | undefined) => HostHint,
): HttpResponse | undefined {
  if (method !== 'OPTIONS' || headers['origin'] === undefined) return undefined;
  const { service, bucket, bucketIfS3 } = readHost(headers['host']);
  const asked = (headers['access-control-request-headers'] ?? '').slice(0, repeatedLengthMax);
  if (bucket !== undefined || bucketIfS3 !== undefined || (service !== undefined && ownAnswers.has(service))) return undefined;
  if (service === undefined && rawPath !== '/' && !namesOperation.test(asked)) return undefined;
  return {
    status: 200,
    headers: {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, PUT, POST, PATCH, DELETE',
      ...(asked !== '' && { 'access-control-allow-headers': asked }),
      'access-control-expose-headers': exposedHeaders,
      'access-control-max-age': String(preflightSeconds),
      'content-length': '0',
    },
    body: '',
  };
}

/** Lets the page that asked read the answer. S3 says itself which pages may. */
export function openToPages({ headers }: HttpRequest, service: string | undefined, response: HttpResponse): void {
  if (headers['origin'] === undefined || service === 's3') return;
  response.headers['access-control-allow-origin'] ??= '*';
  response.headers['access-control-expose-headers'] ??= exposedHeaders;
}
