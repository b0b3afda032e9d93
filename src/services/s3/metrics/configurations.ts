/** Configurations of which a bucket may have many, each with an id: request metrics and storage class analysis. */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { requireBucket } from '../buckets/lookup.ts';
import { invalidArgument, malformedXml, noSuchConfiguration, tooManyConfigurations } from '../errors.ts';
import { identifiedConfigurationsMax, listedConfigurationsMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { identifiedConfigurations, type IdentifiedKind } from '../tables.ts';

type Metrics = NonNullable<Input<'PutBucketMetricsConfiguration'>['MetricsConfiguration']>;
type Analytics = NonNullable<Input<'PutBucketAnalyticsConfiguration'>['AnalyticsConfiguration']>;

export const PutBucketMetricsConfiguration: Operation<'PutBucketMetricsConfiguration'> = async (request, input) => {
  checkFilter(input.MetricsConfiguration.Filter);
  return put(request, 'metrics', input, input.MetricsConfiguration);
};

export const GetBucketMetricsConfiguration: Operation<'GetBucketMetricsConfiguration'> = async (request, input) => ({
  MetricsConfiguration: await get<Metrics>(request, 'metrics', input),
});

export const DeleteBucketMetricsConfiguration: Operation<'DeleteBucketMetricsConfiguration'> = (request, input) =>
  remove(request, 'metrics', input);

export const ListBucketMetricsConfigurations: Operation<'ListBucketMetricsConfigurations'> = async (request, input) => {
  const { page, ...more } = await list<Metrics>(request, 'metrics', input);
  return { ...more, ...(page.length > 0 && { MetricsConfigurationList: page }) };
};

export const PutBucketAnalyticsConfiguration: Operation<'PutBucketAnalyticsConfiguration'> = async (request, input) => {
  const { Filter, StorageClassAnalysis } = input.AnalyticsConfiguration;
  if (!StorageClassAnalysis) throw malformedXml();
  checkFilter(Filter);
  if (StorageClassAnalysis.DataExport) throw notImplemented('s3:PutBucketAnalyticsConfiguration with DataExport');
  return put(request, 'analytics', input, input.AnalyticsConfiguration);
};

export const GetBucketAnalyticsConfiguration: Operation<'GetBucketAnalyticsConfiguration'> = async (request, input) => ({
  AnalyticsConfiguration: await get<Analytics>(request, 'analytics', input),
});

export const DeleteBucketAnalyticsConfiguration: Operation<'DeleteBucketAnalyticsConfiguration'> = (request, input) =>
  remove(request, 'analytics', input);

export const ListBucketAnalyticsConfigurations: Operation<'ListBucketAnalyticsConfigurations'> = async (request, input) => {
  const { page, ...more } = await list<Analytics>(request, 'analytics', input);
  return { ...more, ...(page.length > 0 && { AnalyticsConfigurationList: page }) };
};

type Named = { Bucket: string; Id: string };

async function put(request: ServiceRequest, kind: IdentifiedKind, { Bucket: bucket, Id: id }: Named, value: { Id?: string | undefined }) {
  if (!/^[\w.-]{1,64}$/.test(id)) throw invalidArgument('The specified id is not valid.', 'id', id);
  if (value.Id !== id) throw invalidArgument('The id in the request does not match that of the configuration.', 'id', id);
  await request.store.write(async (tx) => {
    await requireBucket(tx, bucket);
    const others = await identifiedConfigurations.scan(tx, [bucket, kind], { limit: identifiedConfigurationsMax });
    if (others.length >= identifiedConfigurationsMax && !others.some(({ row }) => row.id === id)) throw tooManyConfigurations();
    await identifiedConfigurations.put(tx, { bucket, kind, id, value });
  });
  return {};
}

async function get<Value>(request: ServiceRequest, kind: IdentifiedKind, { Bucket: bucket, Id: id }: Named): Promise<Value> {
  const row = isId(id) ? await request.store.read((tx) => identifiedConfigurations.get(tx, bucket, kind, id)) : undefined;
  if (!row) throw missing(bucket);
  return row.value as Value;
}

async function remove(request: ServiceRequest, kind: IdentifiedKind, { Bucket: bucket, Id: id }: Named): Promise<Record<string, never>> {
  await request.store.write(async (tx) => {
    if (!isId(id) || !(await identifiedConfigurations.get(tx, bucket, kind, id))) throw missing(bucket);
    await identifiedConfigurations.delete(tx, bucket, kind, id);
  });
  return {};
}

type Listing<Value> = { page: Value[]; IsTruncated: boolean; ContinuationToken?: string; NextContinuationToken?: string };

async function list<Value>(
  request: ServiceRequest,
  kind: IdentifiedKind,
  { Bucket: bucket, ContinuationToken: token }: { Bucket: string; ContinuationToken?: string | undefined },
): Promise<Listing<Value>> {
  if (token !== undefined && !isId(token))
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  const rows = await request.store.read((tx) => {
    const limit = listedConfigurationsMax + 1;
    return token === undefined
      ? identifiedConfigurations.scan(tx, [bucket, kind], { limit })
      : identifiedConfigurations.between(tx, [bucket, kind, `${token}\0`], [bucket, kind, '\u{10ffff}'], { limit });
  });
  const page = rows.slice(0, listedConfigurationsMax).map(({ row }) => row);
  const isTruncated = rows.length > page.length;
  return {
    page: page.map((row) => row.value as Value),
    IsTruncated: isTruncated,
    ...(token !== undefined && { ContinuationToken: token }),
    ...(isTruncated && { NextContinuationToken: page.at(-1)!.id }),
  };
}

function isId(id: string): boolean {
  return /^[\w.-]{1,64}$/.test(id);
}

function missing(bucket: string) {
  return noSuchConfiguration('NoSuchConfiguration', 'The specified configuration does not exist.', bucket);
}

/** One predicate, or several under `And`. */
function checkFilter(filter: object | undefined): void {
  if (filter && Object.values(filter).filter((value) => value !== undefined).length !== 1) throw malformedXml();
}
