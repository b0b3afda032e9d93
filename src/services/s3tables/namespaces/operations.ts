/** Namespaces of tables: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-namespace.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import { icebergTables, managedBucketName, tableNamespaces, type TableNamespace } from '../../../framework/s3-tables/tables.ts';
import { managedOnly, namespaceNotEmpty, noSuchNamespace } from '../errors.ts';
import { pageOf } from '../listing.ts';
import type { Operation } from '../sdk.ts';
import { requireTableBucket } from '../table-buckets/lookup.ts';

function summaryOf({ name, created, account, id }: TableNamespace) {
  return { namespace: [name], createdAt: new Date(created), createdBy: account, ownerAccountId: account, namespaceId: id };
}

export const ListNamespaces: Operation<'ListNamespaces'> = async (request, input) => {
  const { account, region, name } = await requireTableBucket(request, input.tableBucketARN);
  const rows = await request.store.read((tx) => tableNamespaces.scan(tx, [account, region, name]));
  const namespaces = rows.map(({ row }) => row);
  const { page, ...more } = pageOf(namespaces, (row) => row.name, input.maxNamespaces, input);
  return { namespaces: page.map(summaryOf), ...more };
};

async function requireNamespace(request: ServiceRequest, arn: string, namespace: string): Promise<TableNamespace> {
  const { account, region, name } = await requireTableBucket(request, arn);
  const row = await request.store.read((tx) => tableNamespaces.get(tx, account, region, name, namespace));
  if (!row) throw noSuchNamespace();
  return row;
}

export const GetNamespace: Operation<'GetNamespace'> = async (request, input) =>
  summaryOf(await requireNamespace(request, input.tableBucketARN, input.namespace));

export const DeleteNamespace: Operation<'DeleteNamespace'> = async (request, input) => {
  const { account, region, tableBucket, name } = await requireNamespace(request, input.tableBucketARN, input.namespace);
  if (tableBucket === managedBucketName) throw managedOnly();
  await request.store.write(async (tx) => {
    if ((await icebergTables.scan(tx, [account, region, tableBucket, name], { limit: 1 })).length > 0) throw namespaceNotEmpty();
    await tableNamespaces.delete(tx, account, region, tableBucket, name);
  });
  return {};
};
