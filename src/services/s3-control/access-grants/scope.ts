/** Scopes of locations, grants and requests, paths that begin with `s3://`: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-grant.html. Pure. */

import { invalidRequest } from '../errors.ts';
import type { Permission } from './tables.ts';

export const defaultScope = 's3://';
const scopeLengthMax = 2000;
const form = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\*|\/.*)?$/s;

/** Throws InvalidRequest for what is no path of S3. */
export function checkScope(scope: string): void {
  if (scope.length > scopeLengthMax || !form.test(scope)) throw invalidRequest(`The S3 path ${scope.slice(0, 200)} is not valid.`);
}

/** Up to where the rest is free. */
export function baseOf(scope: string): string {
  return scope.endsWith('*') ? scope.slice(0, -1) : scope;
}

export function bucketOf(scope: string): string {
  return /^s3:\/\/([a-z0-9.-]*)/.exec(scope)![1]!;
}

/** What of the bucket's keys a scope is about; empty for all. */
export function keysOf(scope: string): string {
  const slash = scope.indexOf('/', defaultScope.length);
  return slash < 0 ? '' : baseOf(scope.slice(slash + 1));
}

/** The scope of a grant below a location. */
export function grantScope(location: string, subPrefix = ''): string {
  const base = baseOf(location);
  if (subPrefix === '') return location;
  return base === defaultScope || base.endsWith('/') || location.endsWith('*') ? `${base}${subPrefix}` : `${base}/${subPrefix}`;
}

/** Whether a request's target lies in a scope. A bucket is not the beginning of another one's name. */
export function covers({ scope, isObject }: { scope: string; isObject?: true }, target: string, targetIsObject: boolean): boolean {
  if (isObject) return targetIsObject && target === scope;
  return bucketOf(scope) === bucketOf(target) && keysOf(target).startsWith(keysOf(scope));
}

export function permits(granted: Permission, asked: Permission): boolean {
  return granted === 'READWRITE' || granted === asked;
}
