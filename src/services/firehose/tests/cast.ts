/** What the tests of Firehose share: a cloud with a bucket, a role that may write to it, and delivery streams into it. */

import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateDeliveryStreamCommand,
  type CreateDeliveryStreamCommandInput,
  type ExtendedS3DestinationConfiguration,
  FirehoseClient,
  PutRecordBatchCommand,
  PutRecordCommand,
} from '@aws-sdk/client-firehose';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

export type Cast = {
  cloud: LiveCloud;
  firehose: FirehoseClient;
  s3: S3Client;
  iam: IAMClient;
  roleArn: string;
  bucketArn: string;
  /** A stream that is ready. */
  stream(
    name: string,
    destination?: Partial<ExtendedS3DestinationConfiguration>,
    more?: Partial<CreateDeliveryStreamCommandInput>,
  ): Promise<string>;
  put(name: string, ...texts: string[]): Promise<void>;
  /** Keys and bytes of all objects below a prefix, once what is due has been delivered. */
  objects(prefix?: string): Promise<[key: string, body: Buffer][]>;
};

const bucket = 'delivered';

/** The policy of a role that only one service may take on. */
export const trust = (service: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });

export const allow = (...Action: string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });

export async function startCast(options: Parameters<typeof startCloud>[0] = {}): Promise<Cast> {
  const cloud = await startCloud(options);
  const [firehose, s3, iam] = [cloud.client(FirehoseClient), cloud.client(S3Client), cloud.client(IAMClient)];
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const role = await iam.send(new CreateRoleCommand({ RoleName: 'deliverer', AssumeRolePolicyDocument: trust('firehose.amazonaws.com') }));
  const PolicyDocument = allow('s3:PutObject', 'kinesis:*');
  await iam.send(new PutRolePolicyCommand({ RoleName: 'deliverer', PolicyName: 'deliver', PolicyDocument }));
  const [roleArn, bucketArn] = [role.Role!.Arn!, `arn:aws:s3:::${bucket}`];
  return {
    ...{ cloud, firehose, s3, iam, roleArn, bucketArn },
    stream: async (DeliveryStreamName, destination = {}, more = {}) => {
      const ExtendedS3DestinationConfiguration = { RoleARN: roleArn, BucketARN: bucketArn, ...destination };
      const command = new CreateDeliveryStreamCommand({ DeliveryStreamName, ExtendedS3DestinationConfiguration, ...more });
      const { DeliveryStreamARN } = await firehose.send(command);
      await cloud.cloud.settled();
      return DeliveryStreamARN!;
    },
    put: async (DeliveryStreamName, ...texts) => {
      const Records = texts.map((text) => ({ Data: Buffer.from(text) }));
      if (Records.length === 1) await firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: Records[0] }));
      else await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
    },
    objects: async (Prefix = '') => {
      await cloud.cloud.settled();
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
      const found: [string, Buffer][] = [];
      for (const { Key } of Contents) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
        found.push([Key!, Buffer.from(await Body!.transformToByteArray())]);
      }
      return found;
    },
  };
}
