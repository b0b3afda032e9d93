/** The objects of an export: data in files of bounded size, and the manifests that name them. */

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { cursorOf, spaceRange } from '../storage/keys.ts';
import { decodeRow } from '../storage/rows.ts';
import { exportFiles, exports } from '../tables.ts';
import { tableArn } from '../tables/table.ts';
import { besideKey, dataKey, exportArn, type Export, type ExportFile } from './export.ts';
import { lineOf } from './lines.ts';

const rowsPerPage = 200;
/** Of text, before it is packed. */
const fileCharacters = 8 * 1024 * 1024;

const pack = promisify(gzip);

/** Says that the export has begun; whether the bucket may be written shows here already. */
export async function putStarted(context: ReconcilerContext, made: Export): Promise<void> {
  await put(context, made, besideKey(made, '_started'), Buffer.alloc(0));
}

/** Writes the next file and notes it; undefined when no row is left. A file that a crash left unnoted is written again under its name. */
export async function putNextFile(context: ReconcilerContext, made: Export): Promise<Export | undefined> {
  const { account, region, id, files, step } = made;
  const { lines, bytes, cursor } = await nextLines(context, made, step.name === 'write' ? step.cursor : undefined);
  // Also an export of nothing has a file.
  if (lines.length === 0 && files > 0) return undefined;
  const body = await pack(lines.join(''));
  const key = dataKey(made, nameOf(made));
  const etag = await put(context, made, key, body);
  const file: ExportFile = {
    account,
    region,
    export: id,
    number: files,
    itemCount: lines.length,
    ...digests(body, etag),
    dataFileS3Key: key,
  };
  return context.store.write(async (tx) => {
    const present = await exports.get(tx, account, region, id);
    if (present?.status !== 'IN_PROGRESS') return present;
    const next: Export = {
      ...present,
      step: { name: 'write', ...(cursor !== undefined && { cursor }) },
      files: files + 1,
      items: present.items + lines.length,
      bytes: present.bytes + bytes,
    };
    await exportFiles.put(tx, file);
    await exports.put(tx, next);
    return next;
  });
}

async function nextLines({ store, signal }: ReconcilerContext, made: Export, from: string | undefined) {
  const lines: string[] = [];
  let cursor = from;
  let [bytes, characters] = [0, 0];
  for (let more = true; more && characters < fileCharacters && !signal.aborted;) {
    const range = spaceRange(made, made.space, cursor);
    const rows = await store.read(async (tx) => {
      const page = await tx.range({ ...range, limit: rowsPerPage });
      return Promise.all(page.map(async ([key, value]) => ({ key, row: await decodeRow(tx, key, value) })));
    });
    for (const { row } of rows) {
      const line = lineOf(made, row);
      lines.push(line);
      characters += line.length;
      bytes += row.bytes;
    }
    cursor = rows.length === 0 ? cursor : cursorOf(rows.at(-1)!.key);
    more = rows.length === rowsPerPage;
  }
  return { lines, bytes, cursor };
}

/** Each file has a name of its own that looks drawn and is the same at every try. */
function nameOf({ id, files }: Export): string {
  const digest = createHash('sha256').update(`${id}/${files}`).digest();
  return [...digest.subarray(0, 26)].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('');
}

const digests = (body: Uint8Array, etag: string) => ({ md5Checksum: createHash('md5').update(body).digest('base64'), etag });

/** The summary comes last: who finds it finds all else. */
export async function putManifests(context: ReconcilerContext, made: Export): Promise<void> {
  const { account, region, id } = made;
  const rows = await context.store.read((tx) => exportFiles.scan(tx, [account, region, id]));
  const files = rows.map(({ row: { itemCount, md5Checksum, etag, dataFileS3Key } }) =>
    JSON.stringify({ itemCount, md5Checksum, etag, dataFileS3Key }),
  );
  await putWithDigest(context, made, 'manifest-files', `${files.join('\n')}\n`);
  await putWithDigest(context, made, 'manifest-summary', JSON.stringify(summaryOf(made)));
}

async function putWithDigest(context: ReconcilerContext, made: Export, name: string, text: string): Promise<void> {
  const body = Buffer.from(text);
  await put(context, made, besideKey(made, `${name}.md5`), Buffer.from(createHash('md5').update(body).digest('base64')));
  await put(context, made, besideKey(made, `${name}.json`), body);
}

function summaryOf(made: Export) {
  const { window } = made;
  const iso = (time: number): string => new Date(time).toISOString();
  return {
    version: window ? '2023-08-01' : '2020-06-30',
    exportArn: exportArn(made),
    startTime: iso(made.started),
    endTime: iso(made.ended!),
    tableArn: tableArn(made.table),
    tableId: made.table.id,
    ...(window ? { exportFromTime: iso(window.from), exportToTime: iso(window.to) } : { exportTime: iso(made.time) }),
    s3Bucket: made.bucket,
    s3Prefix: made.prefix ?? null,
    s3SseAlgorithm: made.algorithm ?? 'AES256',
    s3SseKmsKeyId: made.kmsKey ?? null,
    manifestFilesS3Key: besideKey(made, 'manifest-files.json'),
    billedSizeBytes: made.bytes,
    itemCount: made.items,
    outputFormat: made.format,
    ...(window && { outputView: window.view === 'NEW_IMAGE' ? 'NEW_IMAGE' : 'NEW_AND_OLD_IMAGES' }),
    exportType: window ? 'INCREMENTAL_EXPORT' : 'FULL_EXPORT',
  };
}

/** Writes as who asked for the export. Gives the ETag without its quotes. */
async function put(context: ReconcilerContext, made: Export, Key: string, Body: Uint8Array): Promise<string> {
  const { account, region, caller, bucket: Bucket, bucketOwner, algorithm, kmsKey } = made;
  const { ETag } = await context.awsAs(caller, { account, region }).s3('PutObject', {
    Bucket,
    Key,
    Body,
    ...(bucketOwner !== undefined && { ExpectedBucketOwner: bucketOwner }),
    ...(algorithm && { ServerSideEncryption: algorithm === 'KMS' ? 'aws:kms' : 'AES256' }),
    ...(kmsKey !== undefined && { SSEKMSKeyId: kmsKey }),
  });
  return ETag!.replaceAll('"', '');
}
