/** Equality of any two values, and the order of numbers, texts and bytes. */

import { typeOf, type AttributeValue } from './attribute-value.ts';
import { compareNumbers } from './decimal.ts';

/** Both values must have been admitted: numbers are in normal form. Sets have no order. */
export function equalValues(one: AttributeValue, other: AttributeValue): boolean {
  const type = typeOf(one);
  if (type !== typeOf(other)) return false;
  switch (type) {
    case 'S':
      return one.S === other.S;
    case 'N':
      return one.N === other.N;
    case 'B':
      return Buffer.compare(one.B!, other.B!) === 0;
    case 'BOOL':
      return one.BOOL === other.BOOL;
    case 'NULL':
      return true;
    case 'SS':
      return sameMembers(one.SS!, other.SS!);
    case 'NS':
      return sameMembers(one.NS!, other.NS!);
    case 'BS':
      return sameMembers(one.BS!.map(bytesAsText), other.BS!.map(bytesAsText));
    case 'L':
      return one.L!.length === other.L!.length && one.L!.every((value, index) => equalValues(value, other.L![index]!));
    case 'M':
      return equalMaps(one.M!, other.M!);
    default:
      return false;
  }
}

function sameMembers(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  const members = new Set(other);
  return one.every((member) => members.has(member));
}

function equalMaps(one: Record<string, AttributeValue>, other: Record<string, AttributeValue>): boolean {
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => Object.hasOwn(other, name) && equalValues(one[name]!, other[name]!));
}

/** Bytes as a text that is equal when they are, and a key of sets and maps. */
export function bytesAsText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/**
 * Below zero, zero or above zero; undefined when the values are not of one type that has an order (S, N, B). Texts are ordered by
 * their UTF-8 bytes.
 */
export function compareValues(one: AttributeValue, other: AttributeValue): number | undefined {
  if (one.S !== undefined) return other.S === undefined ? undefined : compareTexts(one.S, other.S);
  if (one.N !== undefined) return other.N === undefined ? undefined : compareNumbers(one.N, other.N);
  if (one.B !== undefined) return other.B === undefined ? undefined : Buffer.compare(one.B, other.B);
  return undefined;
}

/** UTF-16 orders like UTF-8 but for surrogates, which stand above all other characters. */
export function compareTexts(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const left = one.charCodeAt(index);
    const right = other.charCodeAt(index);
    if (left === right) continue;
    const leftIsSurrogate = left >= 0xd800 && left <= 0xdfff;
    const rightIsSurrogate = right >= 0xd800 && right <= 0xdfff;
    if (leftIsSurrogate !== rightIsSurrogate) return leftIsSurrogate ? 1 : -1;
    return left - right;
  }
  return one.length - other.length;
}
