/** The range of the cloud's public addresses: a record, so that it outlives the process that was told it. */

import { checkedPublicRange, defaultPublicRange, isInRange, publicAddresses, PublicRangeRefused } from '../framework/public-addresses.ts';
import type { Store } from '../store/store.ts';
import { table } from '../store/table.ts';

export const publicRanges = table<{ name: 'cloud'; cidr: string }>('haneul/public-ranges', { key: (row) => [row.name] });

/**
 * The range that is wanted, or that an earlier start was told, or the default.
 * Throws PublicRangeRefused for one that cannot be, and while an address of another one is in use.
 */
export async function openPublicRange(store: Store, wanted: string | undefined): Promise<string> {
  const kept = (await store.read((tx) => publicRanges.get(tx, 'cloud')))?.cidr ?? defaultPublicRange;
  if (wanted === undefined || wanted === kept) return kept;
  const range = checkedPublicRange(wanted);
  const used = await store.read((tx) => publicAddresses.scan(tx));
  const beyond = used.map(({ row }) => row).filter(({ address }) => !isInRange(range, address));
  if (beyond.length > 0) throw new PublicRangeRefused(inUse(range, kept, beyond[0]!, beyond.length));
  await store.write((tx) => publicRanges.put(tx, { name: 'cloud', cidr: range }));
  return range;
}

function inUse(
  range: string,
  kept: string,
  {
    address,
    allocation,
    networkInterface,
    account,
    region,
  }: { address: string; account: string; region: string; allocation?: string; networkInterface?: string },
  count: number,
): string {
  const others = count > 1 ? ` and ${count - 1} more` : '';
  return `the range of public addresses cannot become ${range}: ${address} of ${kept} is in use by ${allocation ?? networkInterface ?? 'an interface'} (account ${account}, ${region})${others}; terminate the instances and release the addresses first`;
}
