/** DynamoDB's numbers: exact decimals of 38 significant digits between 1E-130 and 9.99…E+125, as texts in one normal form. */

import { validationException } from './errors.ts';

const digitsMax = 38;
const exponentMax = 125;
const exponentMin = -130;

/** `digits` has neither leading nor trailing zeros and is empty for zero; the first digit stands at 10 to the power of `exponent`. */
export type Decimal = { negative: boolean; digits: string; exponent: number };

const form = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;
/** Whole numbers that a double holds exactly, even after one addition, and that are in normal form already. */
const short = /^(?:0|-?[1-9]\d{0,14})$/;

/** The normal form of a number that a caller sent. Throws when it is none, or out of range. */
export function normalNumber(text: string): string {
  if (short.test(text)) return text;
  const decimal = parseDecimal(text);
  if (decimal === undefined) throw notANumber(text);
  return formatDecimal(inRange(decimal));
}

function notANumber(text: string): Error {
  const sentence = 'The parameter cannot be converted to a numeric value';
  return validationException(text === '' ? sentence : `${sentence}: ${text}`);
}

/** Undefined when the text is no decimal number. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const whole = match[2] ?? '';
  const all = whole + (match[3] ?? match[4] ?? '');
  let first = 0;
  while (first < all.length && all.charCodeAt(first) === 48) first++;
  let end = all.length;
  while (end > first && all.charCodeAt(end - 1) === 48) end--;
  if (first === end) return { negative: false, digits: '', exponent: 0 };
  const exponent = whole.length - 1 - first + Number(match[5] ?? 0);
  return { negative: match[1] === '-', digits: all.slice(first, end), exponent };
}

const overflow = (): Error =>
  validationException('Number overflow. Attempting to store a number with magnitude larger than supported range');

function inRange(decimal: Decimal): Decimal {
  if (decimal.digits === '') return decimal;
  if (decimal.exponent > exponentMax) {
    throw overflow();
  }
  if (decimal.exponent < exponentMin) {
    throw validationException('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  }
  if (decimal.digits.length > digitsMax) {
    throw validationException('Attempting to store more than 38 significant digits in a Number');
  }
  return decimal;
}

/** Plain notation, never with an exponent. */
export function formatDecimal({ negative, digits, exponent }: Decimal): string {
  if (digits === '') return '0';
  const sign = negative ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return sign + digits + '0'.repeat(exponent + 1 - digits.length);
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** The sum of two numbers in normal form. Throws when it is out of range. */
export function addNumbers(one: string, other: string): string {
  if (short.test(one) && short.test(other)) return String(Number(one) + Number(other));
  const left = parseDecimal(one)!;
  const right = parseDecimal(other)!;
  const scale = Math.min(lastExponent(left), lastExponent(right));
  const sum = fromInteger(toInteger(left, scale) + toInteger(right, scale), scale);
  if (sum.digits.length > digitsMax) throw overflow(); // AWS says so of sums that are too precise
  return formatDecimal(inRange(sum));
}

/** The difference of two numbers in normal form. Throws when it is out of range. */
export function subtractNumbers(one: string, other: string): string {
  if (other === '0') return one;
  return addNumbers(one, other.startsWith('-') ? other.slice(1) : `-${other}`);
}

const lastExponent = ({ digits, exponent }: Decimal): number => (digits === '' ? 0 : exponent - digits.length + 1);

function toInteger(decimal: Decimal, scale: number): bigint {
  if (decimal.digits === '') return 0n;
  const magnitude = BigInt(decimal.digits) * 10n ** BigInt(lastExponent(decimal) - scale);
  return decimal.negative ? -magnitude : magnitude;
}

function fromInteger(value: bigint, scale: number): Decimal {
  if (value === 0n) return { negative: false, digits: '', exponent: 0 };
  const negative = value < 0n;
  const all = (negative ? -value : value).toString();
  return { negative, digits: all.replace(/0+$/, ''), exponent: scale + all.length - 1 };
}

/** Below zero when the first number in normal form is the smaller one, zero when they are equal. */
export function compareNumbers(one: string, other: string): number {
  if (one === other) return 0;
  if (short.test(one) && short.test(other)) return Number(one) - Number(other);
  const left = parseDecimal(one)!;
  const right = parseDecimal(other)!;
  const leftSign = signOf(left);
  const rightSign = signOf(right);
  if (leftSign !== rightSign) return leftSign - rightSign;
  if (left.exponent !== right.exponent) return leftSign * (left.exponent - right.exponent);
  return leftSign * (left.digits < right.digits ? -1 : left.digits > right.digits ? 1 : 0);
}

function signOf({ negative, digits }: Decimal): number {
  if (digits === '') return 0;
  return negative ? -1 : 1;
}
