/** What each operation asks to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3tables.html */

import type { Check } from '../../framework/authorization.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { tableArn, tableBucketArn } from '../../framework/s3-tables/tables.ts';
import { tableBucketOf } from './arns.ts';
import { findTable, type TableName } from './iceberg-tables/lookup.ts';

export function onTableBuckets({ account, region }: ServiceRequest): Check[] {
  return [{ action: 's3tables:ListTableBuckets', resource: tableBucketArn({ account, region }, '*') }];
}

export function onNewTableBucket({ account, region }: ServiceRequest, { name }: { name: string }): Check[] {
  return [{ action: 's3tables:CreateTableBucket', resource: tableBucketArn({ account, region }, name) }];
}

export function onTableBucket(request: ServiceRequest, { tableBucketARN }: { tableBucketARN: string }): Check[] {
  const { account } = tableBucketOf(tableBucketARN);
  return [{ action: `s3tables:${request.operation}`, resource: tableBucketARN, resourceAccount: account }];
}

/** What is not there is forbidden to those who may do it to none. */
export async function onTable(request: ServiceRequest, input: TableName): Promise<Check[]> {
  const { bucket, table } = await findTable(request, input);
  const resource = table ? tableArn(table) : `${tableBucketArn(bucket, bucket.name)}/table/*`;
  const context = table && { 's3tables:namespace': table.namespace, 's3tables:tableName': table.name };
  return [{ action: `s3tables:${request.operation}`, resource, resourceAccount: bucket.account, ...(context && { context }) }];
}
