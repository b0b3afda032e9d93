/** On which dedicated hosts the instances of a launch land, or one that is started again. */

import type { ReadTransaction } from '../../../store/store.ts';
import { invalidParameterCombination, invalidParameterValue, notBuilt, refusal } from '../errors.ts';
import type { InstanceType } from '../instance-types/instance-type.ts';
import type { HostPlace } from '../instances/instance.ts';
import { requireResource, type Place } from '../resource.ts';
import { hosts, hostType, onHost, roomFor, type DedicatedHost } from './host.ts';

type Placement = {
  Tenancy?: string | undefined;
  Affinity?: string | undefined;
  HostId?: string | undefined;
  HostResourceGroupArn?: string | undefined;
};
type Wish = Omit<HostPlace, 'on'>;

/** What a call says of hosts. Throws InvalidParameterCombination where it says so without the tenancy. */
export function hostWish({ Tenancy: tenancy, Affinity: affinity, HostId: id, HostResourceGroupArn: group }: Placement): Wish {
  if (group) throw notBuilt('RunInstances', 'Placement.HostResourceGroupArn');
  if (tenancy !== 'host') {
    for (const [name, given] of [
      ['affinity', affinity],
      ['hostId', id],
    ] as const)
      if (given) throw invalidParameterCombination(`The parameter ${name} cannot be used without specifying a tenancy of 'host'`);
    return { affinity: 'default' };
  }
  if (affinity && affinity !== 'default' && affinity !== 'host')
    throw invalidParameterValue(`Value (${affinity}) for parameter affinity is invalid.`);
  return { affinity: affinity === 'host' ? 'host' : 'default', ...(id && { wanted: id }) };
}

/** The host of each instance, fewer than `most` where there is no more room. Throws InsufficientCapacityOnHost and InvalidHostID.NotFound. */
export async function hostSeats(
  tx: ReadTransaction,
  place: Place,
  wish: HostPlace,
  { type, zone, least, most }: { type: InstanceType; zone: string; least: number; most: number },
): Promise<HostPlace[]> {
  // An instance with affinity goes back to where it was.
  const named = wish.wanted ?? (wish.affinity === 'host' ? wish.on : undefined);
  const rows = named === undefined ? await freeHosts(tx, place) : [await requireResource(tx, place, hostType, named)];
  const seats: HostPlace[] = [];
  for (const row of rows) {
    if (row.zone !== zone) continue;
    const room = Math.min(roomFor(row, await onHost(tx, row), type), most - seats.length);
    const { on: _before, ...rest } = wish;
    for (let at = 0; at < room; at++) seats.push({ ...rest, on: row.id });
  }
  if (seats.length >= least) return seats;
  throw refusal('InsufficientCapacityOnHost')(
    named === undefined
      ? 'You do not have a host with a matching configuration and sufficient capacity. Either target a host resource group that can automatically allocate hosts on your behalf, or manually allocate a new host to your account and then try again.'
      : `Dedicated host ${named} has insufficient capacity to launch the instances in this request.`,
  );
}

/** Those that take instances which name no host. */
async function freeHosts(tx: ReadTransaction, { account, region }: Place): Promise<DedicatedHost[]> {
  return (await hosts.scanIndex(tx, 'live', [account, region])).map(({ row }) => row).filter((row) => row.autoPlacement);
}
