/** Who may do what in IAM itself, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Iam from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { allow, deny, ec2Trust, policy, userWith } from './cast.ts';

let cloud: LiveCloud;
let iam: Iam.IAMClient;
before(async () => {
  cloud = await startCloud();
  iam = cloud.client(Iam.IAMClient);
});
after(() => cloud.close());

const denied = { name: 'AccessDenied' };

test('paths, names and tags of what is there decide', async () => {
  const { client } = await userWith(
    cloud,
    iam,
    'warden',
    allow('iam:DeleteUser', 'arn:aws:iam::*:user/temp/*'),
    allow('iam:TagUser', '*', { Condition: { StringEquals: { 'aws:ResourceTag/team': 'red' } } }),
  );
  await iam.send(new Iam.CreateUserCommand({ UserName: 't1', Path: '/temp/', Tags: [{ Key: 'team', Value: 'blue' }] }));
  await iam.send(new Iam.CreateUserCommand({ UserName: 't2', Tags: [{ Key: 'team', Value: 'red' }] }));
  await assert.rejects(
    client.send(new Iam.DeleteUserCommand({ UserName: 't2' })),
    /user\/warden is not authorized to perform: iam:DeleteUser on resource: arn:aws:iam::000000000000:user\/t2 because no identity-based policy allows/,
  );
  await assert.rejects(client.send(new Iam.TagUserCommand({ UserName: 't1', Tags: [{ Key: 'x', Value: 'y' }] })), denied);
  await client.send(new Iam.TagUserCommand({ UserName: 't2', Tags: [{ Key: 'x', Value: 'y' }] }));
  await client.send(new Iam.DeleteUserCommand({ UserName: 'T1' }));
});

test('iam:PolicyARN limits which policies may be attached', async () => {
  const only = { ArnEquals: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/ReadOnlyAccess' } };
  const { client } = await userWith(
    cloud,
    iam,
    'attacher',
    allow(['iam:AttachUserPolicy', 'iam:DetachUserPolicy'], '*', { Condition: only }),
  );
  await client.send(new Iam.AttachUserPolicyCommand({ UserName: 'attacher', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }));
  await assert.rejects(
    client.send(new Iam.AttachUserPolicyCommand({ UserName: 'attacher', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' })),
    denied,
  );
  await client.send(new Iam.DetachUserPolicyCommand({ UserName: 'attacher', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }));
});

test('iam:PermissionsBoundary: who may make only bounded roles', async () => {
  const boundary = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
  const { client } = await userWith(
    cloud,
    iam,
    'delegate',
    allow(['iam:CreateRole', 'iam:PutRolePolicy'], '*', { Condition: { StringEquals: { 'iam:PermissionsBoundary': boundary } } }),
  );
  const role = { RoleName: 'given', AssumeRolePolicyDocument: ec2Trust };
  await assert.rejects(client.send(new Iam.CreateRoleCommand(role)), denied);
  await client.send(new Iam.CreateRoleCommand({ ...role, PermissionsBoundary: boundary }));
  await client.send(new Iam.PutRolePolicyCommand({ RoleName: 'given', PolicyName: 'p', PolicyDocument: policy(allow('s3:*')) }));
  await iam.send(new Iam.CreateRoleCommand({ ...role, RoleName: 'free' }));
  await assert.rejects(
    client.send(new Iam.PutRolePolicyCommand({ RoleName: 'free', PolicyName: 'p', PolicyDocument: policy(allow('s3:*')) })),
    denied,
  );
});

test('request tags decide what may be made', async () => {
  const { client } = await userWith(
    cloud,
    iam,
    'tagger',
    allow(['iam:CreateUser', 'iam:TagUser'], '*', {
      Condition: { StringEquals: { 'aws:RequestTag/env': 'dev' }, 'ForAllValues:StringEquals': { 'aws:TagKeys': ['env'] } },
    }),
  );
  await assert.rejects(client.send(new Iam.CreateUserCommand({ UserName: 'n1' })), denied);
  await assert.rejects(
    client.send(
      new Iam.CreateUserCommand({
        UserName: 'n1',
        Tags: [
          { Key: 'env', Value: 'dev' },
          { Key: 'more', Value: '' },
        ],
      }),
    ),
    denied,
  );
  await client.send(new Iam.CreateUserCommand({ UserName: 'n1', Tags: [{ Key: 'env', Value: 'dev' }] }));
});

test('a boundary narrows a user, an explicit denial beats everything', async () => {
  const { client } = await userWith(cloud, iam, 'narrow', allow('iam:*'));
  await client.send(new Iam.ListRolesCommand({}));
  await iam.send(new Iam.CreatePolicyCommand({ PolicyName: 'lists', PolicyDocument: policy(allow(['iam:ListUsers', 'iam:ListGroups'])) }));
  await iam.send(
    new Iam.PutUserPermissionsBoundaryCommand({ UserName: 'narrow', PermissionsBoundary: 'arn:aws:iam::000000000000:policy/lists' }),
  );
  await client.send(new Iam.ListUsersCommand({}));
  await assert.rejects(client.send(new Iam.ListRolesCommand({})), /because no permissions boundary allows the iam:ListRoles action/);
  await iam.send(new Iam.PutUserPolicyCommand({ UserName: 'narrow', PolicyName: 'no', PolicyDocument: policy(deny('iam:ListUsers')) }));
  await assert.rejects(client.send(new Iam.ListUsersCommand({})), /with an explicit deny in an identity-based policy/);
  await client.send(new Iam.ListGroupsCommand({}));
});

test('a new default version is what holds from the next call on', async () => {
  const { client } = await userWith(cloud, iam, 'versioned');
  const PolicyArn = 'arn:aws:iam::000000000000:policy/turn';
  await iam.send(new Iam.CreatePolicyCommand({ PolicyName: 'turn', PolicyDocument: policy(allow('iam:ListUsers')) }));
  await iam.send(new Iam.AttachUserPolicyCommand({ UserName: 'versioned', PolicyArn }));
  await client.send(new Iam.ListUsersCommand({}));
  await iam.send(new Iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policy(allow('iam:ListRoles')), SetAsDefault: true }));
  await assert.rejects(client.send(new Iam.ListUsersCommand({})), denied);
  await client.send(new Iam.ListRolesCommand({}));
});

test('tags at creation need the permission to tag', async () => {
  const { client } = await userWith(cloud, iam, 'untagging', allow('iam:CreateUser'));
  await client.send(new Iam.CreateUserCommand({ UserName: 'plain' }));
  const tagged = new Iam.CreateUserCommand({ UserName: 'tagged', Tags: [{ Key: 'a', Value: 'b' }] });
  await assert.rejects(
    client.send(tagged),
    /is not authorized to perform: iam:TagUser on resource: arn:aws:iam::000000000000:user\/tagged/,
  );
});

test('accounts are apart', async () => {
  const other = cloud.client(Iam.IAMClient, { credentials: { accessKeyId: '222222222222', secretAccessKey: 'test' } });
  await other.send(new Iam.CreateUserCommand({ UserName: 'warden' }));
  assert.deepEqual(
    (await other.send(new Iam.ListUsersCommand({}))).Users?.map((user) => user.Arn),
    ['arn:aws:iam::222222222222:user/warden'],
  );
});

test('a whole cloud comes back with its users, keys and policies', async () => {
  const first = await startCloud();
  const { credentials } = await userWith(first, first.client(Iam.IAMClient), 'stays', allow('iam:GetUser'));
  await first.close({ keep: true });
  const second = await startCloud({ dataDirectory: first.dataDirectory });
  const { User } = await second.client(Iam.IAMClient, { credentials }).send(new Iam.GetUserCommand({}));
  assert.equal(User?.UserName, 'stays');
  await second.close();
});
