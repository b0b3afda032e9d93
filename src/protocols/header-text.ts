/** Values in headers: scalars, lists with quoted items, and JSON in base64. */

import { memoised } from './memoise.ts';
import type { Shape } from './model.ts';
import { asBuffer, formatOf, formatTimestamp, textReader } from './scalars.ts';

/** Commas before a weekday, a year or a number of seconds: HTTP dates hold one comma of their own. */
const BETWEEN_DATES = /,\s*(?=[A-Z][a-z]{2},|\d{4}-|[\d.]+(?:,|$))/;

/** Reads a header's value. Throws WireFault. */
export const headerReader = memoised((shape: Shape): ((text: string) => unknown) => {
  if (shape.kind === 'list') {
    const read = headerReader(shape.member.shape);
    if (shape.member.shape.kind === 'timestamp') return (text) => text.split(BETWEEN_DATES).map(read);
    return (text) => splitList(text).map(read);
  }
  if (shape.traits['mediaType'] !== undefined) return (text) => Buffer.from(text, 'base64').toString('utf8');
  if (shape.kind === 'string') return utf8FromLatin1;
  return textReader(shape);
});

export const headerWriter = memoised((shape: Shape): ((value: unknown) => string) => {
  switch (shape.kind) {
    case 'list': {
      const write = headerWriter(shape.member.shape);
      return (values) => (values as readonly unknown[]).map((value) => quoted(write(value), shape.member.shape)).join(', ');
    }
    case 'timestamp': {
      const format = formatOf(shape.format, 'http-date');
      return (value) => String(formatTimestamp(value as Date, format));
    }
    case 'blob':
      return (value) => asBuffer(value as Uint8Array | string).toString('base64');
    default:
      return shape.traits['mediaType'] === undefined
        ? (value) => latin1FromUtf8(String(value))
        : (value) => Buffer.from(String(value)).toString('base64');
  }
});

/** Headers are bytes: clients send UTF-8 in them, which node:http shows as Latin-1. Bytes that are no UTF-8 stay as they are. */
export function utf8FromLatin1(text: string): string {
  if (!/[\u0080-\u00ff]/.test(text)) return text;
  const decoded = Buffer.from(text, 'latin1').toString('utf8');
  return decoded.includes('\ufffd') ? text : decoded;
}

/** The other way: text as the Latin-1 that carries its UTF-8 bytes, without the control characters that would end a header. */
export function latin1FromUtf8(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return Buffer.from(text.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, ' '), 'utf8').toString('latin1');
}

function quoted(text: string, shape: Shape): string {
  return shape.kind === 'string' && /[",]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
}

/** Splits at commas outside quotes. */
function splitList(text: string): string[] {
  if (text === '') return [];
  const items: string[] = [];
  let item = '';
  let inQuotes = false;
  let wasQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (inQuotes && character === '\\' && at + 1 < text.length) item += text[++at];
    else if (character === '"' && (inQuotes || item.trim() === '')) {
      if (!inQuotes) item = '';
      inQuotes = !inQuotes;
      wasQuoted = true;
    } else if (character === ',' && !inQuotes) {
      items.push(wasQuoted ? item : item.trim());
      item = '';
      wasQuoted = false;
    } else if (!wasQuoted || inQuotes) item += character;
  }
  items.push(wasQuoted ? item : item.trim());
  return items;
}
