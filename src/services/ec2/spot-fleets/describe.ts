/** DescribeSpotFleetRequests, DescribeSpotFleetInstances and DescribeSpotFleetRequestHistory. */

import { describeWith } from '../describe.ts';
import { membersOf, type Fleet, type FleetEvent } from '../fleets/fleet.ts';
import { pageSizes, pastEvents, runningInstances } from '../fleets/pages.ts';
import { pageOf } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { eventNamed, eventShown, spotFleetShown, type ShownFleet } from './shown.ts';
import { requireSpotFleet, spotFleetType, type SpotFleet } from './spot-fleet.ts';

export const DescribeSpotFleetRequests: Operation<'DescribeSpotFleetRequests'> = async (request, input) => {
  await request.store.read(async (tx) => {
    for (const id of input.SpotFleetRequestIds ?? []) await requireSpotFleet(tx, request, id);
  });
  const { rows, next } = await describeWith<Fleet, ShownFleet>(request, input, {
    ...{ type: spotFleetType, ids: input.SpotFleetRequestIds, filters: {}, limits: pageSizes },
    complete: async (tx, row) => (row.spotFleet ? { ...(row as SpotFleet), members: await membersOf(tx, row) } : undefined),
  });
  return { SpotFleetRequestConfigs: rows.map(spotFleetShown), ...next };
};

export const DescribeSpotFleetInstances: Operation<'DescribeSpotFleetInstances'> = async (request, input) => {
  const page = pageOf('spot-fleet-instances', input, pageSizes);
  return request.store.read(async (tx) => {
    const fleet = await requireSpotFleet(tx, request, input.SpotFleetRequestId);
    const { rows, next } = await runningInstances(tx, fleet, 'spot-fleet-instances', page);
    return { SpotFleetRequestId: fleet.id, ActiveInstances: rows, ...next };
  });
};

export const DescribeSpotFleetRequestHistory: Operation<'DescribeSpotFleetRequestHistory'> = async (request, input) => {
  const page = pageOf('spot-fleet-history', input, pageSizes);
  return request.store.read(async (tx) => {
    const fleet = await requireSpotFleet(tx, request, input.SpotFleetRequestId);
    const named = ({ type, what }: FleetEvent) => ({ EventType: eventShown[type], EventSubType: eventNamed(type, what) });
    const { rows, next } = await pastEvents(tx, fleet, 'spot-fleet-history', page, input, named);
    const answer = { SpotFleetRequestId: fleet.id, StartTime: input.StartTime, LastEvaluatedTime: new Date(request.now) };
    return { ...answer, HistoryRecords: rows, ...next };
  });
};
