/** Libraries over DynamoDB that nobody here wrote: what their models, entities and collections do lands in tables and comes back. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateTableCommand, DynamoDB } from '@aws-sdk/client-dynamodb';
import dynamoose from 'dynamoose';
import { Entity, Service } from 'electrodb';
import { startCloud, type LiveCloud } from '../live-cloud.ts';
import { createTable } from '../ready-table.ts';

let cloud: LiveCloud;
let client: DynamoDB;

before(async () => {
  cloud = await startCloud({ clock: 'real' });
  client = cloud.client(DynamoDB);
});
after(() => cloud.close());

test('dynamoose makes its table, keeps documents, queries an index, and transacts', async () => {
  dynamoose.aws.ddb.set(client);
  const schema = new dynamoose.Schema(
    {
      id: { type: String, hashKey: true },
      owner: { type: String, index: { name: 'by-owner', type: 'global' } },
      toys: { type: Array, schema: [String] },
      age: { type: Number, default: 1 },
      born: Date,
      home: { type: Object, schema: { city: String } },
    },
    { timestamps: true },
  );
  const Dog = dynamoose.model('Dog', schema, { create: true, waitForActive: { enabled: true, check: { timeout: 10_000, frequency: 50 } } });
  const born = new Date('2020-01-02T03:04:05.000Z');
  await Dog.create({ id: 'rex', owner: 'ann', toys: ['ball'], born, home: { city: 'Seoul' } });
  await Dog.batchPut(Array.from({ length: 24 }, (_, n) => ({ id: `dog-${n}`, owner: n % 2 ? 'ben' : 'cat', toys: [], age: n })));
  const rex = await Dog.get('rex');
  assert.deepEqual([rex['toys'], rex['age'], rex['born'], rex['home'].city], [['ball'], 1, born, 'Seoul']);
  await assert.rejects(Dog.create({ id: 'rex', owner: 'someone' }), { name: 'ConditionalCheckFailedException' });
  const old = await Dog.query('owner').eq('ben').using('by-owner').filter('age').ge(19).exec();
  assert.deepEqual(
    old.map(({ age }) => age as number).toSorted((a, b) => a - b),
    [19, 21, 23],
  );
  assert.equal((await Dog.scan('owner').eq('cat').all().exec()).length, 12);
  const updated = await Dog.update({ id: 'rex' }, { $ADD: { age: 2 }, $SET: { owner: 'dan' } });
  assert.deepEqual([updated['age'], updated['owner']], [3, 'dan']);
  await dynamoose.transaction([Dog.transaction.update({ id: 'rex' }, { age: 9 }), Dog.transaction.delete('dog-1')]);
  assert.deepEqual([(await Dog.get('rex'))['age'], await Dog.get('dog-1')], [9, undefined]);
});

test('electrodb keeps entities of one table, their collections, and what they allow', async () => {
  const table = 'electro';
  const key = (name: string): { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[] => [
    { AttributeName: `${name}pk`, KeyType: 'HASH' },
    { AttributeName: `${name}sk`, KeyType: 'RANGE' },
  ];
  await createTable(
    client,
    new CreateTableCommand({
      TableName: table,
      AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: key(''),
      GlobalSecondaryIndexes: [{ IndexName: 'gsi1', KeySchema: key('gsi1'), Projection: { ProjectionType: 'ALL' } }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const employees = new Entity(
    {
      model: { entity: 'employee', version: '1', service: 'office' },
      attributes: {
        employee: { type: 'string', required: true },
        team: { type: 'string', required: true },
        salary: { type: 'number', default: 1 },
        skills: { type: 'set', items: 'string' },
      },
      indexes: {
        primary: { pk: { field: 'pk', composite: ['employee'] }, sk: { field: 'sk', composite: [] } },
        team: {
          collection: 'team',
          index: 'gsi1',
          pk: { field: 'gsi1pk', composite: ['team'] },
          sk: { field: 'gsi1sk', composite: ['employee'] },
        },
      },
    },
    { client, table },
  );
  const tasks = new Entity(
    {
      model: { entity: 'task', version: '1', service: 'office' },
      attributes: {
        task: { type: 'string', required: true },
        team: { type: 'string', required: true },
        points: { type: 'number', required: true },
      },
      indexes: {
        primary: { pk: { field: 'pk', composite: ['task'] }, sk: { field: 'sk', composite: [] } },
        team: {
          collection: 'team',
          index: 'gsi1',
          pk: { field: 'gsi1pk', composite: ['team'] },
          sk: { field: 'gsi1sk', composite: ['task'] },
        },
      },
    },
    { client, table },
  );
  const office = new Service({ employees, tasks }, { client, table });
  await employees.put({ employee: 'ann', team: 'sky', skills: ['ts', 'sql'] }).go();
  await tasks.put(Array.from({ length: 40 }, (_, n) => ({ task: `t${String(n).padStart(2, '0')}`, team: 'sky', points: n }))).go();
  await assert.rejects(employees.create({ employee: 'ann', team: 'sea', skills: ['none'] }).go(), /conditional request failed/);
  const { data } = await office.collections.team({ team: 'sky' }).go({ pages: 'all' });
  assert.deepEqual([data.employees.length, data.tasks.length], [1, 40]);
  assert.deepEqual([...data.employees[0]!.skills!].toSorted(), ['sql', 'ts']);
  const some = await tasks.query
    .team({ team: 'sky' })
    .between({ task: 't10' }, { task: 't30' })
    .where(({ points }, { gte }) => gte(points, 28))
    .go();
  assert.deepEqual(
    some.data.map(({ points }) => points),
    [28, 29, 30],
  );
  const { data: raised } = await employees
    .patch({ employee: 'ann' })
    .add({ salary: 5, skills: ['aws'] })
    .go({ response: 'all_new' });
  assert.deepEqual([raised.salary, raised.skills!.length], [6, 3]);
  const { canceled } = await office.transaction
    .write(({ employees: staff, tasks: work }) => [
      staff.patch({ employee: 'nobody' }).set({ team: 'sea' }).commit(),
      work.delete({ task: 't00' }).commit(),
    ])
    .go();
  assert.equal(canceled, true);
  assert.equal((await tasks.get({ task: 't00' }).go()).data?.points, 0);
});
