/** Items of DynamoDB's JSON as strangers wrote it: nothing has checked its shape. */

import { newItem, type AttributeValue, type Item } from '../values/attribute-value.ts';

/** Undefined for what is no item. Values are still to be admitted. */
export function plainItem(json: unknown): Item | undefined {
  if (!isObject(json)) return undefined;
  const item = newItem();
  for (const [name, value] of Object.entries(json)) {
    const read = plainValue(value);
    if (!read) return undefined;
    item[name] = read;
  }
  return item;
}

const isObject = (json: unknown): json is Record<string, unknown> => typeof json === 'object' && json !== null && !Array.isArray(json);

/** One type and its value, bytes in base64. */
function plainValue(json: unknown): AttributeValue | undefined {
  if (!isObject(json)) return undefined;
  const [entry, ...more] = Object.entries(json);
  if (!entry || more.length > 0) return undefined;
  const [type, held] = entry;
  const value = readers[type]?.(held);
  return value === undefined ? undefined : ({ [type]: value } as unknown as AttributeValue);
}

const text = (held: unknown): string | undefined => (typeof held === 'string' ? held : undefined);
const truth = (held: unknown): boolean | undefined => (typeof held === 'boolean' ? held : undefined);

function bytes(held: unknown): Buffer | undefined {
  return typeof held === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(held) ? Buffer.from(held, 'base64') : undefined;
}

const each =
  <T>(read: (held: unknown) => T | undefined) =>
  (held: unknown): T[] | undefined => {
    if (!Array.isArray(held)) return undefined;
    const values = held.map(read);
    return values.includes(undefined) ? undefined : (values as T[]);
  };

const readers: Readonly<Record<string, (held: unknown) => unknown>> = {
  __proto__: null as never,
  ...{ S: text, N: text, B: bytes, BOOL: truth, NULL: truth },
  ...{ SS: each(text), NS: each(text), BS: each(bytes), L: each(plainValue), M: plainItem },
};
