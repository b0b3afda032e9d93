/** VPC endpoints: the record. */

import { createHash } from 'node:crypto';
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
  /** Of interface endpoints; to a gateway one routes of route tables lead. */
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

export const endpointsPerVpcMax = 50;
export const policyCharactersMax = 20_480;
/** What lets everything through. */
export const openPolicy = JSON.stringify({
  Version: '2008-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
});

/** The names of its own: `vpce-ID-xxxxxxxx.sqs.us-east-1.vpce.amazonaws.com`, and one for each zone. */
export function endpointNames({ id, region, serviceName }: VpcEndpoint, zones: readonly string[]): string[] {
  const short = serviceName.slice(`com.amazonaws.${region}.`.length);
  const label = `${id}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`;
  const domain = `${short}.${region}.vpce.amazonaws.com`;
  return [`${label}.${domain}`, ...zones.map((zone) => `${label}-${zone}.${domain}`)];
}
