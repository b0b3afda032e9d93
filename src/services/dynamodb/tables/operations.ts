/** DescribeTable, ListTables, DeleteTable, and what is asked of the account: DescribeLimits, DescribeEndpoints. */

import { accountThroughputUnitsMax, tablesListedMax, tableThroughputUnitsMax } from '../limits.ts';
import { tableNotFound } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { tables } from '../tables.ts';
import { describe } from './description.ts';
import { placeOf, requireNamedTable } from './lookup.ts';
import { removeTable } from './removal.ts';
import { endTransition, inTransition, refuseCreating } from './transition.ts';

export const DescribeTable: Operation<'DescribeTable'> = async (request, input) => {
  const place = placeOf(request, input.TableName!);
  const table = await request.store.read((tx) => requireNamedTable(tx, place));
  if (!inTransition(table)) return { Table: describe(table) };
  const ended = await endTransition(request.store, place, request.clock.now());
  if (!ended) throw tableNotFound(place.name);
  return { Table: describe(ended) };
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
    refuseCreating(found, request.now);
    await removeTable(tx, found, request.now);
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

export const DescribeLimits: Operation<'DescribeLimits'> = async () => ({
  AccountMaxReadCapacityUnits: accountThroughputUnitsMax,
  AccountMaxWriteCapacityUnits: accountThroughputUnitsMax,
  TableMaxReadCapacityUnits: tableThroughputUnitsMax,
  TableMaxWriteCapacityUnits: tableThroughputUnitsMax,
});

export const DescribeEndpoints: Operation<'DescribeEndpoints'> = async (request) => ({
  Endpoints: [{ Address: request.endpoint.host, CachePeriodInMinutes: 1440 }],
});
