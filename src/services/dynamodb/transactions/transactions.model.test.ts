/**
 * Transactions against a naive model: clients write, read and transact at once, and there must be an order of their calls, one after
 * another, in which a plain map gives every answer that they were given.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

const TableName = 'model';
const keys = ['a', 'b', 'c'] as const;
type Name = (typeof keys)[number];
type State = Readonly<Record<string, number>>;

type Action = { key: Name } & (
  | { kind: 'put' | 'add'; value: number }
  | { kind: 'delete' }
  /** Absent, or of this value. */
  | { kind: 'check'; value: number | undefined }
);
type Call =
  | { kind: 'write'; action: Exclude<Action, { kind: 'check' }>; only?: { value: number | undefined } }
  | { kind: 'read'; key: Name }
  | { kind: 'transactRead'; keys: Name[] }
  | { kind: 'transactWrite'; actions: Action[]; /** The same token in a round is the same transaction. */ token?: string };

const value = fc.integer({ min: 0, max: 3 });
const key = fc.constantFrom(...keys);
const wanted = fc.option(value, { nil: undefined });
const writing = fc.oneof(
  fc.record({ key, kind: fc.constant('put' as const), value }),
  fc.record({ key, kind: fc.constant('add' as const), value }),
  fc.record({ key, kind: fc.constant('delete' as const) }),
);
const action: fc.Arbitrary<Action> = fc.oneof(writing, fc.record({ key, kind: fc.constant('check' as const), value: wanted }));
const someKeys = fc.uniqueArray(key, { minLength: 1 });
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), action: writing }),
  fc.record({ kind: fc.constant('write' as const), action: writing, only: fc.record({ value: wanted }) }),
  fc.record({ kind: fc.constant('read' as const), key }),
  fc.record({ kind: fc.constant('transactRead' as const), keys: someKeys }),
  fc.record({
    kind: fc.constant('transactWrite' as const),
    actions: fc.uniqueArray(action, { minLength: 1, maxLength: 3, selector: ({ key: of }) => of }),
  }),
);
/** Rounds of calls that are made at once; a transaction may be sent twice with its token. */
const round = fc.tuple(fc.array(call, { minLength: 2, maxLength: 6 }), fc.boolean()).map(([calls, twice]) => {
  const first = calls.find((one) => one.kind === 'transactWrite');
  if (!twice || !first) return calls;
  const again = { ...first, token: 'token' };
  return [...calls.map((one) => (one === first ? again : one)), again];
});

/** What a call answers, as text. */
const failed = 'failed';
const done = 'done';

function changed(state: State, { key: of, ...what }: Action): State | undefined {
  if (what.kind === 'check') return state[of] === what.value ? state : undefined;
  if (what.kind === 'put') return { ...state, [of]: what.value };
  if (what.kind === 'add') return { ...state, [of]: (state[of] ?? 0) + what.value };
  const { [of]: _, ...rest } = state;
  return rest;
}

function model(state: State, one: Call): { state: State; answer: string } {
  if (one.kind === 'read') return { state, answer: String(state[one.key]) };
  if (one.kind === 'transactRead') return { state, answer: one.keys.map((of) => String(state[of])).join() };
  const tokens = one.kind === 'transactWrite' && one.token !== undefined ? { [`token ${one.token}`]: 1 } : {};
  if (one.kind === 'transactWrite' && one.token !== undefined && state[`token ${one.token}`]) return { state, answer: done };
  const actions: Action[] =
    one.kind === 'write' ? [...(one.only ? [{ key: one.action.key, kind: 'check' as const, ...one.only }] : []), one.action] : one.actions;
  let next: State | undefined = state;
  for (const each of actions) next = next && changed(next, each);
  return next ? { state: { ...next, ...tokens }, answer: done } : { state, answer: failed };
}

/** Is there an order of the calls that gives these answers, and then these contents? */
function isSerial(state: State, calls: readonly { call: Call; answer: string }[], end: string): boolean {
  if (calls.length === 0) return contentsOf(state) === end;
  return calls.some(({ call: one, answer }, at) => {
    const modelled = model(state, one);
    return modelled.answer === answer && isSerial(modelled.state, calls.toSpliced(at, 1), end);
  });
}

const contentsOf = (state: State): string => keys.map((of) => String(state[of])).join();

let cloud: LiveCloud;
let clients: D.DynamoDBClient[];

