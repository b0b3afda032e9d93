/** Buckets: create, list, head, location, delete. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListDirectoryBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { rootOf, startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const ireland = cloud.client(S3Client, { region: 'eu-west-1' });
const other = cloud.client(S3Client, { credentials: rootOf('222222222222') });

test('a bucket is made, seen and deleted', async () => {
  const made = await s3.send(new CreateBucketCommand({ Bucket: 'first-bucket' }));
  assert.equal(made.Location, '/first-bucket');
  assert.equal((await s3.send(new HeadBucketCommand({ Bucket: 'first-bucket' }))).BucketRegion, 'us-east-1');
  assert.equal((await s3.send(new GetBucketLocationCommand({ Bucket: 'first-bucket' }))).LocationConstraint, undefined);
  assert.equal((await s3.send(new DeleteBucketCommand({ Bucket: 'first-bucket' }))).$metadata.httpStatusCode, 204);
  const error = await refused(s3.send(new DeleteBucketCommand({ Bucket: 'first-bucket' })), {
    code: 'NoSuchBucket',
    status: 404,
    message: 'The specified bucket does not exist',
  });
  assert.equal(error['BucketName'], 'first-bucket');
});

test('names are checked in the words of AWS', async () => {
  for (const name of [
    'ab',
    'Upper',
    'under_score',
    '-begin',
    'end-',
    'two..dots',
    '192.168.5.4',
    'xn--name',
    'name-s3alias',
    'x'.repeat(64),
  ]) {
    await refused(s3.send(new CreateBucketCommand({ Bucket: name })), {
      code: 'InvalidBucketName',
      status: 400,
      message: 'The specified bucket is not valid.',
    });
  }
  await s3.send(new CreateBucketCommand({ Bucket: 'dots.are.fine-3' }));
});

test('a name is taken once in all accounts, and given again to its owner in us-east-1 only', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'taken-bucket' }));
  await s3.send(new CreateBucketCommand({ Bucket: 'taken-bucket' }));
  await refused(other.send(new CreateBucketCommand({ Bucket: 'taken-bucket' })), { code: 'BucketAlreadyExists', status: 409 });
  await ireland.send(new CreateBucketCommand({ Bucket: 'irish-bucket', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }));
  await refused(
    ireland.send(new CreateBucketCommand({ Bucket: 'irish-bucket', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } })),
    { code: 'BucketAlreadyOwnedByYou', status: 409 },
  );
  assert.equal((await s3.send(new GetBucketLocationCommand({ Bucket: 'irish-bucket' }))).LocationConstraint, 'eu-west-1');
});

test('the location must fit the endpoint', async () => {
  const inRegion = (client: S3Client, LocationConstraint?: string) =>
    client.send(
      new CreateBucketCommand({
        Bucket: 'placed-bucket',
        ...(LocationConstraint && { CreateBucketConfiguration: { LocationConstraint: LocationConstraint as 'eu-west-1' } }),
      }),
    );
  // The SDK itself adds the constraint of its region when there is none: a bare request is sent by hand.
  await refused(inRegion(ireland, 'eu-central-1'), {
    code: 'IllegalLocationConstraintException',
    message: /^The eu-central-1 location constraint is incompatible/,
  });
  await refused(inRegion(s3, 'nowhere'), { code: 'InvalidLocationConstraint', message: 'The specified location-constraint is not valid' });
  await inRegion(s3, 'ap-northeast-2');
  assert.equal((await s3.send(new GetBucketLocationCommand({ Bucket: 'placed-bucket' }))).LocationConstraint, 'ap-northeast-2');
});

test('a request signed for another region is told the right one', async () => {
  await ireland.send(new CreateBucketCommand({ Bucket: 'far-bucket', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }));
  const error = await refused(s3.send(new PutObjectCommand({ Bucket: 'far-bucket', Key: 'k', Body: 'x' })), {
    code: 'AuthorizationHeaderMalformed',
    status: 400,
    message: /the region 'us-east-1' is wrong; expecting 'eu-west-1'/,
  });
  assert.equal(error['Region'], 'eu-west-1');
  const head = await refused(s3.send(new HeadBucketCommand({ Bucket: 'far-bucket' })), { status: 301 });
  assert.equal(head['$response'].headers['x-amz-bucket-region'], 'eu-west-1');
});

test('buckets are listed by page, prefix and region', async () => {
  const account = cloud.client(S3Client, { credentials: rootOf('333333333333') });
  for (const name of ['list-a', 'list-b', 'list-c', 'rest-a']) await account.send(new CreateBucketCommand({ Bucket: name }));
  const names = (page: { Buckets?: { Name?: string }[] }) => page.Buckets?.map((bucket) => bucket.Name);
  const first = await account.send(new ListBucketsCommand({ MaxBuckets: 2, Prefix: 'list-' }));
  assert.deepEqual([names(first), first.Prefix], [['list-a', 'list-b'], 'list-']);
  const second = await account.send(new ListBucketsCommand({ MaxBuckets: 2, Prefix: 'list-', ContinuationToken: first.ContinuationToken }));
  assert.deepEqual([names(second), second.ContinuationToken], [['list-c'], undefined]);
  assert.deepEqual(names(await account.send(new ListBucketsCommand({ BucketRegion: 'eu-west-1' }))) ?? [], []);
  assert.equal((await account.send(new ListBucketsCommand({}))).Buckets?.length, 4);
  await refused(account.send(new ListBucketsCommand({ ContinuationToken: '!' })), 'InvalidArgument');
});

test('a bucket with objects stays; of another account it is denied', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'full-bucket' }));
  await s3.send(new PutObjectCommand({ Bucket: 'full-bucket', Key: 'k', Body: 'x' }));
  await refused(s3.send(new DeleteBucketCommand({ Bucket: 'full-bucket' })), { code: 'BucketNotEmpty', status: 409 });
  await refused(other.send(new DeleteBucketCommand({ Bucket: 'full-bucket' })), { code: 'AccessDenied', status: 403 });
  await refused(s3.send(new HeadBucketCommand({ Bucket: 'full-bucket', ExpectedBucketOwner: '222222222222' })), { status: 403 });
});

test('who may list buckets is told by policies over any resource and over all buckets', async () => {
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'lister' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'lister' }));
  const lister = cloud.client(S3Client, {
    credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
  });
  const list = () => lister.send(new ListBucketsCommand({}));
  const say = (Effect: string, Resource: string, PolicyName = 'p') => {
    const Statement = [{ Effect, Action: 's3:ListAllMyBuckets', Resource }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    return iam.send(new PutUserPolicyCommand({ UserName: 'lister', PolicyName, PolicyDocument }));
  };
  await refused(list(), {
    code: 'AccessDenied',
    message: /not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action$/,
  });
  for (const resource of ['*', 'arn:aws:s3:::*']) {
    await say('Allow', resource);
    await list();
  }
  await say('Deny', 'arn:aws:s3:::*', 'q');
  await refused(list(), 'AccessDenied');
});

test('directory buckets are not there: their listing, which has the path of the other one, says so', async () => {
  await refused(cloud.client(S3Client).send(new ListDirectoryBucketsCommand({})), { code: 'NotImplemented', status: 501 });
});
