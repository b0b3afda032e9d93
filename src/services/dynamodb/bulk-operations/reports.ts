/**
 * What a bulk operation did not write: rows while it runs, objects of the output bucket at its end, as lines of JSON that are gzipped, with a
 * manifest that names them: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/BulkPutItems.Output.html
 */

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { OutputTypeEnum } from '@aws-sdk/client-dynamodb';
import type { Aws } from '../../../framework/clients.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { extendKey } from '../../../store/keys.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { cursorOf, spacePrefix, spaceRange } from '../storage/keys.ts';
import { decodeRow, encodeRow, putRow } from '../storage/rows.ts';
import { bulkOperations } from '../tables.ts';
import { tableArn, type TableRecord } from '../tables/table.ts';
import type { Item } from '../values/attribute-value.ts';
import { bulkArn, isRunning, type BulkOperation, type BulkStep } from './bulk-operation.ts';

/** `item` as it came, `existing` the one that did not meet its condition. */
export type Failure = { type: OutputTypeEnum; code: string; message: string; item?: Item; existing?: Item | undefined };

const rowsPerPage = 200;
/** Of text, before it is packed. */
const fileCharacters = 8 * 1024 * 1024;
const pack = promisify(gzip);

/** Where rows of one kind of report lie. */
export const spaceOf = ({ space }: BulkOperation, type: OutputTypeEnum): string => `${space}-${type === 'ERROR' ? 'e' : 'c'}`;

/** Notes a failure where its kind is to be reported. `number` is that of the entry among all, `entry` that within its object. */
export async function noteFailure(
  tx: WriteTransaction,
  made: BulkOperation,
  { sse }: TableRecord,
  number: number,
  { type, code, message, item, existing, object, entry }: Failure & { object: string; entry: number },
): Promise<void> {
  if (!made.output.OutputType!.includes(type)) return;
  const plain = (one: Item): object => JSON.parse(encodeRow(one, undefined).json) as object;
  const json = JSON.stringify({
    ...{ S3Key: object, EntryNumber: entry, ErrorCode: code, ErrorMessage: message },
    ...(item && { Item: plain(item) }),
    ...(existing && { ExistingItem: plain(existing) }),
  });
  const key = extendKey(spacePrefix(made, spaceOf(made, type)), [number]);
  await putRow(tx, key, { bytes: json.length, pageBytes: 0, binary: false, json, ...(sse && { seal: sse.dataKey }) });
}

const folderOf = ({ output: { S3KeyPrefix: prefix }, id }: BulkOperation): string =>
  `${prefix === undefined || prefix === '' ? '' : `${prefix.replace(/\/$/, '')}/`}AWSDynamoDB/${id}/`;

/** Whether the bucket may be written shows here already. */
export async function putStarted(context: ReconcilerContext, made: BulkOperation): Promise<void> {
  await put(context, made, `${folderOf(made)}_started`, Buffer.alloc(0));
}

/** Writes the next file of a report and notes it. A file that a crash left unnoted is written again under its name. */
export async function putNextReport(
  context: ReconcilerContext,
  made: BulkOperation,
  step: Extract<BulkStep, { name: 'report' }>,
): Promise<void> {
  const { account, region, id } = made;
  const { type, file } = step;
  const { lines, cursor } = await nextLines(context, made, step);
  const key = `${folderOf(made)}${type === 'ERROR' ? 'errors' : 'condition-check-failures'}/${String(file).padStart(6, '0')}.json.gz`;
  if (lines.length > 0) await put(context, made, key, await pack(lines.join('')));
  const next: BulkStep =
    lines.length > 0
      ? { name: 'report', type, file: file + 1, ...(cursor !== undefined && { cursor }) }
      : type === 'ERROR'
        ? { name: 'report', type: 'CONDITION_CHECK_FAILURE', file: 0 }
        : { name: 'manifest' };
  await context.store.write(async (tx) => {
    const present = await bulkOperations.get(tx, account, region, id);
    if (!present || !isRunning(present)) return;
    const files = lines.length > 0 ? [...present.files, { type, key, items: lines.length }] : present.files;
    await bulkOperations.put(tx, { ...present, step: next, files });
  });
}

async function nextLines({ store }: ReconcilerContext, made: BulkOperation, step: Extract<BulkStep, { name: 'report' }>) {
  const lines: string[] = [];
  let { cursor } = step;
  let characters = 0;
  for (let more = true; more && characters < fileCharacters;) {
    const range = spaceRange(made, spaceOf(made, step.type), cursor);
    const rows = await store.read(async (tx) => {
      const page = await tx.range({ ...range, limit: rowsPerPage });
      return Promise.all(page.map(async ([key, value]) => ({ key, row: await decodeRow(tx, key, value) })));
    });
    for (const { row } of rows) {
      lines.push(`${row.json}\n`);
      characters += row.json.length;
    }
    cursor = rows.length === 0 ? cursor : cursorOf(rows.at(-1)!.key);
    more = rows.length === rowsPerPage;
  }
  return { lines, cursor };
}

/** Comes last: who finds it finds all else. */
export async function putManifest(context: ReconcilerContext, made: BulkOperation): Promise<void> {
  const { account, region, tableName: name } = made;
  const iso = (time: number): string => new Date(time).toISOString();
  const manifest = {
    ...{ version: '1.0', bulkOperationArn: bulkArn(made), status: made.status },
    ...{ startTime: iso(made.started), endTime: iso(made.ended!) },
    ...{ tableArn: tableArn({ account, region, name }), tableId: made.tableId },
    ...{ processedItemCount: made.processed, failedItemCount: made.failed, conditionCheckFailureCount: made.unmet },
    files: made.files.map(({ type, key, items }) => ({ outputType: type, itemCount: items, dataFileS3Key: key })),
  };
  const body = Buffer.from(JSON.stringify(manifest));
  const digest = createHash('md5').update(body).digest('base64');
  await put(context, made, `${folderOf(made)}manifest.md5`, Buffer.from(digest));
  await put(context, made, `${folderOf(made)}manifest.json`, body);
}

/** S3 as who asked for the operation. */
export const asCaller = ({ awsAs }: ReconcilerContext, { account, region, caller }: BulkOperation): Aws['s3'] =>
  awsAs(caller, { account, region }).s3;

async function put(context: ReconcilerContext, made: BulkOperation, Key: string, Body: Uint8Array): Promise<void> {
  const { S3Bucket: Bucket, S3BucketOwner: owner, S3SseAlgorithm: algorithm, S3SseKmsKeyId: kmsKey } = made.output;
  await asCaller(context, made)('PutObject', {
    ...{ Bucket: Bucket!, Key, Body },
    ...(owner !== undefined && { ExpectedBucketOwner: owner }),
    ...(algorithm && { ServerSideEncryption: algorithm === 'KMS' ? 'aws:kms' : 'AES256' }),
    ...(kmsKey !== undefined && { SSEKMSKeyId: kmsKey }),
  });
}
