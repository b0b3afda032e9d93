/** Where the files of metadata tables lie, and who writes them. */

import { createHash } from 'node:crypto';
import type { Aws } from '../../../framework/clients.ts';
import type { Principal, ServicePrincipal } from '../../../framework/principal.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { bucketArn } from '../buckets/bucket.ts';
import type { MetadataConfiguration } from './tables.ts';

/** Who keeps metadata tables: key policies let it in. */
export const keeperName = 'metadata.s3.amazonaws.com';

const suffix = '--table-s3';

export function isKeeper(principal: Principal): boolean {
  return principal.type === 'Service' && principal.name === keeperName;
}

export function isWarehouseName(name: string): boolean {
  return /^[0-9a-f-]{53}--table-s3$/.test(name);
}

/** As long as a bucket's name may be. */
export function warehouseOf(tableId: string): string {
  const beginning = tableId.slice(0, 19);
  const rest = createHash('sha256').update(tableId).digest('hex');
  return `${beginning}${rest.slice(0, 63 - suffix.length - beginning.length)}${suffix}`;
}

/** S3 as the keeper of a bucket's metadata tables. */
export function asKeeper(
  context: Pick<ReconcilerContext, 'awsAs'>,
  { account, region, bucket }: Pick<MetadataConfiguration, 'account' | 'region' | 'bucket'>,
): Aws {
  const principal: ServicePrincipal = {
    ...{ type: 'Service', account, arn: '', id: keeperName, name: keeperName },
    ...{ sourceArn: bucketArn(bucket), sourceAccount: account },
  };
  return context.awsAs(principal, { account, region });
}
