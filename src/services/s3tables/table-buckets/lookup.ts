/** The table bucket of a call. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { tableBuckets, type TableBucket } from '../../../framework/s3-tables/tables.ts';
import { tableBucketOf } from '../arns.ts';
import { noSuchTableBucket } from '../errors.ts';

/** Throws NotFoundException. */
export async function requireTableBucket({ store }: Pick<ServiceRequest, 'store'>, arn: string): Promise<TableBucket> {
  const { account, region, name } = tableBucketOf(arn);
  const row = await store.read((tx) => tableBuckets.get(tx, account, region, name));
  if (!row) throw noSuchTableBucket();
  return row;
}
