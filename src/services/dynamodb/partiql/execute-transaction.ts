/** ExecuteTransaction: statements that all read, or all write or check, as of one moment. */

import { hash } from 'node:crypto';
import { addFault, checkLength, checkReturns, refuseFaults, type Faults } from '../constraints.ts';
import { validationException } from '../errors.ts';
import { consumed, newUnits, readUnits } from '../items/capacity.ts';
import { checkKey } from '../items/key-checks.ts';
import type { Change } from '../items/write.ts';
import { transactionActionsMax } from '../limits.ts';
import type { Input, Operation, Output } from '../sdk.ts';
import { itemKey } from '../storage/keys.ts';
import { getRow } from '../storage/rows.ts';
import { placeOf, requireTable } from '../tables/lookup.ts';
import type { TableRecord } from '../tables/table.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { cancelled, reasonOf, type Action } from '../transactions/actions.ts';
import { isThrottled, spend, throttled } from '../throughput/buckets.ts';
import { runActions, runOnce, type Used } from '../transactions/transact-write.ts';
import type { Item } from '../values/attribute-value.ts';
import { changeOf } from './change.ts';
import type { Plan, SelectPlan } from './contract.ts';
import { parseStatement } from './parser.ts';
import { singleItem } from './where.ts';

type Asked = Input<'ExecuteTransaction'>;
type Write = Exclude<Plan, { kind: 'select' }>;

const readFactor = 2;
const statementLengthMax = 8192;

export const ExecuteTransaction: Operation<'ExecuteTransaction'> = async (request, input) => {
  const faults: Faults = [];
  const statements = input.TransactStatements!;
  checkLength(faults, 'transactStatements', statements, 1, transactionActionsMax);
  for (const [at, { Statement, Parameters }] of statements.entries()) {
    const path = `transactStatements.${at + 1}.member.`;
    checkLength(faults, `${path}statement`, Statement, 1, statementLengthMax);
    if (Parameters?.length === 0) addFault(faults, `${path}parameters`, Parameters, 'Member must have length greater than or equal to 1');
  }
  checkLength(faults, 'clientRequestToken', input.ClientRequestToken, 1, 36);
  checkReturns(faults, input);
  refuseFaults(faults);
  const plans = statements.map(({ Statement, Parameters }) => parseStatement(Statement!, Parameters));
  const selects = plans.filter((plan) => plan.kind === 'select');
  if (selects.length === plans.length) return readAll(request, input, selects);
  if (selects.length > 0) {
    throw validationException('ExecuteTransaction API does not support both read and write operations in the same request.');
  }
  return writeAll(
    request,
    input,
    plans.filter((plan) => plan.kind !== 'select'),
  );
};

async function readAll(request: ServiceRequest, input: Asked, plans: readonly SelectPlan[]): Promise<Output<'ExecuteTransaction'>> {
  const { items, used } = await request.store.read(async (tx) => {
    const items: (Item | undefined)[] = [];
    const used = new Map<string, Used>();
    for (const [at, plan] of plans.entries()) {
      if (plan.index !== undefined) throw validationException('Reads on indices are not supported within transactions.');
      const table = await requireTable(tx, placeOf(request, plan.table));
      const { key, condition } = requireSingle(
        plan,
        table,
        'Select statements within ExecuteTransaction must specify the primary key in the where clause.',
      );
      if (isThrottled(request, table, 'read'))
        throw cancelled(plans.map((_, n) => (n === at ? reasonOf(throttled(request, table, 'read')) : undefined)));
      const row = await getRow(tx, itemKey(table, key));
      const found = row?.item;
      const own = used.get(table.name) ?? { table, units: newUnits('read') };
      own.units.table += readUnits(row?.bytes ?? 0, readFactor);
      used.set(table.name, own);
      const item = found && condition.matches(found) ? found : undefined;
      items.push(item && plan.projection ? plan.projection.project(item) : item);
    }
    return { items, used };
  });
  for (const { table, units } of used.values()) spend(request, table, units);
  const capacities = [...used].flatMap(([name, { units }]) => consumed(input.ReturnConsumedCapacity, name, units, true) ?? []);
  return {
    Responses: items.map((item) => (item ? { Item: item } : {})),
    ...(capacities.length > 0 && { ConsumedCapacity: capacities }),
  };
}

function requireSingle(plan: SelectPlan, table: TableRecord, message: string): ReturnType<typeof singleItem> {
  if (!plan.where) throw validationException(message);
  const single = singleItem(plan.where, table.keys);
  checkKey(table, single.key);
  return single;
}

async function writeAll(request: ServiceRequest, input: Asked, plans: readonly Write[]): Promise<Output<'ExecuteTransaction'>> {
  if (plans.some((plan) => (plan.kind === 'update' || plan.kind === 'delete') && plan.returning !== undefined)) {
    throw validationException('RETURNING clause is not supported in transactions.');
  }
  const places = plans.map((plan) => placeOf(request, plan.kind === 'exists' ? plan.select.table : plan.table));
  const used: Used[] = [];
  const { ConsumedCapacity } = await request.store.write(async (tx) => {
    const run = async (): Promise<Output<'TransactWriteItems'>> => {
      const actions: Action[] = [];
      for (const [at, plan] of plans.entries()) {
        const table = await requireTable(tx, places[at]!);
        const tellItem = input.TransactStatements![at]!.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
        actions.push({ place: places[at]!, change: { ...transactedChange(table, plan), tellItem } });
      }
      return runActions(tx, request, input, actions, used);
    };
    const token = input.ClientRequestToken;
    if (token === undefined) return run();
    const digest = hash('sha256', JSON.stringify([input.TransactStatements, input.ReturnConsumedCapacity]));
    return runOnce(tx, request, token, digest, run);
  });
  for (const { table, units } of used) spend(request, table, units);
  return { Responses: [], ...(ConsumedCapacity && { ConsumedCapacity }) };
}

function transactedChange(table: TableRecord, plan: Write): Change {
  if (plan.kind !== 'exists') return changeOf(table, plan);
  if (plan.select.index !== undefined) throw validationException('Operations on indices are not supported in transactions');
  const { key, condition } = requireSingle(plan.select, table, 'EXISTS() must contain a single item read with additional condition');
  return { kind: 'check', key, condition };
}
