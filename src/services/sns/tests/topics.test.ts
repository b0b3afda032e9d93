/** Topics: create, attributes, permissions, tags, list, delete. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AddPermissionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetDataProtectionPolicyCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PutDataProtectionPolicyCommand,
  RemovePermissionCommand,
  SetTopicAttributesCommand,
  SNSClient,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sns';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let sns: SNSClient;
before(async () => {
  cloud = await startCloud();
  sns = cloud.client(SNSClient);
});
after(() => cloud.close());

const create = async (Name: string, more: object = {}): Promise<string> =>
  (await sns.send(new CreateTopicCommand({ Name, ...more }))).TopicArn!;
const attributesOf = async (TopicArn: string) => (await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes!;

test('a topic has an ARN and AWS’s attributes', async () => {
  const arn = await create('plain');
  assert.equal(arn, 'arn:aws:sns:us-east-1:000000000000:plain');
  const attributes = await attributesOf(arn);
  assert.equal(attributes['Owner'], '000000000000');
  assert.equal(attributes['SubscriptionsConfirmed'], '0');
  assert.equal(JSON.parse(attributes['Policy']!).Statement[0].Sid, '__default_statement_ID');
  assert.equal(JSON.parse(attributes['EffectiveDeliveryPolicy']!).http.defaultHealthyRetryPolicy.numRetries, 3);
});

test('creating a topic again answers the same ARN, unless it would be another', async () => {
  const arn = await create('again', { Attributes: { DisplayName: 'one' }, Tags: [{ Key: 'a', Value: '1' }] });
  assert.equal(await create('again'), arn);
  assert.equal(await create('again', { Attributes: { DisplayName: 'one' } }), arn);
  await create('labelled', {
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  });
  await create('labelled', { Tags: [{ Key: 'b', Value: '2' }] });
  await assert.rejects(create('again', { Attributes: { DisplayName: 'two' } }), {
    name: 'InvalidParameterException',
    message: 'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
  });
  await assert.rejects(create('again', { Tags: [{ Key: 'a', Value: '2' }] }), {
    message: 'Invalid parameter: Tags Reason: Topic already exists with different tags',
  });
});

test('names and FIFO names are checked', async () => {
  await assert.rejects(create('white space'), { message: 'Invalid parameter: Topic Name' });
  await assert.rejects(create('a.fifo'), { message: 'Invalid parameter: Topic Name' });
  await assert.rejects(create('a', { Attributes: { FifoTopic: 'true' } }), { message: 'Invalid parameter: Topic Name' });
  const arn = await create('a.fifo', { Attributes: { FifoTopic: 'true', ContentBasedDeduplication: 'true' } });
  const attributes = await attributesOf(arn);
  assert.equal(attributes['FifoTopic'], 'true');
  assert.equal(attributes['ContentBasedDeduplication'], 'true');
  assert.equal(attributes['FifoThroughputScope'], undefined);
});

test('attributes are set, checked and refused where they are not built', async () => {
  const TopicArn = await create('settings');
  const set = (AttributeName: string, AttributeValue: string) =>
    sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
  await set('DisplayName', 'News');
  await set('SignatureVersion', '2');
  assert.equal((await attributesOf(TopicArn))['DisplayName'], 'News');
  await assert.rejects(set('SignatureVersion', '3'), { name: 'InvalidParameterException' });
  await assert.rejects(set('NoSuch', 'x'), { message: 'Invalid parameter: AttributeName' });
  await assert.rejects(set('Policy', 'no json'), { name: 'InvalidParameterException' });
  await assert.rejects(set('TracingConfig', 'Active'), { name: 'NotImplemented' });
  await assert.rejects(set('DeliveryPolicy', '{"http":{"defaultHealthyRetryPolicy":{"numRetries":101}}}'), /numRetries/);
});

test('permissions are statements of the policy, and let another account in', async () => {
  const TopicArn = await create('shared');
  const other = cloud.client(SNSClient, { credentials: rootOf('111122223333') });
  await assert.rejects(other.send(new GetTopicAttributesCommand({ TopicArn })), { name: 'AuthorizationErrorException' });
  const grant = { TopicArn, Label: 'friends', AWSAccountId: ['111122223333'], ActionName: ['GetTopicAttributes'] };
  await assert.rejects(
    sns.send(new AddPermissionCommand({ ...grant, ActionName: ['Dance'] })),
    /Policy statement action out of service scope!/,
  );
  await sns.send(new AddPermissionCommand(grant));
  const { Principal, Action } = JSON.parse((await attributesOf(TopicArn))['Policy']!).Statement[1];
  assert.deepEqual([Principal, Action], [{ AWS: 'arn:aws:iam::111122223333:root' }, 'SNS:GetTopicAttributes']);
  assert.equal((await other.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes!['TopicArn'], TopicArn);
  await assert.rejects(sns.send(new AddPermissionCommand(grant)), /Statement already exists/);
  await sns.send(new RemovePermissionCommand({ TopicArn, Label: 'friends' }));
  await assert.rejects(other.send(new GetTopicAttributesCommand({ TopicArn })), { name: 'AuthorizationErrorException' });
});

test('tags come and go', async () => {
  const ResourceArn = await create('tagged', { Tags: [{ Key: 'a', Value: '1' }] });
  await sns.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'b', Value: '2' }] }));
  await sns.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['a'] }));
  assert.deepEqual((await sns.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags, [{ Key: 'b', Value: '2' }]);
  await assert.rejects(sns.send(new ListTagsForResourceCommand({ ResourceArn: `${ResourceArn}x` })), { name: 'ResourceNotFoundException' });
});

test('a data protection policy without statements goes there and back', async () => {
  const ResourceArn = await create('protected');
  const text = '{"Name":"p","Version":"2021-06-01","Statement":[]}';
  await sns.send(new PutDataProtectionPolicyCommand({ ResourceArn, DataProtectionPolicy: text }));
  assert.equal((await sns.send(new GetDataProtectionPolicyCommand({ ResourceArn }))).DataProtectionPolicy, text);
});

test('topics are listed a hundred at a time, apart by account and region', async () => {
  const far = cloud.client(SNSClient, { region: 'eu-west-1' });
  for (let i = 0; i < 101; i++) await far.send(new CreateTopicCommand({ Name: `t${i}` }));
  const first = await far.send(new ListTopicsCommand({}));
  assert.equal(first.Topics!.length, 100);
  const second = await far.send(new ListTopicsCommand({ NextToken: first.NextToken }));
  assert.equal(second.Topics!.length, 1);
  assert.equal(second.NextToken, undefined);
});

test('a deleted topic is gone, and deleting it again is no error', async () => {
  const TopicArn = await create('gone');
  await sns.send(new DeleteTopicCommand({ TopicArn }));
  await sns.send(new DeleteTopicCommand({ TopicArn }));
  await assert.rejects(sns.send(new GetTopicAttributesCommand({ TopicArn })), {
    name: 'NotFoundException',
    message: 'Topic does not exist',
  });
});
