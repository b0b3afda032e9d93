/** The first of AWS's checks: lengths, ranges, patterns and enumerations of a request, all faults in one answer (forms.ts). */

import { validationException } from './errors.ts';

/** Faults in the order in which they were found. */
export type Faults = string[];

const faultsMax = 10;
const namePattern = '[a-zA-Z0-9_.-]+';
const nameForm = /^[a-zA-Z0-9_.-]+$/;

/** Throws what was found, if anything. */
export function refuseFaults(faults: Faults): void {
  if (faults.length === 0) return;
  const told = faults.slice(0, faultsMax);
  throw validationException(`${told.length} validation error${told.length > 1 ? 's' : ''} detected: ${told.join('; ')}`);
}

export function addFault(faults: Faults, path: string, value: unknown, constraint: string): void {
  const text = value === undefined || value === null ? 'null' : `'${textOf(value)}'`;
  faults.push(`Value ${text} at '${path}' failed to satisfy constraint: ${constraint}`);
}

/** Java's way of writing values. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

export function checkEnum(faults: Faults, path: string, value: string | undefined, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value))
    addFault(faults, path, value, `Member must satisfy enum value set: [${allowed.join(', ')}]`);
}

export function checkName(faults: Faults, path: string, value: string | undefined, lengthMin = 3): void {
  if (value === undefined) return;
  if (!nameForm.test(value)) addFault(faults, path, value, `Member must satisfy regular expression pattern: ${namePattern}`);
  checkLength(faults, path, value, lengthMin, 255);
}

export function checkLength(faults: Faults, path: string, value: string | readonly unknown[] | undefined, min: number, max: number): void {
  if (value === undefined) return;
  if (value.length < min) addFault(faults, path, value, `Member must have length greater than or equal to ${min}`);
  if (value.length > max) addFault(faults, path, value, `Member must have length less than or equal to ${max}`);
}

export function checkRange(faults: Faults, path: string, value: number | undefined, min: number, max = Infinity): void {
  if (value === undefined) return;
  if (value < min) addFault(faults, path, value, `Member must have value greater than or equal to ${min}`);
  if (value > max) addFault(faults, path, value, `Member must have value less than or equal to ${max}`);
}

/** A table's name, or its ARN, in calls on items. */
export function checkTableName(faults: Faults, path: string, value: string | undefined): void {
  if (value === undefined) return;
  if (value.startsWith('arn:')) {
    checkLength(faults, path, value, 1, 1024);
    return;
  }
  checkName(faults, path, value);
}

const consumedCapacity = ['INDEXES', 'TOTAL', 'NONE'];
const collectionMetrics = ['SIZE', 'NONE'];

/** The members that every call on items may have. */
export function checkReturns(
  faults: Faults,
  input: { ReturnConsumedCapacity?: string | undefined; ReturnItemCollectionMetrics?: string | undefined },
): void {
  checkEnum(faults, 'returnConsumedCapacity', input.ReturnConsumedCapacity, consumedCapacity);
  checkEnum(faults, 'returnItemCollectionMetrics', input.ReturnItemCollectionMetrics, collectionMetrics);
}
