/** UpdateItem. */

import { checkEnum, type Faults } from '../constraints.ts';
import { compileExpressions } from '../expressions/compile.ts';
import { attributeUpdates } from '../expressions/legacy-attributes.ts';
import { checkParameters } from '../expressions/parameters.ts';
import type { CompiledUpdate } from '../expressions/contract.ts';
import type { Input, Operation } from '../sdk.ts';
import { placeOf, requireTable } from '../tables/lookup.ts';
import { admit, spend } from '../throughput/buckets.ts';
import { admitItem } from '../values/admit.ts';
import type { Item } from '../values/attribute-value.ts';
import { checkKey, checkScalarKeys, checkUpdate } from './key-checks.ts';
import { answer } from './put-and-delete.ts';
import { conditionOf, legacyCondition, writeForm } from './request.ts';
import { changeItem, type Changed } from './write.ts';

export const UpdateItem: Operation<'UpdateItem'> = async (request, input) => {
  checkParameters(input, ['UpdateExpression', 'ConditionExpression'], ['AttributeUpdates', 'Expected', 'ConditionalOperator']);
  const key = admitItem(input.Key!);
  const legacyUpdate = input.AttributeUpdates && attributeUpdates(input.AttributeUpdates);
  const legacy = legacyCondition(input);
  const compiled = compileExpressions(input);
  const update = compiled.update ?? legacyUpdate;
  const condition = conditionOf(compiled, legacy);
  const place = placeOf(request, input.TableName!);
  const { changed, table } = await request.store.write(async (tx) => {
    const table = await requireTable(tx, place);
    checkKey(table, key);
    if (update) checkUpdate(table, update);
    checkScalarKeys(table, condition);
    admit(request, table, 'write');
    const change = { kind: 'update', key, update, condition, tellItem: input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' } as const;
    return { changed: await changeItem(tx, table, change, request), table };
  });
  spend(request, table, changed.units);
  const attributes = returned(input.ReturnValues, update, changed);
  return answer(input, { ...(attributes && { Attributes: attributes }) }, table, key, changed.units);
};

export function updateForm(faults: Faults, input: Input<'UpdateItem'>): void {
  for (const [name, change] of Object.entries(input.AttributeUpdates ?? {}))
    checkEnum(faults, `attributeUpdates.${name}.member.action`, change.Action, ['ADD', 'DELETE', 'PUT']);
  writeForm(faults, input);
}

function returned(asked: string | undefined, update: CompiledUpdate | undefined, changed: Changed): Item | undefined {
  if (asked === 'ALL_OLD') return changed.old;
  if (asked === 'ALL_NEW') return changed.next;
  const source = asked === 'UPDATED_OLD' ? changed.old : asked === 'UPDATED_NEW' ? changed.next : undefined;
  const touched = source && update?.touched(source);
  return touched && Object.keys(touched).length > 0 ? touched : undefined;
}
