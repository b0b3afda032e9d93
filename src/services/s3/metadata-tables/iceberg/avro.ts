/** Avro's object container files, of which manifests are made; they are only written here: https://avro.apache.org/docs/1.12.0/specification/. Pure. */

import { createHash } from 'node:crypto';

type Primitive = 'boolean' | 'int' | 'long' | 'string' | 'bytes';
/** `field-id` is Iceberg's name of a member, which readers go by. */
export type AvroField = { name: string; type: AvroType; 'field-id': number; default?: null };
export type AvroRecord = { type: 'record'; name: string; fields: readonly AvroField[] };
export type AvroType = Primitive | AvroRecord | readonly ['null', AvroType];

const magic = Buffer.from('Obj\x01', 'latin1');
const syncBytes = 16;

/** A whole file of records, uncompressed, in one block. `metadata` lies in its head. */
export function avroFile(
  schema: AvroRecord,
  metadata: Readonly<Record<string, string>>,
  records: readonly Readonly<Record<string, unknown>>[],
): Buffer {
  const head: Buffer[] = [];
  const entries = Object.entries({ ...metadata, 'avro.codec': 'null', 'avro.schema': JSON.stringify(schema) });
  head.push(long(entries.length));
  for (const [name, value] of entries) head.push(bytes(name), bytes(value));
  head.push(long(0));
  const body: Buffer[] = [];
  for (const record of records) write(body, schema, record);
  const block = Buffer.concat(body);
  // Any 16 bytes do, if they are not likely to come up in a block.
  const sync = createHash('sha256').update(block).update(JSON.stringify(metadata)).digest().subarray(0, syncBytes);
  const blocks = records.length === 0 ? [] : [long(records.length), long(block.length), block, sync];
  return Buffer.concat([magic, ...head, sync, ...blocks]);
}

function write(out: Buffer[], type: AvroType, value: unknown): void {
  if (typeof type === 'string') out.push(primitive(type, value));
  else if ('fields' in type) for (const field of type.fields) write(out, field.type, (value as Record<string, unknown>)[field.name]);
  else if (value === undefined || value === null) out.push(long(0));
  else {
    out.push(long(1));
    write(out, type[1], value);
  }
}

function primitive(type: Primitive, value: unknown): Buffer {
  switch (type) {
    case 'boolean':
      return Buffer.from([value ? 1 : 0]);
    case 'int':
    case 'long':
      return long(value as number);
    default:
      return bytes(value as string | Uint8Array);
  }
}

function bytes(value: string | Uint8Array): Buffer {
  const content = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([long(content.length), content]);
}

/** Zigzag, seven bits a byte, the lowest first. Whole numbers of up to 2^52. */
function long(value: number): Buffer {
  const out: number[] = [];
  let left = value < 0 ? -2 * value - 1 : 2 * value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) out.push((left % 0x80) | 0x80);
  out.push(left);
  return Buffer.from(out);
}
