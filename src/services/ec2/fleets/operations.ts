/** EC2 fleets: create, modify, delete. An `instant` fleet is filled by its call; the others by the keeper. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter, notBuilt, unsupportedOperation } from '../errors.ts';
import { once } from '../idempotency.ts';
import type { Input, Operation } from '../sdk.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { recordEvent } from './events.ts';
import { fill } from './filling.ts';
import { fleets, isFleetId, membersOf, requireFleet, unitsOf, type Fleet } from './fleet.ts';
import { finishLaunch } from './launch.ts';
import { poolsOf } from './pools.ts';
import { checkedConfigs, checkedRules, checkedTargets, timesOf } from './request.ts';
import { faultsShown, launchedShown } from './shown.ts';

const taggable = ['fleet', 'instance', 'volume', 'network-interface', 'spot-instances-request'];

export const CreateFleet: Operation<'CreateFleet'> = async (request, input) => {
  const { account, region, now } = request;
  const type = input.Type ?? 'maintain';
  if (type !== 'instant' && type !== 'request' && type !== 'maintain')
    throw invalidParameterValue(`Value (${String(type)}) for parameter type is invalid.`);
  for (const name of ['ReservedCapacityOptions', 'Context', 'ReplaceUnhealthyInstances'] as const)
    if (input[name]) throw notBuilt('CreateFleet', name);
  const tags = tagsFor(input.TagSpecifications, 'fleet', taggable);
  const others = (input.TagSpecifications ?? []).filter((one) => one.ResourceType !== 'fleet');
  if (others.length > 0 && type !== 'instant')
    throw invalidParameterValue(`A fleet of type ${type} tags itself alone: tags of instances belong into its launch template.`);
  const id = `fleet-${request.random.uuid()}`;
  const row: Fleet = {
    ...{ account, region, id, created: now, type, state: type === 'instant' ? 'active' : 'submitted' },
    ...{ configs: checkedConfigs(input.LaunchTemplateConfigs), targets: checkedTargets(input.TargetCapacitySpecification) },
    ...{ ...checkedRules(input, type), ...timesOf(input, now) },
    ...{ launched: { spot: 0, 'on-demand': 0 }, launches: 0 },
    ...(input.ClientToken && { clientToken: input.ClientToken }),
    ...kept(tags),
  };
  // What is not there is said at once, whatever the type.
  await request.store.read((tx) => poolsOf(tx, request, row.configs, 'on-demand'));
  const made = await request.store.write(async (tx) =>
    once(tx, request, input, fleets, async () => {
      await fleets.put(tx, row);
      await recordEvent(tx, row, now, { type: 'fleet-change', what: row.state });
      return row;
    }),
  );
  if (type !== 'instant') return { FleetId: made.id };
  if (made.id === id) await fillAtOnce(request, made, others);
  return answerOf(request, made.id);
};

/** An instant fleet is there when its call returns, as far as it could be; below its minimum nothing of it stays. */
async function fillAtOnce(
  request: ServiceRequest,
  fleet: Fleet,
  tags: NonNullable<Input<'CreateFleet'>['TagSpecifications']>,
): Promise<void> {
  const { store, aws, now } = request;
  const means = { store, aws, now };
  const { spot, onDemand } = fleet.targets;
  const faults = await fill(means, fleet, { spot, 'on-demand': onDemand }, tags);
  const short = await store.write(async (tx) => {
    const present = await fleets.get(tx, fleet.account, fleet.region, fleet.id);
    if (present) await fleets.put(tx, { ...present, ...(faults.length > 0 && { faults }) });
    const members = await membersOf(tx, fleet);
    const isShort = unitsOf(members, 'spot') < (fleet.spot.least ?? 0) || unitsOf(members, 'on-demand') < (fleet.onDemand.least ?? 0);
    return isShort ? members.map(({ instance }) => instance) : [];
  });
  if (short.length > 0) await aws.ec2('TerminateInstances', { InstanceIds: short });
}

async function answerOf(request: ServiceRequest, id: string) {
  return request.store.read(async (tx) => {
    const row = await requireFleet(tx, request, id);
    const members = (await membersOf(tx, row)).filter(({ runs }) => runs);
    return { FleetId: id, Instances: launchedShown(row, members), Errors: faultsShown(row) };
  });
}

