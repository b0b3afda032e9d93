/** Sets of DHCP options: create, associate, describe, delete. */

import { describe } from '../describe.ts';
import { invalidParameterValue, missingParameter, stillNeeded } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { parseAddress } from '../../../framework/cidr.ts';
import { newId, requireResource, resourcesIn } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { vpcs, vpcType } from '../vpcs/vpc.ts';
import { dhcpOptions, dhcpOptionsType, type DhcpOptions } from './dhcp-options.ts';

const shown = (row: DhcpOptions) => ({
  ...{ DhcpOptionsId: row.id, OwnerId: row.account },
  DhcpConfigurations: row.options.map(({ key, values }) => ({ Key: key, Values: values.map((Value) => ({ Value })) })),
  ...tagSet(row),
});

const filters: Filters<DhcpOptions> = {
  'dhcp-options-id': (row) => row.id,
  key: (row) => row.options.map(({ key }) => key),
  value: (row) => row.options.flatMap(({ values }) => values),
  'owner-id': (row) => row.account,
};

export const DescribeDhcpOptions: Operation<'DescribeDhcpOptions'> = async (request, input) => {
  const { rows, next } = await describe(request, input, { type: dhcpOptionsType, ids: input.DhcpOptionsIds, filters });
  return { DhcpOptions: rows.map(shown), ...next };
};

const addressesMax = 4;
/** By the keys that AWS takes; whether their values are addresses. */
const keys: Readonly<Record<string, boolean>> = {
  'domain-name': false,
  'domain-name-servers': true,
  'ntp-servers': true,
  'netbios-name-servers': true,
  'netbios-node-type': false,
  'ipv6-address-preferred-lease-time': false,
};

export const CreateDhcpOptions: Operation<'CreateDhcpOptions'> = async (request, input) => {
  const options = input.DhcpConfigurations.map(({ Key: key = '', Values: values = [] }) => {
    if (!Object.hasOwn(keys, key)) throw invalidParameterValue(`Value (${key}) for parameter key is invalid. Unknown DHCP option`);
    if (values.length === 0) throw missingParameter('value');
    if (keys[key] && values.length > addressesMax)
      throw invalidParameterValue(`Value (${values.join(', ')}) for parameter value is invalid. At most ${addressesMax} are allowed`);
    const wrong = keys[key]
      ? values.find((value) => parseAddress(value) === undefined && value !== 'AmazonProvidedDNS' && !value.includes(':'))
      : undefined;
    if (wrong !== undefined) throw invalidParameterValue(`Value (${wrong}) for parameter value is invalid. Invalid DHCP option value`);
    return { key, values };
  });
  if (options.length === 0) throw missingParameter('dhcpConfiguration');
  const { account, region } = request;
  const row: DhcpOptions = {
    account,
    region,
    id: newId(request.random, 'dopt'),
    options,
    ...kept(tagsFor(input.TagSpecifications, 'dhcp-options')),
  };
  await request.store.write((tx) => dhcpOptions.put(tx, row));
  return { DhcpOptions: shown(row) };
};

/** `default` is a VPC without options of its own. */
export const AssociateDhcpOptions: Operation<'AssociateDhcpOptions'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const vpc = await requireResource(tx, request, vpcType, input.VpcId);
    if (input.DhcpOptionsId !== 'default') await requireResource(tx, request, dhcpOptionsType, input.DhcpOptionsId);
    await vpcs.put(tx, { ...vpc, dhcpOptions: input.DhcpOptionsId });
  });
  return {};
};

export const DeleteDhcpOptions: Operation<'DeleteDhcpOptions'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, dhcpOptionsType, input.DhcpOptionsId);
    if ((await resourcesIn(tx, request, vpcType)).some((vpc) => vpc.dhcpOptions === row.id)) throw stillNeeded('dhcpOptions', row.id);
    await dhcpOptions.delete(tx, row.account, row.region, row.id);
  });
  return {};
};
