/** Values of Parquet as SQL sees them. */

import type { SchemaTree } from 'hyparquet';
import { decimalOf } from './decimals.ts';
import { fromJson, rawJson, type Value } from './values.ts';

/** The schema tells what a number of JavaScript was. */
export function parquetValue(value: unknown, { element, children }: SchemaTree): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return numberValue(value, element);
  if (typeof value === 'bigint' || typeof value === 'string' || typeof value === 'boolean') return value;
  if (value instanceof Date) return momentOf(value, element.converted_type === 'DATE');
  if (children.length === 0 && value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return fromJson(plainJson(value));
}

function numberValue(value: number, element: SchemaTree['element']): Value {
  if (element.converted_type === 'DECIMAL') return decimalOf(value.toFixed(element.scale ?? 0));
  return element.type === 'DOUBLE' || element.type === 'FLOAT' || element.logical_type?.type === 'FLOAT16' ? value : BigInt(value);
}

function momentOf(date: Date, isDay: boolean): Value {
  const milliseconds = date.getTime();
  if (Number.isNaN(milliseconds)) return null;
  const fraction = milliseconds % 1000 === 0 ? '' : String(((milliseconds % 1000) + 1000) % 1000).padStart(3, '0');
  return isDay
    ? { kind: 'timestamp', milliseconds, precision: 'day', fraction: '', offset: undefined }
    : { kind: 'timestamp', milliseconds, precision: 'second', fraction, offset: 0 };
}

/** Lists, maps and structures as JSON writes them. */
function plainJson(value: unknown): unknown {
  if (typeof value === 'bigint') return rawJson(value.toString());
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as ArrayLike<unknown>, plainJson);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plainJson(member)]));
}
