/** Acceleration, and configurations of which a bucket may have many: request metrics and storage class analysis. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteBucketAnalyticsConfigurationCommand,
  DeleteBucketMetricsConfigurationCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketAnalyticsConfigurationCommand,
  GetBucketMetricsConfigurationCommand,
  ListBucketAnalyticsConfigurationsCommand,
  ListBucketMetricsConfigurationsCommand,
  PutBucketAccelerateConfigurationCommand,
  PutBucketAnalyticsConfigurationCommand,
  PutBucketMetricsConfigurationCommand,
  S3Client,
  type AnalyticsConfiguration,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'configured';
await s3.send(new CreateBucketCommand({ Bucket }));

test('acceleration is turned on and off, but not for names with dots', async () => {
  const put = (Name: string, Status: string) =>
    s3.send(new PutBucketAccelerateConfigurationCommand({ Bucket: Name, AccelerateConfiguration: { Status: Status as 'Enabled' } }));
  await put(Bucket, 'Enabled');
  assert.equal((await s3.send(new GetBucketAccelerateConfigurationCommand({ Bucket }))).Status, 'Enabled');
  await refused(put(Bucket, 'Faster'), 'MalformedXML');
  await s3.send(new CreateBucketCommand({ Bucket: 'with.dots' }));
  await refused(put('with.dots', 'Enabled'), 'InvalidRequest');
});

test('metrics configurations are put, listed in pages, read and deleted', async () => {
  const put = (Id: string, more = {}) =>
    s3.send(new PutBucketMetricsConfigurationCommand({ Bucket, Id, MetricsConfiguration: { Id, ...more } }));
  const ids = Array.from({ length: 103 }, (_, i) => `m${String(i).padStart(3, '0')}`);
  for (const id of ids) await put(id);
  const first = await s3.send(new ListBucketMetricsConfigurationsCommand({ Bucket }));
  assert.deepEqual([first.IsTruncated, first.MetricsConfigurationList!.length], [true, 100]);
  const ContinuationToken = first.NextContinuationToken;
  const second = await s3.send(new ListBucketMetricsConfigurationsCommand({ Bucket, ContinuationToken }));
  assert.deepEqual([second.IsTruncated, second.MetricsConfigurationList!.map(({ Id }) => Id)], [false, ids.slice(100)]);
  const Filter = { And: { Prefix: 'a/', Tags: [{ Key: 'k', Value: 'v' }] } };
  await put('filtered', { Filter });
  const found = await s3.send(new GetBucketMetricsConfigurationCommand({ Bucket, Id: 'filtered' }));
  assert.deepEqual(found.MetricsConfiguration, { Id: 'filtered', Filter });
  await s3.send(new DeleteBucketMetricsConfigurationCommand({ Bucket, Id: 'filtered' }));
  await refused(s3.send(new GetBucketMetricsConfigurationCommand({ Bucket, Id: 'filtered' })), {
    code: 'NoSuchConfiguration',
    status: 404,
  });
  await refused(s3.send(new DeleteBucketMetricsConfigurationCommand({ Bucket, Id: 'filtered' })), 'NoSuchConfiguration');
  await refused(put('not an id'), 'InvalidArgument');
});

test('storage class analysis is kept; exporting it is not built', async () => {
  const put = (more: Partial<AnalyticsConfiguration>) =>
    s3.send(
      new PutBucketAnalyticsConfigurationCommand({
        Bucket,
        Id: 'a',
        AnalyticsConfiguration: { Id: 'a', StorageClassAnalysis: {}, ...more },
      }),
    );
  await put({ Filter: { Prefix: 'docs/' } });
  const { AnalyticsConfiguration } = await s3.send(new GetBucketAnalyticsConfigurationCommand({ Bucket, Id: 'a' }));
  assert.deepEqual(AnalyticsConfiguration, { Id: 'a', Filter: { Prefix: 'docs/' }, StorageClassAnalysis: {} });
  assert.equal((await s3.send(new ListBucketAnalyticsConfigurationsCommand({ Bucket }))).AnalyticsConfigurationList!.length, 1);
  const Destination = { S3BucketDestination: { Bucket: 'arn:aws:s3:::x', Format: 'CSV' as const } };
  await refused(put({ StorageClassAnalysis: { DataExport: { OutputSchemaVersion: 'V_1', Destination } } }), 'NotImplemented');
  await s3.send(new DeleteBucketAnalyticsConfigurationCommand({ Bucket, Id: 'a' }));
  await refused(s3.send(new GetBucketAnalyticsConfigurationCommand({ Bucket, Id: 'a' })), 'NoSuchConfiguration');
});
