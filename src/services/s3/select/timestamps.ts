/** Timestamps as Ion writes them, with a precision and an offset of their own: https://amazon-ion.github.io/ion-docs/docs/spec.html#timestamp */

const precisions = ['year', 'month', 'day', 'minute', 'second'] as const;
export type Precision = (typeof precisions)[number];

export type Timestamp = {
  readonly kind: 'timestamp';
  /** Of UTC, since the epoch. */
  readonly milliseconds: number;
  readonly precision: Precision;
  /** Digits of the second behind the point. */
  readonly fraction: string;
  /** Minutes from UTC; undefined where the text says none. */
  readonly offset: number | undefined;
};

/** The parts of a clock on a wall. */
export type Fields = { year: number; month: number; day: number; hour: number; minute: number; second: number };

const pattern = /^(\d{4})(?:T|-(\d\d)(?:T|-(\d\d)(?:T?|T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)))$/;
const minuteMilliseconds = 60_000;

/** Undefined for a text that is none. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = pattern.exec(text.trim());
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match;
  const offset = zone === undefined ? undefined : offsetOf(zone);
  if (offset !== undefined && Math.abs(offset) >= 24 * 60) return undefined;
  const fields = {
    ...{ year: Number(year), month: Number(month ?? 1), day: Number(day ?? 1) },
    ...{ hour: Number(hour ?? 0), minute: Number(minute ?? 0), second: Number(second ?? 0) },
  };
  const local = fromFields(fields);
  if (local === undefined) return undefined;
  const milliseconds = local + Number(`0.${fraction || '0'}`) * 1000 - (offset ?? 0) * minuteMilliseconds;
  const precision =
    second !== undefined ? 'second' : hour !== undefined ? 'minute' : day !== undefined ? 'day' : month !== undefined ? 'month' : 'year';
  return { kind: 'timestamp', milliseconds: Math.floor(milliseconds), precision, fraction, offset };
}

function offsetOf(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  if (zone === '-00:00') return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)));
}

/** Milliseconds of UTC; undefined where no calendar has such a day. */
function fromFields({ year, month, day, hour, minute, second }: Fields): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const same =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour && date.getUTCMinutes() === minute;
  return same && second < 60 ? date.getTime() : undefined;
}

/** What a clock in its own offset shows. */
export function fieldsOf({ milliseconds, offset }: Timestamp): Fields {
  const date = new Date(milliseconds + (offset ?? 0) * minuteMilliseconds);
  return {
    ...{ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() },
    ...{ hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds() },
  };
}

const two = (number: number): string => String(Math.abs(number)).padStart(2, '0');

export function timestampText(timestamp: Timestamp): string {
  const { precision, fraction, offset } = timestamp;
  const { year, month, day, hour, minute, second } = fieldsOf(timestamp);
  const date = `${String(year).padStart(4, '0')}${precision === 'year' ? '' : `-${two(month)}`}`;
  if (precision === 'year' || precision === 'month') return `${date}T`;
  if (precision === 'day') return `${date}-${two(day)}T`;
  const seconds = precision === 'minute' ? '' : `:${two(second)}${fraction === '' ? '' : `.${fraction}`}`;
  return `${date}-${two(day)}T${two(hour)}:${two(minute)}${seconds}${offset === undefined ? '-00:00' : offset === 0 ? 'Z' : zoneText(offset, ':')}`;
}

export function zoneText(offset: number, between: string): string {
  return `${offset < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(offset) / 60))}${between}${two(Math.abs(offset) % 60)}`;
}

type Part = 'YEAR' | 'MONTH' | 'DAY' | 'HOUR' | 'MINUTE' | 'SECOND';
const partMilliseconds = { DAY: 86_400_000, HOUR: 3_600_000, MINUTE: minuteMilliseconds, SECOND: 1_000 };

/** A day that the month does not have becomes its last. The sum is as precise as what was added. Undefined beyond the years 1 to 9999. */
export function addTo(part: Part, quantity: number, timestamp: Timestamp): Timestamp | undefined {
  const wanted = part === 'HOUR' ? 'minute' : (part.toLowerCase() as Precision);
  const precision = precisions[Math.max(precisions.indexOf(wanted), precisions.indexOf(timestamp.precision))]!;
  const milliseconds =
    part === 'YEAR' || part === 'MONTH'
      ? monthsLater(timestamp, part === 'YEAR' ? quantity * 12 : quantity)
      : timestamp.milliseconds + quantity * partMilliseconds[part];
  const sum = { ...timestamp, milliseconds, precision };
  const { year } = fieldsOf(sum);
  return year >= 1 && year <= 9999 ? sum : undefined;
}

function monthsLater(timestamp: Timestamp, months: number): number {
  const { year, month, day, ...time } = fieldsOf(timestamp);
  const count = year * 12 + month - 1 + months;
  const [toYear, toMonth] = [Math.floor(count / 12), (((count % 12) + 12) % 12) + 1];
  const last = new Date(Date.UTC(2000, toMonth, 0));
  last.setUTCFullYear(toYear, toMonth, 0);
  const local = fromFields({ year: toYear, month: toMonth, day: Math.min(day, last.getUTCDate()), ...time });
  if (local === undefined) return Number.NaN;
  const rest = ((timestamp.milliseconds % 1000) + 1000) % 1000;
  return local + rest - (timestamp.offset ?? 0) * minuteMilliseconds;
}

/** How many whole parts lie between two moments. */
export function difference(part: Part, from: Timestamp, to: Timestamp): number {
  const apart = to.milliseconds - from.milliseconds;
  if (part !== 'YEAR' && part !== 'MONTH') return Math.trunc(apart / partMilliseconds[part]) + 0;
  const [a, b] = apart < 0 ? [to, from] : [from, to];
  const start = fieldsOf(a);
  const end = fieldsOf({ ...b, offset: a.offset });
  let months = (end.year - start.year) * 12 + end.month - start.month;
  if (months > 0 && monthsLater(a, months) > b.milliseconds) months--;
  const whole = part === 'YEAR' ? Math.trunc(months / 12) : months;
  return apart < 0 ? 0 - whole : whole;
}
