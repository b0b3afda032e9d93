/** Reads and writes CBOR by schema: rpcv2Cbor. https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */

import { decodeCbor } from './cbor-decode.ts';
import {
  encodeCbor,
  writeAny,
  writeArrayHead,
  writeBigint,
  writeBoolean,
  writeBytes,
  writeMapHead,
  writeNull,
  writeNumber,
  writeText,
  writeTimestamp,
} from './cbor-encode.ts';
import { booleanOf, checkDepth, listReader, mapReader, stringOf, structReader, type ValueReader } from './json-reader.ts';
import { memoised } from './memoise.ts';
import type { Member, Shape, Struct } from './model.ts';
import { asBuffer, timestampFromSeconds } from './scalars.ts';
import { WireFault, unexpectedValue } from './wire-fault.ts';

/** The structure that the body holds; an empty body is one without members. Throws WireFault. */
export function readCbor(struct: Struct, body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  return cborReader(struct)(decodeCbor(body), 1) as Record<string, unknown>;
}

/** Members beside the schema's, such as an error's `__type`, come first. */
export function writeCbor(struct: Struct, value: Record<string, unknown>, extra?: Record<string, string>): Buffer {
  return encodeCbor(() => {
    const write = cborWriter(struct) as StructWriter;
    write(value, extra);
  });
}

const cborReader: (shape: Shape) => ValueReader = memoised((shape): ValueReader => {
  switch (shape.kind) {
    case 'string':
      return stringOf;
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
      return (value) => {
        if (typeof value === 'bigint') return value;
        if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
        throw unexpectedValue(value, 'Integer');
      };
    case 'blob':
      return bytesOf;
    case 'timestamp':
      return timestampOf;
    case 'list':
      return listReader(shape.traits['sparse'] !== undefined, cborReader(shape.member.shape));
    case 'map':
      return mapReader(shape.traits['sparse'] !== undefined, cborReader(shape.value.shape));
    case 'struct':
      return structReader(shape, cborReader, (member) => member.name);
  }
});

function numberOf(value: unknown, nonFinite: boolean): number {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw unexpectedValue(value, 'Number');
  const number = Number(value);
  if (!nonFinite && !Number.isFinite(number)) throw new WireFault('value', 'The number is out of range');
  return number;
}

function bytesOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  throw unexpectedValue(value, 'Blob');
}

function timestampOf(value: unknown): Date {
  if (value instanceof Date) return value;
  if (typeof value === 'number') return timestampFromSeconds(value);
  throw unexpectedValue(value, 'Timestamp');
}

type Writer = (value: never) => void;
type StructWriter = (value: Record<string, unknown>, extra?: Record<string, string>) => void;

const cborWriter: (shape: Shape) => Writer = memoised((shape): Writer => {
  switch (shape.kind) {
    case 'string':
      return (value: unknown) => writeText(String(value));
    case 'boolean':
      return writeBoolean;
    case 'number':
    case 'bigdecimal':
      return (value: number) => writeNumber(Number(value));
    case 'bigint':
      return (value: bigint | number) => writeBigint(BigInt(value));
    case 'blob':
      return (value: Uint8Array | string) => writeBytes(asBuffer(value));
    case 'timestamp':
      return (value: Date | number | string) => writeTimestamp(value instanceof Date ? value : new Date(value));
    case 'list':
      return listWriter(cborWriter(shape.member.shape));
    case 'map':
      return mapWriter(cborWriter(shape.value.shape));
    case 'struct':
      return structWriter(shape);
    default:
      return writeAny;
  }
});

function listWriter(write: Writer): Writer {
  return (values: readonly unknown[]) => {
    writeArrayHead(values.length);
    for (const value of values) {
      if (value === null || value === undefined) writeNull();
      else write(value as never);
    }
  };
}

function mapWriter(write: Writer): Writer {
  return (values: Record<string, unknown>) => {
    const entries = Object.entries(values).filter(([, value]) => value !== undefined);
    writeMapHead(entries.length);
    for (const [key, value] of entries) {
      writeText(key);
      if (value === null) writeNull();
      else write(value as never);
    }
  };
}

type Field = { member: Member; write: Writer | undefined };

function structWriter(struct: Struct): StructWriter {
  const fields = new Map<string, Field>(struct.members.map((member) => [member.name, { member, write: undefined }]));
  return (values, extra) => {
    let entries = extra === undefined ? 0 : Object.keys(extra).length;
    for (const name in values) if (values[name] !== undefined && values[name] !== null && fields.has(name)) entries++;
    writeMapHead(entries);
    for (const name in extra) {
      writeText(name);
      writeText(extra[name] as string);
    }
    for (const name in values) {
      const value = values[name];
      const field = fields.get(name);
      if (value === undefined || value === null || field === undefined) continue;
      writeText(name);
      (field.write ??= cborWriter(field.member.shape))(value as never);
    }
  };
}
