/** Moments by the patterns of Java's DateTimeFormatter, as prefixes have them: https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html */

type Moment = { year: number; month: number; day: number; hour: number; minute: number; second: number; millisecond: number };

const months = 'January February March April May June July August September October November December'.split(' ');
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const dayMilliseconds = 86_400_000;

const zones = new Map<string, Intl.DateTimeFormat>();

/** Throws RangeError for a zone that there is not. */
function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  let format = zones.get(timeZone);
  if (!format) {
    const twoDigits = { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', ...twoDigits });
    if (zones.size > 100) zones.clear();
    zones.set(timeZone, format);
  }
  return format;
}

export function isTimeZone(timeZone: string): boolean {
  try {
    zoneFormat(timeZone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function momentOf(time: number, timeZone: string): Moment {
  const parts = new Map(
    zoneFormat(timeZone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return {
    ...{ year: part('year'), month: part('month'), day: part('day') },
    ...{ hour: part('hour'), minute: part('minute'), second: part('second'), millisecond: ((time % 1000) + 1000) % 1000 },
  };
}

const midnight = ({ year, month, day }: Pick<Moment, 'year' | 'month' | 'day'>): number => Date.UTC(year, month - 1, day);
const dayOfYear = (moment: Moment): number => (midnight(moment) - midnight({ year: moment.year, month: 1, day: 1 })) / dayMilliseconds + 1;
const dayOfWeek = (moment: Moment): number => (midnight(moment) / dayMilliseconds + 4) % 7;

const number = (value: number, width: number): string => String(value).padStart(width, '0');
const year = ({ year }: Moment, width: number): string => (width === 2 ? number(year % 100, 2) : number(year, width));
const name = (full: string, width: number): string => (width === 4 ? full : full.slice(0, width === 5 ? 1 : 3));

/** What each letter stands for; other letters are not supported. */
const fields: Readonly<Record<string, (moment: Moment, width: number) => string>> = {
  y: year,
  u: year,
  M: (moment, width) => (width > 2 ? name(months[moment.month - 1]!, width) : number(moment.month, width)),
  L: (moment, width) => number(moment.month, width),
  d: ({ day }, width) => number(day, width),
  D: (moment, width) => number(dayOfYear(moment), width),
  E: (moment, width) => name(days[dayOfWeek(moment)]!, width),
  e: (moment, width) => number(dayOfWeek(moment) + 1, width),
  a: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  H: ({ hour }, width) => number(hour, width),
  k: ({ hour }, width) => number(hour === 0 ? 24 : hour, width),
  K: ({ hour }, width) => number(hour % 12, width),
  h: ({ hour }, width) => number(hour % 12 === 0 ? 12 : hour % 12, width),
  m: ({ minute }, width) => number(minute, width),
  s: ({ second }, width) => number(second, width),
  S: ({ millisecond }, width) => number(millisecond, 3).padEnd(width, '0').slice(0, width),
};

type Part = { literal: string } | { letter: string; width: number };

/** The parts of a pattern; undefined for a letter that is not supported, and for a quote that does not end. */
function partsOf(pattern: string): Part[] | undefined {
  const parts: Part[] = [];
  const tokens = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'/g;
  for (const [token, quoted, letter] of pattern.matchAll(tokens)) {
    if (token === "'") return undefined;
    if (quoted !== undefined) parts.push({ literal: quoted === '' ? "'" : quoted.replaceAll("''", "'") });
    else if (letter === undefined) parts.push({ literal: token });
    else if (Object.hasOwn(fields, letter)) parts.push({ letter, width: token.length });
    else return undefined;
  }
  return parts;
}

export const isTimestampPattern = (pattern: string): boolean => partsOf(pattern) !== undefined;

/** A moment (milliseconds since the epoch) in a time zone, by a pattern that was checked. */
export function formatTimestamp(pattern: string, time: number, timeZone: string): string {
  const moment = momentOf(time, timeZone);
  return partsOf(pattern)!
    .map((part) => ('literal' in part ? part.literal : fields[part.letter]!(moment, part.width)))
    .join('');
}
