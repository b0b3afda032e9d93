/** The functions of S3 Select: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-sql-functions.html */

import { decimalOf, toScale } from './decimals.ts';
import { selectError } from './errors.ts';
import type { DatePart, TypeName } from './syntax.ts';
import { timestampWriter } from './timestamp-format.ts';
import { addTo, difference, fieldsOf, parseTimestamp, type Timestamp } from './timestamps.ts';
import { equal, isAbsent, isNumber, isTimestamp, numberOf, plainText, toFloat, truthOf, type Value } from './values.ts';

export type Call = (args: readonly Value[]) => Value;
type Builder = { readonly least: number; readonly most: number; readonly build: (part: DatePart | undefined, now: number) => Call };

const intMax = 2n ** 63n;

/** Throws IntegerOverflow for what 64 bits do not hold. */
export function checkedInt(value: bigint): bigint {
  if (value >= intMax || value < -intMax) throw selectError('IntegerOverflow');
  return value;
}

function textOf(value: Value): string {
  if (typeof value !== 'string') throw selectError('IncorrectSqlFunctionArgumentType');
  return value;
}

function intOf(value: Value): number {
  const number = typeof value === 'string' ? numberOf(value) : value;
  if (typeof number !== 'bigint') throw selectError('IncorrectSqlFunctionArgumentType');
  return Number(number);
}

function timestampOf(value: Value): Timestamp {
  const timestamp = typeof value === 'string' ? parseTimestamp(value) : value;
  if (timestamp === undefined) throw selectError('ValueParseFailure');
  if (!isTimestamp(timestamp)) throw selectError('IncorrectSqlFunctionArgumentType');
  return timestamp;
}

/** A function that says nothing of what is not there. */
const strict =
  (call: Call): Call =>
  (args) =>
    args.some(isAbsent) ? null : call(args);
const fixed = (count: number, call: Call): Builder => ({ least: count, most: count, build: () => strict(call) });

const upper = fixed(1, ([text]) => textOf(text).toUpperCase());
const length = fixed(1, ([text]) => BigInt([...textOf(text)].length));

const builders: Readonly<Record<string, Builder>> = {
  __proto__: null as never,
  COALESCE: { least: 1, most: Infinity, build: () => (args) => args.find((value) => !isAbsent(value)) ?? null },
  NULLIF: {
    least: 2,
    most: 2,
    build:
      () =>
      ([value, other]) =>
        !isAbsent(value) && !isAbsent(other) && equal(value, other) ? null : value,
  },
  UPPER: upper,
  LOWER: fixed(1, ([text]) => textOf(text).toLowerCase()),
  CHAR_LENGTH: length,
  CHARACTER_LENGTH: length,
  SUBSTRING: { least: 2, most: 3, build: () => strict(([text, start, count]) => substring(textOf(text), start, count)) },
  TRIM: trimming(true, true),
  TRIM_LEADING: trimming(true, false),
  TRIM_TRAILING: trimming(false, true),
  UTCNOW: {
    least: 0,
    most: 0,
    build: (_, now) => {
      const fraction = String(now % 1000).padStart(3, '0');
      const moment: Timestamp = { kind: 'timestamp', milliseconds: now, precision: 'second', fraction, offset: 0 };
      return () => moment;
    },
  },
  TO_TIMESTAMP: fixed(1, ([text]) => timestampOf(text)),
  TO_STRING: { least: 2, most: 2, build: () => strict(toStringCall()) },
  EXTRACT: { least: 1, most: 1, build: (part) => strict(([value]) => extract(part!, timestampOf(value))) },
  DATE_ADD: { least: 2, most: 2, build: (part) => strict(([quantity, value]) => dateAdd(part!, intOf(quantity), timestampOf(value))) },
  DATE_DIFF: {
    least: 2,
    most: 2,
    build: (part) => strict(([from, to]) => BigInt(difference(part as Parameters<typeof addTo>[0], timestampOf(from), timestampOf(to)))),
  },
};

export const functionNames: ReadonlySet<string> = new Set(Object.keys(builders).filter((name) => !name.startsWith('TRIM_')));

/** Throws EvaluatorInvalidArguments for too few or too many arguments. */
export function buildCall(name: string, count: number, part: DatePart | undefined, now: number): Call {
  const { least, most, build } = builders[name]!;
  if (count < least || count > most) throw selectError('EvaluatorInvalidArguments');
  return build(part, now);
}

