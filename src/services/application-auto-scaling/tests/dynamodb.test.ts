/** Capacity of tables follows its use: targets, policies, and what the scaler makes of them on the cloud's clock. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as A from '@aws-sdk/client-application-auto-scaling';
import * as D from '@aws-sdk/client-dynamodb';
import * as I from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { createTable } from '../../../../tests/ready-table.ts';

const minute = 60_000;
let cloud: LiveCloud;
let scaling: A.ApplicationAutoScalingClient;
let dynamodb: D.DynamoDBClient;

before(async () => {
  cloud = await startCloud();
  scaling = cloud.client(A.ApplicationAutoScalingClient);
  dynamodb = cloud.client(D.DynamoDBClient);
});
after(() => cloud.close());

const ProvisionedThroughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 10 };

async function create(TableName: string): Promise<void> {
  await createTable(
    dynamodb,
    new D.CreateTableCommand({
      TableName,
      AttributeDefinitions: ['id', 'group'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-group',
          KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
          ProvisionedThroughput,
        },
      ],
      ProvisionedThroughput,
    }),
  );
}

type Place = { ServiceNamespace: 'dynamodb'; ResourceId: string; ScalableDimension: A.ScalableDimension };
const writesOf = (table: string): Place => ({
  ServiceNamespace: 'dynamodb',
  ResourceId: `table/${table}`,
  ScalableDimension: 'dynamodb:table:WriteCapacityUnits',
});

const register = (place: Place, MinCapacity?: number, MaxCapacity?: number, more = {}): Promise<A.RegisterScalableTargetCommandOutput> =>
  scaling.send(new A.RegisterScalableTargetCommand({ ...place, MinCapacity, MaxCapacity, ...more }));

const track = (place: Place, more: Partial<A.TargetTrackingScalingPolicyConfiguration> = {}): Promise<A.PutScalingPolicyCommandOutput> =>
  scaling.send(
    new A.PutScalingPolicyCommand({
      ...place,
      PolicyName: 'half',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 50,
        PredefinedMetricSpecification: { PredefinedMetricType: 'DynamoDBWriteCapacityUtilization' },
        ...more,
      },
    }),
  );

async function units(TableName: string): Promise<{ table: number[]; index: number[] }> {
  const { Table } = await dynamodb.send(new D.DescribeTableCommand({ TableName }));
  const of = (one: D.ProvisionedThroughputDescription | undefined): number[] => [one!.ReadCapacityUnits!, one!.WriteCapacityUnits!];
  return { table: of(Table!.ProvisionedThroughput), index: of(Table!.GlobalSecondaryIndexes![0]!.ProvisionedThroughput) };
}

/** Uses so many write units of a table. */
async function use(TableName: string, count: number): Promise<void> {
  const Item = { id: { S: 'a' }, long: { S: 'x'.repeat(50 * 1024 - 20) } };
  for (let used = 0; used < count; used += 50) await dynamodb.send(new D.PutItemCommand({ TableName, Item }));
}

test('a table under load gets more, up to the maximum, and less when it rests', async () => {
  await create('busy');
  const place = writesOf('busy');
  await register(place, 5, 40);
  await track(place);
  await cloud.cloud.settled();
  for (let n = 0; n < 3; n++) {
    await use('busy', 500);
    await cloud.advance(minute);
  }
  // 500 units a minute are 8.3 a second: twice that is wanted.
  assert.deepEqual(await units('busy'), { table: [5, 17], index: [5, 10] });
  const { ScalingActivities } = await scaling.send(new A.DescribeScalingActivitiesCommand({ ServiceNamespace: 'dynamodb' }));
  assert.match(ScalingActivities![0]!.Description!, /write capacity units to 17/);
  assert.equal(ScalingActivities![0]!.StatusCode, 'Successful');
  await cloud.advance(10 * minute);
  assert.deepEqual((await units('busy')).table, [5, 17]);
  for (let n = 0; n < 3; n++) await cloud.advance(6 * minute);
  assert.deepEqual((await units('busy')).table, [5, 5]);
});

test('capacity outside of the bounds is brought inside; a suspended or in-disabled target is not scaled in', async () => {
  await create('bounds');
  const place = writesOf('bounds');
  await register(place, 20, 40);
  await track(place, { DisableScaleIn: true });
  await cloud.advance(minute);
  assert.deepEqual((await units('bounds')).table, [5, 20]);
  await dynamodb.send(
    new D.UpdateTableCommand({ TableName: 'bounds', ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 30 } }),
  );
  for (let n = 0; n < 4; n++) await cloud.advance(10 * minute);
  assert.deepEqual((await units('bounds')).table, [5, 30]);
  const index: Place = { ...place, ResourceId: 'table/bounds/index/by-group', ScalableDimension: 'dynamodb:index:WriteCapacityUnits' };
  await register(index, 15, 15);
  await track(index);
  await cloud.advance(minute);
  assert.deepEqual((await units('bounds')).index, [5, 15]);
});

