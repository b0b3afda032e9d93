/**
 * What EC2 does in a zone that its owner has taken down (`haneul fault az`): nothing there can be reached, made or changed until it is up
 * again. Its machines go on running, cut off from every network, as in an outage that ends. What is regional goes on.
 */

import { AwsError } from '../../../framework/aws-error.ts';
import { regions, zonesOf } from '../../../framework/regions.ts';
import { isDown, zoneFaults } from '../../../framework/zone-faults.ts';
import type { ReadTransaction } from '../../../store/store.ts';

/** The zones that are down, with since when. */
export async function downZones(tx: ReadTransaction): Promise<Map<string, number>> {
  const rows = await zoneFaults.scan(tx);
  return new Map(rows.filter(({ row }) => row.down).map(({ row }) => [row.zone, row.since]));
}

/** Throws InsufficientInstanceCapacity where nothing can be started. @param type of the instance, by name. */
export async function checkStart(tx: ReadTransaction, zone: string, type: string): Promise<void> {
  if (!(await isDown(tx, zone))) return;
  const others = await zonesUpBeside(tx, zone);
  throw unavailable(
    'InsufficientInstanceCapacity',
    `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}). ` +
      (others.length > 0
        ? `Our system will be working on provisioning additional capacity. You can currently get ${type} capacity by not specifying an Availability Zone in your request or choosing ${others.join(', ')}.`
        : 'Our system will be working on provisioning additional capacity.'),
    500,
  );
}

/** Throws InsufficientVolumeCapacity where no volume can be made. */
export async function checkNewVolume(tx: ReadTransaction, zone: string): Promise<void> {
  if (await isDown(tx, zone))
    throw unavailable(
      'InsufficientVolumeCapacity',
      `There is not enough capacity to fulfill your EBS volume provision request in the Availability Zone ${zone}. Try a different Availability Zone, or try again later.`,
      500,
    );
}

/** Throws Unavailable for what lies in a zone that is down and would have to be reached. */
export async function checkReach(tx: ReadTransaction, zone: string, what: string): Promise<void> {
  if (await isDown(tx, zone))
    throw unavailable('Unavailable', `${what} cannot be reached: the Availability Zone ${zone} is unavailable.`, 503);
}

const unavailable = (code: string, message: string, status: number): AwsError => new AwsError(code, message, { status });

async function zonesUpBeside(tx: ReadTransaction, zone: string): Promise<string[]> {
  const region = zone.slice(0, -1);
  const known = regions.some(({ name }) => name === region) ? zonesOf(region) : [];
  const down = await downZones(tx);
  return known.map(({ name }) => name).filter((name) => name !== zone && !down.has(name));
}
