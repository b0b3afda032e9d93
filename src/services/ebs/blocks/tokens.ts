/** Tokens of blocks and pages: sealed, so that nobody makes one up, and bound to what they were given for. */

import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { cloudKey } from '../../../framework/blob-encryption/data-keys.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { validation } from '../errors.ts';

const versionByte = 1;
const expiryAt = 1;
const sealAt = 9;
const bytesOfToken = 41;

/** The key under which tokens of this cloud are sealed. */
export const tokenKey = async (request: ServiceRequest): Promise<KeyObject> => cloudKey(request, 'ebs tokens');

/** What reads one block until a moment of cloud time. `hash` makes it the token of these contents. */
export function blockToken(key: KeyObject, block: { snapshot: string; index: number; hash: string }, expiry: number): string {
  const token = Buffer.alloc(bytesOfToken, versionByte);
  token.writeBigUInt64BE(BigInt(expiry), expiryAt);
  sealOf(key, 'block', block.snapshot, block.index, block.hash, expiry).copy(token, sealAt);
  return token.toString('base64');
}

/** Throws ValidationException with INVALID_BLOCK_TOKEN. */
export function checkBlockToken(
  key: KeyObject,
  block: { snapshot: string; index: number; hash: string },
  token: string,
  now: number,
): void {
  const bytes = Buffer.from(token, 'base64');
  const expiry = bytes.length === bytesOfToken ? Number(bytes.readBigUInt64BE(expiryAt)) : 0;
  if (
    bytes.length !== bytesOfToken ||
    !timingSafeEqual(bytes.subarray(sealAt), sealOf(key, 'block', block.snapshot, block.index, block.hash, expiry))
  )
    throw validation('INVALID_BLOCK_TOKEN', 'The block token is not valid for this block of this snapshot.');
  if (expiry <= now) throw validation('INVALID_BLOCK_TOKEN', 'The block token has expired.');
}

/** Where the next page of a list begins. @param list what is listed: the ids of its snapshots. */
export function pageToken(key: KeyObject, list: string, index: number): string {
  const token = Buffer.alloc(bytesOfToken, versionByte);
  token.writeBigUInt64BE(BigInt(index), expiryAt);
  sealOf(key, 'page', list, index).copy(token, sealAt);
  return token.toString('base64');
}

/** Throws ValidationException with INVALID_PAGE_TOKEN. */
export function pageStart(key: KeyObject, list: string, token: string): number {
  const bytes = Buffer.from(token, 'base64');
  const index = bytes.length === bytesOfToken ? Number(bytes.readBigUInt64BE(expiryAt)) : 0;
  if (bytes.length !== bytesOfToken || !timingSafeEqual(bytes.subarray(sealAt), sealOf(key, 'page', list, index)))
    throw validation('INVALID_PAGE_TOKEN', 'The page token is not valid for this request.');
  return index;
}

const sealOf = (key: KeyObject, ...parts: readonly (string | number)[]): Buffer =>
  createHmac('sha256', key).update(JSON.stringify(parts)).digest();
