/** Users, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AddUserToGroupCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  GetUserCommand,
  IAMClient,
  ListUserTagsCommand,
  ListUsersCommand,
  PutUserPermissionsBoundaryCommand,
  RemoveUserFromGroupCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let iam: IAMClient;
before(async () => {
  cloud = await startCloud();
  iam = cloud.client(IAMClient);
});
after(() => cloud.close());

test('a user is read back as it was made', async () => {
  const { User: made } = await iam.send(
    new CreateUserCommand({ UserName: 'alice', Path: '/staff/', Tags: [{ Key: 'Team', Value: 'red' }] }),
  );
  assert.equal(made?.Arn, 'arn:aws:iam::000000000000:user/staff/alice');
  assert.match(made.UserId!, /^AIDA[A-Z2-7]{17}$/);
  const { User: read } = await iam.send(new GetUserCommand({ UserName: 'alice' }));
  assert.deepEqual(read, made);
  assert.equal(read?.CreateDate?.getMilliseconds(), 0);
});

test('names are unique whatever their case', async () => {
  await iam.send(new CreateUserCommand({ UserName: 'Carol' }));
  await assert.rejects(iam.send(new CreateUserCommand({ UserName: 'carol' })), {
    name: 'EntityAlreadyExistsException',
    message: 'User with name carol already exists.',
  });
  assert.equal((await iam.send(new GetUserCommand({ UserName: 'CAROL' }))).User?.UserName, 'Carol');
});

test('members that break their constraints are all named', async () => {
  await assert.rejects(iam.send(new CreateUserCommand({ UserName: 'a b', Path: 'x' })), (error: Error) => {
    assert.equal(error.name, 'ValidationError');
    assert.equal(
      error.message,
      '2 validation errors detected: The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-; ' +
        'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    );
    return true;
  });
  await assert.rejects(iam.send(new CreateUserCommand({ UserName: 'a/b' })), {
    message: 'The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
  });
  const long = 'x'.repeat(65);
  await assert.rejects(iam.send(new CreateUserCommand({ UserName: long })), {
    message: `1 validation error detected: Value '${long}' at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64`,
  });
});

test('lists come in pages and by path', async () => {
  for (let i = 0; i < 7; i++) await iam.send(new CreateUserCommand({ UserName: `page${i}`, Path: i % 2 ? '/odd/' : '/even/' }));
  const seen: string[] = [];
  let Marker: string | undefined;
  do {
    const page = await iam.send(new ListUsersCommand({ MaxItems: 2, Marker, PathPrefix: '/even/' }));
    seen.push(...page.Users!.map((user) => user.UserName!));
    assert.equal(page.IsTruncated, page.Marker !== undefined);
    Marker = page.Marker;
  } while (Marker);
  assert.deepEqual(seen, ['page0', 'page2', 'page4', 'page6']);
});

test('a renamed user keeps its id, its groups and its keys', async () => {
  const { User: old } = await iam.send(new CreateUserCommand({ UserName: 'dave' }));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: 'dave' }));
  await iam.send(new UpdateUserCommand({ UserName: 'dave', NewUserName: 'david', NewPath: '/x/' }));
  const own = cloud.client(IAMClient, { credentials: { accessKeyId: key!.AccessKeyId!, secretAccessKey: key!.SecretAccessKey! } });
  await assert.rejects(
    own.send(new GetUserCommand({})),
    /arn:aws:iam::000000000000:user\/x\/david is not authorized to perform: iam:GetUser/,
  );
  const { User: renamed } = await iam.send(new GetUserCommand({ UserName: 'david' }));
  assert.equal(renamed?.UserId, old?.UserId);
  await assert.rejects(iam.send(new GetUserCommand({ UserName: 'dave' })), {
    name: 'NoSuchEntityException',
    message: 'The user with name dave cannot be found.',
  });
  await assert.rejects(iam.send(new UpdateUserCommand({ UserName: 'david', NewUserName: 'ALICE' })), {
    name: 'EntityAlreadyExistsException',
  });
});

test('a user in use cannot be deleted, and AWS says what is in the way', async () => {
  await iam.send(new CreateUserCommand({ UserName: 'eve' }));
  await iam.send(new CreateGroupCommand({ GroupName: 'readers' }));
  await iam.send(new AddUserToGroupCommand({ GroupName: 'readers', UserName: 'eve' }));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: 'eve' }));
  const remove = () => iam.send(new DeleteUserCommand({ UserName: 'eve' }));
  await assert.rejects(remove(), { name: 'DeleteConflictException', message: 'Cannot delete entity, must remove users from group first.' });
  await iam.send(new RemoveUserFromGroupCommand({ GroupName: 'readers', UserName: 'eve' }));
  await assert.rejects(remove(), { name: 'DeleteConflictException', message: 'Cannot delete entity, must delete access keys first.' });
  await iam.send(new DeleteAccessKeyCommand({ UserName: 'eve', AccessKeyId: key!.AccessKeyId! }));
  await remove();
  await assert.rejects(remove(), { name: 'NoSuchEntityException' });
});

test('tags are merged whatever the case of their keys', async () => {
  await iam.send(new CreateUserCommand({ UserName: 'frank', Tags: [{ Key: 'Env', Value: 'dev' }] }));
  await iam.send(
    new TagUserCommand({
      UserName: 'frank',
      Tags: [
        { Key: 'env', Value: 'prod' },
        { Key: 'Owner', Value: '' },
      ],
    }),
  );
  assert.deepEqual((await iam.send(new ListUserTagsCommand({ UserName: 'frank' }))).Tags, [
    { Key: 'Owner', Value: '' },
    { Key: 'env', Value: 'prod' },
  ]);
  await iam.send(new UntagUserCommand({ UserName: 'frank', TagKeys: ['ENV'] }));
  assert.deepEqual((await iam.send(new ListUserTagsCommand({ UserName: 'frank' }))).Tags, [{ Key: 'Owner', Value: '' }]);
  const many = Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: '' }));
  await assert.rejects(iam.send(new TagUserCommand({ UserName: 'frank', Tags: many })), { name: 'LimitExceededException' });
});

test('a permissions boundary must be a policy that exists', async () => {
  await iam.send(new CreateUserCommand({ UserName: 'grace' }));
  const missing = 'arn:aws:iam::000000000000:policy/none';
  await assert.rejects(iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'grace', PermissionsBoundary: missing })), {
    name: 'NoSuchEntityException',
    message: `Scope ARN: ${missing} does not exist or is not attachable.`,
  });
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] });
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'bound', PolicyDocument }));
  await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'grace', PermissionsBoundary: Policy!.Arn }));
  assert.equal((await iam.send(new GetUserCommand({ UserName: 'grace' }))).User?.PermissionsBoundary?.PermissionsBoundaryArn, Policy!.Arn);
  await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: 'grace' }));
  assert.equal((await iam.send(new GetUserCommand({ UserName: 'grace' }))).User?.PermissionsBoundary, undefined);
});

test('the root user asks about itself without a name', async () => {
  const { User } = await iam.send(new GetUserCommand({}));
  assert.equal(User?.Arn, 'arn:aws:iam::000000000000:root');
});
