/** Capacity reservations: create, describe, modify, cancel; who uses them; and what a stopped instance wants of them. */

import { zoneNamed } from '../../../framework/regions.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { describeWith } from '../describe.ts';
import { incorrectState, invalidParameterCombination, invalidParameterValue, missingParameter, notBuilt } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { once } from '../idempotency.ts';
import { launchedType } from '../instance-types/instance-type.ts';
import { incorrectInstanceState, instances, instanceType } from '../instances/instance.ts';
import { quotaLeft, vcpuLimitExceeded } from '../instances/quota.ts';
import { zoneAsked } from '../regions/zone-asked.ts';
import { checkStart } from '../regions/zone-faults.ts';
import { newId, requireResource, resourceArn } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import {
  activeReservations,
  capacityReservations,
  capacityReservationType,
  holdingInstances,
  mayTake,
  seated,
  type CapacityReservation,
} from './capacity-reservation.ts';
import { endReservation } from './ending.ts';
import { capacityWish } from './seating.ts';

const countMax = 1000;

type Shown = CapacityReservation & { used: number };

async function complete(tx: ReadTransaction, row: CapacityReservation): Promise<Shown> {
  return { ...row, used: row.state === 'active' ? (await seated(tx, row)).length : 0 };
}

const reservationOf = (row: Shown) => ({
  ...{ CapacityReservationId: row.id, OwnerId: row.account, CapacityReservationArn: resourceArn(capacityReservationType, row, row.id) },
  ...{ AvailabilityZone: row.zone, AvailabilityZoneId: zoneNamed(row.region, row.zone)!.id, InstanceType: row.type },
  ...{ InstancePlatform: 'Linux/UNIX' as const, Tenancy: row.tenancy, State: row.state },
  ...{ TotalInstanceCount: row.count, AvailableInstanceCount: row.state === 'active' ? row.count - row.used : 0 },
  ...{ EbsOptimized: row.ebsOptimized, EphemeralStorage: false, InstanceMatchCriteria: row.match, ReservationType: 'default' as const },
  ...{ CreateDate: new Date(row.created), StartDate: new Date(row.created) },
  EndDateType: row.endsAt === undefined ? ('unlimited' as const) : ('limited' as const),
  ...(row.endsAt !== undefined && { EndDate: new Date(row.endsAt) }),
  CapacityAllocations: row.used > 0 ? [{ AllocationType: 'used' as const, Count: row.used }] : [],
  ...tagSet(row),
});

const filters: Filters<Shown> = {
  'availability-zone': (row) => row.zone,
  'end-date': (row) => (row.endsAt === undefined ? undefined : new Date(row.endsAt).toISOString()),
  'end-date-type': (row) => (row.endsAt === undefined ? 'unlimited' : 'limited'),
  'instance-match-criteria': (row) => row.match,
  'instance-platform': () => 'Linux/UNIX',
  'instance-type': (row) => row.type,
  'owner-id': (row) => row.account,
  'start-date': (row) => new Date(row.created).toISOString(),
  state: (row) => row.state,
  tenancy: (row) => row.tenancy,
};

export const DescribeCapacityReservations: Operation<'DescribeCapacityReservations'> = async (request, input) => {
  const limits = { min: 1, max: 1000 };
  const ids = input.CapacityReservationIds;
  const { rows, next } = await describeWith(request, input, { type: capacityReservationType, ids, filters, limits, complete });
  return { CapacityReservations: rows.map(reservationOf), ...next };
};

export const CreateCapacityReservation: Operation<'CreateCapacityReservation'> = async (request, input) => {
  const row = newReservation(request, input);
  const type = launchedType(row.type);
  const made = await request.store.write((tx) =>
    once(tx, request, input, capacityReservations, async () => {
      await checkStart(tx, row.zone, row.type);
      const taken = row.match === 'open' ? (await holdingInstances(tx, row)).filter((one) => mayTake(row, one)).slice(0, row.count) : [];
      if ((await quotaLeft(tx, request, { spot: false })) < type.vcpus * (row.count - taken.length)) throw vcpuLimitExceeded();
      await capacityReservations.put(tx, row);
      // What runs already and would have been launched into it sits in it from now on.
      for (const one of taken) await instances.put(tx, { ...one, capacity: { ...one.capacity, reservation: row.id } });
      return row;
    }),
  );
  return { CapacityReservation: reservationOf(await request.store.read((tx) => complete(tx, made))) };
};

function newReservation(request: ServiceRequest, input: Input<'CreateCapacityReservation'>): CapacityReservation {
  for (const name of ['OutpostArn', 'PlacementGroupArn', 'StartDate', 'CommitmentDuration', 'DeliveryPreference'] as const)
    if (input[name] !== undefined) throw notBuilt('CreateCapacityReservation', name);
  if (input.InstancePlatform !== 'Linux/UNIX') throw notBuilt('CreateCapacityReservation', `InstancePlatform ${input.InstancePlatform}`);
  const { Tenancy: tenancy = 'default', InstanceMatchCriteria: match = 'open' } = input;
  const zone = zoneAsked(request.region, input);
  if (!zone) throw missingParameter('AvailabilityZone or AvailabilityZoneId');
  if (tenancy !== 'default' && tenancy !== 'dedicated')
    throw invalidParameterValue(`Value (${String(tenancy)}) for parameter tenancy is invalid.`);
  if (match !== 'open' && match !== 'targeted')
    throw invalidParameterValue(`Value (${String(match)}) for parameter instanceMatchCriteria is invalid.`);
  const type = launchedType(input.InstanceType!);
  const { account, region, now } = request;
  return {
    ...{ account, region, id: newId(request.random, 'cr'), created: now, type: type.name, zone: zone.name, tenancy },
    ...{ count: checkedCount(input.InstanceCount), ebsOptimized: input.EbsOptimized ?? false, match, state: 'active' },
    ...endOf(input, now),
    ...kept(tagsFor(input.TagSpecifications, 'capacity-reservation')),
  };
}

