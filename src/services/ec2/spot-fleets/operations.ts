/** Spot fleets: request, modify, cancel. The keeper of fleets fills them. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { assumeServiceRole, passRole } from '../../../framework/service-role.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter, notBuilt, refusal } from '../errors.ts';
import { recordEvent } from '../fleets/events.ts';
import { fleets, type Fleet } from '../fleets/fleet.ts';
import { poolsOf } from '../fleets/pools.ts';
import { spotFleetService } from '../fleets/role.ts';
import { once } from '../idempotency.ts';
import type { Operation } from '../sdk.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { checkedCapacity, checkedSpotFleet, excessOf, templateConfigs } from './request.ts';
import { isCancelled } from './shown.ts';
import { batchState, configInvalid, findSpotFleet, isSpotFleetId, malformedWords, requireSpotFleet, spotFleetType } from './spot-fleet.ts';

export const RequestSpotFleet: Operation<'RequestSpotFleet'> = async (request, input) => {
  const { account, region, now } = request;
  const given = input.SpotFleetRequestConfig;
  const checked = checkedSpotFleet(given, now);
  const tags = tagsFor(given.TagSpecifications, 'spot-fleet-request');
  const role = await checkRole(request, given.IamFleetRole);
  // What is not there is said at once.
  await request.store.read((tx) => poolsOf(tx, request, checked.configs, 'on-demand'));
  const row: Fleet = {
    ...{ account, region, id: `sfr-${request.random.uuid()}`, created: now, state: 'submitted' },
    ...checked,
    ...{ launched: { spot: 0, 'on-demand': 0 }, launches: 0 },
    spotFleet: { role, ...(given.SpotPrice && { maxPrice: given.SpotPrice }) },
    ...(given.ClientToken && { clientToken: given.ClientToken }),
    ...kept(tags),
  };
  const made = await request.store.write(async (tx) =>
    once(tx, request, given, fleets, async () => {
      await fleets.put(tx, row);
      await recordEvent(tx, row, now, { type: 'fleet-change', what: 'submitted' });
      return row;
    }),
  );
  return { SpotFleetRequestId: made.id };
};

/** It is there, trusts spot fleets, and its giver may pass it. Throws InvalidSpotFleetRequestConfig or a denial. */
async function checkRole(request: ServiceRequest, role: string | undefined): Promise<string> {
  const { account, region } = request;
  if (!role || !/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/.test(role)) throw configInvalid('IamFleetRole');
  await request.permit(passRole(role, spotFleetService));
  const session = await assumeServiceRole(request, {
    roleArn: role,
    service: spotFleetService,
    account,
    region,
    session: 'RequestSpotFleet',
  });
  if (!session) throw configInvalid('IamFleetRole');
  return role;
}

/** Of those that maintain their target: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySpotFleetRequest.html */
export const ModifySpotFleetRequest: Operation<'ModifySpotFleetRequest'> = async (request, input) => {
  if (input.Context) throw notBuilt('ModifySpotFleetRequest', 'Context');
  const { TargetCapacity: total, OnDemandTargetCapacity: onDemand, ExcessCapacityTerminationPolicy: policy } = input;
  const isNew = input.LaunchTemplateConfigs?.length;
  if (total === undefined && onDemand === undefined && policy === undefined && !isNew) throw missingParameter('TargetCapacity');
  const excess = policy === undefined ? undefined : excessOf(policy);
  const seen = await request.store.read((tx) => requireSpotFleet(tx, request, input.SpotFleetRequestId));
  const configs = isNew ? templateConfigs(input.LaunchTemplateConfigs, seen.spotFleet.maxPrice) : undefined;
  if (configs && seen.configs.some((one) => one.launch))
    throw invalidParameterCombination('A Spot Fleet request with launch specifications takes no launch template configurations.');
  if (configs) await request.store.read((tx) => poolsOf(tx, request, configs, 'on-demand'));
  await request.store.write(async (tx) => {
    const row = await requireSpotFleet(tx, request, input.SpotFleetRequestId);
    if (row.type !== 'maintain') throw invalidParameterValue('Only a Spot Fleet request of type maintain can be modified.');
    if (row.state !== 'active')
      throw refusal('FleetNotInModifiableState')('The Spot Fleet request must be in the active state in order to modify it.');
    const { notBefore: _any, ...rest } = row;
    const next: Fleet = {
      ...{ ...rest, state: 'modifying', excess: excess ?? row.excess },
      targets: checkedCapacity(total ?? row.targets.total, onDemand ?? row.targets.onDemand),
      ...(configs && { configs }),
    };
    await fleets.put(tx, next);
    await recordEvent(tx, next, request.now, { type: 'fleet-change', what: 'modify_in_progress' });
  });
  return { Return: true };
};

const cancelsMax = 100;

/** Each by itself: what cannot be cancelled is told beside what was. The keeper terminates, as the fleet's role. */
export const CancelSpotFleetRequests: Operation<'CancelSpotFleetRequests'> = async (request, input) => {
  const ids = [...new Set(input.SpotFleetRequestIds)];
  if (ids.length === 0) throw missingParameter('SpotFleetRequestId');
  if (ids.length > cancelsMax) throw invalidParameterValue(`At most ${cancelsMax} Spot Fleet requests can be cancelled in one call.`);
  const state = input.TerminateInstances ? 'deleted_terminating' : 'deleted_running';
  return request.store.write(async (tx) => {
    const done = [];
    const refused = [];
    for (const id of ids) {
      const row = await findSpotFleet(tx, request, id);
      const Error = faultOf(id, row);
      if (Error) {
        refused.push({ SpotFleetRequestId: id, Error });
        continue;
      }
      const next: Fleet = { ...row!, state };
      await fleets.put(tx, next);
      await recordEvent(tx, next, request.now, { type: 'fleet-change', what: state });
      done.push({
        ...{ SpotFleetRequestId: id, CurrentSpotFleetRequestState: batchState(state) },
        PreviousSpotFleetRequestState: batchState(row!.state),
      });
    }
    return { SuccessfulFleetRequests: done, UnsuccessfulFleetRequests: refused };
  });
};

function faultOf(id: string, row: Fleet | undefined) {
  if (!isSpotFleetId(id)) return { Code: 'fleetRequestIdMalformed' as const, Message: malformedWords(id) };
  if (!row) return { Code: 'fleetRequestIdDoesNotExist' as const, Message: spotFleetType.notFound(id).message };
  if (!isCancelled(row)) return undefined;
  return {
    Code: 'fleetRequestNotInCancellableState' as const,
    Message: `The spot fleet request '${id}' is in the state ${batchState(row.state)}`,
  };
}
