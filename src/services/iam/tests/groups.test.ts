/** Groups and who is in them, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Iam from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { allow, policy, userWith } from './cast.ts';

let cloud: LiveCloud;
let iam: Iam.IAMClient;
before(async () => {
  cloud = await startCloud();
  iam = cloud.client(Iam.IAMClient);
});
after(() => cloud.close());

test('a group is read back with its members', async () => {
  const { Group: made } = await iam.send(new Iam.CreateGroupCommand({ GroupName: 'admins', Path: '/org/' }));
  assert.equal(made?.Arn, 'arn:aws:iam::000000000000:group/org/admins');
  assert.match(made.GroupId!, /^AGPA[A-Z2-7]{17}$/);
  for (const UserName of ['u2', 'u1', 'u3']) {
    await iam.send(new Iam.CreateUserCommand({ UserName }));
    await iam.send(new Iam.AddUserToGroupCommand({ GroupName: 'admins', UserName }));
  }
  const first = await iam.send(new Iam.GetGroupCommand({ GroupName: 'Admins', MaxItems: 2 }));
  assert.deepEqual(first.Group, made);
  assert.deepEqual(
    first.Users?.map((user) => user.UserName),
    ['u1', 'u2'],
  );
  const second = await iam.send(new Iam.GetGroupCommand({ GroupName: 'admins', Marker: first.Marker }));
  assert.deepEqual(
    second.Users?.map((user) => user.UserName),
    ['u3'],
  );
  assert.deepEqual((await iam.send(new Iam.ListGroupsForUserCommand({ UserName: 'u1' }))).Groups, [made]);
  assert.deepEqual((await iam.send(new Iam.ListGroupsCommand({ PathPrefix: '/org/' }))).Groups, [made]);
  await assert.rejects(iam.send(new Iam.CreateGroupCommand({ GroupName: 'ADMINS' })), {
    name: 'EntityAlreadyExistsException',
    message: 'Group with name ADMINS already exists.',
  });
});

test('what a group may do, its members may do, from the next call on', async () => {
  const { client } = await userWith(cloud, iam, 'member');
  await assert.rejects(client.send(new Iam.ListUsersCommand({})), { name: 'AccessDenied' });
  await iam.send(new Iam.CreateGroupCommand({ GroupName: 'listers' }));
  await iam.send(
    new Iam.PutGroupPolicyCommand({ GroupName: 'listers', PolicyName: 'list', PolicyDocument: policy(allow('iam:ListUsers')) }),
  );
  await iam.send(new Iam.AddUserToGroupCommand({ GroupName: 'listers', UserName: 'member' }));
  await client.send(new Iam.ListUsersCommand({}));
  await iam.send(new Iam.RemoveUserFromGroupCommand({ GroupName: 'listers', UserName: 'member' }));
  await assert.rejects(client.send(new Iam.ListUsersCommand({})), { name: 'AccessDenied' });
});

test('a group in use cannot be deleted', async () => {
  await iam.send(new Iam.CreateGroupCommand({ GroupName: 'busy' }));
  await iam.send(new Iam.CreateUserCommand({ UserName: 'busybody' }));
  await iam.send(new Iam.AddUserToGroupCommand({ GroupName: 'busy', UserName: 'busybody' }));
  await assert.rejects(iam.send(new Iam.DeleteGroupCommand({ GroupName: 'busy' })), {
    name: 'DeleteConflictException',
    message: 'Cannot delete entity, must remove users from group first.',
  });
  await iam.send(new Iam.UpdateGroupCommand({ GroupName: 'busy', NewGroupName: 'lazy', NewPath: '/l/' }));
  await iam.send(new Iam.RemoveUserFromGroupCommand({ GroupName: 'lazy', UserName: 'busybody' }));
  await iam.send(new Iam.DeleteGroupCommand({ GroupName: 'lazy' }));
  await assert.rejects(iam.send(new Iam.GetGroupCommand({ GroupName: 'lazy' })), {
    name: 'NoSuchEntityException',
    message: 'The group with name lazy cannot be found.',
  });
});

test('a user is in ten groups at most', async () => {
  await iam.send(new Iam.CreateUserCommand({ UserName: 'joiner' }));
  for (let i = 0; i < 11; i++) await iam.send(new Iam.CreateGroupCommand({ GroupName: `g${i}` }));
  for (let i = 0; i < 10; i++) await iam.send(new Iam.AddUserToGroupCommand({ GroupName: `g${i}`, UserName: 'joiner' }));
  await iam.send(new Iam.AddUserToGroupCommand({ GroupName: 'g0', UserName: 'joiner' }));
  await assert.rejects(iam.send(new Iam.AddUserToGroupCommand({ GroupName: 'g10', UserName: 'joiner' })), {
    name: 'LimitExceededException',
    message: 'Cannot exceed quota for GroupsPerUser: 10',
  });
});
