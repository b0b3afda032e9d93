/** Access keys: who signs with them, and when they were last used, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Iam from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { allow, userWith } from './cast.ts';

let cloud: LiveCloud;
let iam: Iam.IAMClient;
before(async () => {
  cloud = await startCloud();
  iam = cloud.client(Iam.IAMClient);
});
after(() => cloud.close());

const whoAmI = new Iam.GetUserCommand({});

test('a key works from the next call on, and stops with the next call', async () => {
  const { client, credentials } = await userWith(cloud, iam, 'kay', allow('iam:GetUser'));
  assert.match(credentials.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
  assert.equal((await client.send(whoAmI)).User?.UserName, 'kay');
  const key = { UserName: 'kay', AccessKeyId: credentials.accessKeyId };
  await iam.send(new Iam.UpdateAccessKeyCommand({ ...key, Status: 'Inactive' }));
  await assert.rejects(client.send(whoAmI), { name: 'InvalidClientTokenId' });
  await iam.send(new Iam.UpdateAccessKeyCommand({ ...key, Status: 'Active' }));
  await client.send(whoAmI);
  await iam.send(new Iam.DeleteAccessKeyCommand(key));
  await assert.rejects(client.send(whoAmI), { name: 'InvalidClientTokenId' });
  await assert.rejects(iam.send(new Iam.DeleteAccessKeyCommand(key)), {
    name: 'NoSuchEntityException',
    message: `The Access Key with id ${credentials.accessKeyId} cannot be found.`,
  });
});

test('a wrong secret is refused', async () => {
  const { credentials } = await userWith(cloud, iam, 'liar', allow('iam:GetUser'));
  const client = cloud.client(Iam.IAMClient, { credentials: { ...credentials, secretAccessKey: 'x'.repeat(40) } });
  await assert.rejects(client.send(whoAmI), { name: 'SignatureDoesNotMatch' });
});

test('two keys for each user, listed without their secrets', async () => {
  await userWith(cloud, iam, 'two');
  await iam.send(new Iam.CreateAccessKeyCommand({ UserName: 'two' }));
  await assert.rejects(iam.send(new Iam.CreateAccessKeyCommand({ UserName: 'two' })), {
    name: 'LimitExceededException',
    message: 'Cannot exceed quota for AccessKeysPerUser: 2',
  });
  const { AccessKeyMetadata } = await iam.send(new Iam.ListAccessKeysCommand({ UserName: 'two' }));
  assert.equal(AccessKeyMetadata?.length, 2);
  assert.deepEqual(Object.keys(AccessKeyMetadata[0]!).sort(), ['AccessKeyId', 'CreateDate', 'Status', 'UserName']);
});

test('without a name an operation means the caller, also the root user', async () => {
  const { client } = await userWith(cloud, iam, 'selfish', allow('iam:*AccessKey*', 'arn:aws:iam::*:user/${aws:username}'));
  assert.equal((await client.send(new Iam.CreateAccessKeyCommand({}))).AccessKey?.UserName, 'selfish');
  assert.equal((await client.send(new Iam.ListAccessKeysCommand({}))).AccessKeyMetadata?.length, 2);
  await assert.rejects(client.send(new Iam.ListAccessKeysCommand({ UserName: 'two' })), { name: 'AccessDenied' });
  const { AccessKey } = await iam.send(new Iam.CreateAccessKeyCommand({}));
  const root = cloud.client(Iam.IAMClient, {
    credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
  });
  assert.equal((await root.send(whoAmI)).User?.Arn, 'arn:aws:iam::000000000000:root');
});

test('when a key was last used, and for what', async () => {
  const { client, credentials } = await userWith(cloud, iam, 'busy', allow('iam:GetUser'));
  const AccessKeyId = credentials.accessKeyId;
  assert.equal((await iam.send(new Iam.GetAccessKeyLastUsedCommand({ AccessKeyId }))).AccessKeyLastUsed?.ServiceName, 'N/A');
  await cloud.advance(3_600_000);
  await client.send(whoAmI);
  const { UserName, AccessKeyLastUsed } = await iam.send(new Iam.GetAccessKeyLastUsedCommand({ AccessKeyId }));
  assert.equal(UserName, 'busy');
  assert.equal(AccessKeyLastUsed?.ServiceName, 'iam');
  assert.equal(AccessKeyLastUsed.LastUsedDate?.getTime(), Math.floor(cloud.cloud.clock.now() / 1000) * 1000);
});

test('secrets and keys of one account say nothing to another', async () => {
  const { credentials } = await userWith(cloud, iam, 'hidden');
  const stranger = cloud.client(Iam.IAMClient, { credentials: { accessKeyId: '111111111111', secretAccessKey: 'test' } });
  await assert.rejects(stranger.send(new Iam.GetAccessKeyLastUsedCommand({ AccessKeyId: credentials.accessKeyId })), {
    name: 'NoSuchEntityException',
  });
  assert.deepEqual((await stranger.send(new Iam.ListUsersCommand({ Marker: 'AmhpZGRlbgA' }))).Users, []);
});
