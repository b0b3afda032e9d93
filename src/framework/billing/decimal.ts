/**
 * Money and quantities without binary fractions: whole numbers of a small unit. Money is counted in millionths of a millionth of a dollar
 * (picodollars), which holds every price of AWS's lists exactly.
 */

export const picodollarsPerDollar = 1_000_000_000_000n;
const fractionDigits = 12;
/** Quantities are counted in millionths of the meter's unit. */
export const microsPerUnit = 1_000_000n;

/** Dollars as decimal text, for example `0.0000004`, in picodollars. Throws RangeError for other text, or more than 12 digits of fraction. */
export function picodollars(dollars: string): bigint {
  const match = /^(\d+)(?:\.(\d{1,12}))?$/.exec(dollars);
  if (!match) throw new RangeError(`${dollars} is no amount of dollars`);
  return BigInt(match[1]! + (match[2] ?? '').padEnd(fractionDigits, '0'));
}

/** Picodollars as decimal text of dollars, with `digits` of fraction, rounded half away from zero: `0.0000004000`. */
export function dollarText(pico: bigint, digits = 10): string {
  return fractionText(pico, picodollarsPerDollar, digits);
}

/** Picodollars as dollars, or millionths of a millionth of a unit as units: decimal text, as short as it can be. */
export const shortText = (value: bigint): string => trimmed(dollarText(value));

/** A fraction as decimal text, rounded half away from zero. */
export function fractionText(numerator: bigint, denominator: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits);
  const rounded = roundedHalfUp((numerator < 0n ? -numerator : numerator) * scale, denominator);
  const text = rounded.toString().padStart(digits + 1, '0');
  const sign = numerator < 0n && rounded > 0n ? '-' : '';
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Decimal text without the zeros at its end, and without a point that nothing follows. */
export function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Both at least zero. */
export function roundedHalfUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator * 2n + denominator) / (denominator * 2n);
}

/** What the meter counted, in millionths of its unit. What is smaller is rounded; less than nothing is nothing. */
export function micros(quantity: number): bigint {
  if (!(quantity > 0)) return 0n;
  const whole = Math.trunc(quantity);
  return BigInt(whole) * microsPerUnit + BigInt(Math.round((quantity - whole) * Number(microsPerUnit)));
}
