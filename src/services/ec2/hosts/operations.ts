/** Dedicated hosts: allocate, describe, modify, release. */

import type { AwsError } from '../../../framework/aws-error.ts';
import { zoneNamed } from '../../../framework/regions.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { describeWith } from '../describe.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter, notBuilt, refusal } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { instanceTypes, launchedType } from '../instance-types/instance-type.ts';
import { instances, type Instance } from '../instances/instance.ts';
import { zoneAsked } from '../regions/zone-asked.ts';
import { checkStart } from '../regions/zone-faults.ts';
import { newId } from '../resource.ts';
import type { Input, Operation, Output } from '../sdk.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { hosts, hostSize, hostType, onHost, roomFor, type DedicatedHost } from './host.ts';

const perCallMax = 100;
/** Of an account in a region, over all families. */
const hostsMax = 100;

type Shown = DedicatedHost & { there: Instance[] };

const complete = async (tx: ReadTransaction, row: DedicatedHost): Promise<Shown> => ({ ...row, there: await onHost(tx, row) });

function hostOf(row: Shown): NonNullable<Output<'DescribeHosts'>['Hosts']>[number] {
  const size = hostSize(row.family)!;
  const used = row.there.reduce((sum, one) => sum + instanceTypes.get(one.type)!.vcpus, 0);
  const types = [...instanceTypes.values()].filter((type) =>
    row.type === undefined ? type.family.name === row.family : type.name === row.type,
  );
  return {
    ...{ HostId: row.id, OwnerId: row.account, State: row.state, AllocationTime: new Date(row.created) },
    ...{ AvailabilityZone: row.zone, AvailabilityZoneId: zoneNamed(row.region, row.zone)!.id },
    ...{ AutoPlacement: onOff(row.autoPlacement), HostRecovery: onOff(row.recovery), HostMaintenance: onOff(row.maintenance) },
    ...{ AllowsMultipleInstanceTypes: onOff(row.type === undefined), MemberOfServiceLinkedResourceGroup: false },
    ...(row.token !== undefined && { ClientToken: row.token }),
    ...(row.released !== undefined && { ReleaseTime: new Date(row.released) }),
    HostProperties: {
      ...{ Cores: size.cores, Sockets: size.sockets, TotalVCpus: size.vcpus },
      ...(row.type === undefined ? { InstanceFamily: row.family } : { InstanceType: row.type }),
    },
    AvailableCapacity: {
      AvailableVCpus: row.state === 'available' ? size.vcpus - used : 0,
      AvailableInstanceCapacity: types.map((type) => ({
        ...{ InstanceType: type.name, AvailableCapacity: roomFor(row, row.there, type) },
        TotalCapacity: Math.floor(size.vcpus / type.vcpus),
      })),
    },
    Instances: row.there.map((one) => ({ InstanceId: one.id, InstanceType: one.type, OwnerId: one.account })),
    ...tagSet(row),
  };
}

const onOff = (on: boolean): 'on' | 'off' => (on ? 'on' : 'off');

const filters: Filters<Shown> = {
  'auto-placement': (row) => onOff(row.autoPlacement),
  'availability-zone': (row) => row.zone,
  'client-token': (row) => row.token,
  'instance-type': (row) => row.type,
  state: (row) => row.state,
};

export const DescribeHosts: Operation<'DescribeHosts'> = async (request, input) => {
  const page = { Filters: input.Filter, MaxResults: input.MaxResults, NextToken: input.NextToken };
  const { rows, next } = await describeWith(request, page, { type: hostType, ids: input.HostIds, filters, complete });
  return { Hosts: rows.map(hostOf), ...next };
};

export const AllocateHosts: Operation<'AllocateHosts'> = async (request, input) => {
  for (const name of ['OutpostArn', 'CpuOptions'] as const) if (input[name]) throw notBuilt('AllocateHosts', name);
  if (input.AssetIds?.length) throw notBuilt('AllocateHosts', 'AssetIds');
  const count = input.Quantity ?? 1;
  if (!Number.isInteger(count) || count < 1 || count > perCallMax)
    throw invalidParameterValue(`Value (${count}) for parameter quantity is invalid. It must be between 1 and ${perCallMax}.`);
  const kind = kindOf(input);
  const zone = zoneOf(request, input);
  const { account, region, now } = request;
  const tags = kept(tagsFor(input.TagSpecifications, 'dedicated-host'));
  const rows = Array.from({ length: count }, (): DedicatedHost => ({
    ...{ account, region, id: newId(request.random, 'h'), created: now, zone, ...kind, state: 'available' },
    ...{ autoPlacement: flag('autoPlacement', input.AutoPlacement, true), recovery: flag('hostRecovery', input.HostRecovery, false) },
    maintenance: flag('hostMaintenance', input.HostMaintenance, false),
    ...(input.ClientToken !== undefined && { token: input.ClientToken }),
    ...tags,
  }));
  const ids = await request.store.write(async (tx) => {
    const there = (await hosts.scanIndex(tx, 'live', [account, region])).map(({ row }) => row);
    const known = input.ClientToken === undefined ? [] : there.filter((row) => row.token === input.ClientToken);
    if (known.length > 0) return known.map(({ id }) => id);
    await checkStart(tx, zone, kind.type ?? kind.family);
    if (there.length + count > hostsMax)
      throw refusal('HostLimitExceeded')(`You may have at most ${hostsMax} Dedicated Hosts in a Region.`);
    for (const row of rows) await hosts.put(tx, row);
    return rows.map(({ id }) => id);
  });
  return { HostIds: ids };
};

