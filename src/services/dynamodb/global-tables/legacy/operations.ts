/** CreateGlobalTable, DescribeGlobalTable, UpdateGlobalTable and ListGlobalTables, of version 2017.11.29. */

import { AwsError } from '../../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../../framework/request.ts';
import { addFault, checkName, checkRange, refuseFaults, type Faults } from '../../constraints.ts';
import { validationException } from '../../errors.ts';
import { tablesListedMax } from '../../limits.ts';
import type { Operation } from '../../sdk.ts';
import type { Means } from '../membership.ts';
import { describeGroup, join, legacyMembers, part, requireGroup } from './group.ts';

const meansOf = ({ random, now, host }: ServiceRequest): Means => ({ seed: random.uuid(), now, peers: host.peers.regions });

export const CreateGlobalTable: Operation<'CreateGlobalTable'> = async (request, input) => {
  const name = input.GlobalTableName!;
  const regions = input.ReplicationGroup!.map(({ RegionName: region }) => region);
  checkForm(name, regions);
  const means = meansOf(request);
  const { account } = request;
  const group = await request.store.write(async (tx) => {
    const present = (await legacyMembers(tx, account)).filter((member) => member.name === name);
    if (present.length > 0) throw new AwsError('GlobalTableAlreadyExistsException', `Global table with name: '${name}' already exists.`);
    return join(tx, account, name, regions as string[], [], means);
  });
  return { GlobalTableDescription: { ...describeGroup(group), GlobalTableStatus: 'CREATING' } };
};

function checkForm(name: string, regions: readonly (string | undefined)[]): void {
  const faults: Faults = [];
  checkName(faults, 'globalTableName', name);
  for (const [at, region] of regions.entries())
    if (region === undefined) addFault(faults, `replicationGroup.${at + 1}.member.regionName`, undefined, 'Member must not be null');
  refuseFaults(faults);
  if (regions.length === 0) throw validationException('ReplicationGroup must name one region at least');
  if (new Set(regions).size < regions.length) throw validationException('Each region can be named once only');
}

export const DescribeGlobalTable: Operation<'DescribeGlobalTable'> = async (request, input) => ({
  GlobalTableDescription: describeGroup(await request.store.read((tx) => requireGroup(tx, request.account, input.GlobalTableName!))),
});

export const UpdateGlobalTable: Operation<'UpdateGlobalTable'> = async (request, input) => {
  const name = input.GlobalTableName!;
  const updates = input.ReplicaUpdates!;
  if (updates.some(({ Create: create, Delete: remove }) => (create === undefined) === (remove === undefined)))
    throw validationException('Exactly one of Create and Delete must be specified for each replica update');
  const created = updates.flatMap(({ Create: create }) => (create ? [create.RegionName] : []));
  const removed = updates.flatMap(({ Delete: remove }) => (remove ? [remove.RegionName] : []));
  checkForm(name, [...created, ...removed]);
  const means = meansOf(request);
  const { account } = request;
  const group = await request.store.write(async (tx) => {
    const before = await requireGroup(tx, account, name);
    const known = created.find((region) => before.some((member) => member.region === region));
    if (known !== undefined)
      throw new AwsError('ReplicaAlreadyExistsException', `Replica already exists: global table ${name} has one in region ${known}`);
    const left = removed.length > 0 ? await part(tx, before, removed as string[]) : before;
    const after = created.length > 0 ? await join(tx, account, name, created as string[], left, means) : left;
    return after.length > 0 ? after : before;
  });
  return { GlobalTableDescription: { ...describeGroup(group), GlobalTableStatus: 'UPDATING' } };
};

export const ListGlobalTables: Operation<'ListGlobalTables'> = async (request, input) => {
  const faults: Faults = [];
  checkRange(faults, 'limit', input.Limit, 1);
  refuseFaults(faults);
  const members = await request.store.read((tx) => legacyMembers(tx, request.account));
  const regionsByName = new Map<string, string[]>();
  for (const { name, region } of members) regionsByName.set(name, [...(regionsByName.get(name) ?? []), region]);
  const { ExclusiveStartGlobalTableName: after = '', RegionName: wanted } = input;
  const found = [...regionsByName].filter(([name, regions]) => name > after && (wanted === undefined || regions.includes(wanted)));
  const page = found.slice(0, Math.min(input.Limit ?? tablesListedMax, tablesListedMax));
  return {
    GlobalTables: page.map(([name, regions]) => ({
      GlobalTableName: name,
      ReplicationGroup: regions.map((region) => ({ RegionName: region })),
    })),
    ...(found.length > page.length && { LastEvaluatedGlobalTableName: page.at(-1)![0] }),
  };
};
