/** Carries on bulk operations: sums up the input, puts its items a page at a time, and reports what it did not write. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { entriesOf, pagesOf, streamOf } from '../imports/entries.ts';
import { bulkOperations, clearances, tables } from '../tables.ts';
import { tableArn, type TableRecord } from '../tables/table.ts';
import { retryMilliseconds, tried } from '../transfers.ts';
import { isRunning, secondMilliseconds, type BulkOperation } from './bulk-operation.ts';
import { noteObject, putEntries } from './put-entries.ts';
import { asCaller, putManifest, putNextReport, putStarted, spaceOf } from './reports.ts';

export const bulkWriter: Reconciler = {
  name: 'dynamodb/bulk-writer',
  watches: [bulkOperations],
  run: async (context) => {
    let nextAt = Infinity;
    for await (const made of bulkOperations.each(context.store))
      if (isRunning(made)) nextAt = Math.min(nextAt, (await attempt(context, made)) ?? Infinity);
    return nextAt === Infinity ? undefined : { nextAt };
  },
};

/** Gives when to come back; undefined where there is nothing to wait for. */
async function attempt(context: ReconcilerContext, made: BulkOperation): Promise<number | undefined> {
  let nextAt: number | undefined;
  const work = async (): Promise<void> => void (nextAt = await carryOn(context, made));
  const one = { title: `bulk operation ${made.id} on table ${made.tableName}`, ownCodes: /^(?:S3|Invalid|Table)/, work };
  const isDone = await tried(context, one, (failure) => end(context, made, 'FAILED', failure));
  return isDone ? nextAt : context.now + retryMilliseconds;
}

async function carryOn(context: ReconcilerContext, { account, region, id }: BulkOperation): Promise<number | undefined> {
  while (!context.signal.aborted) {
    const made = await context.store.read((tx) => bulkOperations.get(tx, account, region, id));
    if (!made || !isRunning(made)) return undefined;
    const isCancelled = made.status === 'CANCELLING';
    if (isCancelled && (made.step.name === 'measure' || made.step.name === 'put')) await beginReports(context, made);
    else if (made.step.name === 'measure') await measure(context, made);
    else if (made.step.name === 'put') {
      const nextAt = await putNext(context, made);
      if (nextAt !== undefined) return nextAt;
    } else if (made.step.name === 'report') await putNextReport(context, made, made.step);
    else return finish(context, made);
  }
  return undefined;
}

type Listed = { key: string; bytes: number };

/** Objects of the input behind one of them, in order. */
async function list(context: ReconcilerContext, made: BulkOperation, after: string | undefined, max: number): Promise<Listed[]> {
  const { S3Bucket: Bucket, S3BucketOwner: owner, S3KeyPrefix: Prefix } = made.input;
  const { Contents = [] } = await asCaller(context, made)('ListObjectsV2', {
    ...{ Bucket: Bucket!, MaxKeys: max },
    ...(owner !== undefined && { ExpectedBucketOwner: owner }),
    ...(Prefix !== undefined && { Prefix }),
    ...(after !== undefined && { StartAfter: after }),
  });
  return Contents.map(({ Key, Size }) => ({ key: Key!, bytes: Size ?? 0 }));
}

const objectsPerPage = 1_000;

async function measure(context: ReconcilerContext, made: BulkOperation): Promise<void> {
  await putStarted(context, made);
  let [totalBytes, count] = [0, 0];
  for (let after: string | undefined, more = true; more;) {
    const page = await list(context, made, after, objectsPerPage);
    count += page.length;
    totalBytes += page.reduce((sum, { bytes }) => sum + bytes, 0);
    after = page.at(-1)?.key;
    more = page.length === objectsPerPage;
  }
  if (count === 0) throw new AwsError('S3NoSuchKey', 'No object was found under the given prefix.');
  await change(context, made, (present) => ({ ...present, totalBytes, step: { name: 'put' } }));
}

/** A change of the record as it is now, unless it has ended. */
async function change(
  { store }: ReconcilerContext,
  { account, region, id }: BulkOperation,
  next: (present: BulkOperation) => BulkOperation,
) {
  await store.write(async (tx) => {
    const present = await bulkOperations.get(tx, account, region, id);
    if (present && isRunning(present)) await bulkOperations.put(tx, next(present));
  });
}

