/**
 * Writing an Iceberg table: its files are put first, under names that the number of the commit gives, then one transaction makes them
 * the table's. What a crash left behind is written over by the next try.
 */

import type { Aws } from '../../../framework/clients.ts';
import { icebergTables, warehouseLocation, type IcebergTable } from '../../../framework/s3-tables/tables.ts';
import type { Store, WriteTransaction } from '../../../store/store.ts';
import { dayMilliseconds } from '../limits.ts';
import { manifest, manifestList, type ListedManifest } from './iceberg/manifests.ts';
import type { Column } from './iceberg/schema.ts';
import { tableMetadata, type Snapshot } from './iceberg/table-metadata.ts';
import { dueFiles, tableFiles, type TableFile } from './tables.ts';

export type Means = { readonly store: Store; readonly aws: Aws; readonly now: number };

/** What a commit does: it brings a file, takes others away, or both. */
export type Change = {
  columns: readonly Column[];
  operation: Snapshot['operation'];
  file?: { content: Buffer; rows: number; day?: number; level?: number };
  /** Numbers of the files that go. */
  replaced?: readonly number[];
};

export const dataKey = (number: number): string => `data/${padded(number)}.parquet`;
const manifestKey = (number: number): string => `metadata/${padded(number)}-m0.avro`;
const listKey = (number: number): string => `metadata/snap-${padded(number)}.avro`;
const metadataKey = (number: number): string => `metadata/${padded(number)}.metadata.json`;
const padded = (number: number): string => String(number).padStart(9, '0');

/** Readers that have begun may end: what is replaced goes a day later. */
const keptMilliseconds = dayMilliseconds;

/** The table as it is before anything is in it. Returns the key of its metadata. */
export async function putEmpty(
  { aws, now }: Omit<Means, 'store'>,
  table: Pick<IcebergTable, 'id' | 'warehouse'>,
  columns: readonly Column[],
): Promise<string> {
  const content = tableMetadata({ id: table.id, location: warehouseLocation(table), columns, updated: now });
  await aws.s3('PutObject', { Bucket: table.warehouse, Key: metadataKey(0), Body: content });
  return metadataKey(0);
}

/** Rejects with what S3 and KMS refuse. `also` is done in the transaction that makes the files the table's. */
export async function commit(
  means: Means,
  table: IcebergTable,
  change: Change,
  also: (tx: WriteTransaction) => Promise<void>,
): Promise<IcebergTable> {
  const number = table.commits + 1;
  const present = (await means.store.read((tx) => tableFiles.scan(tx, [table.id]))).map(({ row }) => row);
  const replaced = new Set(change.replaced);
  const kept = present.filter((file) => !replaced.has(file.number));
  const added = change.file && (await putFile(means, table, number, change));
  await putSnapshot(means, table, number, change, added ? [...kept, added] : kept);
  const next: IcebergTable = { ...table, commits: number, metadata: metadataKey(number), modified: means.now };
  await means.store.write(async (tx) => {
    const found = await icebergTables.find(tx, 'id', table.id);
    if (found?.commits !== table.commits) throw new Error(`the table ${table.namespace}.${table.name} was written by another`);
    await icebergTables.put(tx, next);
    if (added) await tableFiles.put(tx, added);
    const gone = [listKey(table.commits), metadataKey(table.commits)];
    for (const old of replaced) {
      await tableFiles.delete(tx, table.id, old);
      gone.push(dataKey(old), manifestKey(old));
    }
    for (const key of gone) await dueFiles.put(tx, { at: means.now + keptMilliseconds, warehouse: table.warehouse, key });
    await also(tx);
  });
  return next;
}

async function putFile({ aws }: Means, table: IcebergTable, number: number, { columns, file }: Change): Promise<TableFile> {
  const { content, rows, day, level } = file!;
  const path = `${warehouseLocation(table)}/${dataKey(number)}`;
  const entry = manifest(columns, { path, rows, bytes: content.length, sequence: number });
  await aws.s3('PutObject', { Bucket: table.warehouse, Key: dataKey(number), Body: content });
  await aws.s3('PutObject', { Bucket: table.warehouse, Key: manifestKey(number), Body: entry });
  return {
    ...{ table: table.id, number, rows, bytes: content.length, manifestBytes: entry.length },
    ...(day !== undefined && { day }),
    ...(level !== undefined && { level }),
  };
}

async function putSnapshot(
  { aws, now }: Means,
  table: IcebergTable,
  number: number,
  { columns, operation }: Change,
  files: readonly TableFile[],
): Promise<void> {
  const location = warehouseLocation(table);
  const manifests = files.map((file): ListedManifest => ({
    ...{ path: `${location}/${manifestKey(file.number)}`, bytes: file.manifestBytes },
    ...{ rows: file.rows, sequence: file.number },
  }));
  const snapshot: Snapshot = {
    ...{ number, at: now, operation, manifestList: `${location}/${listKey(number)}` },
    ...{ files: files.length, rows: files.reduce((sum, { rows }) => sum + rows, 0) },
  };
  await aws.s3('PutObject', { Bucket: table.warehouse, Key: listKey(number), Body: manifestList(number, manifests) });
  const metadata = tableMetadata({ id: table.id, location, columns, updated: now, snapshot });
  await aws.s3('PutObject', { Bucket: table.warehouse, Key: metadataKey(number), Body: metadata });
}
