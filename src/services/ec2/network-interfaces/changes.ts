/** What can be changed of an interface while it is there: attributes and secondary addresses. */

import { dissociate } from '../addresses/associations.ts';
import { elasticAddresses } from '../addresses/address.ts';
import { invalidParameterCombination, invalidParameterValue, limitExceeded, missingParameter, notBuilt, refusal } from '../errors.ts';
import { requireResource, resourcesIn } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { reservedRanges } from '../subnets/cidr-reservation.ts';
import { checkAddress, drawStart, pickAddresses, subnetType, takenAddresses } from '../subnets/subnet.ts';
import { attachmentOf, completeInterface, groupsOf } from './description.ts';
import { checkedGroups } from './making.ts';
import { networkInterfaces, networkInterfaceType, requireOwn } from './network-interface.ts';

const addressesPerInterfaceMax = 50;

export const DescribeNetworkInterfaceAttribute: Operation<'DescribeNetworkInterfaceAttribute'> = async (request, input) => {
  if (input.Attribute === undefined) throw missingParameter('attribute');
  const row = await request.store.read(async (tx) =>
    completeInterface(tx, await requireResource(tx, request, networkInterfaceType, input.NetworkInterfaceId)),
  );
  const shown = {
    description: { Description: { Value: row.description } },
    groupSet: { Groups: groupsOf(row) },
    sourceDestCheck: { SourceDestCheck: { Value: row.sourceDestCheck } },
    attachment: attachmentOf(row),
    associatePublicIpAddress: { AssociatePublicIpAddress: row.addresses[0]!.public !== undefined },
  };
  if (!Object.hasOwn(shown, input.Attribute))
    throw invalidParameterValue(`Value (${input.Attribute}) for parameter attribute is invalid. Unknown network interface attribute`);
  return { NetworkInterfaceId: row.id, ...shown[input.Attribute] };
};

export const ModifyNetworkInterfaceAttribute: Operation<'ModifyNetworkInterfaceAttribute'> = async (request, input) => {
  const { NetworkInterfaceId, Description, Groups, SourceDestCheck, Attachment, DryRun: _dryRun, ...others } = input;
  const unbuilt = Object.entries(others).find(([, value]) => value !== undefined);
  if (unbuilt) throw notBuilt('ModifyNetworkInterfaceAttribute', unbuilt[0]);
  const given = [Description, Groups, SourceDestCheck, Attachment].filter((one) => one !== undefined);
  if (given.length === 0) throw missingParameter('attribute');
  if (given.length > 1) throw invalidParameterCombination('Fields for multiple attribute types specified');
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, networkInterfaceType, NetworkInterfaceId);
    requireOwn(row);
    if (Attachment && row.attachment?.id !== Attachment.AttachmentId)
      throw refusal('InvalidAttachmentID.NotFound')(`The attachment ID '${Attachment.AttachmentId}' does not exist`);
    await networkInterfaces.put(tx, {
      ...row,
      ...(Description?.Value !== undefined && { description: Description.Value }),
      ...(Groups && { groups: await checkedGroups(tx, request, row.vpc, Groups) }),
      ...(SourceDestCheck?.Value !== undefined && { sourceDestCheck: SourceDestCheck.Value }),
      ...(Attachment?.DeleteOnTermination !== undefined && {
        attachment: { ...row.attachment!, deleteOnTermination: Attachment.DeleteOnTermination },
      }),
    });
  });
  return {};
};

export const ResetNetworkInterfaceAttribute: Operation<'ResetNetworkInterfaceAttribute'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, networkInterfaceType, input.NetworkInterfaceId);
    requireOwn(row);
    await networkInterfaces.put(tx, { ...row, sourceDestCheck: true });
  });
  return {};
};

export const AssignPrivateIpAddresses: Operation<'AssignPrivateIpAddresses'> = async (request, input) => {
  const { PrivateIpAddresses: wanted = [], SecondaryPrivateIpAddressCount: count = 0 } = input;
  if (input.Ipv4PrefixCount || input.Ipv4Prefixes?.length) throw notBuilt('AssignPrivateIpAddresses', 'Ipv4Prefixes');
  if (wanted.length === 0 && count === 0) throw missingParameter('privateIpAddress or secondaryPrivateIpAddressCount');
  const start = drawStart(request.random);
  const added = await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, networkInterfaceType, input.NetworkInterfaceId);
    requireOwn(row);
    const subnet = await requireResource(tx, request, subnetType, row.subnet);
    const taken = await takenAddresses(tx, subnet);
    const others = (await resourcesIn(tx, request, networkInterfaceType)).filter((one) => one.subnet === subnet.id && one.id !== row.id);
    for (const address of wanted) {
      const holder = others.find((one) => one.addresses.some((each) => each.address === address && !each.primary));
      if (!holder || input.AllowReassignment !== true) checkAddress(subnet, taken, address);
      else await networkInterfaces.put(tx, { ...holder, addresses: holder.addresses.filter((each) => each.address !== address) });
      taken.add(address);
    }
    const picked = wanted.length > 0 ? wanted : pickAddresses(subnet, taken, await reservedRanges(tx, subnet), count, start);
    if (row.addresses.length + picked.length > addressesPerInterfaceMax)
      throw limitExceeded('PrivateIpAddressLimitExceeded', `Number of private addresses will exceed limit.`);
    await networkInterfaces.put(tx, { ...row, addresses: [...row.addresses, ...picked.map((address) => ({ address, primary: false }))] });
    return picked;
  });
  return {
    NetworkInterfaceId: input.NetworkInterfaceId,
    AssignedPrivateIpAddresses: added.map((address) => ({ PrivateIpAddress: address })),
  };
};

export const UnassignPrivateIpAddresses: Operation<'UnassignPrivateIpAddresses'> = async (request, input) => {
  const gone = input.PrivateIpAddresses ?? [];
  if (input.Ipv4Prefixes?.length) throw notBuilt('UnassignPrivateIpAddresses', 'Ipv4Prefixes');
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, networkInterfaceType, input.NetworkInterfaceId);
    requireOwn(row);
    for (const address of gone) {
      const found = row.addresses.find((one) => one.address === address);
      if (!found || found.primary) throw invalidParameterValue(`Some of the specified addresses are not assigned to interface ${row.id}`);
      const elastic =
        found.public?.allocation === undefined
          ? undefined
          : await elasticAddresses.get(tx, row.account, row.region, found.public.allocation);
      if (elastic) await dissociate(tx, elastic);
    }
    await networkInterfaces.put(tx, { ...row, addresses: row.addresses.filter(({ address }) => !gone.includes(address)) });
  });
  return {};
};
