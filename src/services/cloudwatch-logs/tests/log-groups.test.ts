/** Log groups and streams: create, describe, tags, retention, delete. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { logEvents } from '../tables.ts';

let cloud: LiveCloud;
let logs: CloudWatchLogsClient;
before(async () => {
  cloud = await startCloud();
  logs = cloud.client(CloudWatchLogsClient);
});
after(() => cloud.close());

const create = (logGroupName: string, more: object = {}) => logs.send(new CreateLogGroupCommand({ logGroupName, ...more }));
const stream = (logGroupName: string, logStreamName: string) => logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
const put = (logGroupName: string, logStreamName: string, message: string, timestamp = cloud.cloud.clock.now()) =>
  logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents: [{ timestamp, message }] }));

test('a group is there once, with its ARN and its bytes', async () => {
  await create('/aws/lambda/hello', { tags: { team: 'a' } });
  await assert.rejects(create('/aws/lambda/hello'), { name: 'ResourceAlreadyExistsException' });
  await stream('/aws/lambda/hello', 'one');
  await assert.rejects(stream('/aws/lambda/hello', 'one'), { name: 'ResourceAlreadyExistsException' });
  await assert.rejects(stream('nowhere', 'one'), { name: 'ResourceNotFoundException' });
  await put('/aws/lambda/hello', 'one', 'hello');
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/' }));
  const logGroupArn = 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/hello';
  assert.deepEqual(logGroups, [
    {
      ...{ logGroupName: '/aws/lambda/hello', creationTime: cloud.cloud.clock.now(), metricFilterCount: 0, arn: `${logGroupArn}:*` },
      ...{ storedBytes: 31, logGroupClass: 'STANDARD', logGroupArn, deletionProtectionEnabled: false },
    },
  ]);
});

test('names that cannot be, and what is not built, are refused', async () => {
  await assert.rejects(create('white space'), { name: 'InvalidParameterException' });
  await create('g');
  await assert.rejects(stream('g', 'a:b'), { name: 'InvalidParameterException' });
  await assert.rejects(create('k', { kmsKeyId: 'arn:aws:kms:us-east-1:000000000000:key/x' }), { name: 'NotImplemented' });
  await assert.rejects(logs.send(new PutRetentionPolicyCommand({ logGroupName: 'g', retentionInDays: 2 })), {
    name: 'InvalidParameterException',
  });
});

test('a group is identified by its name or its ARN, without the asterisk behind it', async () => {
  await create('identified');
  await stream('identified', 's');
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'identified' }));
  const streams = (logGroupIdentifier: string) => logs.send(new DescribeLogStreamsCommand({ logGroupIdentifier }));
  for (const identifier of ['identified', logGroups![0]!.logGroupArn!]) assert.equal((await streams(identifier)).logStreams!.length, 1);
  const [found] = (await streams('identified')).logStreams!;
  assert.equal(found!.uploadSequenceToken, undefined);
  const both = new DescribeLogStreamsCommand({ logGroupName: 'identified', logGroupIdentifier: 'identified' });
  await assert.rejects(logs.send(both), { name: 'ValidationException', message: /mutually exclusive/ });
  await assert.rejects(create('a'.repeat(513)), { name: 'InvalidParameterException', message: /less than or equal to 512/ });
  await assert.rejects(streams(logGroups![0]!.arn!), {
    name: 'InvalidParameterException',
    message: /Value at 'logGroupIdentifier' failed/,
  });
});

test('lists go on where they ended', async () => {
  const far = cloud.client(CloudWatchLogsClient, { region: 'eu-west-1' });
  for (const logGroupName of ['a', 'b', 'c']) await far.send(new CreateLogGroupCommand({ logGroupName }));
  const first = await far.send(new DescribeLogGroupsCommand({ limit: 2 }));
  const second = await far.send(new DescribeLogGroupsCommand({ limit: 2, nextToken: first.nextToken }));
  assert.deepEqual(
    [...first.logGroups!, ...second.logGroups!].map(({ logGroupName }) => logGroupName),
    ['a', 'b', 'c'],
  );
  assert.equal(second.nextToken, undefined);
  assert.deepEqual(
    (await far.send(new DescribeLogGroupsCommand({ logGroupNamePattern: 'B' }))).logGroups!.map(({ logGroupName }) => logGroupName),
    ['b'],
  );
});

test('streams are listed by name or by their last event', async () => {
  await create('streams');
  const now = cloud.cloud.clock.now();
  for (const [name, at] of [
    ['x', now - 1000],
    ['y', now],
    ['z', now - 2000],
  ] as const) {
    await stream('streams', name);
    await put('streams', name, 'm', at);
  }
  const list = async (more: object) =>
    (await logs.send(new DescribeLogStreamsCommand({ logGroupName: 'streams', ...more }))).logStreams!.map(
      ({ logStreamName }) => logStreamName,
    );
  assert.deepEqual(await list({}), ['x', 'y', 'z']);
  assert.deepEqual(await list({ orderBy: 'LastEventTime', descending: true }), ['y', 'x', 'z']);
  assert.deepEqual(await list({ logStreamNamePrefix: 'y' }), ['y']);
});

test('tags come and go', async () => {
  await create('tagged', { tags: { a: '1' } });
  const resourceArn = 'arn:aws:logs:us-east-1:000000000000:log-group:tagged';
  await logs.send(new TagResourceCommand({ resourceArn, tags: { b: '2' } }));
  await logs.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
  assert.deepEqual((await logs.send(new ListTagsForResourceCommand({ resourceArn }))).tags, { b: '2' });
});

test('a group forgets after its retention, and all of it when it is deleted', async () => {
  await create('short');
  await stream('short', 's');
  await put('short', 's', 'x'.repeat(2_000));
  await put('short', 's', 'old');
  await logs.send(new PutRetentionPolicyCommand({ logGroupName: 'short', retentionInDays: 1 }));
  await cloud.advance(25 * 3_600_000);
  await put('short', 's', 'new');
  const messages = async () =>
    (await logs.send(new FilterLogEventsCommand({ logGroupName: 'short' }))).events!.map(({ message }) => message);
  assert.deepEqual(await messages(), ['new']);
  await logs.send(new DeleteRetentionPolicyCommand({ logGroupName: 'short' }));
  await cloud.advance(48 * 3_600_000);
  assert.deepEqual(await messages(), ['new']);
  await logs.send(new DeleteLogStreamCommand({ logGroupName: 'short', logStreamName: 's' }));
  await cloud.cloud.settled();
  assert.deepEqual(await messages(), []);
  await stream('short', 's');
  await put('short', 's', 'again');
  await logs.send(new DeleteLogGroupCommand({ logGroupName: 'short' }));
  await assert.rejects(messages(), { name: 'ResourceNotFoundException' });
  await cloud.cloud.settled();
  const left = await cloud.cloud.store.read((tx) => logEvents.scan(tx));
  assert.equal(left.filter(({ row }) => row.stream === 's').length, 0);
  await create('kept', { deletionProtectionEnabled: true });
  await assert.rejects(logs.send(new DeleteLogGroupCommand({ logGroupName: 'kept' })), { name: 'ValidationException' });
});

test('a policy on the streams of a group lets a user write into it, and nowhere else', async () => {
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'writer' }));
  const Statement = { Effect: 'Allow', Action: 'logs:*', Resource: 'arn:aws:logs:*:*:log-group:mine:*' };
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutUserPolicyCommand({ UserName: 'writer', PolicyName: 'p', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'writer' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const writer = cloud.client(CloudWatchLogsClient, { credentials });
  await writer.send(new CreateLogGroupCommand({ logGroupName: 'mine' }));
  await writer.send(new CreateLogStreamCommand({ logGroupName: 'mine', logStreamName: 's' }));
  await assert.rejects(writer.send(new CreateLogGroupCommand({ logGroupName: 'yours' })), { name: 'AccessDeniedException' });
  await assert.rejects(writer.send(new DescribeLogGroupsCommand({})), { name: 'AccessDeniedException' });
});