/** Positions count from 1; those before the text take from the length. */
function substring(text: string, start: Value, count: Value): string {
  const from = intOf(start);
  const characters = [...text];
  if (count === undefined) return characters.slice(Math.max(0, from - 1)).join('');
  const length = intOf(count);
  if (length < 0) throw selectError('IllegalSqlFunctionArgument');
  return characters.slice(Math.max(0, from - 1), Math.max(0, from - 1 + length)).join('');
}

function trimming(leading: boolean, trailing: boolean): Builder {
  const trim: Call = ([value, characters]) => {
    const text = [...textOf(value)];
    const unwanted = new Set(characters === undefined ? ' ' : textOf(characters));
    let [start, end] = [0, text.length];
    while (leading && start < end && unwanted.has(text[start]!)) start++;
    while (trailing && end > start && unwanted.has(text[end - 1]!)) end--;
    return text.slice(start, end).join('');
  };
  return { least: 1, most: 2, build: () => strict(trim) };
}

/** The pattern is nearly always the same one. */
function toStringCall(): Call {
  let known: { pattern: string; write: (timestamp: Timestamp) => string } | undefined;
  return ([value, given]) => {
    const pattern = textOf(given);
    if (known?.pattern !== pattern) known = { pattern, write: timestampWriter(pattern) };
    return known.write(timestampOf(value));
  };
}

function dateAdd(part: DatePart, quantity: number, timestamp: Timestamp): Timestamp {
  const sum = addTo(part as Parameters<typeof addTo>[0], quantity, timestamp);
  if (!sum) throw selectError('IntegerOverflow');
  return sum;
}

function extract(part: DatePart, timestamp: Timestamp): bigint {
  const { offset = 0 } = timestamp;
  if (part === 'TIMEZONE_HOUR') return BigInt(Math.trunc(offset / 60));
  if (part === 'TIMEZONE_MINUTE') return BigInt(offset % 60);
  return BigInt(fieldsOf(timestamp)[part.toLowerCase() as 'year']);
}

/** Throws CastFailed for what the type cannot hold: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-conversion.html */
export function castTo(type: TypeName, value: Value): Value {
  if (isAbsent(value)) return value;
  const cast = casts[type](value);
  if (cast === undefined) throw selectError('CastFailed');
  return cast;
}

type Present = Exclude<Value, undefined | null>;

const casts: Readonly<Record<TypeName, (value: Present) => Value>> = {
  bool: (value) => {
    if (typeof value === 'boolean') return value;
    if (typeof value === 'string') return truthOf(value);
    return isNumber(value) ? toFloat(value) !== 0 : undefined;
  },
  int: (value) => {
    if (typeof value === 'boolean') return value ? 1n : 0n;
    const number = numberIn(value);
    if (typeof value === 'string' && typeof number !== 'bigint') return undefined;
    if (typeof number === 'number') return Number.isFinite(number) ? checkedInt(BigInt(Math.trunc(number))) : undefined;
    return number === undefined ? undefined : checkedInt(typeof number === 'bigint' ? number : toScale(number, 0));
  },
  string: (value) => (typeof value === 'object' && value.kind === 'json' ? undefined : plainText(value)),
  float: (value) => {
    if (typeof value === 'boolean') return value ? 1 : 0;
    const number = numberIn(value);
    return number === undefined ? undefined : toFloat(number);
  },
  decimal: (value) => {
    if (typeof value === 'boolean') return decimalOf(value ? '1' : '0');
    const number = numberIn(value);
    if (typeof number === 'bigint') return decimalOf(number.toString());
    if (typeof number !== 'number') return number;
    return Number.isFinite(number) ? decimalOf(fixedText(number)) : undefined;
  },
  timestamp: (value) => (typeof value === 'string' ? parseTimestamp(value) : isTimestamp(value) ? value : undefined),
};

function numberIn(value: Present) {
  if (typeof value === 'string') return numberOf(value);
  return isNumber(value) ? value : undefined;
}

/** A double without its exponent. */
function fixedText(number: number): string {
  const text = String(number);
  if (!text.includes('e')) return text;
  return Math.abs(number) >= 1 ? BigInt(Math.trunc(number)).toString() : number.toFixed(38);
}
