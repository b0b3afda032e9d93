/** The addresses that this machine has by itself. */

import { networkInterfaces } from 'node:os';
import { isInRange } from '../../framework/public-addresses.ts';

/** Links of any cloud of ours on the machine. */
const ownPrefix = 'hn-';

/** The first interface with an IPv4 address of a range, which is none of Haneul's own. */
export function interfaceWithin(cidr: string): string | undefined {
  const found = Object.entries(networkInterfaces()).find(
    ([name, addresses = []]) =>
      !name.startsWith(ownPrefix) && addresses.some(({ family, address }) => family === 'IPv4' && isInRange(cidr, address)),
  );
  return found?.[0];
}
