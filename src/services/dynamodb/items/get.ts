/** GetItem. */

import { knownByText } from '../../../framework/json-text.ts';
import { checkReturns, checkTableName, type Faults } from '../constraints.ts';
import { compileExpressions } from '../expressions/compile.ts';
import { attributesToGet } from '../expressions/legacy-attributes.ts';
import { checkParameters } from '../expressions/parameters.ts';
import type { Input, Operation } from '../sdk.ts';
import { itemKey } from '../storage/keys.ts';
import { getRow } from '../storage/rows.ts';
import { requireKnown } from '../tables/known.ts';
import { placeOf } from '../tables/lookup.ts';
import { admit, spend } from '../throughput/buckets.ts';
import { admitItem } from '../values/admit.ts';
import { consumed, newUnits, readFactor, readUnits } from './capacity.ts';
import { checkKey, checkScalarKeys } from './key-checks.ts';
import { checkAttributesToGet } from './request.ts';

export function getForm(faults: Faults, input: Input<'GetItem'>): void {
  checkReturns(faults, input);
  checkAttributesToGet(faults, 'attributesToGet', input.AttributesToGet);
  checkTableName(faults, 'tableName', input.TableName);
}

export const GetItem: Operation<'GetItem'> = async (request, input) => {
  checkParameters(input, ['ProjectionExpression'], ['AttributesToGet']);
  const key = admitItem(input.Key!);
  const legacy = input.AttributesToGet && attributesToGet(input.AttributesToGet);
  const projection = compileExpressions(input).projection ?? legacy;
  const place = placeOf(request, input.TableName!);
  const { table } = await requireKnown(request, place);
  checkKey(table, key);
  checkScalarKeys(table, projection);
  admit(request, table, 'read');
  const row = await request.store.read((tx) => getRow(tx, itemKey(table, key)));
  const units = newUnits('read');
  units.table = readUnits(row?.bytes ?? 0, readFactor(input.ConsistentRead));
  spend(request, table, units);
  const capacity = consumed(input.ReturnConsumedCapacity, table.name, units);
  const item = row && (projection ? projection.project(row.item) : knownByText('map', row.json, () => row.item));
  return { ...(item && { Item: item }), ...(capacity && { ConsumedCapacity: capacity }) };
};
