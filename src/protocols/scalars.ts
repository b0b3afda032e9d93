/** Numbers, booleans, timestamps and blobs as text, both ways. Readers throw WireFault instead of making NaN. */

import type { Shape, TimestampFormat } from './model.ts';
import { WireFault } from './wire-fault.ts';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/;
const INTEGER = /^-?\d{1,80}$/;
const DATE_TIME = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?)?(?:[Zz]|[+-]\d\d:?\d\d)?$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(?:\.\d{1,9})? (?:GMT|UTC)$/;
const NON_FINITE: Readonly<Record<string, number>> = { __proto__: null as never, NaN, Infinity, '-Infinity': -Infinity };
const GIVEN_MAX = 128;
/** No number or date is longer; the patterns above would be slow on what is. */
const SCALAR_LENGTH_MAX = 96;

/** A number from text. `nonFinite` lets `NaN`, `Infinity` and `-Infinity` pass. */
export function numberFromText(text: string, nonFinite = false): number {
  if (nonFinite && text in NON_FINITE) return NON_FINITE[text] as number;
  const value = isNumber(text) ? Number(text) : NaN;
  if (!Number.isFinite(value)) throw unreadable(text, 'a Number');
  return value;
}

function isNumber(text: string): boolean {
  return text.length <= SCALAR_LENGTH_MAX && NUMBER.test(text);
}

export function booleanFromText(text: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  // Python's str(True), as older boto sent it.
  if (text === 'True') return true;
  if (text === 'False') return false;
  throw unreadable(text, 'a Boolean');
}

export function bigintFromText(text: string): bigint {
  if (text.length > SCALAR_LENGTH_MAX || !INTEGER.test(text)) throw unreadable(text, 'an Integer');
  return BigInt(text);
}

/** A timestamp in any of the three formats: clients differ in which they send. */
export function timestampFromText(text: string): Date {
  if (text.length > SCALAR_LENGTH_MAX) throw unreadable(text, 'a Timestamp');
  if (isNumber(text)) return timestampFromSeconds(Number(text));
  const zoned = /[zZ]$|T.*[+-]\d\d:?\d\d$|GMT$|UTC$/.test(text);
  const date =
    DATE_TIME.test(text) || HTTP_DATE.test(text)
      ? new Date(zoned ? text : `${text.length === 10 ? `${text}T00:00:00` : text}Z`)
      : undefined;
  if (date === undefined || Number.isNaN(date.getTime())) throw unreadable(text, 'a Timestamp');
  return date;
}

export function timestampFromSeconds(seconds: number): Date {
  const date = new Date(Math.round(seconds * 1000));
  if (Number.isNaN(date.getTime())) throw unreadable(String(seconds), 'a Timestamp');
  return date;
}

/** Bytes from padded base64. Buffer.from skips what is no base64, so a shorter result tells. */
export function bytesFromBase64(text: string): Buffer {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = Buffer.from(text, 'base64');
  if (text.length % 4 !== 0 || bytes.length !== (text.length / 4) * 3 - padding || !endsClean(text, padding))
    throw new WireFault('value', 'The value is not valid base64', given(text));
  return bytes;
}

const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The last digit before padding has bits to spare, which are zero in what was encoded rightly. */
function endsClean(text: string, padding: 0 | 1 | 2): boolean {
  if (padding === 0) return true;
  const last = base64Digits.indexOf(text[text.length - padding - 1] ?? '');
  return last >= 0 && last % (padding === 2 ? 16 : 4) === 0;
}

function unreadable(text: string, wanted: string): WireFault {
  return new WireFault('value', `'${text.slice(0, GIVEN_MAX)}' can not be converted to ${wanted}`, given(text));
}

function given(text: string): { given?: string } {
  return text.length <= GIVEN_MAX ? { given: text } : {};
}

/** The reader of a simple shape's text. */
export function textReader(shape: Shape): (text: string) => unknown {
  switch (shape.kind) {
    case 'number':
    case 'bigdecimal': {
      const nonFinite = shape.traits['nonFinite'] !== undefined;
      return (text) => numberFromText(text, nonFinite);
    }
    case 'boolean':
      return booleanFromText;
    case 'bigint':
      return bigintFromText;
    case 'timestamp':
      return timestampFromText;
    case 'blob':
      return bytesFromBase64;
    default:
      return (text) => text;
  }
}

/** The writer of a simple shape's text; timestamps without a format of their own take `timestamps`. */
export function textWriter(shape: Shape, timestamps: TimestampFormat): (value: unknown) => string {
  switch (shape.kind) {
    case 'timestamp': {
      const format = formatOf(shape.format, timestamps);
      if (format === 'date-time' && shape.traits['wholeSeconds'] !== undefined) return (value) => wholeSeconds(value as Date);
      return (value) => String(formatTimestamp(value as Date, format));
    }
    case 'blob':
      return (value) => base64Of(value as Uint8Array | string);
    default:
      return String;
  }
}

export function formatOf(own: TimestampFormat, otherwise: TimestampFormat): TimestampFormat {
  return own === 'default' ? otherwise : own;
}

/** Seconds (with milliseconds as a fraction) for `epoch-seconds`, else text. */
export function formatTimestamp(given: Date | number | string, format: TimestampFormat): number | string {
  const date = given instanceof Date ? given : new Date(given);
  if (format === 'epoch-seconds') return date.getTime() / 1000;
  if (format === 'http-date') return httpDate(date);
  const text = date.toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}

function wholeSeconds(given: Date | number | string): string {
  const date = given instanceof Date ? given : new Date(given);
  return `${date.toISOString().slice(0, -'.000Z'.length)}.000Z`;
}

const httpDates = new Map<number, string>();
const HTTP_DATES_MAX = 1_000;

/** What was changed in one second, or is read again and again, has one date: it is written once. */
function httpDate(date: Date): string {
  const second = Math.floor(date.getTime() / 1000);
  let text = httpDates.get(second);
  if (text === undefined) {
    text = date.toUTCString();
    if (httpDates.size >= HTTP_DATES_MAX) httpDates.clear();
    httpDates.set(second, text);
  }
  return text;
}

/** Text counts as UTF-8 bytes. */
export function base64Of(value: Uint8Array | string): string {
  return asBuffer(value).toString('base64');
}

export function asBuffer(value: Uint8Array | string): Buffer {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
