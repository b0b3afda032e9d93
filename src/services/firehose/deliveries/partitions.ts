/** Takes the records of a batch apart by their partition keys; those that have none go where errors go. */

import { MetadataFault, type MetadataQuery } from '../destinations/metadata-query.ts';
import type { Partitioning } from '../tables.ts';

export type Partition = { readonly values: Readonly<Record<string, string>>; readonly records: Uint8Array[] };
export type Failure = { readonly record: Uint8Array; readonly code: string; readonly message: string };
export type Partitioned = { readonly partitions: Partition[]; readonly failures: Failure[] };

/** https://docs.aws.amazon.com/firehose/latest/dev/limits.html: partitions that are active at once. */
const partitionsMax = 500;

export function partition(records: Iterable<Uint8Array>, query: MetadataQuery, subrecords: Partitioning['subrecords']): Partitioned {
  const found = new Map<string, Partition>();
  const failures: Failure[] = [];
  const place = (record: Uint8Array): void => {
    const values = query.run(record);
    const name = JSON.stringify(values);
    let into = found.get(name);
    if (!into) {
      if (found.size >= partitionsMax) {
        failures.push({ record, code: 'DynamicPartitioning.ActivePartitionLimitExceeded', message: 'Active partition limit exceeded' });
        return;
      }
      found.set(name, (into = { values, records: [] }));
    }
    into.records.push(record);
  };
  for (const whole of records)
    for (const record of subrecordsIn(whole, subrecords)) {
      try {
        place(record);
      } catch (error) {
        if (!(error instanceof MetadataFault)) throw error;
        failures.push({ record, code: 'DynamicPartitioning.MetadataExtractionFailed', message: error.message });
      }
    }
  return { partitions: [...found.values()], failures };
}

/** The records that were put into one. */
function subrecordsIn(record: Uint8Array, subrecords: Partitioning['subrecords']): Uint8Array[] {
  if (subrecords === undefined) return [record];
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  return subrecords === 'JSON' ? valuesIn(bytes) : partsIn(bytes, Buffer.from(subrecords.delimiter));
}

function partsIn(bytes: Buffer, delimiter: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at <= bytes.length;) {
    const end = delimiter.length === 0 ? -1 : bytes.indexOf(delimiter, at);
    parts.push(bytes.subarray(at, end === -1 ? bytes.length : end));
    if (end === -1) break;
    at = end + delimiter.length;
  }
  return parts.filter((part) => part.length > 0);
}

const [quote, backslash] = [0x22, 0x5c];
const opening: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const closing: ReadonlySet<number> = new Set([0x7d, 0x5d]);

/** Objects of JSON that follow each other; what lies between them stays with the one behind. */
function valuesIn(bytes: Buffer): Buffer[] {
  const values: Buffer[] = [];
  let [start, depth, inText] = [0, 0, false];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (inText) {
      if (byte === backslash) at++;
      else if (byte === quote) inText = false;
    } else if (byte === quote) inText = true;
    else if (opening.has(byte)) depth++;
    else if (closing.has(byte) && --depth === 0) {
      values.push(bytes.subarray(start, at + 1));
      start = at + 1;
    }
  }
  const rest = bytes.subarray(start);
  return rest.toString().trim() === '' ? values : [...values, rest];
}