const beginReports = (context: ReconcilerContext, made: BulkOperation): Promise<void> =>
  change(context, made, (present) => ({ ...present, step: { name: 'report', type: 'ERROR', file: 0 } }));

/** Puts items of the next object. Gives when to come back where the second has taken all that it may. */
async function putNext(context: ReconcilerContext, made: BulkOperation): Promise<number | undefined> {
  const [object] = await list(context, made, made.after, 1);
  if (!object) {
    await beginReports(context, made);
    return undefined;
  }
  const table = await context.store.read((tx) => tables.get(tx, made.account, made.region, made.tableName));
  if (table?.id !== made.tableId) throw new AwsError('TableNotFound', 'The table has been deleted.');
  const nextAt = waitOf(context, made);
  if (nextAt !== undefined) return nextAt;
  const { S3Bucket: Bucket, S3BucketOwner: owner } = made.input;
  const { Body } = await asCaller(context, made)('GetObject', {
    ...{ Bucket: Bucket!, Key: object.key },
    ...(owner !== undefined && { ExpectedBucketOwner: owner }),
  });
  try {
    return await putEntriesOf(context, made, table, streamOf(Body), object);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'InvalidCompression') throw error;
    await context.store.write((tx) => noteObject(tx, made, table, object, error.message));
    return undefined;
  }
}

async function putEntriesOf(
  context: ReconcilerContext,
  made: BulkOperation,
  table: TableRecord,
  body: AsyncIterable<Uint8Array>,
  object: Listed,
): Promise<number | undefined> {
  const { InputFormat, InputCompressionType } = made.input;
  const entries = entriesOf({ format: InputFormat!, compression: InputCompressionType! }, table.attributes, body);
  for await (const { page, isLast } of pagesOf(entries, made.entries)) {
    const present = await context.store.write((tx) => putEntries(tx, made, page, object, isLast, context.now));
    if (isLast) return undefined;
    const nextAt = present && waitOf(context, present);
    if (present?.status !== 'IN_PROGRESS' || context.signal.aborted || nextAt !== undefined) return nextAt;
  }
  return undefined;
}

/** The end of a second in which everything is written that may be. */
function waitOf({ now }: ReconcilerContext, { unitsMax, second }: BulkOperation): number | undefined {
  if (unitsMax === undefined || !second || second.units < unitsMax || now >= second.began + secondMilliseconds) return undefined;
  return second.began + secondMilliseconds;
}

async function finish(context: ReconcilerContext, made: BulkOperation): Promise<undefined> {
  const ended = context.clock.now();
  const isCancelled = made.status === 'CANCELLING';
  const status = isCancelled ? 'CANCELLED' : made.failed > 0 ? 'COMPLETED_WITH_ERRORS' : 'COMPLETED';
  const failure = isCancelled ? { code: 'OperationCancelled', message: 'The operation was cancelled as asked.' } : undefined;
  await putManifest(context, { ...made, ended, status });
  await end(context, made, status, failure);
  const { account, region, tableName: name, written } = made;
  const { table, local, global, vector } = written;
  const quantity = [table, ...[local, global, vector].flatMap((one) => Object.values(one))].reduce((sum, one) => sum + one, 0);
  const usage = { usageType: 'BulkPut-Bytes', unit: 'Bytes' as const, quantity, unbilled: true as const };
  if (quantity > 0)
    context.meter.record({
      ...{ ...usage, account, region, service: 'dynamodb', operation: 'StartBulkPutItems', at: ended },
      resource: tableArn({ account, region, name }),
    });
}

/** The rows of its reports are of no more use. */
async function end(
  { store, clock }: ReconcilerContext,
  { account, region, id }: BulkOperation,
  status: BulkOperation['status'],
  failure: BulkOperation['failure'],
): Promise<void> {
  const ended = clock.now();
  await store.write(async (tx) => {
    const present = await bulkOperations.get(tx, account, region, id);
    if (!present || !isRunning(present)) return;
    await bulkOperations.put(tx, { ...present, status, ended, ...(failure && { failure }) });
    for (const type of ['ERROR', 'CONDITION_CHECK_FAILURE'] as const)
      await clearances.put(tx, { account, region, space: spaceOf(present, type) });
  });
}
