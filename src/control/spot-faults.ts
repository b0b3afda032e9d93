/**
 * GET and POST /_haneul/faults/spot: what the owner does to the spot market, so that a program meets an interruption when its author wants it
 * to. The answer lists the prices that are set and the market's seed, when it is another one than the default:
 * `{ spot?: { prices: [{ zone, type, dollarsPerHour, since }], seed? } }`, times in ISO 8601 of the cloud's clock.
 */

import type { HttpRequest } from '../framework/http-message.ts';
import { setSpotPrices, spotReclaims, spotSeeds } from '../framework/spot-faults.ts';
import type { ControlledCloud } from './controlled-cloud.ts';
import { isZone } from './faults.ts';
import { badRequest, readJson } from './message.ts';

export type SpotFaultsAnswer = {
  spot?: { prices: { zone: string; type: string; dollarsPerHour: number; since: string }[]; seed?: number };
};

const dollarsMax = 1000;
const seedMax = 2 ** 31;

export async function showSpotFaults({ store }: Pick<ControlledCloud, 'store'>): Promise<SpotFaultsAnswer> {
  const { rows, seed } = await store.read(async (tx) => ({ rows: await setSpotPrices.scan(tx), seed: await spotSeeds.get(tx, 'market') }));
  const last = new Map(rows.map(({ row }) => [`${row.zone} ${row.type}`, row]));
  const prices = [...last.values()].flatMap(({ zone, type, dollarsPerHour, at }) =>
    dollarsPerHour === undefined ? [] : [{ zone, type, dollarsPerHour, since: new Date(at).toISOString() }],
  );
  return prices.length > 0 || seed ? { spot: { prices, ...(seed && { seed: seed.seed }) } } : {};
}

/**
 * One of three: `{ instance: 'i-…' }` takes a spot instance back, two minutes from now; `{ zone, type, dollarsPerHour }` sets a price, and
 * null leaves it to the market again; `{ seed }` gives the market another seed.
 */
export async function changeSpotFault(cloud: ControlledCloud, request: HttpRequest): Promise<SpotFaultsAnswer> {
  const { instance, zone, type, dollarsPerHour, seed } = await readJson(request);
  await cloud.services.find('ec2');
  if (instance !== undefined) await reclaim(cloud, instance);
  else if (seed !== undefined) await plant(cloud, seed);
  else await setPrice(cloud, { zone, type, dollarsPerHour });
  await cloud.settled();
  return showSpotFaults(cloud);
}

async function reclaim(cloud: ControlledCloud, instance: unknown): Promise<void> {
  if (typeof instance !== 'string' || !/^i-[0-9a-f]{8,17}$/.test(instance)) throw badRequest('instance must be the id of an instance');
  await cloud.store.write((tx) => spotReclaims.put(tx, { instance, at: cloud.clock.now() }));
  await cloud.settled();
  const refused = await cloud.store.write(async (tx) => {
    const row = await spotReclaims.get(tx, instance);
    if (row?.refused !== undefined) await spotReclaims.delete(tx, instance);
    return row?.refused;
  });
  if (refused !== undefined) throw badRequest(refused);
}

async function plant(cloud: ControlledCloud, seed: unknown): Promise<void> {
  if (typeof seed !== 'number' || !Number.isInteger(seed) || seed < 0 || seed > seedMax)
    throw badRequest(`seed must be a whole number up to ${seedMax}`);
  await cloud.store.write((tx) => spotSeeds.put(tx, { name: 'market', seed }));
}

async function setPrice(cloud: ControlledCloud, given: Record<'zone' | 'type' | 'dollarsPerHour', unknown>): Promise<void> {
  const { zone, type, dollarsPerHour } = given;
  if (typeof zone !== 'string' || !isZone(zone)) throw badRequest('zone must be the name of an availability zone, such as us-east-1a');
  if (typeof type !== 'string' || !/^[a-z0-9-]{2,20}\.[a-z0-9-]{2,20}$/.test(type))
    throw badRequest('type must be an instance type, such as t3.micro');
  if (dollarsPerHour !== null && !(typeof dollarsPerHour === 'number' && dollarsPerHour > 0 && dollarsPerHour <= dollarsMax))
    throw badRequest(`dollarsPerHour must be more than 0 and ${dollarsMax} at most, or null for the market's own price`);
  const row = { zone, type, at: cloud.clock.now(), ...(dollarsPerHour !== null && { dollarsPerHour }) };
  await cloud.store.write((tx) => setSpotPrices.put(tx, row));
}
