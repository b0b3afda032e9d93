/** SSE-C: keys that customers send with each request. They are never stored, only a salted proof of them. */

import { createHash, createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Random } from '../../../framework/random.ts';
import { accessDenied } from '../errors.ts';
import type { CustomerEncryption } from '../tables.ts';
import {
  customerAlgorithmMissing,
  customerAlgorithmUnknown,
  customerKeyInvalid,
  customerKeyMd5Missing,
  customerKeyMd5Wrong,
  customerKeyMissing,
} from './errors.ts';

export type CustomerKey = { key: KeyObject; /** Base64. */ md5: string };

type CustomerInput = {
  SSECustomerAlgorithm?: string | undefined;
  SSECustomerKey?: string | undefined;
  SSECustomerKeyMD5?: string | undefined;
};

const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** The key of a request; undefined when none of its three headers is there. */
export function customerKeyOf(input: CustomerInput): CustomerKey | undefined {
  const { SSECustomerAlgorithm: algorithm, SSECustomerKey: key, SSECustomerKeyMD5: md5 } = input;
  if (algorithm === undefined && key === undefined && md5 === undefined) return undefined;
  if (algorithm === undefined) throw customerAlgorithmMissing();
  if (algorithm !== 'AES256') throw customerAlgorithmUnknown(algorithm);
  if (!key) throw customerKeyMissing();
  if (!md5) throw customerKeyMd5Missing();
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length !== KEY_BYTES) throw customerKeyInvalid();
  if (createHash('md5').update(bytes).digest('base64') !== md5) throw customerKeyMd5Wrong();
  return { key: createSecretKey(bytes), md5 };
}

/** The same for the source of a copy. */
export function sourceKeyOf(input: object): CustomerKey | undefined {
  const given = input as Readonly<Record<string, string | undefined>>;
  return customerKeyOf({
    SSECustomerAlgorithm: given['CopySourceSSECustomerAlgorithm'],
    SSECustomerKey: given['CopySourceSSECustomerKey'],
    SSECustomerKeyMD5: given['CopySourceSSECustomerKeyMD5'],
  });
}

/** What is kept of a customer's key: enough to tell the wrong one. */
export function proofOf({ key }: CustomerKey, random: Random): CustomerEncryption {
  const salt = random.bytes(SALT_BYTES);
  return { mode: 'customer', salt: salt.toString('base64'), proof: prove(key, salt).toString('base64') };
}

export function isKeyOf(encryption: CustomerEncryption, { key }: CustomerKey): boolean {
  return timingSafeEqual(prove(key, Buffer.from(encryption.salt, 'base64')), Buffer.from(encryption.proof, 'base64'));
}

/** Throws AccessDenied for another key than the one that encrypted. */
export function requireKeyOf(encryption: CustomerEncryption, key: CustomerKey): void {
  if (!isKeyOf(encryption, key)) throw accessDenied();
}

function prove(key: KeyObject, salt: Uint8Array): Buffer {
  return createHmac('sha256', key).update(salt).digest();
}
