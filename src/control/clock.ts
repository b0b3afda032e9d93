/** GET and POST /_haneul/clock */

import type { HttpRequest } from '../framework/http-message.ts';
import type { ControlledCloud } from './controlled-cloud.ts';
import { badRequest, readJson, type ControlError } from './message.ts';

export type ClockAnswer = {
  /** Cloud time, ISO 8601. */
  now: string;
  realNow: string;
  mode: 'running' | 'frozen';
  /** Cloud time minus real time, milliseconds. */
  offset: number;
};

/** The last moment that a four-digit year can name. */
const latestTime = Date.UTC(9999, 11, 31);

export function showClock({ clock }: Pick<ControlledCloud, 'clock'>): ClockAnswer {
  const [now, realNow] = [clock.now(), Date.now()];
  return { now: new Date(now).toISOString(), realNow: new Date(realNow).toISOString(), mode: clock.state.mode, offset: now - realNow };
}

/** `{ action: 'advance', milliseconds }`, `{ action: 'set', time }` (milliseconds since the epoch), `{ action: 'freeze' | 'run' }`. */
export async function changeClock(cloud: ControlledCloud, request: HttpRequest): Promise<ClockAnswer> {
  const { action, milliseconds, time } = await readJson(request);
  const { clock } = cloud;
  // What is metered by how long it stands is counted to the moment at which it changed.
  if (action === 'advance' || action === 'set') await cloud.settled();
  if (action === 'advance') await clock.advance(spanFrom(milliseconds, clock.now()));
  else if (action === 'set') await clock.set(timeFrom(time, clock.now()));
  else if (action === 'freeze') await clock.freeze();
  else if (action === 'run') await clock.run();
  else throw badRequest('action must be advance, set, freeze or run');
  await cloud.settled();
  return showClock(cloud);
}

function spanFrom(value: unknown, now: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw badRequest('milliseconds must be a number, not negative');
  if (now + value > latestTime) throw badRequest('cloud time ends with the year 9999');
  return value;
}

function timeFrom(value: unknown, now: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw badRequest('time must be a number of milliseconds since the epoch');
  if (value > latestTime) throw badRequest('cloud time ends with the year 9999');
  if (value < now)
    throw {
      status: 409,
      code: 'ClockBackward',
      message: `cloud time is ${new Date(now).toISOString()} already and never goes backward`,
    } satisfies ControlError;
  return value;
}
