/** Tables: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-tables.html */

import {
  icebergTables,
  managedBucketName,
  metadataLocation,
  tableArn,
  tableNamespaces,
  warehouseLocation,
  type IcebergTable,
} from '../../../framework/s3-tables/tables.ts';
import { versionTokenOf } from '../arns.ts';
import { noSuchNamespace, noSuchTable, otherVersion } from '../errors.ts';
import { pageOf } from '../listing.ts';
import type { Operation } from '../sdk.ts';
import { requireTableBucket } from '../table-buckets/lookup.ts';
import { requireTable } from './lookup.ts';

const managedByService = 'metadata.s3.amazonaws.com';

function summaryOf(table: IcebergTable) {
  return {
    ...{ name: table.name, namespace: [table.namespace], tableARN: tableArn(table) },
    type: table.tableBucket === managedBucketName ? ('aws' as const) : ('customer' as const),
    ...{ createdAt: new Date(table.created), modifiedAt: new Date(table.modified), managedByService },
  };
}

export const ListTables: Operation<'ListTables'> = async (request, input) => {
  const { row, namespace } = { row: await requireTableBucket(request, input.tableBucketARN), namespace: input.namespace };
  const rows = await request.store.read(async (tx) => {
    const place = [row.account, row.region, row.name];
    if (namespace !== undefined && !(await tableNamespaces.get(tx, ...place, namespace))) throw noSuchNamespace();
    return icebergTables.scan(tx, namespace === undefined ? place : [...place, namespace]);
  });
  const nameOf = (table: IcebergTable): string => (namespace === undefined ? `${table.namespace}\0${table.name}` : table.name);
  const found = rows.map((one) => one.row).filter(({ name }) => name.startsWith(input.prefix ?? ''));
  const { page, ...more } = pageOf(found, nameOf, input.maxTables, { continuationToken: input.continuationToken });
  return { tables: page.map(summaryOf), ...more };
};

export const GetTable: Operation<'GetTable'> = async (request, input) => {
  const table = await requireTable(request, input);
  return {
    ...summaryOf(table),
    ...{ versionToken: versionTokenOf(table), metadataLocation: metadataLocation(table), warehouseLocation: warehouseLocation(table) },
    ...{ createdBy: table.account, modifiedBy: table.account, ownerAccountId: table.account, format: 'ICEBERG' as const },
  };
};

export const GetTableMetadataLocation: Operation<'GetTableMetadataLocation'> = async (request, input) => {
  const table = await requireTable(request, input);
  return {
    ...{ versionToken: versionTokenOf(table), metadataLocation: metadataLocation(table) },
    warehouseLocation: warehouseLocation(table),
  };
};

export const GetTableEncryption: Operation<'GetTableEncryption'> = async (request, input) => {
  const { encryption } = await requireTable(request, input);
  const { algorithm: sseAlgorithm, keyArn: kmsKeyArn } = encryption;
  return { encryptionConfiguration: { sseAlgorithm, ...(kmsKeyArn !== undefined && { kmsKeyArn }) } };
};

/** Its files are taken away by the service that wrote them. */
export const DeleteTable: Operation<'DeleteTable'> = async (request, input) => {
  const seen = await requireTable(request, input);
  await request.store.write(async (tx) => {
    const table = await icebergTables.find(tx, 'id', seen.id);
    if (!table) throw noSuchTable();
    if (input.versionToken !== undefined && input.versionToken !== versionTokenOf(table)) throw otherVersion();
    await icebergTables.delete(tx, table.account, table.region, table.tableBucket, table.namespace, table.name);
  });
  return {};
};
