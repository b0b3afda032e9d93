/** PartiQL through the SDK: statements alone and in batches, pages, permissions. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as sdk from '@aws-sdk/client-dynamodb';
import * as iam from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';

let cloud: LiveCloud;
let client: sdk.DynamoDBClient;
before(async () => {
  cloud = await startCloud();
  client = cloud.client(sdk.DynamoDBClient);
  await createTable(
    client,
    new sdk.CreateTableCommand({
      TableName: 'Orders',
      AttributeDefinitions: [
        { AttributeName: 'customer', AttributeType: 'S' },
        { AttributeName: 'number', AttributeType: 'N' },
        { AttributeName: 'state', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'customer', KeyType: 'HASH' },
        { AttributeName: 'number', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-state',
          KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
});
after(() => cloud.close());

const run = (Statement: string, ...Parameters: sdk.AttributeValue[]) =>
  client.send(new sdk.ExecuteStatementCommand({ Statement, ...(Parameters.length > 0 && { Parameters }) }));
const numbers = (items: Record<string, sdk.AttributeValue>[] | undefined): (string | undefined)[] =>
  (items ?? []).map((item) => item['number']?.N);

test('an item is inserted once, updated, read and deleted', async () => {
  const insert = `INSERT INTO "Orders" VALUE {'customer': 'ann', 'number': 1, 'state': 'new', 'lines': [{'sku': ?}], 'tags': <<'a'>>}`;
  await run(insert, { S: 'x' });
  await assert.rejects(run(insert, { S: 'y' }), { name: 'DuplicateItemException', message: 'Duplicate primary key exists in table' });
  const update = `UPDATE Orders SET state = 'paid', tags = set_add(tags, <<'b'>>) REMOVE lines WHERE customer = ? AND number = 1 AND state = 'new' RETURNING ALL NEW *`;
  const { Items } = await run(update, { S: 'ann' });
  assert.deepEqual(Items, [{ customer: { S: 'ann' }, number: { N: '1' }, state: { S: 'paid' }, tags: { SS: ['a', 'b'] } }]);
  await assert.rejects(run(update, { S: 'ann' }), { name: 'ConditionalCheckFailedException', message: 'The conditional request failed' });
  const read = await run(`SELECT state, tags FROM Orders WHERE customer = 'ann' AND number = 1`);
  assert.deepEqual(read.Items, [{ state: { S: 'paid' }, tags: { SS: ['a', 'b'] } }]);
  const deleted = await run(`DELETE FROM Orders WHERE customer = 'ann' AND number = 1 RETURNING ALL OLD *`);
  assert.equal(deleted.Items![0]!['state']!.S, 'paid');
  assert.deepEqual((await run(`DELETE FROM Orders WHERE customer = 'ann' AND number = 1 AND state = 'x'`)).Items, []);
});

test('a select reads partitions, stretches of them, indexes, or all, page by page', async () => {
  for (const customer of ['bob', 'eve']) {
    for (let n = 1; n <= 5; n++) {
      await run(
        `INSERT INTO Orders VALUE {'customer': ?, 'number': ?, 'state': ?}`,
        { S: customer },
        { N: String(n) },
        { S: n > 3 ? 'open' : 'done' },
      );
    }
  }
  const select = async (clause: string) => numbers((await run(`SELECT * FROM Orders WHERE ${clause}`)).Items);
  assert.deepEqual(await select(`customer = 'bob'`), ['1', '2', '3', '4', '5']);
  assert.deepEqual(await select(`customer = 'bob' AND number BETWEEN 2 AND 3`), ['2', '3']);
  assert.deepEqual(await select(`customer = 'bob' AND number > 1 AND state = 'done' ORDER BY number DESC`), ['3', '2']);
  assert.deepEqual(await select(`customer IN ['eve', 'bob'] AND number < 2 ORDER BY customer`), ['1', '1']);
  assert.deepEqual((await select(`number = 5`)).length, 2);
  const indexed = await run(`SELECT * FROM "Orders"."by-state" WHERE state = 'open'`);
  assert.equal(indexed.Items!.length, 4);
  const seen: (string | undefined)[] = [];
  const request = { Statement: `SELECT number FROM Orders WHERE customer IN ['bob', 'eve']`, Limit: 3 };
  let page = await client.send(new sdk.ExecuteStatementCommand(request));
  for (;;) {
    seen.push(...numbers(page.Items));
    if (page.NextToken === undefined) break;
    page = await client.send(new sdk.ExecuteStatementCommand({ ...request, NextToken: page.NextToken }));
  }
  assert.deepEqual(seen, ['1', '2', '3', '4', '5', '1', '2', '3', '4', '5']);
  const first = await client.send(new sdk.ExecuteStatementCommand(request));
  const other = { Statement: 'SELECT * FROM Orders', NextToken: first.NextToken };
  await assert.rejects(client.send(new sdk.ExecuteStatementCommand(other)), { message: 'NextToken does not match request' });
  await assert.rejects(client.send(new sdk.ExecuteStatementCommand({ ...request, NextToken: 'e30' })), { message: 'Invalid NextToken' });
  const { ConsumedCapacity } = await client.send(new sdk.ExecuteStatementCommand({ ...request, ReturnConsumedCapacity: 'TOTAL' }));
  assert.deepEqual(ConsumedCapacity, { TableName: 'Orders', CapacityUnits: 0.5 });
});

test('statements that cannot run are refused', async () => {
  const rows: readonly [string, string, string | RegExp][] = [
    ['nonsense', 'ValidationException', "Statement wasn't well formed, can't be processed: Expected data manipulation"],
    [`EXISTS(SELECT * FROM Orders WHERE customer = 'a' AND number = 1)`, 'ValidationException', 'EXISTS can only be used in ExecuteTransaction write requests.'],
    [`SELECT * FROM Nowhere`, 'ResourceNotFoundException', 'Requested resource not found'],
    [`SELECT * FROM Orders."no-index" WHERE state = 'x'`, 'ValidationException', 'The table does not have the specified index: no-index'],
    [`DELETE FROM Orders WHERE customer = 'a'`, 'ValidationException', 'Where clause does not contain a mandatory equality on all key attributes'],
    [`UPDATE Orders SET number = 2 WHERE customer = 'a' AND number = 1`, 'ValidationException', /This attribute is part of the key$/],
    [`INSERT INTO Orders VALUE {'customer': 'a'}`, 'ValidationException', 'One or more parameter values were invalid: Missing the key number in the item'],
    [`SELECT * FROM Orders WHERE customer = 'a' ORDER BY state`, 'ValidationException', 'Variable reference state in ORDER BY clause must be part of the primary key'],
  ]; // prettier-ignore
  for (const [statement, name, message] of rows) await assert.rejects(run(statement), { name, message }, statement);
});

test('in a batch each statement succeeds or fails by itself', async () => {
  const { Responses } = await client.send(
    new sdk.BatchExecuteStatementCommand({
      Statements: [
        { Statement: `INSERT INTO Orders VALUE {'customer': 'zed', 'number': 1, 'state': 'new'}` },
        { Statement: 'nonsense' },
        { Statement: `INSERT INTO Orders VALUE {'customer': 'zed', 'number': 1}` },
        {
          Statement: `DELETE FROM Orders WHERE customer = 'zed' AND number = 1 AND state = 'old'`,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
        { Statement: `SELECT state FROM Orders WHERE customer = ? AND number = 1`, Parameters: [{ S: 'zed' }] },
      ],
    }),
  );
  assert.deepEqual(
    Responses!.map(({ Error, TableName, Item }) => [Error?.Code, TableName, Item?.['state']?.S ?? Error?.Item?.['state']?.S]),
    [
      [undefined, 'Orders', undefined],
      ['ValidationError', undefined, undefined],
      ['DuplicateItem', 'Orders', undefined],
      ['ConditionalCheckFailed', 'Orders', 'new'],
      [undefined, 'Orders', 'new'],
    ],
  );
});

test('a transaction of statements does all or nothing, once for a token', async () => {
  const transact = (statements: readonly string[], ClientRequestToken?: string) =>
    client.send(
      new sdk.ExecuteTransactionCommand({ TransactStatements: statements.map((Statement) => ({ Statement })), ClientRequestToken }),
    );
  const insert = (n: number): string => `INSERT INTO Orders VALUE {'customer': 'tom', 'number': ${n}, 'state': 'new'}`;
  const exists = `EXISTS(SELECT * FROM Orders WHERE customer = 'tom' AND number = 1 AND state = 'new')`;
  await assert.rejects(transact([insert(1), exists.replace('= 1', '= 9')]), {
    name: 'TransactionCanceledException',
    message: 'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
  });
  assert.deepEqual((await transact([insert(1), insert(2)], 'once')).Responses, []);
  await transact([insert(1), insert(2)], 'once');
  await assert.rejects(transact([insert(3)], 'once'), { name: 'IdempotentParameterMismatchException' });
  await assert.rejects(transact([insert(3), insert(2)]), { message: /\[None, DuplicateItem\]$/ });
  await transact([`UPDATE Orders SET state = 'sent' WHERE customer = 'tom' AND number = 2`, exists]);
  const read = (n: number): string => `SELECT state FROM Orders WHERE customer = 'tom' AND number = ${n}`;
  const { Responses } = await transact([read(1), read(2), read(3)]);
  assert.deepEqual(
    Responses!.map(({ Item }) => Item?.['state']?.S),
    ['new', 'sent', undefined],
  );
  await assert.rejects(transact([read(1), insert(4)]), {
    message: 'ExecuteTransaction API does not support both read and write operations in the same request.',
  });
});

test('each kind of statement is an action of its own, and full scans can be forbidden', async () => {
  const admin = cloud.client(iam.IAMClient);
  await admin.send(new iam.CreateUserCommand({ UserName: 'reader' }));
  const { AccessKey } = await admin.send(new iam.CreateAccessKeyCommand({ UserName: 'reader' }));
  const statement = [
    { Effect: 'Allow', Action: 'dynamodb:PartiQLSelect', Resource: '*' },
    { Effect: 'Deny', Action: 'dynamodb:PartiQLSelect', Resource: '*', Condition: { Bool: { 'dynamodb:FullTableScan': 'true' } } },
  ];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statement });
  await admin.send(new iam.PutUserPolicyCommand({ UserName: 'reader', PolicyName: 'read', PolicyDocument }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const reader = cloud.client(sdk.DynamoDBClient, { credentials });
  const allowed = await reader.send(new sdk.ExecuteStatementCommand({ Statement: `SELECT * FROM Orders WHERE customer = 'bob'` }));
  assert.equal(allowed.Items!.length, 5);
  const Statements = [{ Statement: `DELETE FROM Orders WHERE customer = 'bob' AND number = 1` }];
  await assert.rejects(reader.send(new sdk.ExecuteStatementCommand({ Statement: 'SELECT * FROM Orders' })), {
    name: 'AccessDeniedException',
  });
  await assert.rejects(reader.send(new sdk.BatchExecuteStatementCommand({ Statements })), { name: 'AccessDeniedException' });
});
