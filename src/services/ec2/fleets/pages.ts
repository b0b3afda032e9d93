/** Pages of what a fleet has, EC2 fleet or spot fleet: its instances that run, and what has happened to it. */

import type { ReadTransaction } from '../../../store/store.ts';
import { instances } from '../instances/instance.ts';
import { readPage, type pageOf } from '../pagination.ts';
import { fleetEvents, fleetInstances, type Fleet, type FleetEvent, type FleetInstance } from './fleet.ts';

export const pageSizes = { min: 1, max: 1000 };

type Page = ReturnType<typeof pageOf>;

/** @param list the name of this kind of list, which its tokens bear. */
export function runningInstances(
  tx: ReadTransaction,
  { account, region, id }: Fleet,
  list: string,
  page: Page,
  fits: (row: FleetInstance) => boolean = () => true,
) {
  const read = (range: Parameters<typeof fleetInstances.scan>[2]) => fleetInstances.scan(tx, [account, region, id], range);
  return readPage(list, page, read, async (row) => {
    const instance = await instances.get(tx, row.account, row.region, row.instance);
    if (!fits(row) || (instance?.state !== 'running' && instance?.state !== 'pending')) return undefined;
    return {
      ...{ InstanceId: row.instance, InstanceType: row.type, InstanceHealth: 'healthy' as const },
      ...(instance.spot && { SpotInstanceRequestId: instance.spot.request }),
    };
  });
}

type Asked<Type> = { StartTime: Date; EventType?: Type | undefined };

/**
 * @param list the name of this kind of list, which its tokens bear.
 * @param named what an event is called.
 */
export function pastEvents<Type extends string>(
  tx: ReadTransaction,
  { account, region, id }: Fleet,
  list: string,
  page: Page,
  { StartTime, EventType: asked }: Asked<Type>,
  named: (event: FleetEvent) => { EventType: Type; EventSubType: string },
) {
  const since = StartTime.getTime();
  const read = (range: Parameters<typeof fleetEvents.scan>[2]) => fleetEvents.scan(tx, [account, region, id], range);
  return readPage(list, page, read, (row) => {
    const { EventType, EventSubType } = named(row);
    if (row.at < since || (asked !== undefined && EventType !== asked)) return undefined;
    return {
      ...{ EventType, Timestamp: new Date(row.at) },
      EventInformation: {
        EventSubType,
        ...(row.instance !== undefined && { InstanceId: row.instance }),
        ...(row.description !== undefined && { EventDescription: row.description }),
      },
    };
  });
}
