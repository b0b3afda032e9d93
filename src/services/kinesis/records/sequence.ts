/**
 * Sequence numbers in AWS's form: 188 bits as a decimal number. From the highest digit, in hexadecimal: `2`, nine digits of when the
 * shard was made (seconds), one of the shard, sixteen of the position, two of zero, nine of when the record arrived, eight of the
 * shard, `2`. So they grow with the position, and those of a child are above those of its parents.
 */

import type { Shard } from '../tables.ts';

export type Sequence = { createdSeconds: number; position: number; arrivedSeconds: number; shard: number };

const closingPosition = 0x7fffffffffffffffn;
const lowest = 1n << 185n;
const highest = (1n << 185n) + (1n << 184n);

export function formatSequence(
  { createdSeconds, number }: Pick<Shard, 'createdSeconds' | 'number'>,
  position: bigint,
  arrivedSeconds: number,
): string {
  return (baseOf(createdSeconds, number, arrivedSeconds) + (position << positionShift)).toString();
}

/** A sequence number whose position is none. */
function baseOf(createdSeconds: number, shard: number, arrivedSeconds: number): bigint {
  return (
    (2n << 184n) +
    (((BigInt(createdSeconds) << 4n) + BigInt(shard & 15)) << 144n) +
    (BigInt(arrivedSeconds) << 36n) +
    BigInt(shard * 16 + 2)
  );
}

/** A formatter for the records of one shard that arrived together: what they share is computed once. */
export function sequencesOf(shard: Pick<Shard, 'createdSeconds' | 'number'>, arrived: number): (position: number) => string {
  const base = baseOf(shard.createdSeconds, shard.number, Math.floor(arrived / 1000));
  return (position) => (base + (BigInt(position) << positionShift)).toString();
}

/** Twenty hexadecimal digits stand behind the position. */
const positionShift = 80n;

export function startOfShard(shard: Shard): string {
  return formatSequence(shard, 0n, shard.createdSeconds);
}

export function endOfShard(shard: Shard, closed: number): string {
  return formatSequence(shard, closingPosition, Math.floor(closed / 1000));
}

/** What a sequence number says; undefined when it is none of this form. Positions beyond any record's are cut to the largest number. */
export function parseSequence(decimal: string): Sequence | undefined {
  const value = BigInt(decimal);
  if (value <= lowest || value >= highest) return undefined;
  const digits = value.toString(16);
  if (digits.length !== 47 || !digits.endsWith('2')) return undefined;
  const position = BigInt(`0x${digits.slice(11, 27)}`);
  if (position > closingPosition) return undefined;
  return {
    createdSeconds: parseInt(digits.slice(1, 10), 16),
    position: position > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER - 1 : Number(position),
    arrivedSeconds: parseInt(digits.slice(29, 38), 16),
    shard: parseInt(digits.slice(38, 46), 16),
  };
}
