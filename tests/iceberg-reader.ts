/** Reads an Iceberg table as any reader does: from its metadata file to manifests, whose own schemas say how they are read, to Parquet. */

import assert from 'node:assert/strict';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { GetTableMetadataLocationCommand, type S3TablesClient } from '@aws-sdk/client-s3tables';
import { parquetReadObjects } from 'hyparquet';

type Schema = string | { type: Schema; name?: string; fields?: { name: string; type: Schema }[]; items?: Schema } | Schema[];
type Row = Record<string, any>;

export async function bytesAt(s3: S3Client, location: string): Promise<Buffer> {
  const { hostname: Bucket, pathname } = new URL(location);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: decodeURIComponent(pathname.slice(1)) }));
  return Buffer.from(await Body!.transformToByteArray());
}

/** The metadata of a table in AWS's table bucket, and its rows. */
export async function readTable(s3: S3Client, s3tables: S3TablesClient, bucket: string, name: string) {
  const tableBucketARN = 'arn:aws:s3tables:us-east-1:000000000000:bucket/aws-s3';
  const at = await s3tables.send(new GetTableMetadataLocationCommand({ tableBucketARN, namespace: `b_${bucket}`, name }));
  const metadata = JSON.parse((await bytesAt(s3, at.metadataLocation!)).toString());
  assert.equal(metadata.location, at.warehouseLocation);
  const snapshot = metadata.snapshots.find((one: Row) => one['snapshot-id'] === metadata['current-snapshot-id']);
  const rows: Row[] = [];
  const files: string[] = [];
  for (const manifest of snapshot ? avroRecords(await bytesAt(s3, snapshot['manifest-list'])) : []) {
    const content = await bytesAt(s3, manifest['manifest_path']);
    assert.equal(content.length, manifest['manifest_length']);
    for (const { data_file: file } of avroRecords(content)) {
      const data = await bytesAt(s3, file.file_path);
      assert.equal(data.length, file.file_size_in_bytes);
      const found = await parquetReadObjects({ file: Uint8Array.from(data).buffer });
      assert.equal(found.length, file.record_count);
      rows.push(...found);
      files.push(file.file_path);
    }
  }
  assert.equal(String(rows.length), snapshot?.summary['total-records'] ?? '0');
  return { metadata, rows, files };
}

/** The records of a container file. */
function avroRecords(file: Buffer): Row[] {
  let at = 4;
  assert.equal(file.toString('latin1', 0, 4), 'Obj\x01');
  const long = (): number => {
    let [value, factor] = [0, 1];
    for (; ; factor *= 128) {
      const byte = file[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
    }
  };
  const text = (): string => {
    const length = long();
    return file.toString('utf8', at, (at += length));
  };
  const read = (schema: Schema): any => {
    if (Array.isArray(schema)) return read(schema[long()]!);
    if (typeof schema === 'object') {
      if (schema.type !== 'record') return read(schema.type);
      return Object.fromEntries(schema.fields!.map(({ name, type }) => [name, read(type)]));
    }
    if (schema === 'null') return null;
    if (schema === 'string') return text();
    if (schema === 'boolean') return file[at++] === 1;
    assert.ok(schema === 'int' || schema === 'long', `a reader for ${schema}`);
    return long();
  };
  const head: Record<string, string> = {};
  for (let count = long(); count !== 0; count = long()) for (let i = 0; i < count; i++) head[text()] = text();
  const schema = JSON.parse(head['avro.schema']!);
  const sync = file.subarray(at, (at += 16));
  const records: Row[] = [];
  while (at < file.length) {
    const count = long();
    long();
    for (let i = 0; i < count; i++) records.push(read(schema));
    assert.deepEqual(file.subarray(at, (at += 16)), sync);
  }
  return records;
}
