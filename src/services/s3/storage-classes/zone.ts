/** One Zone-IA keeps objects in one zone: they cannot be read while it is down, and are lost with it. Every other class outlives a zone. */

import { zonesOf } from '../../../framework/regions.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { isDown, stateIn } from '../../../framework/zone-faults.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { objectLost, serviceUnavailable } from '../errors.ts';
import type { Bucket, ObjectRecord } from '../tables.ts';

/** The object bound to a zone where its class asks for one; moved or copied out of the class, it is bound no more. Throws ServiceUnavailable when all zones are down. */
export async function bound<Row extends ObjectRecord>(tx: ReadTransaction, bucket: Bucket, object: Row, now: number): Promise<Row> {
  if (object.storageClass === 'ONEZONE_IA') return { ...object, zone: { name: await zoneFor(tx, bucket, object.key), since: now } };
  if (object.zone === undefined) return object;
  const { zone: _left, ...rest } = object;
  return rest as unknown as Row;
}

/** One of the zones that are up; which, follows from the key, so that a bucket's objects lie in all of them. */
async function zoneFor(tx: ReadTransaction, { region }: Bucket, key: string): Promise<string> {
  const up: string[] = [];
  for (const { name } of zonesOf(region)) if (!(await isDown(tx, name))) up.push(name);
  if (up.length === 0) throw serviceUnavailable();
  let sum = 0;
  for (let at = 0; at < key.length; at++) sum = (sum * 31 + key.charCodeAt(at)) >>> 0;
  return up[sum % up.length]!;
}

/** Throws ServiceUnavailable for bytes in a zone that is down, MethodNotAllowed for those that are lost. */
export async function checkZone({ store }: Pick<ServiceRequest, 'store'>, object: ObjectRecord): Promise<void> {
  const { zone } = object;
  if (zone === undefined) return;
  const state = await store.read((tx) => stateIn(tx, zone.name, zone.since));
  if (state === 'unreachable') throw serviceUnavailable();
  if (state === 'lost') throw objectLost();
}
