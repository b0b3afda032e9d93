/** Egress-only internet gateways: the record. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import { resourceType } from '../resource.ts';

export type EgressOnlyGateway = { account: string; region: string; id: string; vpc: string; tags?: Tag[] };

export const egressOnlyGateways = table<EgressOnlyGateway, 'vpc'>('ec2/egress-only-internet-gateways', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { vpc: (row) => [row.account, row.region, row.vpc] },
});
export const egressOnlyGatewayType = resourceType('egress-only-internet-gateway', 'eigw', egressOnlyGateways, [
  'InvalidGatewayID.NotFound',
  (id) => `The eigw ID '${id}' does not exist`,
]);
