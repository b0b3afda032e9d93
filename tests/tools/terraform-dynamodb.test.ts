/** Terraform's tables with replicas and with auto scaling: apply, an empty plan, and they replicate and scale; a change, an empty plan again, destroy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeTableCommand, DynamoDBClient, GetItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { openTerraform, terraformIsAbsent } from './terraform-bench.ts';

test('Terraform and tables in several regions', { skip: terraformIsAbsent }, async (t) => {
  const terraform = await openTerraform(t, 'terraform-dynamodb');
  const { cloud } = terraform.bench;
  await terraform.ok('init');
  assert.match(await terraform.ok('apply', '-auto-approve'), /Apply complete! Resources: 4 added, 0 changed, 0 destroyed/);
  await terraform.finds(false);

  const at = (region: string): DynamoDBClient => cloud.client(DynamoDBClient, { region });
  const [id, placed] = [{ S: 'a' }, { N: '1' }];
  await at('ap-northeast-1').send(new PutItemCommand({ TableName: 'orders', Item: { id, placed, customer: { S: 'c' } } }));
  await cloud.cloud.settled();
  const { Item } = await at('eu-west-1').send(new GetItemCommand({ TableName: 'orders', Key: { id, placed } }));
  assert.equal(Item?.['customer']?.S, 'c');

  const { Table } = await at('us-east-1').send(new DescribeTableCommand({ TableName: 'carts' }));
  assert.equal(Table!.ProvisionedThroughput!.WriteCapacityUnits, 7);

  await terraform.ok('apply', '-auto-approve', '-var=most=30');
  await terraform.finds(false, '-var=most=30');
  await terraform.ok('destroy', '-auto-approve', '-var=most=30');
  for (const region of ['us-east-1', 'eu-west-1', 'ap-northeast-1'])
    assert.deepEqual((await at(region).send(new ListTablesCommand({}))).TableNames, []);
});