/** Of those that maintain their target: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyFleet.html */
export const ModifyFleet: Operation<'ModifyFleet'> = async (request, input) => {
  if (input.Context) throw notBuilt('ModifyFleet', 'Context');
  const targets = input.TargetCapacitySpecification && checkedTargets(input.TargetCapacitySpecification);
  const configs = input.LaunchTemplateConfigs?.length ? checkedConfigs(input.LaunchTemplateConfigs) : undefined;
  if (!targets && !configs && !input.ExcessCapacityTerminationPolicy) throw missingParameter('TargetCapacitySpecification');
  if (configs) await request.store.read((tx) => poolsOf(tx, request, configs, 'on-demand'));
  await request.store.write(async (tx) => {
    const row = await requireFleet(tx, request, input.FleetId);
    if (row.type !== 'maintain') throw unsupportedOperation(`The fleet '${row.id}' is of type ${row.type}, and cannot be modified.`);
    if (!['submitted', 'active', 'modifying'].includes(row.state))
      throw invalidParameterCombination(`The fleet '${row.id}' is in the state ${row.state}, and cannot be modified.`);
    const { notBefore: _any, ...rest } = row;
    const next: Fleet = {
      ...{ ...rest, state: 'modifying', excess: input.ExcessCapacityTerminationPolicy ?? row.excess },
      ...(targets && { targets }),
      ...(configs && { configs }),
    };
    await fleets.put(tx, next);
    await recordEvent(tx, next, request.now, { type: 'fleet-change', what: 'modify_in_progress' });
  });
  return { Return: true };
};

const deletionsMax = 100;
const instantDeletionsMax = 25;

/** Each by itself: what cannot be deleted is told beside what was. */
export const DeleteFleets: Operation<'DeleteFleets'> = async (request, input) => {
  const ids = [...new Set(input.FleetIds)];
  if (ids.length === 0) throw missingParameter('FleetId');
  if (ids.length > deletionsMax) throw invalidParameterValue(`At most ${deletionsMax} fleets can be deleted in one call.`);
  const terminates = input.TerminateInstances ?? false;
  const found = await request.store.read(async (tx) => {
    const rows = [];
    for (const id of ids) rows.push(isFleetId(id) ? await fleets.get(tx, request.account, request.region, id) : undefined);
    return rows;
  });
  if (found.filter((row) => row?.type === 'instant').length > instantDeletionsMax)
    throw invalidParameterValue(`At most ${instantDeletionsMax} fleets of type instant can be deleted in one call.`);
  const done = [];
  const refused = [];
  for (const [at, row] of found.entries()) {
    const FleetId = ids[at]!;
    const fault = whyNotDeleted(FleetId, row, terminates);
    if (fault) refused.push({ FleetId, Error: fault });
    else done.push({ FleetId, ...(await deleteOne(request, row!, terminates)) });
  }
  return { SuccessfulFleetDeletions: done, UnsuccessfulFleetDeletions: refused };
};

function whyNotDeleted(id: string, row: Fleet | undefined, terminates: boolean) {
  if (!row && !isFleetId(id)) return { Code: 'fleetIdMalformed' as const, Message: `The fleet ID '${id}' is malformed` };
  if (!row) return { Code: 'fleetIdDoesNotExist' as const, Message: `The fleet ID '${id}' does not exist` };
  if (row.state.startsWith('deleted'))
    return { Code: 'fleetNotInDeletableState' as const, Message: `The fleet '${id}' is in the state ${row.state}` };
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/delete-fleet.html
  if (row.type === 'instant' && !terminates)
    return {
      Code: 'fleetNotInDeletableState' as const,
      Message: `The instances of the fleet '${id}', which is of type instant, go with it`,
    };
  return undefined;
}

async function deleteOne(request: ServiceRequest, seen: Fleet, terminates: boolean) {
  const { store, aws, now } = request;
  // What is being launched at this moment belongs to it too.
  if (seen.type === 'instant' && seen.launching) await finishLaunch({ store, aws, now }, seen, seen.launching);
  const { before, members } = await store.write(async (tx) => {
    const row = await requireFleet(tx, request, seen.id);
    const state = terminates ? 'deleted_terminating' : 'deleted_running';
    const next: Fleet = { ...row, state };
    await fleets.put(tx, next);
    await recordEvent(tx, next, now, { type: 'fleet-change', what: state });
    return { before: row.state, members: (await membersOf(tx, row)).filter(({ isThere }) => isThere) };
  });
  if (terminates && members.length > 0) await aws.ec2('TerminateInstances', { InstanceIds: members.map(({ instance }) => instance) });
  return { PreviousFleetState: before, CurrentFleetState: terminates ? ('deleted_terminating' as const) : ('deleted_running' as const) };
}
