/** Virtual private gateways: the record. No connection of a VPN ends at one here, so that none has packets to carry. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import { resourceType } from '../resource.ts';

export type VpnGateway = {
  account: string;
  region: string;
  id: string;
  asn: number;
  zone?: string;
  vpc?: string;
  tags?: Tag[];
};

export const vpnGateways = table<VpnGateway, 'vpc'>('ec2/vpn-gateways', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { vpc: (row) => (row.vpc ? [row.account, row.region, row.vpc] : undefined) },
});
export const vpnGatewayType = resourceType('vpn-gateway', 'vgw', vpnGateways, [
  'InvalidVpnGatewayID.NotFound',
  (id) => `The vpnGateway ID '${id}' does not exist`,
]);
