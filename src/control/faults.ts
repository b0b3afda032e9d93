/**
 * GET and POST /_haneul/faults: availability zones that are down. The answer lists every zone that has ever been touched:
 * `{ zones: [{ zone, state: 'up' | 'down', since, destroyed? }] }`, times in ISO 8601 of the cloud's clock.
 */

import { regions, zonesOf } from '../framework/regions.ts';
import type { HttpRequest } from '../framework/http-message.ts';
import { changeZone, zoneFaults } from '../framework/zone-faults.ts';
import type { ControlledCloud } from './controlled-cloud.ts';
import { badRequest, readJson } from './message.ts';

export type FaultsAnswer = {
  zones: {
    zone: string;
    state: 'up' | 'down';
    since: string;
    /** What was kept there alone up to this moment is lost. */ destroyed?: string;
  }[];
};

export async function showFaults({ store }: Pick<ControlledCloud, 'store'>): Promise<FaultsAnswer> {
  const rows = await store.read((tx) => zoneFaults.scan(tx));
  const text = (time: number): string => new Date(time).toISOString();
  return {
    zones: rows.map(({ row: { zone, down, since, destroyed } }) => ({
      ...{ zone, state: down ? 'down' : 'up', since: text(since) },
      ...(destroyed !== undefined && { destroyed: text(destroyed) }),
    })),
  };
}

/**
 * `{ zone: 'us-east-1a', state: 'down' | 'up' }`. With `destroy: true`, which goes with `down`, what is kept in this zone alone is lost
 * for ever; without it, it is out of reach until the zone is up again.
 */
export async function changeFault(cloud: ControlledCloud, request: HttpRequest): Promise<FaultsAnswer> {
  const { zone, state, destroy = false } = await readJson(request);
  if (typeof zone !== 'string' || !isZone(zone)) throw badRequest('zone must be the name of an availability zone, such as us-east-1a');
  if (state !== 'down' && state !== 'up') throw badRequest('state must be down or up');
  if (typeof destroy !== 'boolean' || (destroy && state !== 'down')) throw badRequest('destroy must be true or false, and goes with down');
  const now = cloud.clock.now();
  await cloud.store.write((tx) => changeZone(tx, { zone, down: state === 'down', destroy, now }));
  await cloud.settled();
  return showFaults(cloud);
}

/** A region of the user's own invention has zones too, whose names end with a letter behind its own. */
export function isZone(name: string): boolean {
  const region = name.slice(0, -1);
  if (!regions.some((one) => one.name === region) && !/^[a-z]+-[a-z]+-\d$/.test(region)) return false;
  return zonesOf(region).some((zone) => zone.name === name);
}
