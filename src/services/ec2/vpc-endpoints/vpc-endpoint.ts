/** VPC endpoints: the record. */

import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { resourcesBy, resourceType, type Place } from '../resource.ts';

export type VpcEndpoint = {
  account: string;
  region: string;
  id: string;
  created: number;
  vpc: string;
  type: 'Gateway' | 'Interface';
  /** `com.amazonaws.us-east-1.s3` */
  serviceName: string;
  policy: string;
  /** Gateway endpoints: the route tables that lead to it. */
  routeTables: string[];
  /** Interface endpoints. */
  subnets: string[];
  groups: string[];
  interfaces: string[];
  privateDns: boolean;
  tags?: Tag[];
};

export const vpcEndpoints = table<VpcEndpoint, 'vpc'>('ec2/vpc-endpoints', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { vpc: (row) => [row.account, row.region, row.vpc] },
});
export const vpcEndpointType = resourceType('vpc-endpoint', 'vpce', vpcEndpoints, ['InvalidVpcEndpointId.NotFound', 'The Vpc Endpoint Id']);

export function endpointsOfVpc(tx: ReadTransaction, place: Place, vpc: string): Promise<VpcEndpoint[]> {
  return resourcesBy(tx, place, vpcEndpointType, 'vpc', vpc);
}
