/** ModifyInstancePlacement: where a stopped instance will be started. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstancePlacement.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter, notBuilt, refusal } from '../errors.ts';
import { instanceTypes } from '../instance-types/instance-type.ts';
import { incorrectInstanceState, instances, instanceType, type HostPlace, type Instance } from '../instances/instance.ts';
import { planGroup } from '../placement-groups/launch.ts';
import { requireResource } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { hostType } from './host.ts';

type PlacementInput = Input<'ModifyInstancePlacement'>;

export const ModifyInstancePlacement: Operation<'ModifyInstancePlacement'> = async (request, input) => {
  if (input.HostResourceGroupArn) throw notBuilt('ModifyInstancePlacement', 'HostResourceGroupArn');
  const given = (['Affinity', 'GroupName', 'GroupId', 'HostId', 'PartitionNumber', 'Tenancy'] as const).filter(
    (name) => input[name] !== undefined,
  );
  if (given.length === 0) throw missingParameter('Affinity, HostId, Tenancy or GroupName');
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, instanceType, input.InstanceId);
    if (row.state !== 'stopped' && given.some((name) => name !== 'Affinity'))
      throw incorrectInstanceState(`The instance '${row.id}' is not in the 'stopped' state; its placement cannot be changed.`);
    const grouped = given.some((name) => name.startsWith('Group') || name === 'PartitionNumber')
      ? await regroup(tx, request, row, input)
      : row;
    await instances.put(tx, await rehost(tx, request, grouped, input));
  });
  return { Return: true };
};

async function regroup(tx: WriteTransaction, request: ServiceRequest, row: Instance, input: PlacementInput): Promise<Instance> {
  const { placementGroup: _old, partition: _part, ...rest } = row;
  if (input.GroupName === '') return rest;
  if (row.tenancy === 'host') throw invalidParameterCombination('Instances on Dedicated Hosts cannot be in a placement group.');
  const wanted = { zone: row.zone, type: instanceTypes.get(row.type)!, least: 1, most: 1 };
  const { GroupName, GroupId, PartitionNumber } = input;
  const name = GroupName ?? (GroupId === undefined ? row.placementGroup : undefined);
  const { group } = await planGroup(tx, request, { GroupName: name, GroupId, PartitionNumber }, wanted);
  return { ...rest, ...(group && { placementGroup: group.name }), ...(group?.partitions && { partition: group.partitions[0]! }) };
}

async function rehost(tx: WriteTransaction, request: ServiceRequest, row: Instance, input: PlacementInput): Promise<Instance> {
  const { Affinity: affinity, HostId: id, Tenancy: given } = input;
  if (affinity === undefined && id === undefined && given === undefined) return row;
  if (given !== undefined && given !== 'default' && given !== 'dedicated' && given !== 'host')
    throw invalidParameterValue(`Value (${String(given)}) for parameter tenancy is invalid.`);
  if (affinity !== undefined && affinity !== 'default' && affinity !== 'host')
    throw invalidParameterValue(`Value (${String(affinity)}) for parameter affinity is invalid.`);
  const tenancy = given ?? (id === undefined ? row.tenancy : 'host');
  if (row.tenancy === 'host' && tenancy !== 'host')
    throw refusal('InvalidRequest')(`The tenancy of the instance '${row.id}' cannot be changed from host to ${tenancy}.`);
  if (tenancy !== 'host') {
    if (affinity !== undefined) throw invalidParameterCombination(`The parameter affinity cannot be used without a tenancy of 'host'`);
    return { ...row, tenancy };
  }
  if (row.placementGroup !== undefined) throw invalidParameterCombination('Instances in a placement group cannot be on a Dedicated Host.');
  if (row.spot) throw invalidParameterCombination('Spot Instances cannot have a tenancy of host.');
  if (id !== undefined) {
    const host = await requireResource(tx, request, hostType, id);
    if (host.state !== 'available') throw hostType.notFound(id);
    if (host.zone !== row.zone)
      throw invalidParameterValue(`The host '${id}' is in the Availability Zone '${host.zone}', not '${row.zone}'.`);
  }
  const { wanted, ...present }: HostPlace = row.host ?? { affinity: 'default' };
  const next = id ?? wanted;
  return { ...row, tenancy, host: { ...present, ...(affinity && { affinity }), ...(next !== undefined && { wanted: next }) } };
}