before(async () => {
  cloud = await startCloud();
  clients = Array.from({ length: 7 }, () => cloud.client(D.DynamoDBClient));
  await createTable(
    clients[0]!,
    new D.CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
});
after(() => cloud.close());

const Key = (of: Name): D.Delete['Key'] => ({ id: { S: of } });
const condition = (expected: number | undefined): Pick<D.ConditionCheck, 'ConditionExpression' | 'ExpressionAttributeValues'> =>
  expected === undefined
    ? { ConditionExpression: 'attribute_not_exists(id)', ExpressionAttributeValues: undefined }
    : { ConditionExpression: 'v = :expected', ExpressionAttributeValues: { ':expected': { N: String(expected) } } };

function transactItem({ key: of, ...what }: Action): D.TransactWriteItem {
  if (what.kind === 'check') return { ConditionCheck: { TableName, Key: Key(of), ...condition(what.value) } };
  if (what.kind === 'put') return { Put: { TableName, Item: { ...Key(of), v: { N: String(what.value) } } } };
  if (what.kind === 'delete') return { Delete: { TableName, Key: Key(of) } };
  const ExpressionAttributeValues = { ':n': { N: String(what.value) } };
  return { Update: { TableName, Key: Key(of), UpdateExpression: 'ADD v :n', ExpressionAttributeValues } };
}

const shown = (item: D.GetItemOutput['Item']): string => String(item?.['v'] && Number(item['v'].N));

async function made(client: D.DynamoDBClient, one: Call, round: number): Promise<string> {
  if (one.kind === 'read')
    return shown((await client.send(new D.GetItemCommand({ TableName, Key: Key(one.key), ConsistentRead: true }))).Item);
  if (one.kind === 'transactRead') {
    const TransactItems = one.keys.map((of) => ({ Get: { TableName, Key: Key(of) } }));
    const { Responses } = await client.send(new D.TransactGetItemsCommand({ TransactItems }));
    return Responses!.map(({ Item }) => shown(Item)).join();
  }
  try {
    if (one.kind === 'write') await single(client, one);
    else {
      const ClientRequestToken = one.token === undefined ? undefined : `${one.token}-${round}`;
      await client.send(new D.TransactWriteItemsCommand({ TransactItems: one.actions.map(transactItem), ClientRequestToken }));
    }
    return done;
  } catch (error) {
    if (['ConditionalCheckFailedException', 'TransactionCanceledException'].includes((error as Error).name)) return failed;
    throw error;
  }
}

async function single(client: D.DynamoDBClient, { action: what, only }: Extract<Call, { kind: 'write' }>): Promise<void> {
  const { Put: put, Delete: remove, Update: update } = transactItem(what);
  const limits: Partial<ReturnType<typeof condition>> = only ? condition(only.value) : {};
  const ExpressionAttributeValues = { ...limits.ExpressionAttributeValues, ...update?.ExpressionAttributeValues };
  const values = Object.keys(ExpressionAttributeValues).length > 0 ? { ExpressionAttributeValues } : {};
  const common = { ...(limits.ConditionExpression && { ConditionExpression: limits.ConditionExpression }), ...values };
  if (put) await client.send(new D.PutItemCommand({ TableName, Item: put.Item, ...common }));
  else if (remove) await client.send(new D.DeleteItemCommand({ TableName, Key: remove.Key, ...common }));
  else await client.send(new D.UpdateItemCommand({ TableName, Key: update!.Key, UpdateExpression: update!.UpdateExpression, ...common }));
}

let rounds = 0;

async function contents(): Promise<State> {
  const { Items } = await clients[0]!.send(new D.ScanCommand({ TableName, ConsistentRead: true }));
  return Object.fromEntries(Items!.map(({ id, v }) => [id!.S!, Number(v!.N)]));
}

test('calls that are made at once are answered as if one came after another', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (all) => {
      for (const calls of all) {
        const start = await contents();
        rounds++;
        const answers = await Promise.all(calls.map(async (one, at) => ({ call: one, answer: await made(clients[at]!, one, rounds) })));
        const end = contentsOf(await contents());
        assert.ok(isSerial(start, answers, end), `no order explains ${JSON.stringify({ start, answers, end })}`);
      }
    }),
    { seed, numRuns: 40 },
  );
});

test('the model notices an answer that fits no order', () => {
  const both: Call = { kind: 'transactWrite', actions: ['a', 'b'].map((of) => ({ key: of as Name, kind: 'put', value: 1 })) };
  const torn = [
    { call: both, answer: done },
    { call: { kind: 'transactRead', keys: ['a', 'b'] } as Call, answer: '1,undefined' },
  ];
  assert.equal(isSerial({}, torn, '1,1,undefined'), false);
  assert.equal(isSerial({}, [torn[0]!, { ...torn[1]!, answer: 'undefined,undefined' }], '1,1,undefined'), true);
});
