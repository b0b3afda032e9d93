/** ModifyVpcEndpoint. */

import { invalidParameter, missingParameter, notBuilt } from '../errors.ts';
import { requireResource } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { checkedPolicy } from './policy.ts';
import { openPolicy, vpcEndpoints, vpcEndpointType, type VpcEndpoint } from './vpc-endpoint.ts';
import { addInterfaces, addRoutes, checkPrivateDns, drawFor, regroup, removeInterfaces, removeRoutes } from './wiring.ts';

const gatewayOnly = ['AddRouteTableIds', 'RemoveRouteTableIds'] as const;
const interfaceOnly = ['AddSubnetIds', 'RemoveSubnetIds', 'AddSecurityGroupIds', 'RemoveSecurityGroupIds', 'PrivateDnsEnabled'] as const;

export const ModifyVpcEndpoint: Operation<'ModifyVpcEndpoint'> = async (request, input) => {
  for (const name of ['DnsOptions', 'SubnetConfigurations'] as const)
    if (input[name] !== undefined) throw notBuilt('ModifyVpcEndpoint', name);
  if (input.IpAddressType !== undefined && input.IpAddressType !== 'ipv4')
    throw notBuilt('ModifyVpcEndpoint', `IpAddressType ${input.IpAddressType}`);
  const policy = input.PolicyDocument === undefined ? undefined : checkedPolicy(input.PolicyDocument);
  if (policy !== undefined && input.ResetPolicy === true)
    throw invalidParameter('A policy document cannot be given while the policy is reset.');
  const added = [...new Set(input.AddSubnetIds ?? [])];
  const drawn = drawFor(request, added);
  await request.store.write(async (tx) => {
    const known = await requireResource(tx, request, vpcEndpointType, input.VpcEndpointId);
    checkFits(known, input);
    const present: VpcEndpoint = {
      ...known,
      ...(input.ResetPolicy === true && { policy: openPolicy }),
      ...(policy !== undefined && { policy }),
      ...(input.PrivateDnsEnabled !== undefined && { privateDns: input.PrivateDnsEnabled }),
    };
    if (present.privateDns && !known.privateDns) await checkPrivateDns(tx, present, await requireResource(tx, request, vpcType, known.vpc));
    await removeRoutes(tx, present, input.RemoveRouteTableIds ?? []);
    await addRoutes(tx, present, input.AddRouteTableIds ?? []);
    const grouped = await withGroups(tx, present, input);
    const fewer = await removeInterfaces(tx, grouped, input.RemoveSubnetIds ?? []);
    await vpcEndpoints.put(
      tx,
      await addInterfaces(
        tx,
        request,
        fewer,
        added.filter((id) => !fewer.subnets.includes(id)),
        drawn,
      ),
    );
  });
  return { Return: true };
};

function checkFits({ type }: VpcEndpoint, input: Input<'ModifyVpcEndpoint'>): void {
  const wrong = (type === 'Gateway' ? interfaceOnly : gatewayOnly).find((name) => input[name] !== undefined);
  if (wrong) throw invalidParameter(`${wrong} cannot be specified for an endpoint of type ${type}.`);
}

async function withGroups(tx: Parameters<typeof regroup>[0], row: VpcEndpoint, input: Input<'ModifyVpcEndpoint'>): Promise<VpcEndpoint> {
  const { AddSecurityGroupIds: added = [], RemoveSecurityGroupIds: removed = [] } = input;
  if (added.length === 0 && removed.length === 0) return row;
  const groups = [...row.groups.filter((id) => !removed.includes(id)), ...added];
  if (groups.length === 0) throw missingParameter('SecurityGroupIds');
  return regroup(tx, row, groups);
}
