/** Tables of S3 Tables: the records that S3 writes for its metadata tables and S3 Tables shows: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-aws-managed-buckets.html */

import { table } from '../../store/table.ts';

/** A bucket of tables. That of AWS, of which an account has one a region, is made with the first managed table. */
export type TableBucket = {
  account: string;
  region: string;
  name: string;
  id: string;
  /** Milliseconds since the epoch. */
  created: number;
};

export type TableNamespace = { account: string; region: string; tableBucket: string; name: string; id: string; created: number };

export type TableEncryption = { algorithm: 'AES256' | 'aws:kms'; keyArn?: string };

/** An Iceberg table. */
export type IcebergTable = {
  account: string;
  region: string;
  tableBucket: string;
  namespace: string;
  name: string;
  id: string;
  /** The S3 bucket in which its files lie. */
  warehouse: string;
  /** Milliseconds since the epoch. */
  created: number;
  modified: number;
  encryption: TableEncryption;
  /** How often it was written; each time with a metadata file of its own. */
  commits: number;
  /** The key of its present metadata file in its warehouse. */
  metadata: string;
};

/** The bucket of tables that AWS fills. */
export const managedBucketName = 'aws-s3';

export const tableBuckets = table<TableBucket>('framework/table-buckets', {
  key: ({ account, region, name }) => [account, region, name],
});

export const tableNamespaces = table<TableNamespace>('framework/table-namespaces', {
  key: ({ account, region, tableBucket, name }) => [account, region, tableBucket, name],
});

export const icebergTables = table<IcebergTable, 'id'>('framework/iceberg-tables', {
  key: ({ account, region, tableBucket, namespace, name }) => [account, region, tableBucket, namespace, name],
  indexes: { id: ({ id }) => [id] },
});

export function tableBucketArn({ account, region }: Pick<TableBucket, 'account' | 'region'>, name: string): string {
  return `arn:aws:s3tables:${region}:${account}:bucket/${name}`;
}

export function tableArn(row: Pick<IcebergTable, 'account' | 'region' | 'tableBucket' | 'id'>): string {
  return `${tableBucketArn(row, row.tableBucket)}/table/${row.id}`;
}

export function warehouseLocation({ warehouse }: Pick<IcebergTable, 'warehouse'>): string {
  return `s3://${warehouse}`;
}

export function metadataLocation(row: Pick<IcebergTable, 'warehouse' | 'metadata'>): string {
  return `${warehouseLocation(row)}/${row.metadata}`;
}
