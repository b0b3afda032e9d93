/**
 * The REST catalog of Iceberg over table buckets, as far as it reads:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html Each request becomes calls of the caller's.
 */

import type { Readable } from 'node:stream';
import { AwsError, notImplemented } from '../../../framework/aws-error.ts';
import type { HttpResponse } from '../../../framework/http-message.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { badRequest } from '../errors.ts';

export const catalogPrefix = '/iceberg/';

type Asked = { request: ServiceRequest; arn: string; query: URLSearchParams };
type Answer = { status: number; body?: object };

/** By method and path below the table bucket; names in braces match one segment. */
const routes: readonly (readonly [route: string, answer: (asked: Asked, ...names: string[]) => Promise<Answer>])[] = [
  ['GET namespaces', listNamespaces],
  ['GET namespaces/{}', loadNamespace],
  ['HEAD namespaces/{}', namespaceExists],
  ['GET namespaces/{}/tables', listTables],
  ['GET namespaces/{}/tables/{}', loadTable],
  ['HEAD namespaces/{}/tables/{}', tableExists],
];

/** Errors come in Iceberg's form. */
export async function answerCatalog(request: ServiceRequest): Promise<HttpResponse> {
  try {
    const { status, body } = await route(request);
    return body ? { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : { status, headers: {} };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const code = error.status ?? 400;
    const body = JSON.stringify({ error: { message: error.message, type: error.code, code } });
    return { status: code, headers: { 'content-type': 'application/json' }, body };
  }
}

function route(request: ServiceRequest): Promise<Answer> {
  const { method, rawPath, rawQuery } = request.http!;
  const query = new URLSearchParams(rawQuery);
  const [version, first, ...rest] = segmentsOf(rawPath.slice(catalogPrefix.length));
  if (version === 'v1' && first === 'config' && rest.length === 0 && method === 'GET') return configOf(request, query);
  for (const [form, answer] of routes) {
    const [wanted, path] = form.split(' ') as [string, string];
    const names = version === 'v1' && first !== undefined && wanted === method ? matched(path.split('/'), rest) : undefined;
    if (names) return answer({ request, arn: first!, query }, ...names);
  }
  throw notImplemented(`the Iceberg REST catalog's ${method} ${rest.join('/')}`);
}

/** Throws BadRequestException. */
function segmentsOf(path: string): string[] {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) throw badRequest('The path is not well encoded.');
    throw error;
  }
}

function matched(form: readonly string[], path: readonly string[]): string[] | undefined {
  if (form.length !== path.length || form.some((one, i) => one !== '{}' && one !== path[i])) return undefined;
  return path.filter((_, i) => form[i] === '{}');
}

/** The warehouse is the ARN of a table bucket, and so is what its paths begin with. */
async function configOf(request: ServiceRequest, query: URLSearchParams): Promise<Answer> {
  const warehouse = query.get('warehouse');
  if (warehouse === null) throw badRequest('The warehouse is missing: give the ARN of a table bucket.');
  await request.aws.s3tables('GetTableBucket', { tableBucketARN: warehouse });
  const endpoints = routes.map(([form]) => {
    const [method, path] = form.split(' ') as [string, string];
    return `${method} /v1/{prefix}/${path.replace('{}', '{namespace}').replace('{}', '{table}')}`;
  });
  return { status: 200, body: { defaults: {}, overrides: { prefix: encodeURIComponent(warehouse) }, endpoints } };
}

type Page = { 'next-page-token'?: string };
const nextPage = (token: string | undefined): Page => (token === undefined ? {} : { 'next-page-token': token });
const pageSizeOf = (query: URLSearchParams): number | undefined => (query.has('pageSize') ? Number(query.get('pageSize')) : undefined);
const tokenOf = (query: URLSearchParams): string | undefined => query.get('pageToken') || undefined;

async function listNamespaces({ request, arn, query }: Asked): Promise<Answer> {
  const { namespaces, continuationToken } = await request.aws.s3tables('ListNamespaces', {
    ...{ tableBucketARN: arn, continuationToken: tokenOf(query), maxNamespaces: pageSizeOf(query) },
  });
  return { status: 200, body: { namespaces: namespaces!.map(({ namespace }) => namespace), ...nextPage(continuationToken) } };
}

async function loadNamespace({ request, arn }: Asked, name: string): Promise<Answer> {
  const { namespace } = await request.aws.s3tables('GetNamespace', { tableBucketARN: arn, namespace: name });
  return { status: 200, body: { namespace, properties: {} } };
}

async function namespaceExists(asked: Asked, name: string): Promise<Answer> {
  await loadNamespace(asked, name);
  return { status: 204 };
}

async function listTables({ request, arn, query }: Asked, namespace: string): Promise<Answer> {
  const { tables, continuationToken } = await request.aws.s3tables('ListTables', {
    ...{ tableBucketARN: arn, namespace, continuationToken: tokenOf(query), maxTables: pageSizeOf(query) },
  });
  const identifiers = tables!.map((table) => ({ namespace: table.namespace, name: table.name }));
  return { status: 200, body: { identifiers, ...nextPage(continuationToken) } };
}

async function loadTable({ request, arn }: Asked, namespace: string, name: string): Promise<Answer> {
  const at = await request.aws.s3tables('GetTableMetadataLocation', { tableBucketARN: arn, namespace, name });
  const location = at.metadataLocation!;
  const { hostname: Bucket, pathname } = new URL(location);
  const { Body } = await request.aws.s3('GetObject', { Bucket, Key: pathname.slice(1) });
  const text = Body instanceof Uint8Array ? Buffer.from(Body) : Buffer.concat(await Array.fromAsync(Body as Readable));
  return { status: 200, body: { 'metadata-location': location, metadata: JSON.parse(text.toString()), config: {} } };
}

async function tableExists({ request, arn }: Asked, namespace: string, name: string): Promise<Answer> {
  await request.aws.s3tables('GetTable', { tableBucketARN: arn, namespace, name });
  return { status: 204 };
}
