/** The IPv6 ranges that the cloud gives to VPCs, and how they go back: docs/decisions/0040-ipv6-from-a-range-of-the-cloud-itself.md */

import type { Random } from '../../../framework/random.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { refusal } from '../errors.ts';
import { cidr6Of, formatAddress6, formatCidr6 } from '../network/cidr6.ts';

/** The cloud's own range: 32 bits of unique local addresses (RFC 4193), of which 24 are drawn once. */
type CloudRange = { id: 'ipv6'; cidr: string };
type RangeUse = { cidr: string; account: string; region: string; vpc: string };

export const cloudRanges = table<CloudRange>('ec2/ipv6-cloud-range', { key: (row) => [row.id] });
export const rangeUses = table<RangeUse>('ec2/ipv6-ranges', { key: (row) => [row.cidr] });

const cloudLength = 32;
const vpcLength = 56;
const vpcShift = BigInt(128 - vpcLength);
const vpcsMax = 2 ** (vpcLength - cloudLength);
const triesMax = 64;

/** What chance gives, before a transaction. */
export type RangeDraw = { cloud: string; start: number };

/** Never fd00::, which people use by hand and AWS for its own services. */
export function drawRange(random: Random): RangeDraw {
  const [a, b, c] = random.bytes(3);
  const first = (0xfdn << 24n) | (BigInt(1 + (a! % 255)) << 16n) | (BigInt(b!) << 8n) | BigInt(c!);
  return { cloud: formatCidr6({ first: first << BigInt(128 - cloudLength), length: cloudLength }), start: random.float() };
}

/** A free /56 of the cloud's range for a VPC. The first one of the range is the cloud's own. Throws InsufficientAddressCapacity. */
export async function takeRange(tx: WriteTransaction, use: Omit<RangeUse, 'cidr'>, draw: RangeDraw): Promise<string> {
  const known = await cloudRanges.get(tx, 'ipv6');
  if (!known) await cloudRanges.put(tx, { id: 'ipv6', cidr: draw.cloud });
  const { first } = cidr6Of(known?.cidr ?? draw.cloud);
  const from = Math.floor(draw.start * vpcsMax);
  for (let step = 0; step < triesMax; step++) {
    const number = (from + step * 1009) % vpcsMax;
    const cidr = formatCidr6({ first: first + (BigInt(number) << vpcShift), length: vpcLength });
    if (number === 0 || (await rangeUses.get(tx, cidr))) continue;
    await rangeUses.put(tx, { cidr, ...use });
    return cidr;
  }
  throw refusal('InsufficientAddressCapacity')('Not enough IPv6 CIDR blocks available');
}

export async function returnRange(tx: WriteTransaction, cidr: string): Promise<void> {
  await rangeUses.delete(tx, cidr);
}

/** The address by which the machine itself is known in the cloud whose range this is a part of. */
export function machineAddress6(cidr: string): string {
  const shift = BigInt(128 - cloudLength);
  return formatAddress6(((cidr6Of(cidr).first >> shift) << shift) + 1n);
}
