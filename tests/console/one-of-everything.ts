/** One of everything that the console has pages for, with names that a page must show and not run. */

import { CreateLogGroupCommand, CreateLogStreamCommand, CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  CreateVpcCommand,
  DescribeImagesCommand,
  EC2Client,
  RunInstancesCommand,
  type ResourceType,
} from '@aws-sdk/client-ec2';
import { CreateGroupCommand, CreatePolicyCommand, CreateRoleCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createTable } from '../ready-table.ts';
import type { ConsoleCloud } from './browser.ts';
import { hostile } from './steps.ts';

export const rightToLeft = '\u202Eevil\u202C';
/** About as long as S3 lets a key be. */
export const longKey = 'k'.repeat(980) + hostile;

export async function fillCloud({ client, cloud }: ConsoleCloud): Promise<void> {
  const Tags = [
    { Key: 'Name', Value: hostile },
    { Key: rightToLeft, Value: hostile },
  ];
  const tagged = (kind: ResourceType) => ({ TagSpecifications: [{ ResourceType: kind, Tags }] });
  const s3 = client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: 'hostile-names' }));
  for (const Key of [hostile, longKey, `${rightToLeft}.txt`])
    await s3.send(new PutObjectCommand({ Bucket: 'hostile-names', Key, Body: 'x' }));
  const ec2 = client(EC2Client);
  await ec2.send(new CreateVpcCommand({ CidrBlock: '10.44.0.0/16', ...tagged('vpc') }));
  const volume = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1, ...tagged('volume') }));
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
  const machine = { ImageId: Images[0]!.ImageId, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
  await ec2.send(new RunInstancesCommand({ ...machine, ...tagged('instance') }));
  await cloud.settled();
  await ec2.send(new CreateSnapshotCommand({ VolumeId: volume.VolumeId, Description: rightToLeft }));
  const iam = client(IAMClient);
  const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '*' } };
  await iam.send(new CreateUserCommand({ UserName: 'somebody', Path: '/<b>/' }));
  await iam.send(new CreateGroupCommand({ GroupName: 'some-people' }));
  const trust = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await iam.send(new CreateRoleCommand({ RoleName: 'some-role', AssumeRolePolicyDocument: trust }));
  const allowed = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
  await iam.send(new CreatePolicyCommand({ PolicyName: 'a-policy', PolicyDocument: JSON.stringify(allowed) }));
  const { QueueUrl } = await client(SQSClient).send(new CreateQueueCommand({ QueueName: 'names', tags: { note: 'x' } }));
  await client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody: hostile }));
  const { TopicArn } = await client(SNSClient).send(new CreateTopicCommand({ Name: 'names', Attributes: { DisplayName: hostile } }));
  await client(SNSClient).send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'me@example.com' }));
  await client(KMSClient).send(new CreateKeyCommand({ Description: hostile }));
  await client(KinesisClient).send(new CreateStreamCommand({ StreamName: 'names', ShardCount: 1 }));
  const logs = client(CloudWatchLogsClient);
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'names' }));
  await logs.send(new CreateLogStreamCommand({ logGroupName: 'names', logStreamName: '<b>stream</b>' }));
  await createTable(
    client(DynamoDBClient),
    new CreateTableCommand({
      ...{ TableName: 'names', BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] },
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  );
}
