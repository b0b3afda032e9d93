/** TransactGetItems: all items as of one moment. */

import { checkLength, checkReturns, type Faults } from '../constraints.ts';
import { compileExpressions } from '../expressions/compile.ts';
import { checkParameters } from '../expressions/parameters.ts';
import { consumed, newUnits, readUnits } from '../items/capacity.ts';
import { checkKey, checkScalarKeys } from '../items/key-checks.ts';
import { transactionActionsMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { itemKey } from '../storage/keys.ts';
import { getRow } from '../storage/rows.ts';
import { placeOf, requireTable } from '../tables/lookup.ts';
import { admit, spend } from '../throughput/buckets.ts';
import { admitItem } from '../values/admit.ts';
import type { Item } from '../values/attribute-value.ts';
import { cancelled, reasonOf } from './actions.ts';
import type { Used } from './transact-write.ts';

const transactionFactor = 2;

export function transactGetForm(faults: Faults, input: Input<'TransactGetItems'>): void {
  checkReturns(faults, input);
  checkLength(faults, 'transactItems', input.TransactItems, 1, transactionActionsMax);
}

export const TransactGetItems: Operation<'TransactGetItems'> = async (request, input) => {
  const gets = input.TransactItems!.map(({ Get: get }) => {
    checkParameters(get!, ['ProjectionExpression'], []);
    return {
      place: placeOf(request, get!.TableName!),
      key: admitItem(get!.Key!),
      projection: compileExpressions(get as object).projection,
    };
  });
  const { items, perTable } = await request.store.read(async (tx) => {
    const items: (Item | undefined)[] = [];
    const reasons = [];
    const perTable = new Map<string, Used>();
    for (const { place, key, projection } of gets) {
      const table = await requireTable(tx, place);
      try {
        checkKey(table, key);
        checkScalarKeys(table, projection);
        admit(request, table, 'read');
      } catch (error) {
        const reason = reasonOf(error);
        if (!reason) throw error;
        reasons.push(reason);
        continue;
      }
      reasons.push(undefined);
      const row = await getRow(tx, itemKey(table, key));
      const item = row?.item;
      const used = perTable.get(table.name) ?? { table, units: newUnits('read') };
      used.units.table += readUnits(row?.bytes ?? 0, transactionFactor);
      perTable.set(table.name, used);
      items.push(item && projection ? projection.project(item) : item);
    }
    if (reasons.some((reason) => reason !== undefined)) throw cancelled(reasons);
    return { items, perTable };
  });
  for (const { table, units } of perTable.values()) spend(request, table, units);
  const capacities = [...perTable].map(([name, { units }]) => consumed(input.ReturnConsumedCapacity, name, units, true));
  const told = capacities.filter((capacity) => capacity !== undefined);
  return { Responses: items.map((item) => (item ? { Item: item } : {})), ...(told.length > 0 && { ConsumedCapacity: told }) };
};
