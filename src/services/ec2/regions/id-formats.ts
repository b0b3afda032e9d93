/** The length of ids: all are long since 2018, and cannot be made short. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeIdFormat.html */

import { invalidParameterValue, missingParameter, operationNotPermitted } from '../errors.ts';
import type { Operation } from '../sdk.ts';

const resources: readonly string[] = [
  ...['bundle', 'conversion-task', 'customer-gateway', 'dhcp-options', 'elastic-ip-allocation', 'elastic-ip-association'],
  ...['export-task', 'flow-log', 'image', 'import-task', 'instance', 'internet-gateway', 'network-acl', 'network-acl-association'],
  ...['network-interface', 'network-interface-attachment', 'prefix-list', 'reservation', 'route-table', 'route-table-association'],
  ...['security-group', 'snapshot', 'subnet', 'subnet-cidr-block-association', 'volume', 'vpc', 'vpc-cidr-block-association'],
  ...['vpc-endpoint', 'vpc-peering-connection', 'vpn-connection', 'vpn-gateway'],
];

const statuses = (resource: string | undefined) =>
  (resource === undefined ? resources : [checked(resource)]).map((Resource) => ({ Resource, UseLongIds: true }));

function checked(resource: string): string {
  if (!resources.includes(resource)) throw invalidParameterValue(`Value (${resource}) for parameter resource is invalid.`);
  return resource;
}

export const DescribeIdFormat: Operation<'DescribeIdFormat'> = async (_request, input) => ({ Statuses: statuses(input.Resource) });

export const DescribeIdentityIdFormat: Operation<'DescribeIdentityIdFormat'> = async (_request, input) => ({
  Statuses: statuses(input.Resource),
});

export const DescribeAggregateIdFormat: Operation<'DescribeAggregateIdFormat'> = async () => ({
  UseLongIdsAggregated: true,
  Statuses: statuses(undefined),
});

export const ModifyIdFormat: Operation<'ModifyIdFormat'> = async (_request, input) => keepLong(input);
export const ModifyIdentityIdFormat: Operation<'ModifyIdentityIdFormat'> = async (_request, input) => keepLong(input);

function keepLong({ Resource: resource, UseLongIds: long }: { Resource: string; UseLongIds: boolean }): object {
  if (resource !== 'all-current') checked(resource);
  if (long === undefined) throw missingParameter('useLongIds');
  if (!long) throw operationNotPermitted('The deadline for longer IDs has passed: resources cannot be given short ones.');
  return {};
}
