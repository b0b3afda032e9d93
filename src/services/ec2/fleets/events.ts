/** What has happened to a fleet: written down, and shown by DescribeFleetHistory. */

import type { WriteTransaction } from '../../../store/store.ts';
import { fleetEvents, type Fleet, type FleetEvent } from './fleet.ts';

type News = Pick<FleetEvent, 'type' | 'what' | 'instance' | 'description'>;

/** As many as are kept of one fleet. */
const eventsMax = 1000;

export async function recordEvent(tx: WriteTransaction, { account, region, id }: Fleet, at: number, news: News): Promise<void> {
  const [last] = await fleetEvents.scan(tx, [account, region, id], { limit: 1, reverse: true });
  const number = (last?.row.number ?? -1) + 1;
  await fleetEvents.put(tx, { account, region, fleet: id, at, number, ...news });
  const [oldest] = await fleetEvents.scan(tx, [account, region, id], { limit: 1 });
  if (oldest && number - oldest.row.number >= eventsMax)
    await fleetEvents.delete(tx, account, region, id, oldest.row.at, oldest.row.number);
}

/** Forgets all of a fleet that is forgotten. */
export async function forgetEvents(tx: WriteTransaction, { account, region, id }: Fleet): Promise<void> {
  for (const { row } of await fleetEvents.scan(tx, [account, region, id]))
    await fleetEvents.delete(tx, account, region, id, row.at, row.number);
}
