/** Ids as IAM and STS coin them: a four-letter prefix and base 32, with the account inside the ids of access keys. */

import type { Random } from './random.ts';

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** AIDA user, AROA role, AGPA group, AIPA instance profile, ANPA managed policy, ASCA certificate, APKA public key, ACCA service credential. */
export type IdPrefix = 'AIDA' | 'AROA' | 'AGPA' | 'AIPA' | 'ANPA' | 'ASCA' | 'APKA' | 'ACCA';

/** A unique id of 21 characters, 20 for public keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
export function uniqueId(prefix: IdPrefix, random: Random): string {
  return prefix + random.text(prefix === 'APKA' ? 16 : 17, base32);
}

/**
 * An access key id of 20 characters. As in AWS the 80 bits after the prefix are a one, the account (40 bits) and chance (39 bits),
 * so sts:GetAccessKeyInfo needs no table.
 */
export function accessKeyId(prefix: 'AKIA' | 'ASIA', account: string, random: Random): string {
  const chance = BigInt(`0x${random.bytes(5).toString('hex')}`) & ((1n << 39n) - 1n);
  let bits = (1n << 79n) | (BigInt(account) << 39n) | chance;
  let text = '';
  for (let i = 0; i < 16; i++) {
    text = base32[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return prefix + text;
}

/** The account inside an access key id, or undefined when the text is no such id. */
export function accountOfAccessKey(id: string): string | undefined {
  if (!/^A[KS]IA[Q-Z2-7][A-Z2-7]{15}$/.test(id)) return undefined;
  let bits = 0n;
  for (const letter of id.slice(4)) bits = (bits << 5n) | BigInt(base32.indexOf(letter));
  const account = (bits >> 39n) & ((1n << 40n) - 1n);
  return account < 10n ** 12n ? account.toString().padStart(12, '0') : undefined;
}