test('targets and policies are told, changed, tagged and taken away', async () => {
  await create('told');
  const place = writesOf('told');
  const { ScalableTargetARN } = await register(place, 1, 10, { Tags: { stage: 'test' } });
  assert.match(ScalableTargetARN!, /^arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target\/\w{34}$/);
  await register(place, undefined, 12, { SuspendedState: { DynamicScalingInSuspended: true } });
  const ResourceIds = [place.ResourceId];
  const { ScalableTargets } = await scaling.send(new A.DescribeScalableTargetsCommand({ ServiceNamespace: 'dynamodb', ResourceIds }));
  const [target] = ScalableTargets!;
  assert.deepEqual([target!.MinCapacity, target!.MaxCapacity, target!.SuspendedState!.DynamicScalingInSuspended], [1, 12, true]);
  assert.equal(target!.ScalableTargetARN, ScalableTargetARN);
  assert.match(target!.RoleARN!, /AWSServiceRoleForApplicationAutoScaling_DynamoDBTable$/);
  await scaling.send(new A.TagResourceCommand({ ResourceARN: ScalableTargetARN, Tags: { owner: 'ann' } }));
  await scaling.send(new A.UntagResourceCommand({ ResourceARN: ScalableTargetARN, TagKeys: ['stage'] }));
  const { Tags } = await scaling.send(new A.ListTagsForResourceCommand({ ResourceARN: ScalableTargetARN }));
  assert.deepEqual(Tags, { owner: 'ann' });

  const { PolicyARN } = await track(place);
  await track(place, { TargetValue: 70 });
  const described = await scaling.send(
    new A.DescribeScalingPoliciesCommand({ ServiceNamespace: 'dynamodb', ResourceId: place.ResourceId }),
  );
  assert.equal(described.ScalingPolicies!.length, 1);
  assert.deepEqual(
    [described.ScalingPolicies![0]!.PolicyARN, described.ScalingPolicies![0]!.TargetTrackingScalingPolicyConfiguration!.TargetValue],
    [PolicyARN, 70],
  );
  await scaling.send(new A.DeleteScalingPolicyCommand({ ...place, PolicyName: 'half' }));
  await refused(scaling.send(new A.DeleteScalingPolicyCommand({ ...place, PolicyName: 'half' })), 'ObjectNotFoundException');
  await scaling.send(new A.DeregisterScalableTargetCommand(place));
  await refused(scaling.send(new A.DeregisterScalableTargetCommand(place)), 'ObjectNotFoundException');
  await refused(scaling.send(new A.ListTagsForResourceCommand({ ResourceARN: ScalableTargetARN })), 'ResourceNotFoundException');
});

test('what is asked wrongly is refused, and what is not built says so', async () => {
  await create('strict');
  const place = writesOf('strict');
  await refused(register(writesOf('nobody'), 1, 2), { code: 'ValidationException', message: /does not exist/ });
  await refused(register(place), 'ValidationException');
  await refused(register(place, 5, 2), { code: 'ValidationException', message: /less than minimum/ });
  await refused(track(place), { code: 'ObjectNotFoundException', message: /No scalable target registered/ });
  await register(place, 1, 10);
  await refused(track(place, { TargetValue: 95 }), 'ValidationException');
  const PredefinedMetricSpecification = { PredefinedMetricType: 'DynamoDBReadCapacityUtilization' as const };
  await refused(track(place, { PredefinedMetricSpecification }), 'ValidationException');
  await refused(register({ ...place, ServiceNamespace: 'ecs' as never }, 1, 2), { code: 'NotImplemented', message: /ecs/ });
  const page = new A.DescribeScalableTargetsCommand({ ServiceNamespace: 'dynamodb', NextToken: 'x' });
  await refused(scaling.send(page), 'InvalidNextTokenException');
  const scheduled = new A.PutScheduledActionCommand({ ...place, ScheduledActionName: 'x', Schedule: 'rate(1 day)' });
  await refused(scaling.send(scheduled), { code: 'NotImplemented', message: /PutScheduledAction/ });
});

test('a user needs permission for the target and for the table', async () => {
  const iam = cloud.client(I.IAMClient);
  await iam.send(new I.CreateUserCommand({ UserName: 'modest' }));
  const { AccessKey } = await iam.send(new I.CreateAccessKeyCommand({ UserName: 'modest' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const modest = cloud.client(A.ApplicationAutoScalingClient, { credentials });
  const asked = new A.RegisterScalableTargetCommand({ ...writesOf('strict'), MinCapacity: 1, MaxCapacity: 2 });
  await refused(modest.send(asked), { code: 'AccessDeniedException', message: /application-autoscaling:RegisterScalableTarget/ });
  const Statement = { Effect: 'Allow', Action: 'application-autoscaling:*', Resource: '*' };
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new I.PutUserPolicyCommand({ UserName: 'modest', PolicyName: 'p', PolicyDocument }));
  await refused(modest.send(asked), { code: 'AccessDeniedException', message: /dynamodb:DescribeTable/ });
});
