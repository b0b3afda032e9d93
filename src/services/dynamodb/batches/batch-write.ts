/** BatchWriteItem: puts and deletes side by side. All of a table's are done at once, or none when its throughput does not allow it. */

import type { ConsumedCapacity, ItemCollectionMetrics, WriteRequest } from '@aws-sdk/client-dynamodb';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { addFault, checkReturns, type Faults } from '../constraints.ts';
import { validationException } from '../errors.ts';
import { addUnits, consumed, newUnits, type Units } from '../items/capacity.ts';
import { checkItem, checkItemSize, checkKey, checkKeysPresent } from '../items/key-checks.ts';
import { collectionMetrics } from '../items/request.ts';
import { changeItem, type Change } from '../items/write.ts';
import { batchBytesMax, batchWriteRequestsMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { itemKey } from '../storage/keys.ts';
import { placeOf, requireTable } from '../tables/lookup.ts';
import type { TableRecord } from '../tables/table.ts';
import { isThrottled, spend, throttled } from '../throughput/buckets.ts';
import { admitItem } from '../values/admit.ts';
import { checkTableKeys } from './request-items.ts';

type Asked = { tableName: string; changes: Change[] };

export const BatchWriteItem: Operation<'BatchWriteItem'> = async (request, input) => {
  const asked = admit(input);
  const { capacities, metrics, used, waiting } = await request.store.write(async (tx) => {
    const capacities: ConsumedCapacity[] = [];
    const metrics = Object.create(null) as Record<string, ItemCollectionMetrics[]>;
    const tables = await checkAll(tx, request, asked);
    const waiting = new Set(tables.filter((table) => isThrottled(request, table, 'write')));
    if (waiting.size > 0 && tables.every((table) => waiting.has(table))) throw throttled(request, tables[0]!, 'write');
    const used: { table: TableRecord; units: Units }[] = [];
    for (const [at, { tableName, changes }] of asked.entries()) {
      const table = tables[at]!;
      if (waiting.has(table)) continue;
      const units = newUnits('write');
      used.push({ table, units });
      for (const change of changes) {
        const taken = (await changeItem(tx, table, change, request)).units;
        units.table += taken.table;
        for (const [name, count] of taken.local) addUnits(units.local, name, count);
        for (const [name, count] of taken.global) addUnits(units.global, name, count);
        const collection = collectionMetrics(input.ReturnItemCollectionMetrics, table, change.key);
        if (collection) (metrics[tableName] ??= []).push(collection);
      }
      const capacity = consumed(input.ReturnConsumedCapacity, table.name, units);
      if (capacity) capacities.push(capacity);
    }
    return { capacities, metrics, used, waiting: asked.filter((_, at) => waiting.has(tables[at]!)).map(({ tableName }) => tableName) };
  });
  for (const { table, units } of used) spend(request, table, units);
  return {
    UnprocessedItems: Object.fromEntries(waiting.map((name) => [name, input.RequestItems![name]!])),
    ...(capacities.length > 0 && { ConsumedCapacity: capacities }),
    ...(Object.keys(metrics).length > 0 && { ItemCollectionMetrics: metrics }),
  };
};

export function batchWriteForm(faults: Faults, input: Input<'BatchWriteItem'>): void {
  checkReturns(faults, input);
  if (input.RequestItems === undefined) return;
  const lists = Object.values(input.RequestItems);
  if (lists.some((list) => list.length < 1 || list.length > batchWriteRequestsMax))
    addFault(
      faults,
      'requestItems',
      input.RequestItems,
      `Map value must satisfy constraint: [Member must have length less than or equal to ${batchWriteRequestsMax}, Member must have length greater than or equal to 1]`,
    );
  checkTableKeys(faults, input.RequestItems);
}

function admit(input: Input<'BatchWriteItem'>): Asked[] {
  let [count, bytes] = [0, 0];
  return Object.entries(input.RequestItems!).map(([tableName, requests]) => {
    const changes = requests.map((one) => {
      if (++count > batchWriteRequestsMax) throw validationException('Too many items requested for the BatchWriteItem call');
      const change = admitRequest(one);
      if (change.kind === 'put') bytes += checkItemSize(change.item);
      if (bytes > batchBytesMax) throw validationException('Request size has exceeded the maximum allowed size');
      return change;
    });
    return { tableName, changes };
  });
}

function admitRequest({ PutRequest: put, DeleteRequest: remove }: WriteRequest): Change {
  if ((put === undefined) === (remove === undefined))
    throw validationException(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  if (put) {
    const item = admitItem(put.Item!);
    return { kind: 'put', key: item, item };
  }
  return { kind: 'delete', key: admitItem(remove!.Key!) };
}

async function checkAll(tx: WriteTransaction, request: ServiceRequest, asked: readonly Asked[]): Promise<TableRecord[]> {
  const tables: TableRecord[] = [];
  const seen = new Set<string>();
  for (const { tableName, changes } of asked) {
    const table = await requireTable(tx, placeOf(request, tableName));
    for (const change of changes) {
      if (change.kind === 'put') {
        checkKeysPresent(table, change.item);
        checkItem(table, change.item);
      } else checkKey(table, change.key);
      const key = Buffer.from(itemKey(table, change.key)).toString('latin1');
      if (seen.has(key)) throw validationException('Provided list of item keys contains duplicates');
      seen.add(key);
    }
    tables.push(table);
  }
  return tables;
}
