/** Writes values as JSON by schema: awsJson and restJson outputs. Members that the schema does not know are left out. */

import { memoised } from './memoise.ts';
import type { Member, Shape, Struct } from './model.ts';
import { base64Of, formatOf, formatTimestamp } from './scalars.ts';

export type ValueWriter = (value: never) => unknown;

export const jsonWriter: (shape: Shape) => ValueWriter = memoised((shape) => writerOf(shape, jsonWriter, (member) => member.name));

export const namedJsonWriter: (shape: Shape) => ValueWriter = memoised((shape) =>
  writerOf(shape, namedJsonWriter, (member) => (member.ownTraits['jsonName'] as string | undefined) ?? member.name),
);

const AS_IS: ValueWriter = (value) => value;

function writerOf(shape: Shape, child: (shape: Shape) => ValueWriter, key: (member: Member) => string): ValueWriter {
  switch (shape.kind) {
    case 'number':
    case 'bigdecimal':
      return (value: number) => (Number.isFinite(value) || typeof value !== 'number' ? value : String(value));
    // JSON numbers are doubles to all SDKs; what AWS models as long stays within them.
    case 'bigint':
      return (value: bigint | number) => Number(value);
    case 'blob':
      return (value: Uint8Array | string) => base64Of(value);
    case 'timestamp': {
      const format = formatOf(shape.format, 'epoch-seconds');
      return (value: Date) => formatTimestamp(value, format);
    }
    case 'list':
      return listWriter(child(shape.member.shape));
    case 'map':
      return mapWriter(child(shape.value.shape));
    case 'struct':
      return structWriter(shape, child, key);
    default:
      return AS_IS;
  }
}

export function listWriter(write: ValueWriter): ValueWriter {
  if (write === AS_IS) return AS_IS;
  return (values: readonly (never | null | undefined)[]) =>
    values.map((value) => (value === null || value === undefined ? null : write(value)));
}

export function mapWriter(write: ValueWriter): ValueWriter {
  return (values: Record<string, never>) => {
    const map = Object.create(null) as Record<string, unknown>;
    for (const key in values) {
      const value: unknown = values[key];
      if (value === null) map[key] = null;
      else if (value !== undefined) map[key] = write(value as never);
    }
    return map;
  };
}

type Field = { key: string; member: Member; write: ValueWriter | undefined };

export function structWriter(struct: Struct, child: (shape: Shape) => ValueWriter, key: (member: Member) => string): ValueWriter {
  const fields = new Map<string, Field>(struct.members.map((member) => [member.name, { key: key(member), member, write: undefined }]));
  return (values: Record<string, never>) => {
    const written: Record<string, unknown> = {};
    for (const name in values) {
      const value: unknown = values[name];
      if (value === null || value === undefined) continue;
      const field = fields.get(name);
      if (field === undefined) continue;
      field.write ??= child(field.member.shape);
      written[field.key] = field.write(value as never);
    }
    return written;
  };
}
