/** Website hosting: what a visitor of `BUCKET.s3-website-REGION…` sees: https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html */

import { AwsError } from '../../../framework/aws-error.ts';
import type { HttpRequest, HttpResponse } from '../../../framework/http-message.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { configurationOf } from '../buckets/configurations.ts';
import { lookUp, type Found } from '../buckets/lookup.ts';
import { methodNotAllowed, noSuchConfiguration } from '../errors.ts';
import { GetObject } from '../objects/get.ts';
import { checkOn, objectContext, refuseMissingKey } from '../permissions.ts';
import type { Output } from '../sdk.ts';
import type { Website } from './configuration.ts';
import { errorHeaders, errorPage } from './pages.ts';
import { encodeKey, redirect, redirectAll, ruleFor, type Redirection } from './routing.ts';

type Visit = { bucket: string; key: string; query: string; scheme: string; host: string };

/** Answers a visitor, who is nameless. Errors are pages. */
export async function visit(request: ServiceRequest, http: HttpRequest, at: { bucket: string; path: string }): Promise<HttpResponse> {
  try {
    if (http.method !== 'GET' && http.method !== 'HEAD') throw methodNotAllowed(http.method, 'OBJECT');
    const { bucket } = await lookUp(request, at.bucket);
    const website = await configurationOf<Website>(request, bucket, 'website');
    if (!website) throw notConfigured(at.bucket);
    const { scheme, host } = request.endpoint;
    const visit = { bucket: at.bucket, key: decoded(at.path.slice(1)), query: http.rawQuery, scheme, host };
    return await show(request, website, visit, http);
  } catch (error) {
    if (error instanceof AwsError) return errorPage(error, request.requestId);
    throw error;
  }
}

async function show(request: ServiceRequest, website: Website, visit: Visit, http: HttpRequest): Promise<HttpResponse> {
  if (website.RedirectAllRequestsTo) return moved(redirectAll(website.RedirectAllRequestsTo, visit));
  const early = ruleFor(website.RoutingRules, visit.key);
  if (early) return moved(redirect(early, visit));
  const index = website.IndexDocument!.Suffix!;
  const key = visit.key === '' || visit.key.endsWith('/') ? visit.key + index : visit.key;
  try {
    const found = await readable(request, visit.bucket, key);
    if (!found) {
      const folder = key === visit.key && (await readable(request, visit.bucket, `${key}/${index}`));
      if (folder) return moved({ status: 302, location: `/${encodeKey(key)}/` });
      return await refuseMissingKey(request, await lookUp(request, visit.bucket, key), key);
    }
    const away = found.object!.headers?.websiteRedirectLocation;
    if (away !== undefined) return moved({ status: 301, location: away });
    return page(await GetObject(request, { Bucket: visit.bucket, Key: key, ...conditionsOf(http) }), 200);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return failed(request, website, visit, error);
  }
}

/** The object, if it is there and everybody may read it. Throws AccessDenied where it is there and may not be read. */
async function readable(request: ServiceRequest, bucket: string, key: string): Promise<Found | undefined> {
  const found = await lookUp(request, bucket, key);
  if (!found.object) return undefined;
  await request.permit(checkOn(request, found, 's3:GetObject', key, () => objectContext(found)));
  return found;
}

/** A rule for the error, else the error document with the error's status, else a page of our own. */
async function failed(request: ServiceRequest, website: Website, visit: Visit, error: AwsError): Promise<HttpResponse> {
  const status = error.status ?? 400;
  if (status < 400) return { status, headers: { ...error.headers }, body: '' };
  const rule = ruleFor(website.RoutingRules, visit.key, status);
  if (rule) return moved(redirect(rule, visit));
  const key = website.ErrorDocument?.Key;
  if (key === undefined) return errorPage(error, request.requestId);
  try {
    const found = await readable(request, visit.bucket, key);
    const away = found?.object?.headers?.websiteRedirectLocation;
    if (away !== undefined) return moved({ status: 301, location: away });
    if (!found) return await refuseMissingKey(request, await lookUp(request, visit.bucket, key), key);
    const response = page(await GetObject(request, { Bucket: visit.bucket, Key: key }), status);
    Object.assign(response.headers, errorHeaders(error));
    return response;
  } catch (nested) {
    if (nested instanceof AwsError) return errorPage(error, request.requestId, nested);
    throw nested;
  }
}

function conditionsOf({ headers }: HttpRequest) {
  const date = (name: string): Date | undefined => {
    const given = headers[name] === undefined ? NaN : Date.parse(headers[name]);
    return Number.isNaN(given) ? undefined : new Date(given);
  };
  return {
    Range: headers['range'],
    IfMatch: headers['if-match'],
    IfNoneMatch: headers['if-none-match'],
    IfModifiedSince: date('if-modified-since'),
    IfUnmodifiedSince: date('if-unmodified-since'),
  };
}

function page(object: Output<'GetObject'>, status: number): HttpResponse {
  const headers: Record<string, string> = {};
  const members: [string, string | undefined][] = [
    ['accept-ranges', object.AcceptRanges],
    ['cache-control', object.CacheControl],
    ['content-disposition', object.ContentDisposition],
    ['content-encoding', object.ContentEncoding],
    ['content-language', object.ContentLanguage],
    ['content-length', object.ContentLength?.toString()],
    ['content-range', object.ContentRange],
    ['content-type', object.ContentType],
    ['etag', object.ETag],
    ['expires', object.Expires?.toUTCString()],
    ['last-modified', object.LastModified?.toUTCString()],
    ...Object.entries(object.Metadata ?? {}).map(([name, value]): [string, string] => [`x-amz-meta-${name}`, value]),
  ];
  for (const [name, value] of members) if (value !== undefined) headers[name] = value;
  return {
    status: status === 200 && object.ContentRange !== undefined ? 206 : status,
    headers,
    body: object.Body as HttpResponse['body'] & {},
  };
}

function moved({ status, location }: Redirection): HttpResponse {
  return { status, headers: { location }, body: '' };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError)
      throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", { status: 400, fields: { URI: path } });
    throw error;
  }
}

function notConfigured(bucket: string): AwsError {
  return noSuchConfiguration('NoSuchWebsiteConfiguration', 'The specified bucket does not have a website configuration', bucket);
}
