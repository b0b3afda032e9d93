/** ModifyReservedInstances: the same reservations cut otherwise. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ri-modifying.html */

import { zoneNamed } from '../../../framework/regions.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { incorrectState, invalidParameterCombination, invalidParameterValue, missingParameter, refusal } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { instanceTypes, launchedType } from '../instance-types/instance-type.ts';
import type { Input, Operation } from '../sdk.ts';
import { drawId, weightOf } from './offering.ts';
import {
  requireReserved,
  reservedInstances,
  reservedModifications,
  stateOf,
  type Modification,
  type ReservedInstances,
} from './reserved-instances.ts';

type Target = NonNullable<Input<'ModifyReservedInstances'>['TargetConfigurations']>[number];

export const ModifyReservedInstances: Operation<'ModifyReservedInstances'> = async (request, input) => {
  const targets = input.TargetConfigurations ?? [];
  if (targets.length === 0) throw missingParameter('TargetConfigurations');
  const ids = [...new Set(input.ReservedInstancesIds)];
  const { account, region, now } = request;
  const drawn = targets.map(() => drawId(request.random));
  const id = `rimod-${drawId(request.random)}`;
  const made = await request.store.write(async (tx) => {
    const rows: ReservedInstances[] = [];
    const known =
      input.ClientToken && (await reservedModifications.scan(tx, [account, region])).find(({ row }) => row.token === input.ClientToken);
    if (known) return known.row.id;
    for (const one of ids) rows.push(await requireReserved(tx, request, one));
    checkAlike(rows, now);
    const next = targets.map((target, at) => modified(request, rows[0]!, target, drawn[at]!));
    checkFootprint(rows, next);
    for (const row of rows) await reservedInstances.put(tx, { ...row, replaced: now });
    for (const row of next) await reservedInstances.put(tx, row);
    const record: Modification = {
      ...{ account, region, id, at: now, from: ids },
      to: next.map((row) => ({ id: row.id, type: row.type, count: row.count, ...(row.zone !== undefined && { zone: row.zone }) })),
      ...(input.ClientToken && { token: input.ClientToken }),
    };
    await reservedModifications.put(tx, record);
    return id;
  });
  return { ReservedInstancesModificationId: made };
};

function checkAlike(rows: readonly ReservedInstances[], now: number): void {
  const [first] = rows;
  if (!first) throw missingParameter('ReservedInstancesId');
  const idle = rows.find((row) => stateOf(row, now) !== 'active');
  if (idle) throw incorrectState(`The Reserved Instance '${idle.id}' is not active.`);
  const differs = rows.some(
    (row) =>
      row.end !== first.end ||
      row.offeringClass !== first.offeringClass ||
      row.payment !== first.payment ||
      row.tenancy !== first.tenancy ||
      familyOf(row.type) !== familyOf(first.type),
  );
  if (differs)
    throw invalidParameterCombination(
      'The Reserved Instances must be identical, except for Availability Zone and instance type within a family.',
    );
}

const familyOf = (type: string): string => instanceTypes.get(type)?.family.name ?? '';

function modified(request: ServiceRequest, from: ReservedInstances, target: Target, id: string): ReservedInstances {
  const { InstanceCount: count, InstanceType: given, Scope: scope } = target;
  if (!Number.isInteger(count) || count! < 1) throw invalidParameterValue(`Value (${count}) for parameter instanceCount is invalid.`);
  const type = launchedType(given ?? from.type);
  if (familyOf(type.name) !== familyOf(from.type))
    throw invalidParameterValue(`The instance type must be of the family ${familyOf(from.type)}.`);
  if (type.name !== from.type && from.tenancy !== 'default')
    throw invalidParameterValue('The size of Reserved Instances with dedicated tenancy cannot be changed.');
  const named = target.AvailabilityZone ?? target.AvailabilityZoneId;
  const zone = named === undefined ? undefined : zoneNamed(request.region, target.AvailabilityZone, target.AvailabilityZoneId);
  if (named !== undefined && !zone) throw invalidParameterValue(`Invalid availability zone: [${named}]`);
  if (scope === 'Region' && zone) throw invalidParameterCombination('An Availability Zone cannot be specified with the scope Region.');
  if (scope === 'Availability Zone' && !zone) throw missingParameter('AvailabilityZone');
  const at = zone?.name ?? (scope === 'Region' ? undefined : from.zone);
  const { zone: _old, charged: _paid, replaced: _no, ...rest } = from;
  const share = weightOf(type.name) / weightOf(from.type);
  return {
    ...{ ...rest, id, type: type.name, count: count!, start: request.now, modified: true },
    ...{ fixed: rest.fixed * share, hourly: rest.hourly * share },
    ...(at !== undefined && { zone: at }),
  };
}

/** What is reserved in all stays the same. */
function checkFootprint(rows: readonly ReservedInstances[], next: readonly ReservedInstances[]): void {
  const footprint = (list: readonly ReservedInstances[]) => list.reduce((sum, row) => sum + row.count * weightOf(row.type), 0);
  if (footprint(rows) !== footprint(next))
    throw invalidParameterValue(
      `The target configurations have an instance size footprint of ${footprint(next)}, and the Reserved Instances one of ${footprint(rows)}.`,
    );
}

const filters: Filters<Modification> = {
  'client-token': (row) => row.token,
  'create-date': (row) => new Date(row.at).toISOString(),
  'effective-date': (row) => new Date(row.at).toISOString(),
  'modification-result.reserved-instances-id': (row) => row.to.map((one) => one.id),
  'reserved-instances-id': (row) => row.from,
  'reserved-instances-modification-id': (row) => row.id,
  status: () => 'fulfilled',
};

export const DescribeReservedInstancesModifications: Operation<'DescribeReservedInstancesModifications'> = async (request, input) => {
  const fits = compileFilters(input.Filters, filters);
  const ids = input.ReservedInstancesModificationIds ?? [];
  const rows = await request.store.read(async (tx) =>
    (await reservedModifications.scan(tx, [request.account, request.region])).map(({ row }) => row),
  );
  const missing = ids.find((id) => !rows.some((row) => row.id === id));
  if (missing !== undefined)
    throw refusal('InvalidReservedInstancesModificationId')(`The specified modification '${missing}' does not exist.`);
  const found = rows.filter((row) => (ids.length === 0 || ids.includes(row.id)) && fits(row));
  return {
    ReservedInstancesModifications: found.map((row) => ({
      ...{ ReservedInstancesModificationId: row.id, Status: 'fulfilled', ClientToken: row.token ?? '' },
      ...{ CreateDate: new Date(row.at), UpdateDate: new Date(row.at), EffectiveDate: new Date(row.at) },
      ReservedInstancesIds: row.from.map((id) => ({ ReservedInstancesId: id })),
      ModificationResults: row.to.map((one) => ({
        ReservedInstancesId: one.id,
        TargetConfiguration: {
          ...{ InstanceCount: one.count, InstanceType: one.type as never, Platform: 'EC2-VPC' },
          ...(one.zone !== undefined && { AvailabilityZone: one.zone }),
        },
      })),
    })),
  };
};
