/** ExecuteStatement and BatchExecuteStatement. */

import type { BatchStatementErrorCodeEnum, BatchStatementResponse } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { addFault, checkEnum, checkLength, checkRange, checkReturns, refuseFaults, type Faults } from '../constraints.ts';
import { validationException } from '../errors.ts';
import { consumed, newUnits, readFactor, readUnits, totalUnits, type Units } from '../items/capacity.ts';
import { checkKey } from '../items/key-checks.ts';
import type { Input, Operation } from '../sdk.ts';
import { itemKey } from '../storage/keys.ts';
import { getRow } from '../storage/rows.ts';
import { placeOf, requireTable } from '../tables/lookup.ts';
import type { Item } from '../values/attribute-value.ts';
import { spend } from '../throughput/buckets.ts';
import { change } from './change.ts';
import type { Plan, SelectPlan } from './contract.ts';
import { parseStatement } from './parser.ts';
import { select } from './select.ts';
import { singleItem } from './where.ts';

const statementLengthMax = 8192;
const batchStatementsMax = 25;
const tokenLengthMax = 32_768;

type Statement = NonNullable<Input<'BatchExecuteStatement'>['Statements']>[number];

const existsOutside = (): Error => validationException('EXISTS can only be used in ExecuteTransaction write requests.');

export const ExecuteStatement: Operation<'ExecuteStatement'> = async (request, input) => {
  const faults: Faults = [];
  checkStatement(faults, '', input);
  checkLength(faults, 'nextToken', input.NextToken, 1, tokenLengthMax);
  checkReturns(faults, input);
  checkRange(faults, 'limit', input.Limit, 1);
  refuseFaults(faults);
  const plan = parseStatement(input.Statement!, input.Parameters);
  if (plan.kind === 'exists') throw existsOutside();
  const place = placeOf(request, plan.table);
  if (plan.kind !== 'select') {
    const tellItem = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
    const { table, changed, returned } = await request.store.write((tx) => change(tx, request, place, plan, tellItem));
    spend(request, table, changed.units);
    const capacity = consumed(input.ReturnConsumedCapacity, table.name, changed.units);
    return { Items: returned ? [returned] : [], ...(capacity && { ConsumedCapacity: capacity }) };
  }
  const asked = { statement: input.Statement!, consistent: input.ConsistentRead, limit: input.Limit, token: input.NextToken };
  const { table, items, units, token, last } = await request.store.read((tx) => select(tx, place, plan, asked));
  spend(request, table, units);
  const capacity = consumed(input.ReturnConsumedCapacity, table.name, units);
  return {
    Items: items,
    ...(token !== undefined && { NextToken: token }),
    ...(last && { LastEvaluatedKey: last }),
    ...(capacity && { ConsumedCapacity: capacity }),
  };
};

function checkStatement(faults: Faults, path: string, statement: Statement): void {
  checkLength(faults, `${path}statement`, statement.Statement, 1, statementLengthMax);
  if (statement.Parameters?.length === 0) {
    addFault(faults, `${path}parameters`, statement.Parameters, 'Member must have length greater than or equal to 1');
  }
  checkEnum(faults, `${path}returnValuesOnConditionCheckFailure`, statement.ReturnValuesOnConditionCheckFailure, ['ALL_OLD', 'NONE']);
}

/** Statements run one after the other, each for itself: what one is refused does not hinder the others. */
export const BatchExecuteStatement: Operation<'BatchExecuteStatement'> = async (request, input) => {
  const faults: Faults = [];
  const statements = input.Statements!;
  checkLength(faults, 'statements', statements, 1, batchStatementsMax);
  for (const [at, statement] of statements.entries()) checkStatement(faults, `statements.${at + 1}.member.`, statement);
  checkReturns(faults, input);
  refuseFaults(faults);
  const responses: BatchStatementResponse[] = [];
  const used = new Map<string, Units>();
  for (const statement of statements) responses.push(await runAlone(request, statement, used));
  const capacities = [...used].flatMap(([table, units]) => consumed(input.ReturnConsumedCapacity, table, units) ?? []);
  return { Responses: responses, ...(capacities.length > 0 && { ConsumedCapacity: capacities }) };
};

async function runAlone(request: ServiceRequest, statement: Statement, used: Map<string, Units>): Promise<BatchStatementResponse> {
  let plan: Plan | undefined;
  try {
    plan = parseStatement(statement.Statement!, statement.Parameters);
    if (plan.kind === 'exists') throw existsOutside();
    const { item, units } = await run(request, plan, statement);
    const before = used.get(plan.table) ?? newUnits(units.kind);
    used.set(plan.table, { ...before, table: before.table + totalUnits(units) });
    return { TableName: plan.table, ...(item && { Item: item }) };
  } catch (error) {
    const code = error instanceof AwsError ? batchCodes.get(error.code) : undefined;
    if (code === undefined) throw error;
    const { message, fields } = error as AwsError;
    const told = { Code: code, Message: message, ...(fields['Item'] !== undefined && { Item: fields['Item'] as Item }) };
    return { Error: told, ...(plan && plan.kind !== 'exists' && { TableName: plan.table }) };
  }
}

const batchCodes: ReadonlyMap<string, BatchStatementErrorCodeEnum> = new Map([
  ['ValidationException', 'ValidationError'],
  ['ConditionalCheckFailedException', 'ConditionalCheckFailed'],
  ['ResourceNotFoundException', 'ResourceNotFound'],
  ['DuplicateItemException', 'DuplicateItem'],
  ['ProvisionedThroughputExceededException', 'ProvisionedThroughputExceeded'],
]);

async function run(
  request: ServiceRequest,
  plan: Exclude<Plan, { kind: 'exists' }>,
  statement: Statement,
): Promise<{ item: Item | undefined; units: Units }> {
  const place = placeOf(request, plan.table);
  if (plan.kind === 'select') return request.store.read(async (tx) => readOne(tx, place, plan, statement.ConsistentRead));
  const tellItem = statement.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
  const { table, changed, returned } = await request.store.write((tx) => change(tx, request, place, plan, tellItem));
  spend(request, table, changed.units);
  return { item: returned, units: changed.units };
}

/** A SELECT in a batch reads one item by its key. */
async function readOne(
  tx: Parameters<typeof requireTable>[0],
  place: ReturnType<typeof placeOf>,
  plan: SelectPlan,
  consistent: boolean | undefined,
): Promise<{ item: Item | undefined; units: Units }> {
  const table = await requireTable(tx, place);
  if (!plan.where || plan.index !== undefined) {
    throw validationException('Select statements within BatchExecuteStatement must specify the primary key in the where clause.');
  }
  const { key, condition } = singleItem(plan.where, table.keys);
  checkKey(table, key);
  const row = await getRow(tx, itemKey(table, key));
  const found = row?.item;
  const units = newUnits('read');
  units.table = readUnits(row?.bytes ?? 0, readFactor(consistent));
  if (!found || !condition.matches(found)) return { item: undefined, units };
  return { item: plan.projection ? plan.projection.project(found) : found, units };
}
