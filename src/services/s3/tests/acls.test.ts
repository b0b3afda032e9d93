/** ACLs and object ownership: who is let in, whose an object is, what Block Public Access takes back. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketOwnershipControlsCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  type ObjectOwnership,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { rootOf, startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const other = cloud.client(S3Client, { credentials: rootOf('222222222222') });
const nobody = cloud.client(S3Client, { signer: { sign: async (request: unknown) => request } });
const denied = { code: 'AccessDenied', status: 403 };
const allUsers = 'http://acs.amazonaws.com/groups/global/AllUsers';
let buckets = 0;

async function bucket(ObjectOwnership: ObjectOwnership): Promise<string> {
  const Bucket = `acl-bucket-${++buckets}`;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership }));
  await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
  return Bucket;
}
const put = (client: S3Client, Bucket: string, Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body: Key, ...more }));
const get = (client: S3Client, Bucket: string, Key: string) => client.send(new GetObjectCommand({ Bucket, Key }));
const ownersOf = async (client: S3Client) => {
  const Bucket = `own-${++buckets}-bucket`;
  await client.send(new CreateBucketCommand({ Bucket }));
  return (await client.send(new GetBucketAclCommand({ Bucket }))).Owner!.ID!;
};
const own = await ownersOf(s3);
const others = await ownersOf(other);

test('a bucket that is created private takes ACLs, as clients that send one with everything need it', async () => {
  const Bucket = 'created-private';
  await s3.send(new CreateBucketCommand({ Bucket, ACL: 'private' }));
  const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
  assert.deepEqual(OwnershipControls!.Rules, [{ ObjectOwnership: 'BucketOwnerPreferred' }]);
  await put(s3, Bucket, 'x', { ACL: 'private' });
});

test('a canned ACL lets everyone read an object, and nothing else', async () => {
  const Bucket = await bucket('ObjectWriter');
  await put(s3, Bucket, 'open', { ACL: 'public-read' });
  await put(s3, Bucket, 'closed');
  assert.equal((await get(nobody, Bucket, 'open')).$metadata.httpStatusCode, 200);
  await refused(get(nobody, Bucket, 'closed'), denied);
  await refused(nobody.send(new ListObjectsV2Command({ Bucket })), denied);
  await refused(nobody.send(new GetObjectAclCommand({ Bucket, Key: 'open' })), denied);
  const { Grants } = await s3.send(new GetObjectAclCommand({ Bucket, Key: 'open' }));
  assert.deepEqual(Grants, [
    { Grantee: { Type: 'CanonicalUser', ID: own }, Permission: 'FULL_CONTROL' },
    { Grantee: { Type: 'Group', URI: allUsers }, Permission: 'READ' },
  ]);
  await s3.send(new PutObjectAclCommand({ Bucket, Key: 'open', ACL: 'authenticated-read' }));
  await refused(get(nobody, Bucket, 'open'), denied);
  assert.equal((await get(other, Bucket, 'open')).$metadata.httpStatusCode, 200);
});

test('the ACL of a bucket lets others list and write; a key that is missing is told to who may list', async () => {
  const Bucket = await bucket('ObjectWriter');
  await s3.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' }));
  assert.equal((await nobody.send(new ListObjectsV2Command({ Bucket }))).KeyCount, 0);
  await refused(get(nobody, Bucket, 'missing'), { code: 'NoSuchKey', status: 404 });
  await refused(put(other, Bucket, 'theirs'), denied);
  await s3.send(new PutBucketAclCommand({ Bucket, GrantWrite: `id="${others}"`, GrantFullControl: `id=${own}` }));
  await put(other, Bucket, 'theirs');
  await refused(put(nobody, Bucket, 'nobodys'), denied);
  await refused(other.send(new ListObjectsV2Command({ Bucket })), denied);
});

test('who writes an object owns it: the owner of the bucket may delete but not read it', async () => {
  const Bucket = await bucket('ObjectWriter');
  await s3.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read-write' }));
  await put(other, Bucket, 'theirs');
  await put(other, Bucket, 'given', { ACL: 'bucket-owner-full-control' });
  await refused(get(s3, Bucket, 'theirs'), denied);
  assert.equal((await get(other, Bucket, 'theirs')).$metadata.httpStatusCode, 200);
  assert.equal((await get(s3, Bucket, 'given')).$metadata.httpStatusCode, 200);
  const everyone = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` };
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement: everyone }) }));
  await refused(get(nobody, Bucket, 'theirs'), denied);
  const listed = (await s3.send(new ListObjectsV2Command({ Bucket, FetchOwner: true }))).Contents!;
  assert.deepEqual(
    listed.map(({ Key, Owner }) => [Key, Owner!.ID]),
    [
      ['given', others],
      ['theirs', others],
    ],
  );
  await s3.send(
    new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] } }),
  );
  await put(other, Bucket, 'preferred', { ACL: 'bucket-owner-full-control' });
  assert.equal((await s3.send(new GetObjectAclCommand({ Bucket, Key: 'preferred' }))).Owner!.ID, own);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'theirs' }));
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/given`, ACL: 'public-read' }));
  assert.equal((await s3.send(new GetObjectAclCommand({ Bucket, Key: 'copy' }))).Grants!.length, 2);
});

test('deleting many keys looks at whose each object is, as deleting one does', async () => {
  const Bucket = await bucket('ObjectWriter');
  await s3.send(new PutBucketAclCommand({ Bucket, GrantWrite: `id="${others}"`, GrantFullControl: `id=${own}` }));
  for (const Key of ['one', 'two']) await put(other, Bucket, Key);
  await put(s3, Bucket, 'ours');
  await other.send(new DeleteObjectCommand({ Bucket, Key: 'one' }));
  const Delete = { Objects: [{ Key: 'two' }, { Key: 'ours' }] };
  const { Deleted, Errors } = await other.send(new DeleteObjectsCommand({ Bucket, Delete }));
  assert.deepEqual(Deleted, [{ Key: 'two' }]);
  assert.deepEqual(
    Errors!.map(({ Key, Code }) => [Key, Code]),
    [['ours', 'AccessDenied']],
  );
});

test('a grant to an account lets its users do what their own policies allow', async () => {
  const iam = cloud.client(IAMClient, { credentials: rootOf('222222222222') });
  await iam.send(new CreateUserCommand({ UserName: 'reader' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'reader' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const reader = cloud.client(S3Client, { credentials });
  const Bucket = await bucket('ObjectWriter');
  await put(s3, Bucket, 'granted', { GrantRead: `id=${others}` });
  assert.equal((await get(other, Bucket, 'granted')).$metadata.httpStatusCode, 200);
  await refused(get(reader, Bucket, 'granted'), denied);
  await put(s3, Bucket, 'granted', { ACL: 'public-read' });
  await refused(get(reader, Bucket, 'granted'), denied);
});

test('ownership is put, read and deleted; a bucket that grants to others cannot turn ACLs off', async () => {
  const Bucket = await bucket('BucketOwnerPreferred');
  const controls = async () =>
    (await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))).OwnershipControls!.Rules![0]!.ObjectOwnership;
  const enforce = () =>
    s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] } }));
  assert.equal(await controls(), 'BucketOwnerPreferred');
  await s3.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' }));
  await refused(enforce(), { code: 'InvalidBucketAclWithObjectOwnership', status: 400 });
  await s3.send(new PutBucketAclCommand({ Bucket, ACL: 'private' }));
  await put(s3, Bucket, 'open', { ACL: 'public-read' });
  await enforce();
  await refused(get(nobody, Bucket, 'open'), denied);
  await refused(s3.send(new PutBucketAclCommand({ Bucket, ACL: 'private' })), 'AccessControlListNotSupported');
  await s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket }));
  await refused(controls(), { code: 'OwnershipControlsNotFoundError', status: 404 });
  assert.equal((await get(nobody, Bucket, 'open')).$metadata.httpStatusCode, 200);
});

test('Block Public Access refuses public ACLs, and looks past those that are there', async () => {
  const Bucket = await bucket('ObjectWriter');
  const block = (of: 'IgnorePublicAcls' | 'BlockPublicAcls') =>
    s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { [of]: true } }));
  await put(s3, Bucket, 'open', { ACL: 'public-read' });
  await block('IgnorePublicAcls');
  await refused(get(nobody, Bucket, 'open'), denied);
  await put(s3, Bucket, 'open-too', { ACL: 'public-read' });
  await block('BlockPublicAcls');
  assert.equal((await get(nobody, Bucket, 'open')).$metadata.httpStatusCode, 200);
  await refused(put(s3, Bucket, 'late', { ACL: 'public-read' }), denied);
  await refused(s3.send(new PutObjectAclCommand({ Bucket, Key: 'open', GrantRead: `uri="${allUsers}"` })), denied);
  await refused(s3.send(new PutBucketAclCommand({ Bucket, ACL: 'authenticated-read' })), denied);
  await s3.send(new PutBucketAclCommand({ Bucket, ACL: 'log-delivery-write' as 'private' }));
  const Name = `acl-bucket-${++buckets}`;
  const created = s3.send(new CreateBucketCommand({ Bucket: Name, ObjectOwnership: 'ObjectWriter', ACL: 'public-read' }));
  await refused(created, { code: 'InvalidBucketAclWithBlockPublicAccessError', status: 400 });
});

test('bad ACLs are refused in the words of AWS', async () => {
  const Bucket = await bucket('ObjectWriter');
  const bad = (input: object, code: string) => refused(s3.send(new PutBucketAclCommand({ Bucket, ...input })), code);
  await bad({}, 'MissingSecurityHeader');
  await bad({ ACL: 'open-to-friends' }, 'InvalidArgument');
  await bad({ ACL: 'private', GrantRead: `id=${own}` }, 'InvalidRequest');
  await bad({ GrantRead: 'id=me' }, 'InvalidArgument');
  await bad({ GrantRead: 'uri="http://example.com/"' }, 'InvalidArgument');
  await bad({ GrantRead: 'emailAddress="a@example.com"' }, 'MethodNotAllowed');
  const grant = (Grantee: object) => ({ Grants: [{ Grantee, Permission: 'READ' }], Owner: { ID: own } });
  await bad({ AccessControlPolicy: grant({ Type: 'CanonicalUser', ID: '_foo' }) }, 'InvalidArgument');
  await bad({ AccessControlPolicy: grant({ Type: 'AmazonCustomerByEmail', EmailAddress: 'a@example.com' }) }, 'MethodNotAllowed');
  await bad({ AccessControlPolicy: { ...grant({ Type: 'CanonicalUser', ID: own }), Owner: { ID: others } } }, 'AccessDenied');
  await bad({ AccessControlPolicy: grant({ Type: 'CanonicalUser', ID: own }), ACL: 'private' }, 'UnexpectedContent');
  await s3.send(new PutBucketAclCommand({ Bucket, AccessControlPolicy: { Owner: { ID: own }, Grants: [] } }));
  assert.deepEqual((await s3.send(new GetBucketAclCommand({ Bucket }))).Grants, []);
  await refused(put(s3, Bucket, 'x', { ACL: 'log-delivery-write' as 'private' }), 'InvalidArgument');
});
