/** DescribeSpotFleetRequests, DescribeSpotFleetInstances and DescribeSpotFleetRequestHistory. */

import { describeWith } from '../describe.ts';
import { fleetEvents, fleetInstances, membersOf, type Fleet } from '../fleets/fleet.ts';
import { instances } from '../instances/instance.ts';
import { pageOf, readPage } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { eventNamed, eventShown, spotFleetShown, type ShownFleet } from './shown.ts';
import { requireSpotFleet, spotFleetType, type SpotFleet } from './spot-fleet.ts';

const pageSizes = { min: 1, max: 1000 };

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
    const read = (range: Parameters<typeof fleetInstances.scan>[2]) =>
      fleetInstances.scan(tx, [fleet.account, fleet.region, fleet.id], range);
    const { rows, next } = await readPage('spot-fleet-instances', page, read, async (row) => {
      const instance = await instances.get(tx, row.account, row.region, row.instance);
      if (instance?.state !== 'running' && instance?.state !== 'pending') return undefined;
      return {
        ...{ InstanceId: row.instance, InstanceType: row.type, InstanceHealth: 'healthy' as const },
        ...(instance.spot && { SpotInstanceRequestId: instance.spot.request }),
      };
    });
    return { SpotFleetRequestId: fleet.id, ActiveInstances: rows, ...next };
  });
};

export const DescribeSpotFleetRequestHistory: Operation<'DescribeSpotFleetRequestHistory'> = async (request, input) => {
  const page = pageOf('spot-fleet-history', input, pageSizes);
  const since = input.StartTime.getTime();
  return request.store.read(async (tx) => {
    const fleet = await requireSpotFleet(tx, request, input.SpotFleetRequestId);
    const read = (range: Parameters<typeof fleetEvents.scan>[2]) => fleetEvents.scan(tx, [fleet.account, fleet.region, fleet.id], range);
    const { rows, next } = await readPage('spot-fleet-history', page, read, (row) => {
      const EventType = eventShown[row.type];
      if (row.at < since || (input.EventType !== undefined && EventType !== input.EventType)) return undefined;
      return {
        ...{ EventType, Timestamp: new Date(row.at) },
        EventInformation: {
          EventSubType: eventNamed(row.type, row.what),
          ...(row.instance !== undefined && { InstanceId: row.instance }),
          ...(row.description !== undefined && { EventDescription: row.description }),
        },
      };
    });
    const answer = { SpotFleetRequestId: fleet.id, StartTime: input.StartTime, LastEvaluatedTime: new Date(request.now) };
    return { ...answer, HistoryRecords: rows, ...next };
  });
};
