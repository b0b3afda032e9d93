/** What binds sessions of roles and users, as IAM tells the gateway: through the SDKs of IAM and STS. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Iam from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { inlinePolicies } from '../tables.ts';
import { allow, policy, userWith } from './cast.ts';

let cloud: LiveCloud;
let iam: Iam.IAMClient;
before(async () => {
  cloud = await startCloud();
  iam = cloud.client(Iam.IAMClient);
});
after(() => cloud.close());

/** A role with these permissions, and a client that calls as a session of it. */
async function sessionOf(name: string, action: string): Promise<Iam.IAMClient> {
  const user = await userWith(cloud, iam, `${name}-user`, allow('sts:AssumeRole'));
  const trust = policy({ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::000000000000:user/${name}-user` }, Action: 'sts:AssumeRole' });
  const { Role } = await iam.send(new Iam.CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }));
  await iam.send(new Iam.PutRolePolicyCommand({ RoleName: name, PolicyName: 'own', PolicyDocument: policy(allow(action)) }));
  const sts = cloud.client(STSClient, { credentials: user.credentials });
  const { Credentials: c } = await sts.send(new AssumeRoleCommand({ RoleArn: Role!.Arn!, RoleSessionName: 'session' }));
  const credentials = { accessKeyId: c!.AccessKeyId!, secretAccessKey: c!.SecretAccessKey!, sessionToken: c!.SessionToken! };
  return cloud.client(Iam.IAMClient, { credentials });
}

test('a session follows the policies of its role', async () => {
  const session = await sessionOf('worker', 'iam:ListUsers');
  await session.send(new Iam.ListUsersCommand({}));
  await assert.rejects(
    session.send(new Iam.ListRolesCommand({})),
    /assumed-role\/worker\/session is not authorized to perform: iam:ListRoles/,
  );
  await iam.send(new Iam.PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'own', PolicyDocument: policy(allow('iam:ListRoles')) }));
  await session.send(new Iam.ListRolesCommand({}));
  await assert.rejects(session.send(new Iam.ListUsersCommand({})), { name: 'AccessDenied' });
  await assert.rejects(session.send(new Iam.ListAccessKeysCommand({})), {
    name: 'ValidationError',
    message: 'Must specify userName when calling with non-User credentials',
  });
});

test('when a role was last used is told with it', async () => {
  const session = await sessionOf('seen', 'iam:ListUsers');
  assert.deepEqual((await iam.send(new Iam.GetRoleCommand({ RoleName: 'seen' }))).Role?.RoleLastUsed, {});
  await session.send(new Iam.ListUsersCommand({}));
  const { Role } = await iam.send(new Iam.GetRoleCommand({ RoleName: 'seen' }));
  assert.equal(Role?.RoleLastUsed?.LastUsedDate?.getTime(), Math.floor(cloud.cloud.clock.now() / 1000) * 1000);
});

test('the session of a deleted role may do nothing, not even when a role of that name comes again', async () => {
  const session = await sessionOf('brief', 'iam:ListUsers');
  await session.send(new Iam.ListUsersCommand({}));
  const { Role } = await iam.send(new Iam.GetRoleCommand({ RoleName: 'brief' }));
  await iam.send(new Iam.DeleteRolePolicyCommand({ RoleName: 'brief', PolicyName: 'own' }));
  await iam.send(new Iam.DeleteRoleCommand({ RoleName: 'brief' }));
  await assert.rejects(session.send(new Iam.ListUsersCommand({})), { name: 'AccessDenied' });
  const AssumeRolePolicyDocument = decodeURIComponent(Role!.AssumeRolePolicyDocument!);
  await iam.send(new Iam.CreateRoleCommand({ RoleName: 'brief', AssumeRolePolicyDocument }));
  await iam.send(new Iam.PutRolePolicyCommand({ RoleName: 'brief', PolicyName: 'own', PolicyDocument: policy(allow('iam:ListUsers')) }));
  await assert.rejects(session.send(new Iam.ListUsersCommand({})), { name: 'AccessDenied' });
});

test('a trust policy may name only users and roles that exist', async () => {
  const trusting = (AWS: string) => policy({ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' });
  const create = (AWS: string) =>
    iam.send(new Iam.CreateRoleCommand({ RoleName: `trusts-${AWS.split('/')[1]}`, AssumeRolePolicyDocument: trusting(AWS) }));
  await assert.rejects(create('arn:aws:iam::000000000000:user/ghost'), {
    name: 'MalformedPolicyDocumentException',
    message: 'Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:user/ghost"',
  });
  await create('arn:aws:iam::999999999999:role/elsewhere');
  await assert.rejects(
    iam.send(
      new Iam.UpdateAssumeRolePolicyCommand({
        RoleName: 'trusts-elsewhere',
        PolicyDocument: trusting('arn:aws:iam::000000000000:role/ghost'),
      }),
    ),
    { name: 'MalformedPolicyDocumentException' },
  );
});

test('what another process commits is seen without a word from this one', async () => {
  const { client } = await userWith(cloud, iam, 'shared', allow('iam:ListUsers'));
  await client.send(new Iam.ListUsersCommand({}));
  const { User } = await iam.send(new Iam.GetUserCommand({ UserName: 'shared' }));
  await cloud.cloud.store.write((tx) => inlinePolicies.delete(tx, '000000000000', User!.UserId!, 'own'));
  const allowed = () =>
    client.send(new Iam.ListUsersCommand({})).then(
      () => true,
      () => false,
    );
  let tries = 0;
  while (await allowed()) assert.ok(++tries < 100, 'the change was never noticed');
});
