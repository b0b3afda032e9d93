/** Time-based one-time passwords as virtual MFA devices show them: RFC 6238 with SHA-1, 30 seconds, six digits. */

import { createHmac, timingSafeEqual } from 'node:crypto';

const stepMs = 30_000;
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function base32Text(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      text += base32[(held >>> (bits - 5)) & 31];
      bits -= 5;
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + base32[(held << (5 - bits)) & 31] : text;
}

export function stepAt(time: number): number {
  return Math.floor(time / stepMs);
}

export function codeOf(seed: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', seed).update(counter).digest();
  const at = digest[19]! & 15;
  return ((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).toString().padStart(6, '0');
}

/**
 * The step of the second of two consecutive codes, or undefined. Devices drift, so a few steps around now are tried; `after`
 * keeps codes from being used twice.
 */
export function stepOfCodes(seed: Buffer, first: string, second: string, now: number, drift: number, after = -1): number | undefined {
  const middle = stepAt(now);
  for (let step = middle - drift; step <= middle + drift; step++) {
    if (step > after && sameCode(codeOf(seed, step), first) && sameCode(codeOf(seed, step + 1), second)) return step + 1;
  }
  return undefined;
}

/** Compares in the same time wherever the codes differ. */
export function sameCode(shown: string, given: string): boolean {
  const bytes = Buffer.from(given);
  return bytes.length === shown.length && timingSafeEqual(Buffer.from(shown), bytes);
}
