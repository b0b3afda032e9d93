/** Months of a bill, their days and hours: all begin in UTC. */

export const dayMilliseconds = 86_400_000;
export const hourMilliseconds = 3_600_000;

/** Both in milliseconds since the epoch, `to` exclusive. */
export type Span = { from: number; to: number };

export type Month = Span & { hours: number };

/** The month in which a moment lies. */
export function monthOf(moment: number): Month {
  const date = new Date(moment);
  const from = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  const to = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return { from, to, hours: (to - from) / hourMilliseconds };
}

/** The months that a span touches, in order. */
export function* monthsOf({ from, to }: Span): Generator<Month> {
  for (let month = monthOf(from); month.from < to; month = monthOf(month.to)) yield month;
}

export const dayOf = (moment: number): number => Math.floor(moment / dayMilliseconds) * dayMilliseconds;

export const hourOf = (moment: number): number => Math.floor(moment / hourMilliseconds) * hourMilliseconds;

/** A span in pieces that lie within one hour each, or within one day. */
export function* piecesOf({ from, to }: Span, step: typeof hourMilliseconds | typeof dayMilliseconds = hourMilliseconds): Generator<Span> {
  for (let at = from; at < to;) {
    const end = Math.min(to, (Math.floor(at / step) + 1) * step);
    yield { from: at, to: end };
    at = end;
  }
}

/** `2026-11-28`. */
export const dayText = (moment: number): string => new Date(moment).toISOString().slice(0, 10);

/** `2026-11-28` or, of a month, `2026-11`, as the moment at which it begins; undefined for other text. */
export function readDay(text: string): number | undefined {
  if (!/^\d{4}-\d{2}(-\d{2})?$/.test(text)) return undefined;
  const moment = Date.parse(text.length === 7 ? `${text}-01` : text);
  return Number.isNaN(moment) || !dayText(moment).startsWith(text) ? undefined : moment;
}

/** The same day and hour twelve months later, or the day after where there is none. */
export function aYearLater(moment: number): number {
  const date = new Date(moment);
  return date.setUTCFullYear(date.getUTCFullYear() + 1);
}
