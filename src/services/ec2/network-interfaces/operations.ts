/** Network interfaces: describe, create, delete. */

import { describeWith } from '../describe.ts';
import { incorrectState, invalidParameterValue, notBuilt, refusal } from '../errors.ts';
import { once } from '../idempotency.ts';
import { newId, requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { drawStart, subnetType } from '../subnets/subnet.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { completeInterface, interfaceFilters, interfaceOf } from './description.ts';
import { wanted6 } from './addresses6.ts';
import { makeInterface, releasePublicAddresses } from './making.ts';
import { networkInterfaces, networkInterfaceType } from './network-interface.ts';

export const DescribeNetworkInterfaces: Operation<'DescribeNetworkInterfaces'> = async (request, input) => {
  const { rows, next } = await describeWith(request, input, {
    ...{ type: networkInterfaceType, ids: input.NetworkInterfaceIds, filters: interfaceFilters, complete: completeInterface },
  });
  return { NetworkInterfaces: rows.map(interfaceOf), ...next };
};

export const CreateNetworkInterface: Operation<'CreateNetworkInterface'> = async (request, input) => {
  const { PrivateIpAddress: single, PrivateIpAddresses: listed, SecondaryPrivateIpAddressCount: count = 0, ...others } = input;
  const { Ipv6Addresses: listed6, Ipv6AddressCount: count6, ...rest } = others;
  const built = ['SubnetId', 'Groups', 'Description', 'TagSpecifications', 'ClientToken', 'DryRun', 'InterfaceType'];
  const unbuilt = Object.entries(rest).find(([name, value]) => value !== undefined && !built.includes(name));
  if (unbuilt) throw notBuilt('CreateNetworkInterface', unbuilt[0]);
  if (input.InterfaceType !== undefined && (input.InterfaceType as string) !== 'interface')
    throw notBuilt('CreateNetworkInterface', `InterfaceType ${input.InterfaceType}`);
  const tags = tagsFor(input.TagSpecifications, 'network-interface');
  const wanted = listed?.length
    ? [...listed].sort((a, b) => Number(b.Primary ?? false) - Number(a.Primary ?? false)).map((one) => one.PrivateIpAddress!)
    : single === undefined
      ? []
      : [single];
  if (listed?.length && single !== undefined)
    throw refusal('InvalidParameterCombination')('The parameter privateIpAddress cannot be used with the parameter privateIpAddresses');
  if (!Number.isInteger(count) || count < 0 || count > 49)
    throw invalidParameterValue(`Value (${count}) for parameter secondaryPrivateIpAddressCount is invalid.`);
  const ipv6 = wanted6(
    listed6?.map(({ Ipv6Address }) => Ipv6Address),
    count6,
  );
  const drawn = { id: newId(request.random, 'eni'), start: drawStart(request.random) };
  const shown = await request.store.write(async (tx) => {
    const row = await once(tx, request, input, networkInterfaces, async () => {
      const subnet = await requireResource(tx, request, subnetType, input.SubnetId);
      return makeInterface(tx, request, subnet, {
        ...{ ...drawn, description: input.Description ?? '', type: 'interface', addresses: wanted, secondary: count, ipv6 },
        ...(input.Groups?.length && { groups: input.Groups }),
        ...kept(tags),
      });
    });
    return completeInterface(tx, row);
  });
  return {
    NetworkInterface: interfaceOf(shown),
    ...(input.ClientToken !== undefined && { ClientToken: input.ClientToken }),
  };
};

export const DeleteNetworkInterface: Operation<'DeleteNetworkInterface'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, networkInterfaceType, input.NetworkInterfaceId);
    if (row.requester !== undefined) throw refusal('OperationNotPermitted')(`You do not have permission to access the specified resource.`);
    if (row.attachment) {
      const holder = row.attachment.instance === undefined ? '' : ` and is attached to instance ${row.attachment.instance}`;
      if (row.attachment.status !== 'detached')
        throw refusal('InvalidNetworkInterface.InUse')(
          `The network interface '${row.id}' is currently in use${holder}.`.replace(' and is attached to instance', ' by instance'),
        );
      throw incorrectState(`The network interface '${row.id}' is being detached.`);
    }
    await releasePublicAddresses(tx, row);
    await networkInterfaces.delete(tx, row.account, row.region, row.id);
  });
  return {};
};
