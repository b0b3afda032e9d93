/** The request metrics and the storage class analysis of a bucket. */

import { notImplemented } from '../../../framework/aws-error.ts';
import { getIdentified, listIdentified, putIdentified, removeIdentified } from '../buckets/identified-configurations.ts';
import { malformedXml } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';

type Metrics = NonNullable<Input<'PutBucketMetricsConfiguration'>['MetricsConfiguration']>;
type Analytics = NonNullable<Input<'PutBucketAnalyticsConfiguration'>['AnalyticsConfiguration']>;

export const PutBucketMetricsConfiguration: Operation<'PutBucketMetricsConfiguration'> = async (request, input) => {
  checkFilter(input.MetricsConfiguration.Filter);
  return putIdentified(request, 'metrics', input, input.MetricsConfiguration);
};

export const GetBucketMetricsConfiguration: Operation<'GetBucketMetricsConfiguration'> = async (request, input) => ({
  MetricsConfiguration: await getIdentified<Metrics>(request, 'metrics', input),
});

export const DeleteBucketMetricsConfiguration: Operation<'DeleteBucketMetricsConfiguration'> = (request, input) =>
  removeIdentified(request, 'metrics', input);

export const ListBucketMetricsConfigurations: Operation<'ListBucketMetricsConfigurations'> = async (request, input) => {
  const { page, ...more } = await listIdentified<Metrics>(request, 'metrics', input);
  return { ...more, ...(page.length > 0 && { MetricsConfigurationList: page }) };
};

export const PutBucketAnalyticsConfiguration: Operation<'PutBucketAnalyticsConfiguration'> = async (request, input) => {
  const { Filter, StorageClassAnalysis } = input.AnalyticsConfiguration;
  if (!StorageClassAnalysis) throw malformedXml();
  checkFilter(Filter);
  if (StorageClassAnalysis.DataExport) throw notImplemented('s3:PutBucketAnalyticsConfiguration with DataExport');
  return putIdentified(request, 'analytics', input, input.AnalyticsConfiguration);
};

export const GetBucketAnalyticsConfiguration: Operation<'GetBucketAnalyticsConfiguration'> = async (request, input) => ({
  AnalyticsConfiguration: await getIdentified<Analytics>(request, 'analytics', input),
});

export const DeleteBucketAnalyticsConfiguration: Operation<'DeleteBucketAnalyticsConfiguration'> = (request, input) =>
  removeIdentified(request, 'analytics', input);

export const ListBucketAnalyticsConfigurations: Operation<'ListBucketAnalyticsConfigurations'> = async (request, input) => {
  const { page, ...more } = await listIdentified<Analytics>(request, 'analytics', input);
  return { ...more, ...(page.length > 0 && { AnalyticsConfigurationList: page }) };
};

/** One predicate, or several under `And`. */
function checkFilter(filter: object | undefined): void {
  if (filter && Object.values(filter).filter((value) => value !== undefined).length !== 1) throw malformedXml();
}
