/** Fills tables from the objects that they are imported from; nobody can use them before they are whole. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { checkItem, checkItemSize } from '../items/key-checks.ts';
import { changeEntry } from '../items/write.ts';
import { itemKey } from '../storage/keys.ts';
import { encodeRow, getRow, putRow } from '../storage/rows.ts';
import { imports, tables } from '../tables.ts';
import { tableArn, type TableRecord } from '../tables/table.ts';
import { transferReconciler, type Outcome } from '../transfers.ts';
import { admitItem } from '../values/admit.ts';
import type { Item } from '../values/attribute-value.ts';
import { entriesOf, pagesOf, streamOf, type Entry } from './entries.ts';
import type { Import } from './import.ts';

export const importer = transferReconciler<Import>({
  name: 'dynamodb/importer',
  table: imports,
  titleOf: ({ id, tableName }) => `import ${id} into table ${tableName}`,
  carryOn,
  end,
  ownCodes: /^(?:S3|Invalid)/,
});

async function carryOn(context: ReconcilerContext, made: Import): Promise<void> {
  let present: Import | undefined = made;
  while (!context.signal.aborted && present?.status === 'IN_PROGRESS') {
    const next: Import | undefined = await importNext(context, present);
    if (!next) return finish(context, present);
    present = next;
  }
}

const sourceOf = ({ awsAs }: ReconcilerContext, { account, region, caller }: Import): Aws['s3'] => awsAs(caller, { account, region }).s3;

/** Imports the next object; undefined when there is none. */
async function importNext(context: ReconcilerContext, made: Import): Promise<Import | undefined> {
  const { S3Bucket: Bucket, S3BucketOwner: owner, S3KeyPrefix: Prefix } = made.source;
  const s3 = sourceOf(context, made);
  const asOwner = owner !== undefined && { ExpectedBucketOwner: owner };
  const { Contents } = await s3('ListObjectsV2', {
    ...{ Bucket, MaxKeys: 1, ...asOwner },
    ...(Prefix !== undefined && { Prefix }),
    ...(made.after !== undefined && { StartAfter: made.after }),
  });
  const key = Contents?.[0]?.Key;
  if (key === undefined) return undefined;
  const table = await context.store.read((tx) => tables.get(tx, made.account, made.region, made.tableName));
  if (table?.id !== made.tableId) throw new AwsError('InvalidTable', 'The table has been deleted.');
  const { Body } = await s3('GetObject', { Bucket, Key: key, ...asOwner });
  let present: Import | undefined = made;
  for await (const { page, isLast } of pagesOf(entriesOf(made, table.attributes, streamOf(Body)), made.entries)) {
    present = await takeIn(context, made, page, isLast ? key : undefined);
    if (present?.status !== 'IN_PROGRESS' || context.signal.aborted) return present;
  }
  return present;
}

/** A page of entries in one transaction with how far the import has come. `done` is the object that ends with it. */
async function takeIn(
  { store }: ReconcilerContext,
  { account, region, id }: Import,
  page: readonly Entry[],
  done?: string,
): Promise<Import | undefined> {
  return store.write(async (tx) => {
    const made = await imports.get(tx, account, region, id);
    const table = made && (await tables.get(tx, account, region, made.tableName));
    if (made?.status !== 'IN_PROGRESS' || table?.id !== made.tableId) return made;
    let imported = 0;
    for (const { item } of page) if (item && (await putItem(tx, table, item))) imported++;
    const next: Import = {
      ...made,
      processed: made.processed + page.length,
      imported: made.imported + imported,
      errors: made.errors + page.length - imported,
      bytes: made.bytes + page.reduce((sum, entry) => sum + entry.bytes, 0),
      ...(done === undefined ? { entries: made.entries + page.length } : { entries: 0, after: done }),
    };
    await imports.put(tx, next);
    return next;
  });
}

/** An item takes the place of one with its key, as in AWS; false for what no table would take. */
async function putItem(tx: WriteTransaction, table: TableRecord, given: Item): Promise<boolean> {
  let item: Item;
  try {
    item = admitItem(given);
    checkItem(table, item);
    checkItemSize(item);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return false;
  }
  const key = itemKey(table, item);
  const row = await getRow(tx, key);
  await putRow(tx, key, encodeRow(item, table.keys[1]?.name, table.sse?.dataKey), row?.parts);
  for (const index of table.indexes) await changeEntry(tx, table, index, row?.item, item);
  return true;
}

const nothingFound = { code: 'S3NoSuchKey', message: 'No object was found under the given prefix.' };
/** An empty bucket is imported as an empty table; a prefix under which nothing lies is a mistake. */
const nothingThere = ({ after, source }: Import): boolean => after === undefined && Boolean(source.S3KeyPrefix);
const notAllValid = {
  code: 'ItemValidationError',
  message: 'Some of the items failed validation checks. Please check CloudWatch error logs for more details.',
};

async function finish({ store, meter, clock }: ReconcilerContext, made: Import): Promise<void> {
  const { account, region, tableName: name } = made;
  const failure = nothingThere(made) ? nothingFound : made.errors > 0 ? notAllValid : undefined;
  const ended = clock.now();
  await store.write((tx) => end(tx, made, failure ? { status: 'FAILED', failure } : { status: 'COMPLETED' }, ended));
  const usage = {
    usageType: 'ImportDataSize-Bytes',
    unit: 'Bytes' as const,
    quantity: made.bytes,
    resource: tableArn({ account, region, name }),
  };
  meter.record({ ...usage, account, region, service: 'dynamodb', operation: 'ImportTable', at: ended });
}

/** The table can be used from here on, with what it holds. */
async function end(tx: WriteTransaction, { account, region, id }: Import, outcome: Outcome, ended: number): Promise<void> {
  const present = await imports.get(tx, account, region, id);
  if (!present) return;
  await imports.put(tx, { ...present, ...outcome, ended });
  const table = await tables.get(tx, account, region, present.tableName);
  if (table?.id !== present.tableId || !table.importing) return;
  const { importing: _, ...whole } = table;
  await tables.put(tx, whole);
}
