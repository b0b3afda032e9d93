/**
 * How far an answer may travel. Node sets a connection's type of service, not its time to live: so the one tells the router the other,
 * and the router takes it off again. What was limited once stays so for the rest of its connection, whatever is asked over it then.
 */

import type { Socket } from 'node:net';
import { newTable, type NftTable } from './ruleset.ts';

/** What packets have without being limited. */
const hopsMax = 64;
/** The field lies above two bits that are the kernel's own. */
const codepointUnit = 4;

const codepointOf = (hops: number): number => hopsMax - hops;

/**
 * Everything that is sent over a connection from now on goes no further than this.
 * A Node without types of service (before 25.6) limits nothing.
 */
export function limitHops(socket: Socket, hops: number): void {
  if (hops < hopsMax && 'setTypeOfService' in socket) socket.setTypeOfService(codepointOf(hops) * codepointUnit);
}

/** For a router: what its own listeners send. */
export function hopLimits(): NftTable {
  const { table, chain } = newTable('ip haneul-hops');
  const limits = Array.from({ length: hopsMax - 1 }, (_, at) => at + 1);
  chain('limited', [...limits.map((hops) => `ip dscp ${codepointOf(hops)} ip ttl set ${hops}`), 'ip dscp set cs0']);
  chain('output', ['meta l4proto tcp ip dscp != cs0 jump limited'], 'type filter hook output priority 10; policy accept;');
  return table;
}
