/** DescribeTable, ListTables, DeleteTable, and what is asked of the account: DescribeLimits, DescribeEndpoints. */

import type { ReadTransaction } from '../../../store/store.ts';
import { deletionProtected, resourceInUse } from '../errors.ts';
import { accountThroughputUnitsMax, tablesListedMax, tableThroughputUnitsMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { clearances, resourcePolicies, tables, tableTags } from '../tables.ts';
import { forgetDestinations } from '../kinesis-destinations/operations.ts';
import { disableStream } from '../streams/stream.ts';
import { describe } from './description.ts';
import { placeOf, requireNamedTable } from './lookup.ts';
import { tableArn, type TableRecord } from './table.ts';

export const DescribeTable: Operation<'DescribeTable'> = async (request, input) => {
  const place = placeOf(request, input.TableName!);
  const table = await request.store.read((tx) => requireNamedTable(tx, place));
  return { Table: describe(table) };
};

export const ListTables: Operation<'ListTables'> = async (request, input) => {
  const limit = input.Limit ?? tablesListedMax;
  const { account, region } = request;
  // A name followed by the lowest character is the first possible after it.
  const from = input.ExclusiveStartTableName === undefined ? [account, region] : [account, region, `${input.ExclusiveStartTableName}\0`];
  const found = await request.store.read((tx) => tables.between(tx, from, [account, `${region}\0`], { limit: limit + 1 }));
  const names = found.slice(0, limit).map(({ row }) => row.name);
  return { TableNames: names, ...(found.length > limit && { LastEvaluatedTableName: names.at(-1)! }) };
};

export const DeleteTable: Operation<'DeleteTable'> = async (request, input) => {
  const place = placeOf(request, input.TableName!);
  const table = await request.store.write(async (tx) => {
    const found = await requireNamedTable(tx, place);
    if (found.deletionProtection) throw deletionProtected(found.name);
    const { account, region, name } = found;
    await refuseCopied(tx, found);
    await disableStream(tx, found, request.now);
    await forgetDestinations(tx, found);
    await tables.delete(tx, account, region, name);
    await tableTags.delete(tx, account, region, name);
    await resourcePolicies.delete(tx, tableArn(found));
    const { recovery, indexes } = found;
    for (const space of [found.space, ...indexes.map((index) => index.space), ...(recovery ? [recovery.space] : [])])
      await clearances.put(tx, { account, region, space });
    return found;
  });
  const { TableArn, TableId, TableName, ProvisionedThroughput, ItemCount, TableSizeBytes, DeletionProtectionEnabled, BillingModeSummary } =
    describe(table);
  return {
    TableDescription: {
      TableName,
      TableStatus: 'DELETING',
      ProvisionedThroughput,
      TableSizeBytes,
      ItemCount,
      TableArn,
      TableId,
      ...(BillingModeSummary && { BillingModeSummary }),
      DeletionProtectionEnabled,
    },
  };
};

/** A table that is being copied stays until the copy is whole: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_HowItWorks.html */
async function refuseCopied(tx: ReadTransaction, { account, region, name, space, feeds = [] }: TableRecord): Promise<void> {
  const isCopied = feeds.some(({ kind }) => kind === 'backup');
  const others = await tables.scan(tx, [account, region]);
  if (isCopied || others.some(({ row }) => row.restoring?.from === space))
    throw resourceInUse(`Attempt to change a resource which is still in use: Table is being backed up or restored from: ${name}`);
}

export const DescribeLimits: Operation<'DescribeLimits'> = async () => ({
  AccountMaxReadCapacityUnits: accountThroughputUnitsMax,
  AccountMaxWriteCapacityUnits: accountThroughputUnitsMax,
  TableMaxReadCapacityUnits: tableThroughputUnitsMax,
  TableMaxWriteCapacityUnits: tableThroughputUnitsMax,
});

export const DescribeEndpoints: Operation<'DescribeEndpoints'> = async (request) => ({
  Endpoints: [{ Address: request.endpoint.host, CachePeriodInMinutes: 1440 }],
});
