/** Request ids that begin with their time, so that the audit trail finds them quickly; random bytes are drawn in batches. */

import type { Random } from '../framework/random.ts';

const POOL_BYTES = 4_096;

export type RequestIds = {
  /** A version 7 UUID: https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7 */
  uuid(now: number): string;
  /** S3's form: 16 upper-case hex digits, the first 12 of them the time. */
  short(now: number): string;
  /** DynamoDB's form: 52 upper-case letters and digits, the first 10 of them the time. */
  long(now: number): string;
  /** S3's second id, opaque to everybody. */
  extended(): string;
};

export function createRequestIds(random: Random): RequestIds {
  let pool: Buffer = Buffer.alloc(0);
  let used = 0;
  const take = (bytes: number): number => {
    if (used + bytes > pool.length) {
      pool = random.bytes(POOL_BYTES);
      used = 0;
    }
    used += bytes;
    return used - bytes;
  };
  let last = -1;
  let lastText = '';
  const timeOf = (now: number): string => {
    if (now !== last) {
      last = now;
      lastText = now.toString(16).padStart(12, '0');
    }
    return lastText;
  };
  return {
    uuid: (now) => {
      const time = timeOf(now);
      const at = take(10);
      const hex = pool.toString('hex', at, at + 10);
      const variant = '89ab'[pool[at + 9]! & 3]!;
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${variant}${hex.slice(3, 6)}-${hex.slice(6, 18)}`;
    },
    short: (now) => {
      const at = take(2);
      return (timeOf(now) + pool.toString('hex', at, at + 2)).toUpperCase();
    },
    long: (now) => {
      const at = take(21);
      const rest = pool.toString('hex', at, at + 21);
      return (now.toString(36).padStart(10, '0') + rest).toUpperCase();
    },
    extended: () => {
      const at = take(48);
      return pool.toString('base64', at, at + 48);
    },
  };
}
