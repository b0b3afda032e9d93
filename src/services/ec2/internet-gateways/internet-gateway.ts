/** Internet gateways: the record. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import { resourceType } from '../resource.ts';

export type InternetGateway = { account: string; region: string; id: string; vpc?: string; tags?: Tag[] };

export const internetGateways = table<InternetGateway, 'vpc'>('ec2/internet-gateways', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { vpc: (row) => (row.vpc ? [row.account, row.region, row.vpc] : undefined) },
});
export const internetGatewayType = resourceType('internet-gateway', 'igw', internetGateways, [
  'InvalidInternetGatewayID.NotFound',
  'The internetGateway ID',
]);
