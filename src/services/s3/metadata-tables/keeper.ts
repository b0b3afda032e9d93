/** Keeps metadata tables: makes them, writes them as objects change, and takes away what is theirs once they are gone. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { icebergTables, type IcebergTable } from '../../../framework/s3-tables/tables.ts';
import { buckets } from '../tables.ts';
import { compact, expire, writeEntries } from './journal-writer.ts';
import { annotationRows, inventoryRows } from './live-rows.ts';
import { refresh } from './live-writer.ts';
import { columnsOf, failures, makeTable, setTable, type Kind } from './maker.ts';
import type { Means } from './table-writer.ts';
import {
  dueFiles,
  journalEntries,
  metadataConfigurations,
  tableFiles,
  tableRanges,
  warehouses,
  type MetadataConfiguration,
} from './tables.ts';
import { asKeeper } from './warehouse.ts';

const everyMilliseconds = 60_000;
const deletedAtOnce = 100;

export const tableKeeper: Reconciler = {
  name: 's3/metadata-tables',
  watches: [metadataConfigurations],
  every: everyMilliseconds,
  run: async (context) => {
    for await (const { bucket } of metadataConfigurations.each(context.store)) {
      context.signal.throwIfAborted();
      for (const kind of kinds) await make(context, bucket, kind);
      const configuration = await configurationOf(context, bucket);
      if (configuration) await keep(context, configuration);
    }
    await dropEntries(context);
    await dropWarehouses(context);
    await deleteDue(context);
  },
};

const kinds: readonly Kind[] = ['journal', 'inventory', 'annotation'];

function configurationOf({ store }: ReconcilerContext, bucket: string): Promise<MetadataConfiguration | undefined> {
  return store.read((tx) => metadataConfigurations.get(tx, bucket));
}

async function make(context: ReconcilerContext, bucket: string, kind: Kind): Promise<void> {
  const configuration = await configurationOf(context, bucket);
  if (configuration?.[kind]?.status === 'CREATING') await makeTable(context, configuration, kind);
}

/** Writes what waits. One bucket's refusal does not keep the others waiting. */
async function keep(context: ReconcilerContext, configuration: MetadataConfiguration): Promise<void> {
  const { bucket, created, journal: wanted } = configuration;
  const means: Means = { store: context.store, aws: asKeeper(context, configuration), now: context.now };
  const journal = await tableOf(context, configuration, 'journal');
  const live = kinds
    .filter((kind) => kind !== 'journal' && configuration[kind]?.status !== 'FAILED')
    .map((kind) => configuration[kind]?.id);
  try {
    const ids = live.filter((id) => id !== undefined);
    let table = await writeEntries(context, { bucket, created, means, ...(journal && { journal }), live: ids });
    if (table && wanted.days !== undefined) table = await expire(means, table, wanted.days);
    if (table) await compact(context, means, table);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    context.log(`the journal of ${bucket} could not be written: ${error.message}`);
    await setTable(context, configuration, 'journal', wanted.id, { status: 'FAILED', error: failures.writing });
  }
  await refreshLive(context, configuration, means);
}

/** How often live tables are made up to date: AWS promises an hour. */
const refreshMilliseconds = 15 * 60_000;

async function refreshLive(context: ReconcilerContext, configuration: MetadataConfiguration, means: Means): Promise<void> {
  for (const kind of ['inventory', 'annotation'] as const) {
    const wanted = configuration[kind];
    if (wanted?.status === 'ACTIVE' && context.now < (wanted.refreshed ?? 0) + refreshMilliseconds) continue;
    const table = await tableOf(context, configuration, kind);
    if (!wanted || !table) continue;
    const rows = kind === 'inventory' ? inventoryRows(context, configuration) : annotationRows(context, configuration);
    try {
      await refresh({ context, means, columns: columnsOf[kind], rows }, table);
      await setTable(context, configuration, kind, wanted.id, { status: 'ACTIVE', refreshed: context.now });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      context.log(`the ${kind} table of ${configuration.bucket} could not be written: ${error.message}`);
      await setTable(context, configuration, kind, wanted.id, { status: 'FAILED', error: failures.writing });
    }
  }
}

function isRefusal(error: unknown): error is AwsError {
  return error instanceof AwsError && (error.status ?? 400) < 500;
}

/** A table of a configuration that is to be written; one that somebody deleted is missed. */
async function tableOf(context: ReconcilerContext, configuration: MetadataConfiguration, kind: Kind): Promise<IcebergTable | undefined> {
  const wanted = configuration[kind];
  if (!wanted || wanted.status === 'FAILED' || wanted.status === 'CREATING') return undefined;
  const table = await context.store.read((tx) => icebergTables.find(tx, 'id', wanted.id));
  if (!table) await setTable(context, configuration, kind, wanted.id, { status: 'FAILED', error: failures.noTable });
  return table;
}

/** Of buckets that are not configured any longer. */
async function dropEntries({ store, signal, giveWay }: ReconcilerContext): Promise<void> {
  let after = '';
  for (;;) {
    signal.throwIfAborted();
    const dropped = await store.write(async (tx) => {
      const [next] = await journalEntries.between(tx, [`${after}\0`], ['\u{10ffff}'], { limit: 1 });
      if (!next) return undefined;
      const { bucket } = next.row;
      if (await metadataConfigurations.get(tx, bucket)) return { bucket, done: true };
      const page = await journalEntries.scan(tx, [bucket], { limit: deletedAtOnce });
      for (const { row } of page) await journalEntries.delete(tx, bucket, row.sequence);
      return { bucket, done: page.length < deletedAtOnce };
    });
    if (!dropped) return;
    if (dropped.done) after = dropped.bucket;
    await giveWay();
  }
}

/** Of tables that were deleted, or never came to be. */
async function dropWarehouses(context: ReconcilerContext): Promise<void> {
  const { store, signal } = context;
  for await (const { table, bucket, account, region } of warehouses.each(store)) {
    if (await store.read((tx) => icebergTables.find(tx, 'id', table))) continue;
    const aws = asKeeper(context, { account, region, bucket });
    for (;;) {
      signal.throwIfAborted();
      const { Contents: page = [] } = await aws.s3('ListObjectsV2', { Bucket: bucket, MaxKeys: deletedAtOnce });
      if (page.length === 0) break;
      for (const { Key } of page) await aws.s3('DeleteObject', { Bucket: bucket, Key: Key! });
    }
    for await (const { number } of tableFiles.each(store, [table])) await store.write((tx) => tableFiles.delete(tx, table, number));
    for await (const { from } of tableRanges.each(store, [table])) await store.write((tx) => tableRanges.delete(tx, table, from));
    await store.write(async (tx) => {
      await buckets.delete(tx, bucket);
      await warehouses.delete(tx, table);
    });
  }
}

async function deleteDue(context: ReconcilerContext): Promise<void> {
  const { store, now, signal } = context;
  for (;;) {
    signal.throwIfAborted();
    const page = await store.read((tx) => dueFiles.between(tx, [0], [now], { limit: deletedAtOnce }));
    if (page.length === 0) return;
    for (const { row } of page) {
      const owner = await store.read((tx) => buckets.get(tx, row.warehouse));
      if (owner) await asKeeper(context, { ...owner, bucket: owner.name }).s3('DeleteObject', { Bucket: owner.name, Key: row.key });
    }
    await store.write(async (tx) => {
      for (const { row } of page) await dueFiles.delete(tx, row.at, row.warehouse, row.key);
    });
  }
}
