/** Delivery status logs: what became of a message, told to CloudWatch Logs as the role that the topic names. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CloudWatchLogsClient, DescribeLogGroupsCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreatePlatformApplicationCommand,
  CreatePlatformEndpointCommand,
  CreateTopicCommand,
  GetTopicAttributesCommand,
  PublishCommand,
  SetSMSAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { startCast, type Cast } from './cast.ts';

let cast: Cast;
let logs: CloudWatchLogsClient;
let iam: IAMClient;
let roleArn: string;
before(async () => {
  cast = await startCast();
  logs = cast.cloud.client(CloudWatchLogsClient);
  iam = cast.cloud.client(IAMClient);
  const allow = (more: object) => JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...more } });
  const AssumeRolePolicyDocument = allow({ Principal: { Service: 'sns.amazonaws.com' }, Action: 'sts:AssumeRole' });
  roleArn = (await iam.send(new CreateRoleCommand({ RoleName: 'feedback', AssumeRolePolicyDocument }))).Role!.Arn!;
  const PolicyDocument = allow({ Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'feedback', PolicyName: 'p', PolicyDocument }));
});
after(() => cast.cloud.close());

async function events(logGroupName: string) {
  await cast.cloud.cloud.settled();
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
  if (!logGroups!.some((group) => group.logGroupName === logGroupName)) return [];
  return (await logs.send(new FilterLogEventsCommand({ logGroupName }))).events!.map(({ message }) => JSON.parse(message!));
}

test('deliveries into a queue are told of, those that fail apart', async () => {
  const { topic, queue, subscribe, sns, sqs } = cast;
  const TopicArn = await topic('told', {
    SQSSuccessFeedbackRoleArn: roleArn,
    SQSFailureFeedbackRoleArn: roleArn,
    SQSSuccessFeedbackSampleRate: '100',
  });
  const { url, arn } = await queue('told');
  await subscribe(TopicArn, 'sqs', arn);
  const { MessageId } = await sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));
  const [told] = await events('sns/us-east-1/000000000000/told');
  assert.equal(told.notification.messageId, MessageId);
  assert.equal(told.notification.topicArn, TopicArn);
  assert.equal(told.notification.messageMD5Sum, '5d41402abc4b2a76b9719d911017c592');
  assert.deepEqual([told.delivery.destination, told.delivery.statusCode, told.delivery.attempts, told.status], [arn, 200, 1, 'SUCCESS']);
  await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  await sns.send(new PublishCommand({ TopicArn, Message: 'lost' }));
  const [failed] = await events('sns/us-east-1/000000000000/told/Failure');
  assert.deepEqual([failed.status, failed.delivery.destination], ['FAILURE', arn]);
  await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'SQSFailureFeedbackRoleArn', AttributeValue: '' }));
  await sns.send(new PublishCommand({ TopicArn, Message: 'lost' }));
  assert.equal((await events('sns/us-east-1/000000000000/told/Failure')).length, 1);
  assert.equal((await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes!['SQSSuccessFeedbackRoleArn'], roleArn);
});

test('a sample of none tells nothing of what succeeds', async () => {
  const TopicArn = await cast.topic('quiet', { SQSSuccessFeedbackRoleArn: roleArn, SQSSuccessFeedbackSampleRate: '0' });
  await cast.subscribe(TopicArn, 'sqs', (await cast.queue('quiet')).arn);
  await cast.sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));
  assert.deepEqual(await events('sns/us-east-1/000000000000/quiet'), []);
});

test('text messages and pushes are told of too', async () => {
  await cast.sns.send(
    new SetSMSAttributesCommand({ attributes: { DeliveryStatusIAMRole: roleArn, DeliveryStatusSuccessSamplingRate: '100' } }),
  );
  await cast.sns.send(new PublishCommand({ PhoneNumber: '+15555550100', Message: 'hello' }));
  const [told] = await events('sns/us-east-1/000000000000/DirectPublishToPhoneNumber');
  assert.deepEqual([told.delivery.destination, told.status], ['+15555550100', 'SUCCESS']);
  const Attributes = { PlatformCredential: 'secret', SuccessFeedbackRoleArn: roleArn, SuccessFeedbackSampleRate: '100' };
  const { PlatformApplicationArn } = await cast.sns.send(
    new CreatePlatformApplicationCommand({ Name: 'shop', Platform: 'GCM', Attributes }),
  );
  const { EndpointArn } = await cast.sns.send(new CreatePlatformEndpointCommand({ PlatformApplicationArn, Token: 't' }));
  await cast.sns.send(new PublishCommand({ TargetArn: EndpointArn, Message: 'ping' }));
  assert.equal((await events('sns/us-east-1/000000000000/app/GCM/shop'))[0].delivery.destination, EndpointArn);
});

test('who names the role must be allowed to pass it', async () => {
  await iam.send(new CreateUserCommand({ UserName: 'maker' }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'sns:*', Resource: '*' } });
  await iam.send(new PutUserPolicyCommand({ UserName: 'maker', PolicyName: 'p', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'maker' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const maker = cast.cloud.client(SNSClient, { credentials });
  const { TopicArn } = await maker.send(new CreateTopicCommand({ Name: 'made' }));
  const denied = { name: 'AuthorizationErrorException' };
  const set = new SetTopicAttributesCommand({ TopicArn, AttributeName: 'HTTPFailureFeedbackRoleArn', AttributeValue: roleArn });
  await assert.rejects(maker.send(set), denied);
  await assert.rejects(maker.send(new CreateTopicCommand({ Name: 'other', Attributes: { SQSFailureFeedbackRoleArn: roleArn } })), denied);
  const invalid = new SetTopicAttributesCommand({ TopicArn, AttributeName: 'HTTPFailureFeedbackRoleArn', AttributeValue: 'role' });
  await assert.rejects(cast.sns.send(invalid), { name: 'InvalidParameterException' });
});
