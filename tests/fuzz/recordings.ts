/** Valid requests of many services in all protocols, as the SDKs send them, and services that answer them all. */

import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  ListUsersCommand,
  SimulateCustomPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateFunctionCommand, InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ChangeResourceRecordSetsCommand, ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { LiveCloud } from '../live-cloud.ts';
import { loadModel } from '../../src/protocols/models.ts';
import { defineService, type ServiceDefinition } from '../../src/framework/service.ts';
import type { Recorded } from './mutations.ts';

/** A service that allows everything and answers nothing, so that parsing and replying are reached for what is not built yet. */
export function silentService(name: string): ServiceDefinition {
  const names = [...loadModel(name).operations.keys()];
  return defineService<any>({
    name,
    operations: Object.fromEntries(names.map((operation) => [operation, async () => ({})])) as ServiceDefinition['operations'],
    authorize: Object.fromEntries(names.map((operation) => [operation, () => []])) as ServiceDefinition['authorize'],
  });
}

export const silentNames = ['cloudwatch', 'dynamodb', 'ec2', 'lambda', 'route-53', 'sqs'] as const;

const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
});

const commands: readonly [
  service: string,
  Client: new (config: any) => { send(command: any): Promise<unknown> },
  commands: readonly unknown[],
][] = [
  [
    'sts',
    STSClient,
    [
      new GetCallerIdentityCommand({}),
      new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::000000000000:role/r', RoleSessionName: 'session', Tags: [{ Key: 'a', Value: 'b' }] }),
    ],
  ],
  [
    'iam',
    IAMClient,
    [
      new CreateUserCommand({ UserName: 'u', Tags: [{ Key: 'k', Value: 'v' }] }),
      new ListUsersCommand({ MaxItems: 3 }),
      new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: policy }),
      new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: policy }),
      new AttachUserPolicyCommand({ UserName: 'u', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
      new SimulateCustomPolicyCommand({ PolicyInputList: [policy], ActionNames: ['s3:GetObject'] }),
    ],
  ],
  [
    'cloudtrail',
    CloudTrailClient,
    [new LookupEventsCommand({ MaxResults: 5, LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'x' }] })],
  ],
  [
    'sqs',
    SQSClient,
    [
      new SendMessageCommand({
        QueueUrl: 'http://localhost/1/q',
        MessageBody: 'héllo',
        MessageAttributes: { a: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) } },
      }),
      new ReceiveMessageCommand({ QueueUrl: 'http://localhost/1/q', AttributeNames: ['All'] }),
      new SendMessageBatchCommand({ QueueUrl: 'q', Entries: [{ Id: '1', MessageBody: 'b' }] }),
    ],
  ],
  [
    'dynamodb',
    DynamoDBClient,
    [
      new PutItemCommand({
        TableName: 'table',
        Item: { k: { S: 'x' }, l: { L: [{ M: { n: { N: '1.5' } } }, { B: new Uint8Array([1]) }] } },
      }),
      new QueryCommand({ TableName: 'table', KeyConditionExpression: 'k = :k', ExpressionAttributeValues: { ':k': { S: 'x' } } }),
    ],
  ],
  [
    'monitoring',
    CloudWatchClient,
    [
      new PutMetricDataCommand({
        Namespace: 'n',
        MetricData: [{ MetricName: 'm', Value: 1.5, Timestamp: new Date(0), Dimensions: [{ Name: 'a', Value: 'b' }] }],
      }),
    ],
  ],
  [
    'ec2',
    EC2Client,
    [
      new DescribeInstancesCommand({ InstanceIds: ['i-1'], Filters: [{ Name: 'tag:a', Values: ['1', '2'] }] }),
      new RunInstancesCommand({
        ImageId: 'ami-1',
        MinCount: 1,
        MaxCount: 1,
        UserData: 'eA==',
        NetworkInterfaces: [{ DeviceIndex: 0, Groups: ['sg-1'] }],
      }),
    ],
  ],
  [
    'lambda',
    LambdaClient,
    [
      new ListFunctionsCommand({ MaxItems: 2 }),
      new InvokeCommand({ FunctionName: 'f', Payload: '{"a":1}' }),
      new CreateFunctionCommand({
        FunctionName: 'f',
        Role: 'arn:aws:iam::000000000000:role/r',
        Code: { ZipFile: new Uint8Array(50) },
        Environment: { Variables: { A: 'b' } },
      }),
    ],
  ],
  [
    'route53',
    Route53Client,
    [
      new ListHostedZonesCommand({ MaxItems: 3 }),
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: 'Z1',
        ChangeBatch: {
          Changes: [{ Action: 'UPSERT', ResourceRecordSet: { Name: 'a.b', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '1.2.3.4' }] } }],
        },
      }),
    ],
  ],
  [
    's3',
    S3Client,
    [
      new CreateBucketCommand({ Bucket: 'fuzz-two', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
      new PutObjectCommand({
        Bucket: 'fuzz',
        Key: 'a/b c',
        Body: 'content',
        Metadata: { a: 'b' },
        ContentType: 'text/plain',
        Tagging: 'a=b',
      }),
      new GetObjectCommand({ Bucket: 'fuzz', Key: 'a/b c', Range: 'bytes=1-3', IfMatch: '"x"' }),
      new HeadObjectCommand({ Bucket: 'fuzz', Key: 'k' }),
      new ListObjectsV2Command({ Bucket: 'fuzz', Delimiter: '/', Prefix: 'a', MaxKeys: 3, EncodingType: 'url' }),
      new CopyObjectCommand({ Bucket: 'fuzz', Key: 'copy', CopySource: 'fuzz/k' }),
      new DeleteObjectsCommand({ Bucket: 'fuzz', Delete: { Objects: [{ Key: 'x' }, { Key: 'y' }] } }),
      new PutBucketPolicyCommand({ Bucket: 'fuzz', Policy: policy }),
      new PutBucketTaggingCommand({ Bucket: 'fuzz', Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
      new CreateMultipartUploadCommand({ Bucket: 'fuzz', Key: 'm' }),
      new UploadPartCommand({ Bucket: 'fuzz', Key: 'm', UploadId: 'u', PartNumber: 1, Body: 'part' }),
      new CompleteMultipartUploadCommand({
        Bucket: 'fuzz',
        Key: 'm',
        UploadId: 'u',
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag: '"x"' }] },
      }),
    ],
  ],
];

type SdkRequest = {
  method: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: string | Uint8Array;
};

/** Has the SDKs make their requests, and keeps them instead of sending them. */
export async function record(cloud: LiveCloud): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  for (const [service, Client, list] of commands) {
    const requestHandler = {
      handle: async (request: SdkRequest) => {
        const query = Object.entries(request.query ?? {}).flatMap(([name, value]) =>
          [value ?? ''].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`),
        );
        const body = typeof request.body === 'string' ? Buffer.from(request.body) : Buffer.from(request.body ?? '');
        const headers = Object.fromEntries(
          Object.entries(request.headers)
            .map(([name, value]) => [name.toLowerCase(), value])
            .filter(([name]) => name !== 'content-length'),
        );
        recorded.push({
          service,
          method: request.method,
          path: request.path + (query.length > 0 ? `?${query.join('&')}` : ''),
          headers,
          body,
        });
        throw new Error('kept');
      },
    };
    const client = cloud.client(Client as new (config: any) => any, { requestHandler });
    for (const command of list) await client.send(command).catch(() => {});
  }
  return recorded;
}
