/** The client of DynamoDB, and its values as JSON that a person can write. */

import { DynamoDBClient, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { base64 } from '../from-shell/cli.ts';
import { clientOf } from '../session/clients.ts';

export const dynamodb = clientOf(DynamoDBClient);

export type Item = Record<string, AttributeValue>;

/** Typed JSON, as the API has it: bytes in base 64. */
export function typedText(item: Item): string {
  return JSON.stringify(item, (_name, value: unknown) => (value instanceof Uint8Array ? base64(value) : value), 2);
}

/** The other way; throws what is wrong with it. */
export function fromTypedText(text: string): Item {
  const item = JSON.parse(text) as Item;
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, withBytes(value)]));
}

function withBytes(value: AttributeValue): AttributeValue {
  if (value.B !== undefined) return { B: bytesOf(value.B as unknown as string) };
  if (value.BS !== undefined) return { BS: (value.BS as unknown as string[]).map(bytesOf) };
  if (value.L !== undefined) return { L: value.L.map(withBytes) };
  if (value.M !== undefined) return { M: Object.fromEntries(Object.entries(value.M).map(([name, one]) => [name, withBytes(one)])) };
  return value;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** One value in a cell. */
export function shortText(value: AttributeValue | undefined): string {
  if (value === undefined) return '';
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return value.N;
  if (value.BOOL !== undefined) return String(value.BOOL);
  if (value.NULL !== undefined) return 'null';
  if (value.B !== undefined) return base64(value.B);
  if (value.SS !== undefined) return value.SS.join(', ');
  if (value.NS !== undefined) return value.NS.join(', ');
  return JSON.stringify(value, (_name, one: unknown) => (one instanceof Uint8Array ? base64(one) : one));
}

/** A value of a key as typed into a field. */
export function keyValue(type: string, text: string): AttributeValue {
  return type === 'N' ? { N: text } : type === 'B' ? { B: bytesOf(text) } : { S: text };
}
