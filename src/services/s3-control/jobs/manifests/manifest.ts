/** The objects of a job, out of the file that lists them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/specify-batchjob-manifest.html */

import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { JobManifest } from '@aws-sdk/client-s3-control';
import { AwsError } from '../../../../framework/aws-error.ts';
import type { Aws } from '../../../../framework/clients.ts';
import { objectOfArn } from '../checks.ts';
import { JobFailure } from '../failure.ts';
import { csvRows, decodedKey } from './csv.ts';

export type Entry = { bucket: string; key: string; version?: string };

/** The manifest of an inventory is small: it names the files that are not. */
const inventoryBytesMax = 1024 * 1024;

/** Reads the manifest as the job's role may. Throws JobFailure for one that cannot be read. */
export async function* manifestEntries(aws: Aws, { Spec: spec, Location: location }: JobManifest): AsyncGenerator<Entry, void> {
  const { bucket, key } = objectOfArn(location!.ObjectArn);
  const version = location!.ObjectVersionId;
  const IfMatch = `"${location!.ETag!.replaceAll('"', '')}"`;
  const body = await bodyOf(aws, { Bucket: bucket, Key: key, IfMatch, ...(version && { VersionId: version }) });
  if (spec!.Format === 'S3InventoryReport_CSV_20161130') return yield* inventoryEntries(aws, body);
  yield* fileEntries(body, spec!.Fields!);
}

type File = { Bucket: string; Key: string; IfMatch?: string; VersionId?: string };

async function bodyOf(aws: Aws, file: File): Promise<Readable> {
  try {
    const { Body } = await aws.s3('GetObject', file);
    return Body instanceof Readable ? Body : Readable.from([Buffer.from(Body ?? '')]);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const what = error.code === 'PreconditionFailed' ? 'its ETag is not the one that was given' : error.message;
    throw new JobFailure('ManifestReadFailure', `The manifest ${file.Bucket}/${file.Key} could not be read: ${what}`, { cause: error });
  }
}

async function* fileEntries(body: AsyncIterable<Uint8Array>, fields: readonly string[]): AsyncGenerator<Entry, void> {
  const place = { bucket: fields.indexOf('Bucket'), key: fields.indexOf('Key'), version: fields.indexOf('VersionId') };
  let line = 0;
  try {
    for await (const row of csvRows(body)) {
      line += 1;
      if (row.length !== fields.length) throw new SyntaxError(`${fields.length} fields are expected`);
      const version = place.version < 0 ? '' : row[place.version]!;
      const key = decodedKey(row[place.key]!);
      if (key === '') throw new SyntaxError('the key is empty');
      yield { bucket: row[place.bucket]!, key, ...(version !== '' && { version }) };
    }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError || error instanceof URIError)
      throw new JobFailure('ManifestParsingFailure', `The manifest is not valid near row ${line}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** As S3 Inventory writes it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html */
type Inventory = { destinationBucket: string; fileFormat: string; fileSchema: string; files: { key: string }[] };

async function* inventoryEntries(aws: Aws, body: Readable): AsyncGenerator<Entry, void> {
  const { destinationBucket, fileSchema, files } = await readInventory(body);
  const Bucket = destinationBucket.replace(/^arn:[^:]+:s3:::/, '');
  const schema = fileSchema.split(',').map((name) => name.trim());
  if (!schema.includes('Bucket') || !schema.includes('Key')) throw notInventory();
  for (const { key } of files) {
    const file = await bodyOf(aws, { Bucket, Key: key });
    yield* fileEntries(key.endsWith('.gz') ? unzipped(file) : file, schema);
  }
}

async function readInventory(body: Readable): Promise<Inventory> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > inventoryBytesMax) throw notInventory();
    chunks.push(Buffer.from(chunk));
  }
  let inventory: Partial<Inventory> | null;
  try {
    inventory = JSON.parse(Buffer.concat(chunks).toString()) as Partial<Inventory> | null;
  } catch (error) {
    throw notInventory(error);
  }
  const { destinationBucket, fileFormat, fileSchema, files } = inventory ?? {};
  if (fileFormat !== 'CSV') throw new JobFailure('ManifestParsingFailure', 'Only inventories in the format CSV can be manifests');
  const isWhole = typeof destinationBucket === 'string' && typeof fileSchema === 'string' && Array.isArray(files);
  if (!isWhole || !files.every((file) => typeof file?.key === 'string')) throw notInventory();
  return { destinationBucket, fileFormat, fileSchema, files };
}

function notInventory(cause?: unknown): JobFailure {
  return new JobFailure('ManifestParsingFailure', 'The manifest is not the manifest.json of an inventory', { cause });
}

function unzipped(file: Readable): Readable {
  // What breaks either stream is told to whoever reads the second.
  return pipeline(file, createGunzip(), () => {});
}
