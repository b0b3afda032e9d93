/** What replication costs its bucket's owner: the request at the destination, and bytes that leave the region: https://docs.aws.amazon.com/AmazonS3/latest/userguide/aws-usage-report-understand.html */

import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { bucketArn } from '../buckets/bucket.ts';
import type { Ends } from './hands.ts';
import { isTimed } from './rule.ts';
import type { ReplicationTask } from './tables.ts';

export function meterReplica(
  { meter, now }: ReconcilerContext,
  { source, destination, rule }: Ends,
  kind: ReplicationTask['kind'],
  bytes: number,
): void {
  const { account, region } = source.bucket;
  const of = { account, region, service: 's3', operation: kind === 'marker' ? 'DeleteObject' : 'PutObject', at: now };
  const to = { ...of, region: destination.bucket.region, resource: bucketArn(destination.bucket.name) };
  meter.record({ ...to, usageType: 'Requests', quantity: 1, unit: 'Requests' });
  if (bytes === 0) return;
  const out = { ...of, resource: bucketArn(source.bucket.name), quantity: bytes, unit: 'Bytes' as const };
  if (isTimed(rule)) meter.record({ ...out, usageType: 'S3RTC-Out-Bytes' });
  if (region === destination.bucket.region) return;
  meter.record({ ...out, usageType: 'AWS-Out-Bytes' });
  meter.record({ ...to, account: destination.bucket.account, usageType: 'AWS-In-Bytes', quantity: bytes, unit: 'Bytes' });
}
