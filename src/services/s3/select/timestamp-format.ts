/** TO_STRING of a timestamp: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-date.html#s3-select-sql-reference-to-string */

import { selectError } from './errors.ts';
import { fieldsOf, zoneText, type Timestamp } from './timestamps.ts';

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

type Write = (timestamp: Timestamp) => string;

/** Compiles a pattern. Throws for symbols that there are not, and for an apostrophe that is not closed. */
export function timestampWriter(pattern: string): Write {
  const writes: Write[] = [];
  for (let at = 0; at < pattern.length;) {
    const symbol = pattern[at]!;
    if (symbol === "'") {
      const end = closingQuote(pattern, at);
      const text = end === at + 1 ? "'" : pattern.slice(at + 1, end).replaceAll("''", "'");
      writes.push(() => text);
      at = end + 1;
      continue;
    }
    let end = at + 1;
    if (/[A-Za-z]/.test(symbol)) while (pattern[end] === symbol) end++;
    writes.push(writerOf(symbol, end - at));
    at = end;
  }
  return (timestamp) => writes.map((write) => write(timestamp)).join('');
}

/** Two apostrophes within a literal are one. */
function closingQuote(pattern: string, start: number): number {
  let at = pattern.indexOf("'", start + 1);
  while (at !== -1 && at > start + 1 && pattern[at + 1] === "'") at = pattern.indexOf("'", at + 2);
  if (at === -1) throw selectError('EvaluatorUnterminatedTimestampFormatPatternToken');
  return at;
}

const padded = (number: number, width: number): string => String(number).padStart(width, '0');

function writerOf(symbol: string, count: number): Write {
  if (!/[A-Za-z]/.test(symbol)) return () => symbol;
  const write = writers[symbol]?.(count);
  if (!write) throw selectError('EvaluatorInvalidTimestampFormatPatternSymbol');
  return write;
}

const writers: Readonly<Record<string, (count: number) => Write | undefined>> = {
  __proto__: null as never,
  y: (count) =>
    count > 4 ? undefined : (t) => (count === 2 ? padded(fieldsOf(t).year % 100, 2) : padded(fieldsOf(t).year, count === 4 ? 4 : 1)),
  M: (count) => monthWriter(count),
  d: (count) => field(count, 2, (t) => fieldsOf(t).day),
  a: (count) => (count === 1 ? (t) => (fieldsOf(t).hour < 12 ? 'AM' : 'PM') : undefined),
  h: (count) => field(count, 2, (t) => fieldsOf(t).hour % 12 || 12),
  H: (count) => field(count, 2, (t) => fieldsOf(t).hour),
  m: (count) => field(count, 2, (t) => fieldsOf(t).minute),
  s: (count) => field(count, 2, (t) => fieldsOf(t).second),
  S: (count) => (count > 9 ? undefined : (t) => t.fraction.padEnd(count, '0').slice(0, count)),
  n: (count) => (count === 1 ? (t) => String(Number(t.fraction.padEnd(9, '0'))) : undefined),
  X: (count) => zoneWriter(count, 'Z'),
  x: (count) => zoneWriter(count, undefined),
};

const field = (count: number, max: number, read: (timestamp: Timestamp) => number): Write | undefined =>
  count > max ? undefined : (timestamp) => padded(read(timestamp), count);

function monthWriter(count: number): Write | undefined {
  if (count <= 2) return field(count, 2, (t) => fieldsOf(t).month);
  const letters = count === 3 ? 3 : count === 4 ? undefined : 1;
  return count > 5 ? undefined : (t) => months[fieldsOf(t).month - 1]!.slice(0, letters);
}

/** One letter is +07, an even number of them +0700, three or five +07:00. */
function zoneWriter(count: number, utc: string | undefined): Write | undefined {
  if (count > 5) return undefined;
  return ({ offset = 0 }) => {
    if (offset === 0 && utc !== undefined) return utc;
    const text = zoneText(offset, count % 2 === 0 ? '' : ':');
    return count === 1 && offset % 60 === 0 ? text.slice(0, 3) : text;
  };
}
