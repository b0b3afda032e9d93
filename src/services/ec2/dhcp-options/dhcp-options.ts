/** Sets of DHCP options: the record. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import { resourceType } from '../resource.ts';

export type DhcpOptions = {
  account: string;
  region: string;
  id: string;
  options: { key: string; values: string[] }[];
  tags?: Tag[];
};

export const dhcpOptions = table<DhcpOptions>('ec2/dhcp-options', { key: (row) => [row.account, row.region, row.id] });
export const dhcpOptionsType = resourceType('dhcp-options', 'dopt', dhcpOptions, ['InvalidDhcpOptionID.NotFound', 'The dhcpOption ID']);

/** The domain of a region's private names. */
export const privateDomain = (region: string): string => (region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`);

/** What every region of an account begins with. */
export const standardOptions = (region: string): DhcpOptions['options'] => [
  { key: 'domain-name', values: [privateDomain(region)] },
  { key: 'domain-name-servers', values: ['AmazonProvidedDNS'] },
];
