/** DescribeFleets, DescribeFleetInstances and DescribeFleetHistory. */

import { describeWith } from '../describe.ts';
import { unsupportedOperation } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { pageOf } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { fleetType, membersOf, requireFleet, type Fleet, type FleetEvent, type FleetInstance } from './fleet.ts';
import { pageSizes, pastEvents, runningInstances } from './pages.ts';
import { activityOf, fleetShown } from './shown.ts';

type Complete = Fleet & { members: (FleetInstance & { runs: boolean })[] };

const filters: Filters<Complete> = {
  'activity-status': (row) => activityOf(row, row.members)?.replaceAll('_', '-'),
  'fleet-state': (row) => row.state.replaceAll('_', '-'),
  type: (row) => row.type,
  'excess-capacity-termination-policy': (row) => row.excess,
  'replace-unhealthy-instances': () => false,
};

/** Those of type instant are shown where they are named. */
export const DescribeFleets: Operation<'DescribeFleets'> = async (request, input) => {
  const named = (input.FleetIds?.length ?? 0) > 0;
  await request.store.read(async (tx) => {
    for (const id of input.FleetIds ?? []) await requireFleet(tx, request, id);
  });
  // The underscore and the hyphen are both in use for states.
  const asked = input.Filters?.map((one) => ({ ...one, Values: one.Values?.map((value) => value.replaceAll('_', '-')) }));
  const { rows, next } = await describeWith<Fleet, Complete>(
    request,
    { ...input, ...(asked && { Filters: asked }) },
    {
      ...{ type: fleetType, ids: undefined, filters, limits: pageSizes },
      complete: async (tx, row) =>
        (named ? input.FleetIds!.includes(row.id) : row.type !== 'instant' && !row.spotFleet)
          ? { ...row, members: await membersOf(tx, row) }
          : undefined,
    },
  );
  return { Fleets: rows.map(fleetShown), ...next };
};

export const DescribeFleetInstances: Operation<'DescribeFleetInstances'> = async (request, input) => {
  const page = pageOf('fleet-instances', input, pageSizes);
  const fits = compileFilters<FleetInstance>(input.Filters, { 'instance-type': (row) => row.type });
  return request.store.read(async (tx) => {
    const fleet = await requireFleet(tx, request, input.FleetId);
    if (fleet.type === 'instant')
      throw unsupportedOperation('DescribeFleetInstances does not support fleets of type instant: use DescribeFleets.');
    const { rows, next } = await runningInstances(tx, fleet, 'fleet-instances', page, fits);
    return { FleetId: fleet.id, ActiveInstances: rows, ...next };
  });
};

export const DescribeFleetHistory: Operation<'DescribeFleetHistory'> = async (request, input) => {
  const page = pageOf('fleet-history', input, pageSizes);
  return request.store.read(async (tx) => {
    const fleet = await requireFleet(tx, request, input.FleetId);
    if (fleet.type === 'instant') throw unsupportedOperation('DescribeFleetHistory does not support fleets of type instant.');
    const named = ({ type, what }: FleetEvent) => ({ EventType: type, EventSubType: what });
    const { rows, next } = await pastEvents(tx, fleet, 'fleet-history', page, input, named);
    return { FleetId: fleet.id, StartTime: input.StartTime, LastEvaluatedTime: new Date(request.now), HistoryRecords: rows, ...next };
  });
};
