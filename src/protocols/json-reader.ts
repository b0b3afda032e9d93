/** Reads parsed JSON by schema: awsJson and restJson inputs. */

import { isUtf8 } from 'node:buffer';
import { depthMax } from './limits.ts';
import { memoised } from './memoise.ts';
import type { Member, Shape, Struct } from './model.ts';
import { bigintFromText, bytesFromBase64, numberFromText, timestampFromSeconds, timestampFromText } from './scalars.ts';
import { WireFault, unexpectedValue } from './wire-fault.ts';

export type ValueReader = (value: unknown, depth: number) => unknown;

/** awsJson names members as the schema does. */
export const jsonReader: (shape: Shape) => ValueReader = memoised((shape) => readerOf(shape, jsonReader, (member) => member.name));

/** restJson1 has names of its own on the wire (`jsonName`). */
export const namedJsonReader: (shape: Shape) => ValueReader = memoised((shape) =>
  readerOf(shape, namedJsonReader, (member) => (member.ownTraits['jsonName'] as string | undefined) ?? member.name),
);

/** Parses JSON text in strict UTF-8. */
export function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw new WireFault('syntax', 'The request body is not valid UTF-8');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new WireFault('syntax', 'The request body is not well-formed JSON', { cause: error });
  }
}

function readerOf(shape: Shape, child: (shape: Shape) => ValueReader, key: (member: Member) => string): ValueReader {
  switch (shape.kind) {
    case 'string':
      return shape.traits['mediaType'] === 'application/json'
        ? (value) => (typeof value === 'string' ? value : JSON.stringify(value))
        : stringOf;
    case 'boolean':
      return booleanOf;
    case 'document':
      return (value, depth) => {
        checkDepth(value, depth);
        return value;
      };
    case 'number':
    case 'bigdecimal': {
      const nonFinite = shape.traits['nonFinite'] !== undefined;
      return (value) => numberOf(value, nonFinite);
    }
    case 'bigint':
      return (value) => (typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : bigintFromText(stringOf(value)));
    case 'blob':
      return (value) => bytesFromBase64(stringOf(value));
    case 'timestamp':
      return timestampOf;
    case 'list':
      return listReader(shape.traits['sparse'] !== undefined, child(shape.member.shape));
    case 'map':
      return mapReader(shape.traits['sparse'] !== undefined, child(shape.value.shape));
    case 'struct':
      return structReader(shape, child, key);
  }
}

export function listReader(sparse: boolean, read: ValueReader): ValueReader {
  return (value, depth) => {
    if (!Array.isArray(value)) throw new WireFault('value', 'Expected list or null');
    if (depth > depthMax) throw tooDeep();
    const list = new Array<unknown>(value.length);
    for (let at = 0; at < value.length; at++) {
      const item: unknown = value[at];
      if (item !== null) list[at] = read(item, depth + 1);
      else if (sparse) list[at] = null;
      else throw new WireFault('value', 'NULL_VALUE is not allowed in a list');
    }
    return list;
  };
}

export function mapReader(sparse: boolean, read: ValueReader): ValueReader {
  return (value, depth) => {
    if (!isRecord(value)) throw new WireFault('value', 'Expected map or null');
    if (depth > depthMax) throw tooDeep();
    // The caller chooses the keys, `__proto__` among them.
    const map = Object.create(null) as Record<string, unknown>;
    for (const key in value) {
      const item = value[key];
      if (item !== null && item !== undefined) map[key] = read(item, depth + 1);
      else if (sparse) map[key] = null;
    }
    return map;
  };
}

/** The reader is looked up at first use: shapes may be recursive, and most members are never sent. */
type Field = { name: string; member: Member; read: ValueReader | undefined };

export function structReader(struct: Struct, child: (shape: Shape) => ValueReader, key: (member: Member) => string): ValueReader {
  const fields = new Map<string, Field>(struct.members.map((member) => [key(member), { name: member.name, member, read: undefined }]));
  const single = struct.union && struct.traits['severalMembers'] === undefined;
  return (value, depth) => {
    if (!isRecord(value)) throw unexpectedValue(value, struct.name);
    if (depth > depthMax) throw tooDeep();
    const read: Record<string, unknown> = {};
    let members = 0;
    for (const name in value) {
      const item = value[name];
      if (item === null || item === undefined) continue;
      const field = fields.get(name);
      // Members that the schema does not know are skipped, as AWS does.
      if (field === undefined) continue;
      field.read ??= child(field.member.shape);
      read[field.name] = field.read(item, depth + 1);
      members++;
    }
    if (single && members !== 1) throw new WireFault('value', `${struct.name} takes exactly one member, and ${members} are set`);
    return read;
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function tooDeep(): WireFault {
  return new WireFault('limit', `The input is nested deeper than ${depthMax} levels`);
}

export function stringOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw unexpectedValue(value, 'String');
}

export function booleanOf(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw unexpectedValue(value, 'Boolean');
}

function numberOf(value: unknown, nonFinite: boolean): number {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw new WireFault('value', 'The number is out of range');
  }
  if (nonFinite && typeof value === 'string') return numberFromText(value, true);
  throw unexpectedValue(value, 'Number');
}

function timestampOf(value: unknown): Date {
  if (typeof value === 'number') return timestampFromSeconds(value);
  if (typeof value === 'string') return timestampFromText(value);
  throw unexpectedValue(value, 'Timestamp');
}

/** Documents have no schema, so their depth is checked by itself: deeper ones would overflow the stack when written again. */
export function checkDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > depthMax) throw tooDeep();
  for (const item of Object.values(value)) checkDepth(item, depth + 1);
}
