/** The stretches of time that a budget is for: the present day, month, quarter or year. */

import { dayMilliseconds, dayOf, monthOf, type Span } from '../../../framework/billing/month.ts';
import type { Budget } from '../tables.ts';

export function periodAt(unit: Budget['unit'], now: number): Span {
  const date = new Date(now);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (unit) {
    case 'DAILY':
      return { from: dayOf(now), to: dayOf(now) + dayMilliseconds };
    case 'QUARTERLY': {
      const first = month - (month % 3);
      return { from: Date.UTC(year, first, 1), to: Date.UTC(year, first + 3, 1) };
    }
    case 'ANNUALLY':
      return { from: Date.UTC(year, 0, 1), to: Date.UTC(year + 1, 0, 1) };
    default:
      return monthOf(now);
  }
}
