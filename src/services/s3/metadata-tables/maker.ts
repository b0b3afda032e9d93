/** Makes the tables that configurations want. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import {
  icebergTables,
  tableArn,
  tableBuckets,
  tableNamespaces,
  type IcebergTable,
  type TableEncryption,
} from '../../../framework/s3-tables/tables.ts';
import { everythingBlocked } from '../../../framework/s3-access/public-access-block.ts';
import { buckets, type Bucket } from '../tables.ts';
import { annotationColumns, inventoryColumns, journalColumns } from './columns.ts';
import type { Column } from './iceberg/schema.ts';
import { putEmpty } from './table-writer.ts';
import { metadataConfigurations, tableRanges, warehouses, type MetadataConfiguration, type WantedTable } from './tables.ts';
import { asKeeper, warehouseOf } from './warehouse.ts';

export type Kind = 'journal' | 'inventory' | 'annotation';

export const columnsOf: Readonly<Record<Kind, readonly Column[]>> = {
  journal: journalColumns,
  inventory: inventoryColumns,
  annotation: annotationColumns,
};

type Failure = NonNullable<WantedTable['error']>;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ErrorDetails.html */
export const failures = {
  resources: {
    code: 'AccessDeniedCreatingResources',
    message:
      'You do not have sufficient permissions to create the required resources. Make sure that you have the s3tables permissions that are needed, and that the KMS key exists, is active and lets in the S3 service principals.',
  },
  writing: {
    code: 'AccessDeniedWritingToTable',
    message: 'Unable to write to the metadata table because of missing resource permissions.',
  },
  noTable: { code: 'DestinationTableNotFound', message: 'The destination table does not exist.' },
  noTableBucket: {
    code: 'TableBucketNotFound',
    message:
      'The table bucket that you specified does not exist in this AWS Region and account. Create or choose a different table bucket.',
  },
  noJournal: { code: 'JournalTableNotAvailable', message: 'The journal table that the inventory table relies on has a FAILED status.' },
} as const satisfies Record<string, Failure>;

function alreadyThere(kind: Kind, { first }: MetadataConfiguration): Failure {
  if (first) {
    const message = "The table that you specified already exists in the table bucket's namespace. Specify a different table name.";
    return { code: 'TableAlreadyExists', message };
  }
  const name = { journal: 'Journal', inventory: 'Inventory', annotation: 'Annotation' }[kind];
  const message = `The ${kind} table already exists in the AWS managed table bucket's namespace. Delete the ${kind} table, and then try again.`;
  return { code: `${name}TableAlreadyExists`, message };
}

/** Sets members of one of a configuration's tables, if that is still the one that is wanted. */
export async function setTable(
  { store }: Pick<ReconcilerContext, 'store'>,
  { bucket }: MetadataConfiguration,
  kind: Kind,
  id: string,
  members: Partial<WantedTable> & { refreshed?: number },
): Promise<void> {
  await store.write(async (tx) => {
    const present = await metadataConfigurations.get(tx, bucket);
    const wanted = present?.[kind];
    if (present && wanted?.id === id) await metadataConfigurations.put(tx, { ...present, [kind]: { ...wanted, ...members } });
  });
}

/** Makes one table, or says why it cannot be. */
export async function makeTable(context: ReconcilerContext, configuration: MetadataConfiguration, kind: Kind): Promise<void> {
  const wanted = configuration[kind]!;
  const fail = (error: Failure) => setTable(context, configuration, kind, wanted.id, { status: 'FAILED', error });
  if (kind !== 'journal' && configuration.journal.status === 'FAILED') return fail(failures.noJournal);
  const table = tableOf(configuration, wanted, context.now);
  const hindrance = await prepare(context, configuration, table);
  if (hindrance === 'table') return fail(alreadyThere(kind, configuration));
  if (hindrance === 'bucket') return fail(failures.noTableBucket);
  try {
    table.metadata = await putEmpty({ aws: asKeeper(context, configuration), now: context.now }, table, columnsOf[kind]);
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
    return fail(failures.resources);
  }
  await context.store.write(async (tx) => {
    if (!(await icebergTables.find(tx, 'id', table.id))) await icebergTables.put(tx, table);
    if (kind !== 'journal') await tableRanges.put(tx, { table: table.id, from: '', dirty: context.now, files: [] });
  });
  await setTable(context, configuration, kind, wanted.id, { status: kind === 'journal' ? 'ACTIVE' : 'BACKFILLING' });
}

function tableOf(configuration: MetadataConfiguration, { id, name, encryption }: WantedTable, now: number): IcebergTable {
  const { account, region, tableBucket, namespace } = configuration;
  const times = { created: now, modified: now };
  return { account, region, tableBucket, namespace, name, id, warehouse: warehouseOf(id), ...times, encryption, commits: 0, metadata: '' };
}

/** What a table stands on: its table bucket and namespace, and the bucket of its files. Returns what is in the way. */
function prepare(
  { store, random, now }: ReconcilerContext,
  { account, region, first }: MetadataConfiguration,
  table: IcebergTable,
): Promise<'table' | 'bucket' | undefined> {
  const { tableBucket, namespace, warehouse } = table;
  const ids = [random.uuid(), random.uuid()] as const;
  return store.write(async (tx) => {
    const other = await icebergTables.get(tx, account, region, tableBucket, namespace, table.name);
    if (other && other.id !== table.id) return 'table';
    if (!(await tableBuckets.get(tx, account, region, tableBucket))) {
      if (first) return 'bucket';
      await tableBuckets.put(tx, { account, region, name: tableBucket, id: ids[0], created: now });
    }
    if (!(await tableNamespaces.get(tx, account, region, tableBucket, namespace)))
      await tableNamespaces.put(tx, { account, region, tableBucket, name: namespace, id: ids[1], created: now });
    await warehouses.put(tx, { table: table.id, bucket: warehouse, account, region });
    if (!(await buckets.get(tx, warehouse))) await buckets.put(tx, warehouseBucket(table, now));
    return undefined;
  });
}

function warehouseBucket(table: IcebergTable, now: number): Bucket {
  const { account, region, warehouse } = table;
  return {
    ...{ name: warehouse, account, region, created: now, publicAccessBlock: everythingBlocked, tableArn: tableArn(table) },
    ...encryptionOf(table.encryption),
  };
}

function encryptionOf({ algorithm, keyArn }: TableEncryption): Pick<Bucket, 'encryption'> {
  return algorithm === 'AES256' ? {} : { encryption: { algorithm, keyId: keyArn!, bucketKey: true } };
}