function checkedCount(count: number | undefined): number {
  if (count === undefined || !Number.isInteger(count) || count < 1 || count > countMax)
    throw invalidParameterValue(`Invalid value '${count}' for instanceCount: it must be between 1 and ${countMax}.`);
  return count;
}

type EndInput = { EndDate?: Date | undefined; EndDateType?: string | undefined };

function endOf({ EndDate: date, EndDateType: kind }: EndInput, now: number): Pick<CapacityReservation, 'endsAt'> {
  if (kind !== undefined && kind !== 'limited' && kind !== 'unlimited')
    throw invalidParameterValue(`Value (${kind}) for parameter endDateType is invalid.`);
  if (kind === 'unlimited' && date) throw invalidParameterCombination('EndDate may not be specified when EndDateType is unlimited.');
  if (kind === 'limited' && !date) throw invalidParameterCombination('EndDate must be specified when EndDateType is limited.');
  if (!date) return {};
  const endsAt = date.getTime();
  if (Number.isNaN(endsAt) || endsAt <= now) throw invalidParameterValue('The end date must be in the future.');
  return { endsAt };
}

/** Throws IncorrectState for one that is over. */
async function requireActive(tx: ReadTransaction, request: ServiceRequest, id: string): Promise<CapacityReservation> {
  const row = await requireResource(tx, request, capacityReservationType, id);
  if (row.state === 'active') return row;
  throw incorrectState(`The capacity reservation '${id}' is ${row.state}.`);
}

export const ModifyCapacityReservation: Operation<'ModifyCapacityReservation'> = async (request, input) => {
  for (const name of ['Accept', 'AdditionalInfo', 'AcceptModificationTerms', 'StartDate', 'QuoteId'] as const)
    if (input[name] !== undefined) throw notBuilt('ModifyCapacityReservation', name);
  const { InstanceMatchCriteria: match } = input;
  if (match !== undefined && match !== 'open' && match !== 'targeted')
    throw invalidParameterValue(`Value (${String(match)}) for parameter instanceMatchCriteria is invalid.`);
  const end = input.EndDate || input.EndDateType ? endOf(input, request.now) : undefined;
  await request.store.write(async (tx) => {
    const row = await requireActive(tx, request, input.CapacityReservationId);
    const used = (await seated(tx, row)).length;
    const count = input.InstanceCount === undefined ? row.count : checkedCount(input.InstanceCount);
    if (count < used)
      throw invalidParameterValue(`The instance count ${count} is less than the ${used} instances that run in the reservation.`);
    if (match !== undefined && match !== row.match && used > 0)
      throw incorrectState(`The capacity reservation '${row.id}' must be idle when its instance eligibility is modified.`);
    const more = (count - row.count) * launchedType(row.type).vcpus;
    if (more > 0 && (await quotaLeft(tx, request, { spot: false })) < more) throw vcpuLimitExceeded();
    const { endsAt: _old, ...rest } = row;
    await capacityReservations.put(tx, { ...(end ? rest : row), ...end, count, ...(match && { match }) });
  });
  return { Return: true };
};

export const CancelCapacityReservation: Operation<'CancelCapacityReservation'> = async (request, input) => {
  for (const name of ['ApplyCancellationCharges', 'QuoteId'] as const)
    if (input[name] !== undefined) throw notBuilt('CancelCapacityReservation', name);
  await request.store.write(async (tx) => {
    const row = await requireActive(tx, request, input.CapacityReservationId);
    await endReservation(tx, row, 'cancelled', request.now);
  });
  return { Return: true };
};

export const GetCapacityReservationUsage: Operation<'GetCapacityReservationUsage'> = async (request, input) => {
  const row = await request.store.read(async (tx) =>
    complete(tx, await requireResource(tx, request, capacityReservationType, input.CapacityReservationId)),
  );
  const shown = reservationOf(row);
  return {
    ...{ CapacityReservationId: row.id, InstanceType: row.type, State: row.state },
    ...{ TotalInstanceCount: shown.TotalInstanceCount, AvailableInstanceCount: shown.AvailableInstanceCount },
    InstanceUsages: row.used > 0 ? [{ AccountId: row.account, UsedInstanceCount: row.used }] : [],
  };
};

export const ModifyInstanceCapacityReservationAttributes: Operation<'ModifyInstanceCapacityReservationAttributes'> = async (
  request,
  input,
) => {
  if (input.CapacityReservationSpecification?.CapacityReservationTarget?.CapacityReservationResourceGroupArn)
    throw notBuilt('ModifyInstanceCapacityReservationAttributes', 'CapacityReservationResourceGroupArn');
  const wish = capacityWish(input.CapacityReservationSpecification);
  await request.store.write(async (tx) => {
    const { capacity: _old, ...row } = await requireResource(tx, request, instanceType, input.InstanceId);
    if (row.state !== 'stopped')
      throw incorrectInstanceState(`The instance '${row.id}' is not in the 'stopped' state; its capacity reservation cannot be changed.`);
    if (wish.target !== undefined && !(await activeReservations(tx, request)).some(({ id }) => id === wish.target))
      throw capacityReservationType.notFound(wish.target);
    await instances.put(tx, { ...row, ...(Object.keys(wish).length > 0 && { capacity: wish }) });
  });
  return { Return: true };
};
