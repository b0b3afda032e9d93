/** The table of a call. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { icebergTables, type IcebergTable } from '../../../framework/s3-tables/tables.ts';
import { tableBucketOf, tableOf, type TableBucketName } from '../arns.ts';
import { badRequest, noSuchTable } from '../errors.ts';

/** By its ARN, or by its bucket, namespace and name. */
export type TableName = {
  tableArn?: string | undefined;
  tableBucketARN?: string | undefined;
  namespace?: string | undefined;
  name?: string | undefined;
};

/** Throws BadRequestException where the name is not whole. */
export async function findTable(
  { store }: Pick<ServiceRequest, 'store'>,
  { tableArn, tableBucketARN, namespace, name }: TableName,
): Promise<{ bucket: TableBucketName; table: IcebergTable | undefined }> {
  if (tableArn !== undefined) {
    const { bucket, id } = tableOf(tableArn);
    const table = await store.read((tx) => icebergTables.find(tx, 'id', id));
    return { bucket, table: table && isIn(table, bucket) ? table : undefined };
  }
  if (tableBucketARN === undefined || namespace === undefined || name === undefined)
    throw badRequest('Provide either a table ARN, or a table bucket ARN, a namespace and a name.');
  const bucket = tableBucketOf(tableBucketARN);
  const table = await store.read((tx) => icebergTables.get(tx, bucket.account, bucket.region, bucket.name, namespace, name));
  return { bucket, table };
}

function isIn({ account, region, tableBucket }: IcebergTable, bucket: TableBucketName): boolean {
  return account === bucket.account && region === bucket.region && tableBucket === bucket.name;
}

/** Throws NotFoundException. */
export async function requireTable(request: Pick<ServiceRequest, 'store'>, input: TableName): Promise<IcebergTable> {
  const { table } = await findTable(request, input);
  if (!table) throw noSuchTable();
  return table;
}
