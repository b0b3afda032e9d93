/** Buckets that replicate, a role that may, and what tests of replication ask again and again. */

import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  type PutObjectCommandInput,
  type ReplicationRule,
} from '@aws-sdk/client-s3';
import { rootOf, type LiveCloud } from '../../../../tests/live-cloud.ts';

let made = 0;

const trusting = (service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });

/** A role of the first account that S3 may take on, with the rights that AWS's guide gives it. */
export async function replicationRole(cloud: LiveCloud, more: object[] = [], trusted = 's3.amazonaws.com'): Promise<string> {
  const iam = cloud.client(IAMClient);
  const RoleName = `replication-${++made}`;
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusting(trusted) }));
  const Statement = [
    {
      Effect: 'Allow',
      Action: [
        's3:GetObjectVersionForReplication',
        's3:GetObjectVersionAcl',
        's3:GetObjectVersionTagging',
        's3:GetObjectRetention',
        's3:GetObjectLegalHold',
      ],
      Resource: '*',
    },
    { Effect: 'Allow', Action: ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'], Resource: '*' },
    ...more,
  ];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
  return Role!.Arn!;
}

export type Where = { region?: string; account?: string; locked?: boolean };

export async function versionedBucket(cloud: LiveCloud, { region = 'us-east-1', account = '000000000000', locked = false }: Where = {}) {
  const s3 = cloud.client(S3Client, { region, ...(account !== '000000000000' && { credentials: rootOf(account) }) });
  const Bucket = `replication-${++made}`;
  const elsewhere = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } };
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: locked, ...elsewhere }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  return {
    Bucket,
    s3,
    arn: `arn:aws:s3:::${Bucket}`,
    put: (Key: string, more: Partial<PutObjectCommandInput> = {}) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more })),
    head: (Key: string, VersionId?: string) => s3.send(new HeadObjectCommand({ Bucket, Key, VersionId })),
    text: async (Key: string, VersionId?: string) =>
      (await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body!.transformToString(),
    status: async (Key: string, VersionId?: string) => (await s3.send(new HeadObjectCommand({ Bucket, Key, VersionId }))).ReplicationStatus,
    history: async () => {
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
      const line = (kind: string, { Key, VersionId, IsLatest }: { Key?: string; VersionId?: string; IsLatest?: boolean }) =>
        `${Key} ${kind} ${VersionId}${IsLatest ? ' latest' : ''}`;
      return [...Versions.map((each) => line('version', each)), ...DeleteMarkers.map((each) => line('marker', each))];
    },
  };
}

export const rule = (destination: string, more: Partial<ReplicationRule> & { to?: object } = {}): ReplicationRule => {
  const { to, ...rest } = more;
  return {
    ID: 'r',
    Status: 'Enabled',
    Priority: 1,
    Filter: {},
    DeleteMarkerReplication: { Status: 'Disabled' },
    Destination: { Bucket: destination, ...to },
    ...rest,
  };
};

export const replicate = (source: { s3: S3Client; Bucket: string }, Role: string, Rules: ReplicationRule[]) =>
  source.s3.send(new PutBucketReplicationCommand({ Bucket: source.Bucket, ReplicationConfiguration: { Role, Rules } }));