function flag(name: string, given: string | undefined, otherwise: boolean): boolean {
  if (given === undefined) return otherwise;
  if (given !== 'on' && given !== 'off') throw invalidParameterValue(`Value (${given}) for parameter ${name} is invalid.`);
  return given === 'on';
}

function kindOf({
  InstanceType: type,
  InstanceFamily: family,
}: {
  InstanceType?: string | undefined;
  InstanceFamily?: string | undefined;
}) {
  if (type && family) throw invalidParameterCombination('Specify either InstanceType or InstanceFamily, but not both.');
  if (!type && !family) throw missingParameter('InstanceType or InstanceFamily');
  const name = family ?? launchedType(type!).family.name;
  if (!hostSize(name)) throw invalidParameterValue(`Dedicated Hosts do not support the instance family '${name}'.`);
  return { family: name, ...(type && { type }) };
}

function zoneOf({ region }: ServiceRequest, input: Input<'AllocateHosts'>): string {
  const zone = zoneAsked(region, input);
  if (!zone) throw missingParameter('AvailabilityZone or AvailabilityZoneId');
  return zone.name;
}

type Unsuccessful = { ResourceId: string; Error: { Code: string; Message: string } };

/** Each of the hosts by itself: some may fail. */
async function each(
  request: ServiceRequest,
  ids: readonly string[],
  act: (tx: WriteTransaction, row: DedicatedHost) => Promise<AwsError | undefined>,
): Promise<{ Successful: string[]; Unsuccessful: Unsuccessful[] }> {
  if (ids.length === 0) throw missingParameter('HostId');
  return request.store.write(async (tx) => {
    const done: string[] = [];
    const failed: Unsuccessful[] = [];
    for (const id of new Set(ids)) {
      const row = await hosts.get(tx, request.account, request.region, id);
      const error = row?.state === 'available' ? await act(tx, row) : hostType.notFound(id);
      if (error) failed.push({ ResourceId: id, Error: { Code: `Client.${error.code}`, Message: error.message } });
      else done.push(id);
    }
    return { Successful: done, Unsuccessful: failed };
  });
}

export const ModifyHosts: Operation<'ModifyHosts'> = async (request, input) => {
  const kind = input.InstanceType || input.InstanceFamily ? kindOf(input) : undefined;
  return each(request, input.HostIds, async (tx, row) => {
    if (kind && kind.family !== row.family)
      return invalidParameterValue(`The host '${row.id}' is of the family '${row.family}', not '${kind.family}'.`);
    const there = kind?.type === undefined ? [] : await onHost(tx, row);
    if (there.some((one) => one.type !== kind!.type))
      return refusal('InvalidHostConfiguration')(`The host '${row.id}' has instances of other types than '${kind!.type}'.`);
    const { type: _old, ...rest } = row;
    await hosts.put(tx, {
      ...(kind ? { ...rest, ...kind } : row),
      autoPlacement: flag('autoPlacement', input.AutoPlacement, row.autoPlacement),
      recovery: flag('hostRecovery', input.HostRecovery, row.recovery),
      maintenance: flag('hostMaintenance', input.HostMaintenance, row.maintenance),
    });
    return undefined;
  });
};

export const ReleaseHosts: Operation<'ReleaseHosts'> = (request, input) =>
  each(request, input.HostIds, async (tx, row) => {
    if ((await onHost(tx, row)).length > 0)
      return refusal('InvalidHost.Occupied')(`Dedicated host '${row.id}' cannot be released as it is occupied.`);
    // A stopped instance that wanted this host will want any.
    for (const { row: one } of await instances.scan(tx, [row.account, row.region]))
      if (one.host && one.state === 'stopped' && (one.host.on === row.id || one.host.wanted === row.id))
        await instances.put(tx, { ...one, host: { affinity: 'default' } });
    await hosts.put(tx, { ...row, state: 'released', released: request.now });
    return undefined;
  });
