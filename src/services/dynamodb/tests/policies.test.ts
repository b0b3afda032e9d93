/** Resource policies and tags decide who may do what with a table. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { createTable } from '../../../../tests/ready-table.ts';

let cloud: LiveCloud;
let client: D.DynamoDBClient;
let stranger: D.DynamoDBClient;
let arn: string;

before(async () => {
  cloud = await startCloud();
  client = cloud.client(D.DynamoDBClient);
  stranger = cloud.client(D.DynamoDBClient, { credentials: rootOf('222222222222') });
  const { TableDescription } = await createTable(client, tableOf('guarded'));
  arn = TableDescription!.TableArn!;
  await client.send(new D.PutItemCommand({ TableName: 'guarded', Item: { id: { S: 'a' } } }));
});
after(() => cloud.close());

const tableOf = (TableName: string, more: Partial<D.CreateTableCommandInput> = {}): D.CreateTableCommand =>
  new D.CreateTableCommand({
    TableName,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    ...more,
  });

const policyOf = (Action: string | string[], Effect = 'Allow', Resource = arn): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect, Principal: { AWS: Effect === 'Allow' ? '222222222222' : '*' }, Action, Resource }],
  });

const get = (of: D.DynamoDBClient): Promise<D.GetItemCommandOutput> =>
  of.send(new D.GetItemCommand({ TableName: arn, Key: { id: { S: 'a' } } }));

test('a policy lets another account in for what it says, until it is deleted', async () => {
  await refused(get(stranger), 'AccessDeniedException');
  const { RevisionId } = await client.send(new D.PutResourcePolicyCommand({ ResourceArn: arn, Policy: policyOf('dynamodb:GetItem') }));
  assert.deepEqual((await get(stranger)).Item, { id: { S: 'a' } });
  await refused(stranger.send(new D.DeleteItemCommand({ TableName: arn, Key: { id: { S: 'a' } } })), 'AccessDeniedException');
  const told = await client.send(new D.GetResourcePolicyCommand({ ResourceArn: arn }));
  assert.deepEqual([told.RevisionId, told.Policy], [RevisionId, policyOf('dynamodb:GetItem')]);
  const stale = new D.DeleteResourcePolicyCommand({ ResourceArn: arn, ExpectedRevisionId: '1' });
  await refused(client.send(stale), {
    code: 'PolicyNotFoundException',
    message: new RegExp(`Requested update for policy with revision id 1, but .* table guarded has revision id ${RevisionId}\\.$`),
  });
  const same = await client.send(new D.PutResourcePolicyCommand({ ResourceArn: arn, Policy: policyOf('dynamodb:GetItem') }));
  assert.equal(same.RevisionId, RevisionId);
  await refused(client.send(new D.GetResourcePolicyCommand({ ResourceArn: `${arn}x` })), {
    code: 'ResourceNotFoundException',
    message: 'Requested resource not found: Table: guardedx not found',
  });
  await client.send(new D.DeleteResourcePolicyCommand({ ResourceArn: arn }));
  await refused(get(stranger), 'AccessDeniedException');
  await refused(client.send(new D.GetResourcePolicyCommand({ ResourceArn: arn })), 'PolicyNotFoundException');
});

test('a denial holds against the own account; a new table may bring its policy; policies of other services are refused', async () => {
  const other = arn.replace('guarded', 'born-guarded');
  await createTable(client, tableOf('born-guarded', { ResourcePolicy: policyOf('dynamodb:Scan', 'Deny', other) }));
  await refused(client.send(new D.ScanCommand({ TableName: 'born-guarded' })), 'AccessDeniedException');
  await client.send(new D.PutItemCommand({ TableName: 'born-guarded', Item: { id: { S: 'a' } } }));
  const foreign = new D.PutResourcePolicyCommand({ ResourceArn: arn, Policy: policyOf('s3:GetObject') });
  await refused(client.send(foreign), 'ValidationException');
  const expecting = new D.PutResourcePolicyCommand({
    ResourceArn: other,
    Policy: policyOf('dynamodb:GetItem'),
    ExpectedRevisionId: 'NO_POLICY',
  });
  await refused(client.send(expecting), {
    code: 'PolicyNotFoundException',
    message: /Requested policy update expecting none to be present for table born-guarded, but a policy exists with revision id \d+\.$/,
  });
});

test('tags of a table take part in decisions at once', async () => {
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'tagged' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'tagged' }));
  const Condition = { StringEquals: { 'aws:ResourceTag/team': 'blue' } };
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*', Condition }],
  });
  await iam.send(new PutUserPolicyCommand({ UserName: 'tagged', PolicyName: 'p', PolicyDocument }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const user = cloud.client(D.DynamoDBClient, { credentials });
  await refused(get(user), 'AccessDeniedException');
  await client.send(new D.TagResourceCommand({ ResourceArn: arn, Tags: [{ Key: 'team', Value: 'blue' }] }));
  assert.ok((await get(user)).Item);
  await client.send(new D.UntagResourceCommand({ ResourceArn: arn, TagKeys: ['team'] }));
  await refused(get(user), 'AccessDeniedException');
});
