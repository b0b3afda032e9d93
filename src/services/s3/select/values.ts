/** The values that S3 Select computes with, and what they are compared by. */

import { asDecimal, decimalOf, decimalText, toScale, type Decimal } from './decimals.ts';
import { parseTimestamp, timestampText, type Timestamp } from './timestamps.ts';

/** An object or an array of JSON, or of Parquet. */
export type Nested = { readonly kind: 'json'; readonly json: object };

/** `undefined` is MISSING; `bigint` is INT, `number` is FLOAT. */
export type Value = undefined | null | boolean | string | bigint | number | Decimal | Timestamp | Nested;
export type NumberValue = bigint | number | Decimal;

type RawJson = { rawJSON: string };
type RawJsonTools = { isRawJSON(value: unknown): value is RawJson; rawJSON(text: string): RawJson };
const rawTools = JSON as unknown as RawJsonTools;

/** A number of JSON as it is written, for what a double does not hold. */
export const rawJson = (text: string): RawJson => rawTools.rawJSON(text);
export const isRawJson = (value: unknown): value is RawJson => rawTools.isRawJSON(value);

const hasLongNumber = /\d{16}/;

/** JSON with numbers that are too long for a double kept as they are written. Throws SyntaxError. */
export function parseJson(text: string): unknown {
  if (!hasLongNumber.test(text)) return JSON.parse(text);
  const keep = (_: string, value: unknown, context: { source?: string }) =>
    typeof value === 'number' && context.source !== undefined && String(value) !== context.source ? rawJson(context.source) : value;
  return JSON.parse(text, keep as Parameters<typeof JSON.parse>[1]);
}

/** What a value of JSON is in SQL. */
export function fromJson(json: unknown): Value {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : numberOf(String(json));
  if (typeof json !== 'object' || json === null) return json as Value;
  if (isRawJson(json)) return numberOf(json.rawJSON);
  return { kind: 'json', json };
}

/** What a value of SQL is in JSON text; undefined for MISSING. */
export function jsonText(value: Value): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return JSON.stringify(value);
  if (isNumber(value)) return numberText(value);
  if (value === null || typeof value === 'boolean') return String(value);
  return value.kind === 'json' ? JSON.stringify(value.json) : JSON.stringify(timestampText(value as Timestamp));
}

export function isNumber(value: Value): value is NumberValue {
  return typeof value === 'bigint' || typeof value === 'number' || (typeof value === 'object' && value?.kind === 'decimal');
}

export const isTimestamp = (value: Value): value is Timestamp => typeof value === 'object' && value?.kind === 'timestamp';
export const isAbsent = (value: Value): value is null | undefined => value === null || value === undefined;

const integer = /^[+-]?\d+$/;
const plain = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;
const scientific = /^[+-]?(?:\d+\.?\d*|\.\d+)[eE][+-]?\d{1,3}$/;

/** The number that a text writes; undefined where it writes none. */
export function numberOf(text: string): NumberValue | undefined {
  const digits = text.trim();
  if (digits.length > 64) return undefined;
  if (integer.test(digits)) return BigInt(digits.startsWith('+') ? digits.slice(1) : digits);
  if (plain.test(digits)) return decimalOf(digits);
  return scientific.test(digits) ? Number(digits) : undefined;
}

function numberText(value: NumberValue): string {
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'number' ? String(value) : decimalText(value);
}

/** How a value is written where all is text: fields of CSV, `||`, CAST to STRING. */
export function plainText(value: Exclude<Value, undefined | null>): string {
  if (typeof value === 'string') return value;
  if (isNumber(value)) return numberText(value);
  if (typeof value === 'boolean') return String(value);
  return value.kind === 'json' ? JSON.stringify(value.json) : timestampText(value as Timestamp);
}

export function toFloat(value: NumberValue): number {
  return typeof value === 'object' ? Number(decimalText(value)) : Number(value);
}

/** Negative, zero or positive; NaN compares as equal to nothing. */
export function compareNumbers(a: NumberValue, b: NumberValue): number {
  if (typeof a === 'object' && typeof b !== 'number') return compareDecimals(a, b);
  if (typeof b === 'object' && typeof a !== 'number') return -compareDecimals(b, a);
  const left = typeof a === 'object' ? toFloat(a) : a;
  const right = typeof b === 'object' ? toFloat(b) : b;
  if (left < right) return -1;
  return left > right ? 1 : left == right ? 0 : Number.NaN; // oxlint-disable-line eqeqeq -- a bigint equals a number only by ==
}

function compareDecimals(a: Decimal, b: bigint | Decimal): number {
  const other = asDecimal(b);
  const scale = Math.max(a.scale, other.scale);
  const left = toScale(a, scale);
  const right = toScale(other, scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Negative, zero or positive; undefined where the two are of types that have no order. A text beside a number or a timestamp is read as one: fields of
 * CSV have no types of their own.
 */
export function compare(a: Value, b: Value): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  const left = typeof a === 'string' ? asTypeOf(a, b) : a;
  const right = typeof b === 'string' ? asTypeOf(b, a) : b;
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  if (isTimestamp(left) && isTimestamp(right)) return left.milliseconds - right.milliseconds;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  return undefined;
}

function asTypeOf(text: string, other: Value): Value {
  if (isNumber(other)) return numberOf(text);
  if (isTimestamp(other)) return parseTimestamp(text);
  if (typeof other === 'boolean') return truthOf(text);
  return text;
}

/** `true` and `false` in any case. */
export function truthOf(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

/** Whether two present values are the same. */
export function equal(a: Value, b: Value): boolean {
  const order = compare(a, b);
  if (order !== undefined) return order === 0;
  if (typeof a !== 'object' || typeof b !== 'object' || a?.kind !== 'json' || b?.kind !== 'json') return false;
  return JSON.stringify(a.json) === JSON.stringify(b.json);
}

/** The number or the moment that a value is or writes; undefined for all else. */
export function parseOrderable(value: Value): NumberValue | Timestamp | undefined {
  if (typeof value === 'string') return numberOf(value) ?? parseTimestamp(value);
  return isNumber(value) || isTimestamp(value) ? value : undefined;
}
