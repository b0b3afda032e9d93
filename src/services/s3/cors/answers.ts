/** CORS on the wire: preflights, and the headers of other answers: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html */

import { AwsError } from '../../../framework/aws-error.ts';
import type { HttpRequest, HttpResponse } from '../../../framework/http-message.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { pointNameOf } from '../access-points/names.ts';
import { findThrough } from '../access-points/through.ts';
import { configurationOf } from '../buckets/configurations.ts';
import { isBucketName } from '../buckets/bucket-name.ts';
import { lookedUp, type Found } from '../buckets/lookup.ts';
import { buckets } from '../tables.ts';
import { corsHeaders, ruleFor, type CorsQuestion, type CorsRule } from './rule.ts';

/** Answers a preflight. Throws BadRequest for half a question, AccessForbidden where the answer is no. */
export async function answerPreflight(request: ServiceRequest, http: HttpRequest): Promise<HttpResponse> {
  const origin = http.headers['origin'];
  const method = http.headers['access-control-request-method'];
  if (origin === undefined) throw badRequest('Insufficient information. Origin request header needed.');
  const kind = http.s3 && http.s3.path !== '/' ? 'OBJECT' : 'BUCKET';
  const rules = http.s3 && (await rulesOf(request, http.s3.bucket));
  if (!rules) throw forbidden('CORSResponse: CORS is not enabled for this bucket.', method ?? http.method, 'BUCKET');
  if (method === undefined) throw badRequest('Invalid Access-Control-Request-Method: null');
  const question: CorsQuestion = { origin, method, headers: requestedHeaders(http) };
  const rule = ruleFor(rules, question);
  if (!rule)
    throw forbidden(
      "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
      method,
      kind,
    );
  return { status: 200, headers: corsHeaders(rule, question), body: '' };
}

/** Undefined too where there is no such bucket: a browser without rights does not learn which. */
async function rulesOf(request: ServiceRequest, bucket: string): Promise<CorsRule[] | undefined> {
  const name = pointNameOf(bucket, request.region);
  const behind = name ? (await findThrough(request, name)).point.bucket : bucket;
  const found = isBucketName(behind) ? await request.store.read((tx) => buckets.peek(tx, behind)) : undefined;
  return found && configurationOf<CorsRule[]>(request, found, 'cors');
}

/** Whether a browser asks on behalf of another site, and the bucket has rules for that. */
export function isCrossOrigin({ http }: ServiceRequest, found: Found | undefined): boolean {
  return http?.headers['origin'] !== undefined && http.method !== 'OPTIONS' && found?.bucket.configurations?.cors !== undefined;
}

/** Adds what a browser wants to see to the answer of a request that names its origin. */
export async function addCorsHeaders(request: ServiceRequest, response: HttpResponse): Promise<void> {
  const { http } = request;
  const found = lookedUp(request);
  if (!found || !isCrossOrigin(request, found)) return;
  const origin = http!.headers['origin']!;
  const rules = (await configurationOf<CorsRule[]>(request, found.bucket, 'cors')) ?? [];
  const method = http!.headers['access-control-request-method'] ?? http!.method;
  const question: CorsQuestion = { origin, method, headers: requestedHeaders(http!) };
  const rule = ruleFor(rules, question);
  if (rule) Object.assign(response.headers, corsHeaders(rule, question));
}

function requestedHeaders(http: HttpRequest): string[] {
  const header = http.headers['access-control-request-headers'];
  if (header === undefined) return [];
  return header
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}

function badRequest(message: string): AwsError {
  return new AwsError('BadRequest', message, { status: 400 });
}

function forbidden(message: string, method: string, kind: string): AwsError {
  return new AwsError('AccessForbidden', message, { status: 403, fields: { Method: method, ResourceType: kind } });
}
