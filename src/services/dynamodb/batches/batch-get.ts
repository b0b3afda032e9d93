/** BatchGetItem. */

import type { ConsumedCapacity, KeysAndAttributes } from '@aws-sdk/client-dynamodb';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { checkLength, checkReturns, type Faults } from '../constraints.ts';
import { validationException } from '../errors.ts';
import { compileExpressions } from '../expressions/compile.ts';
import type { CompiledProjection } from '../expressions/contract.ts';
import { attributesToGet } from '../expressions/legacy-attributes.ts';
import { checkParameters } from '../expressions/parameters.ts';
import { consumed, newUnits, readFactor, readUnits, type Units } from '../items/capacity.ts';
import { checkKey, checkScalarKeys } from '../items/key-checks.ts';
import { batchBytesMax, batchGetKeysMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { itemKey } from '../storage/keys.ts';
import { getRow } from '../storage/rows.ts';
import { placeOf, requireTable } from '../tables/lookup.ts';
import type { TableRecord } from '../tables/table.ts';
import { isThrottled, spend, throttled } from '../throughput/buckets.ts';
import { admitItem } from '../values/admit.ts';
import type { Item } from '../values/attribute-value.ts';
import { checkTableKeys } from './request-items.ts';

type Asked = { tableName: string; given: KeysAndAttributes; keys: Item[]; projection: CompiledProjection | undefined };
type Got = { asked: Asked; items: Item[]; unprocessed: Item[]; capacity: ConsumedCapacity | undefined; table: TableRecord; units: Units };

export const BatchGetItem: Operation<'BatchGetItem'> = async (request, input) => {
  const asked = compile(input);
  const got = await request.store.read(async (tx) => {
    const budget = { bytes: batchBytesMax };
    const all: Got[] = [];
    for (const one of asked) all.push(await getAll(tx, request, one, budget, input.ReturnConsumedCapacity));
    const [first] = all;
    if (first && all.every(({ table }) => isThrottled(request, table, 'read'))) throw throttled(request, first.table, 'read');
    return all;
  });
  for (const { table, units } of got) spend(request, table, units);
  const Responses = Object.create(null) as Record<string, Item[]>;
  const UnprocessedKeys = Object.create(null) as Record<string, KeysAndAttributes>;
  for (const { asked: one, items, unprocessed } of got) {
    Responses[one.tableName] = items;
    if (unprocessed.length > 0) UnprocessedKeys[one.tableName] = { ...one.given, Keys: unprocessed };
  }
  const capacities = got.map(({ capacity }) => capacity).filter((capacity) => capacity !== undefined);
  return { Responses, UnprocessedKeys, ...(capacities.length > 0 && { ConsumedCapacity: capacities }) };
};

export function batchGetForm(faults: Faults, input: Input<'BatchGetItem'>): void {
  checkReturns(faults, input);
  if (input.RequestItems === undefined) return;
  checkTableKeys(faults, input.RequestItems);
  for (const [name, { Keys, AttributesToGet }] of Object.entries(input.RequestItems)) {
    const path = `requestItems.${name}.member`;
    checkLength(faults, `${path}.keys`, Keys, 1, batchGetKeysMax);
    checkLength(faults, `${path}.attributesToGet`, AttributesToGet, 1, 255);
  }
}

function compile(input: Input<'BatchGetItem'>): Asked[] {
  let count = 0;
  return Object.entries(input.RequestItems!).map(([tableName, given]) => {
    checkParameters(given, ['ProjectionExpression'], ['AttributesToGet']);
    const legacy = given.AttributesToGet && attributesToGet(given.AttributesToGet);
    const projection = compileExpressions(given as object).projection ?? legacy;
    const seen = new Set<string>();
    const keys = given.Keys!.map((key) => {
      const admitted = admitItem(key);
      const text = JSON.stringify(Object.entries(admitted).toSorted(([a], [b]) => (a < b ? -1 : 1)));
      if (seen.has(text)) throw validationException('Provided list of item keys contains duplicates');
      seen.add(text);
      if (++count > batchGetKeysMax) throw validationException('Too many items requested for the BatchGetItem call');
      return admitted;
    });
    return { tableName, given, keys, projection };
  });
}

/** What goes beyond 16 MB stays unprocessed, and what the table's throughput does not allow. */
async function getAll(
  tx: ReadTransaction,
  request: ServiceRequest,
  asked: Asked,
  budget: { bytes: number },
  returned: string | undefined,
): Promise<Got> {
  const table = await requireTable(tx, placeOf(request, asked.tableName));
  checkScalarKeys(table, asked.projection);
  for (const key of asked.keys) checkKey(table, key);
  const units = newUnits('read');
  const factor = readFactor(asked.given.ConsistentRead);
  const got: Got = { asked, items: [], unprocessed: [], capacity: undefined, table, units };
  if (isThrottled(request, table, 'read')) return { ...got, unprocessed: asked.keys };
  for (const key of asked.keys) {
    if (budget.bytes <= 0) {
      got.unprocessed.push(key);
      continue;
    }
    const row = await getRow(tx, itemKey(table, key));
    const bytes = row?.bytes ?? 0;
    if (bytes > budget.bytes) {
      budget.bytes = 0;
      got.unprocessed.push(key);
      continue;
    }
    budget.bytes -= bytes;
    units.table += readUnits(bytes, factor);
    if (row) got.items.push(asked.projection ? asked.projection.project(row.item) : row.item);
  }
  got.capacity = consumed(returned, table.name, units);
  return got;
}
