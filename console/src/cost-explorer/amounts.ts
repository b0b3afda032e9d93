/** Amounts of dollars as a bill shows them, and the months and days of which they are. */

import type { Language } from '../language/catalogue.ts';
import { settings } from '../shell/settings.ts';

/** Cents; of less than a cent as many digits as say something. */
export function dollarsText(amount: string | undefined): string {
  if (amount === undefined) return '–';
  const value = Number(amount);
  const small = value !== 0 && Math.abs(value) < 0.01;
  const digits = small
    ? { minimumSignificantDigits: 1, maximumSignificantDigits: 2 }
    : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return new Intl.NumberFormat(settings().language, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    ...digits,
  }).format(value);
}

export function quantityText(quantity: string, unit: string): string {
  const number = new Intl.NumberFormat(settings().language, { maximumFractionDigits: 6 }).format(Number(quantity));
  return unit === 'N/A' ? number : `${number} ${unit}`;
}

/** A month as `2026-11`, and its days as Cost Explorer wants them. */
export type Month = { id: string; start: string; end: string };

export function monthOf(moment: Date, back = 0): Month {
  const first = (months: number): string =>
    new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + months, 1)).toISOString().slice(0, 10);
  const start = first(-back);
  return { id: start.slice(0, 7), start, end: first(1 - back) };
}

export function monthText({ start }: Month, language: Language): string {
  return new Intl.DateTimeFormat(language, { year: 'numeric', month: 'long', timeZone: 'UTC' }).format(new Date(start));
}

export const dayText = (moment: Date): string => moment.toISOString().slice(0, 10);
