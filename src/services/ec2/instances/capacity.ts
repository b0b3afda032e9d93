/** Whether this host can run more machines. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Host } from '../../../framework/host.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { spotReclaims } from '../../../framework/spot-faults.ts';
import { requireRoomForInstances } from '../disk-room.ts';
import { maximumOf, spotRequests } from '../spot-requests/spot-request.ts';
import { instancesIn } from './instance.ts';
import { memoryKeptBytes, memoryLeastBytes } from './limits.ts';

/** Throws InsufficientInstanceCapacity (500) with what is to be done about it. */
export async function checkCapacity(host: Host): Promise<void> {
  const obstacle = (await host.machines.obstacle()) ?? (await host.networks.obstacle());
  if (obstacle !== undefined) throw insufficient(`in the Availability Zone you requested: ${obstacle}`);
}

const insufficient = (where: string): AwsError =>
  new AwsError('InsufficientInstanceCapacity', `We currently do not have sufficient capacity ${where}`, { status: 500 });

/**
 * How many instances the machine's memory has room for, `most` at most. An instance takes what it uses, not what its type has, so that only
 * what is really full is called so. Where there is not room for `least`, throws InsufficientInstanceCapacity; a launch on demand then takes
 * spot instances back, as many as it wanted, for the next attempt.
 */
export async function roomOnHost(
  request: ServiceRequest,
  { least, most, spot }: { least: number; most: number; spot: boolean },
): Promise<number> {
  await requireRoomForInstances(request.host);
  const room = Math.floor(((await request.host.freeMemory()) - memoryKeptBytes) / memoryLeastBytes);
  if (room >= least) return Math.min(most, room);
  if (!spot) await reclaimSpot(request, least);
  throw insufficient('to launch the instances of this request: the memory of the machine is used up.');
}

/** Those that pay least are taken first. */
async function reclaimSpot({ store, now }: ServiceRequest, count: number): Promise<void> {
  await store.write(async (tx) => {
    const running: { id: string; maximum: number }[] = [];
    for (const row of await instancesIn(tx, ['running'])) {
      if (!row.spot || row.spot.notice) continue;
      const request = await spotRequests.get(tx, row.account, row.region, row.spot.request);
      if (request) running.push({ id: row.id, maximum: maximumOf(request) });
    }
    running.sort((a, b) => a.maximum - b.maximum);
    for (const { id } of running.slice(0, count)) await spotReclaims.put(tx, { instance: id, at: now });
  });
}
