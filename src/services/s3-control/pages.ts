/** Pages of listings: how long they are, and where the next one begins. */

import type { Key } from '../../store/store.ts';
import { invalidRequest } from './errors.ts';

/** Nothing, or 0, asks for as many as there may be. Throws InvalidRequest. */
export function pageSize(asked: number | undefined, max: number): number {
  if (asked === undefined || asked === 0) return max;
  if (asked < 0 || asked > max) throw invalidRequest(`MaxResults must be between 0 and ${max}`);
  return asked;
}

export function tokenOf(cursor: Key): string {
  return Buffer.from(cursor).toString('base64url');
}

/** Throws InvalidRequest for a token that no listing has given. */
export function cursorOf(token: string): Key {
  const cursor = Buffer.from(token, 'base64url');
  if (cursor.length === 0 || cursor.toString('base64url') !== token) throw invalidRequest('Invalid nextToken');
  return cursor;
}
