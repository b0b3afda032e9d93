/** Two Haneul processes on one PostgreSQL and one blob directory are one cloud: uploads, credentials and role sessions go across. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { startPostgres } from '../../src/store/tests/postgres-server.ts';
import { startCloud, type LiveCloud } from '../live-cloud.ts';
import { until } from './until.ts';

const server = startPostgres();

describe(
  'two processes on one PostgreSQL',
  { skip: server ? false : 'PostgreSQL is not installed, and this user may not install it' },
  () => {
    const blobs = mkdtempSync(join(tmpdir(), 'haneul-shared-blobs-'));
    let a: LiveCloud;
    let b: LiveCloud;
    before(async () => {
      a = await startCloud({ store: server!.url, blobs });
      b = await startCloud({ store: server!.url, blobs });
      await a.client(S3Client).send(new CreateBucketCommand({ Bucket: 'shared' }));
    });
    after(async () => {
      await a?.close();
      await b?.close();
      server!.close();
      rmSync(blobs, { recursive: true, force: true });
    });

    test('an upload that one has begun the other completes', async () => {
      const [there, here] = [a.client(S3Client), b.client(S3Client)];
      const where = { Bucket: 'shared', Key: 'in-parts' };
      const { UploadId } = await there.send(new CreateMultipartUploadCommand(where));
      const bodies = [randomBytes(5 << 20), randomBytes(1_000)];
      const one = await there.send(new UploadPartCommand({ ...where, UploadId, PartNumber: 1, Body: bodies[0] }));
      const two = await here.send(new UploadPartCommand({ ...where, UploadId, PartNumber: 2, Body: bodies[1] }));
      const Parts = [
        { PartNumber: 1, ETag: one.ETag },
        { PartNumber: 2, ETag: two.ETag },
      ];
      await here.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts } }));
      const got = await there.send(new GetObjectCommand(where));
      assert.ok(Buffer.concat(bodies).equals(await got.Body!.transformToByteArray()));
    });

    test('a user, a policy and a role session made at one are known to the other', async () => {
      const iam = a.client(IAMClient);
      await iam.send(new CreateUserCommand({ UserName: 'ann' }));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
      const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
      const anns = b.client(S3Client, { credentials });
      await assert.rejects(anns.send(new ListObjectsV2Command({ Bucket: 'shared' })), { name: 'AccessDenied' });
      const allow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['s3:ListBucket', 'sts:AssumeRole'], Resource: '*' }] };
      await iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'list', PolicyDocument: JSON.stringify(allow) }));
      await until(5, () => anns.send(new ListObjectsV2Command({ Bucket: 'shared' })));

      const trust = {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '000000000000' } }],
      };
      const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: JSON.stringify(trust) }));
      const { Credentials } = await a
        .client(STSClient, { credentials })
        .send(new AssumeRoleCommand({ RoleArn: Role!.Arn!, RoleSessionName: 'one' }));
      const session = {
        accessKeyId: Credentials!.AccessKeyId!,
        secretAccessKey: Credentials!.SecretAccessKey!,
        sessionToken: Credentials!.SessionToken!,
      };
      const { Arn } = await b.client(STSClient, { credentials: session }).send(new GetCallerIdentityCommand({}));
      assert.equal(Arn, 'arn:aws:sts::000000000000:assumed-role/reader/one');

      await iam.send(new DeleteAccessKeyCommand({ UserName: 'ann', AccessKeyId: credentials.accessKeyId }));
      await until(5, async () => assert.rejects(anns.send(new ListObjectsV2Command({ Bucket: 'shared' })), { name: 'InvalidAccessKeyId' }));
    });

    test('when one process goes, the other goes on', async () => {
      const there = a.client(S3Client);
      await there.send(new PutObjectCommand({ Bucket: 'shared', Key: 'last-words', Body: 'kept' }));
      await a.close();
      const got = await b.client(S3Client).send(new GetObjectCommand({ Bucket: 'shared', Key: 'last-words' }));
      assert.equal(await got.Body!.transformToString(), 'kept');
    });
  },
);
