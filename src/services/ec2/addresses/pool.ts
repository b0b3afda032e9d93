/** The range from which public addresses come, and how they go back to it. */

import type { WriteTransaction } from '../../../store/store.ts';
import { refusal } from '../errors.ts';
import type { NetworkInterface } from '../network-interfaces/network-interface.ts';
import { cidrOf, formatAddress, sizeOf } from '../../../framework/cidr.ts';
import { elasticAddresses } from './address.ts';
import { publicAddresses } from '../../../framework/public-addresses.ts';

/** The first addresses are the cloud's own. */
const reservedFirst = 256;
const drawsMax = 64;

/**
 * A free public address of the cloud, for an elastic address or for an interface.
 * @param range the cloud's.
 * @param start drawn before the transaction.
 */
export async function takePublicAddress(
  tx: WriteTransaction,
  range: string,
  use: { account: string; region: string; allocation?: string; networkInterface?: string },
  start: number,
): Promise<string> {
  const publicRange = cidrOf(range);
  const usable = sizeOf(publicRange) - reservedFirst - 1;
  const from = Math.floor(start * usable);
  for (let step = 0; step < usable; step++) {
    // Far steps first, so that neighbours in use cost little; then one by one.
    const offset = step < drawsMax ? step * 1009 : step;
    const address = formatAddress(publicRange.first + reservedFirst + ((from + offset) % usable));
    if (await publicAddresses.get(tx, address)) continue;
    await publicAddresses.put(tx, { address, ...use });
    return address;
  }
  throw refusal('InsufficientAddressCapacity')('Not enough addresses available');
}

/** Lent addresses of an interface go back to the range; elastic ones are free of it and stay with their account. */
export async function returnPublicAddresses(tx: WriteTransaction, row: NetworkInterface): Promise<NetworkInterface> {
  for (const { public: found } of row.addresses) {
    if (!found) continue;
    if (found.allocation === undefined) {
      await publicAddresses.delete(tx, found.address);
      continue;
    }
    const elastic = await elasticAddresses.get(tx, row.account, row.region, found.allocation);
    if (!elastic) continue;
    const { association: _gone, ...free } = elastic;
    await elasticAddresses.put(tx, free);
  }
  return { ...row, addresses: row.addresses.map(({ public: _public, ...address }) => address) };
}
