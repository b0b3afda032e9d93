/** Roles and service-linked roles, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Iam from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { allow, ec2Trust, policy } from './cast.ts';

let cloud: LiveCloud;
let iam: Iam.IAMClient;
before(async () => {
  cloud = await startCloud();
  iam = cloud.client(Iam.IAMClient);
});
after(() => cloud.close());

test('a role is read back as it was made, its trust policy percent-encoded', async () => {
  const { Role: made } = await iam.send(
    new Iam.CreateRoleCommand({
      RoleName: 'app',
      Path: '/svc/',
      AssumeRolePolicyDocument: ec2Trust,
      Description: 'for (the) app',
      MaxSessionDuration: 7200,
      Tags: [{ Key: 'a', Value: 'b' }],
    }),
  );
  assert.equal(made?.Arn, 'arn:aws:iam::000000000000:role/svc/app');
  assert.match(made.RoleId!, /^AROA[A-Z2-7]{17}$/);
  assert.equal(decodeURIComponent(made.AssumeRolePolicyDocument!), ec2Trust);
  assert.doesNotMatch(made.AssumeRolePolicyDocument!, /[!'()*"{}:]/);
  const { Role: read } = await iam.send(new Iam.GetRoleCommand({ RoleName: 'app' }));
  assert.deepEqual(read, { ...made, RoleLastUsed: {} });
  const { Roles } = await iam.send(new Iam.ListRolesCommand({ PathPrefix: '/svc/' }));
  assert.deepEqual(
    Roles?.map(({ RoleName, Tags }) => ({ RoleName, Tags })),
    [{ RoleName: 'app', Tags: undefined }],
  );
});

test('a role is changed piece by piece', async () => {
  await iam.send(new Iam.CreateRoleCommand({ RoleName: 'turning', AssumeRolePolicyDocument: ec2Trust, Description: 'old' }));
  await iam.send(new Iam.UpdateRoleCommand({ RoleName: 'turning', MaxSessionDuration: 43200 }));
  assert.equal(
    (await iam.send(new Iam.UpdateRoleDescriptionCommand({ RoleName: 'turning', Description: 'new' }))).Role?.Description,
    'new',
  );
  const trust = policy({ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: 'sts:AssumeRole' });
  await iam.send(new Iam.UpdateAssumeRolePolicyCommand({ RoleName: 'turning', PolicyDocument: trust }));
  await iam.send(
    new Iam.TagRoleCommand({
      RoleName: 'turning',
      Tags: [
        { Key: 'x', Value: 'y' },
        { Key: 'z', Value: '' },
      ],
    }),
  );
  await iam.send(new Iam.UntagRoleCommand({ RoleName: 'turning', TagKeys: ['x'] }));
  const { Role } = await iam.send(new Iam.GetRoleCommand({ RoleName: 'turning' }));
  assert.equal(Role?.MaxSessionDuration, 43200);
  assert.equal(decodeURIComponent(Role.AssumeRolePolicyDocument!), trust);
  assert.deepEqual(Role.Tags, [{ Key: 'z', Value: '' }]);
  assert.deepEqual((await iam.send(new Iam.ListRoleTagsCommand({ RoleName: 'turning' }))).Tags, [{ Key: 'z', Value: '' }]);
  await assert.rejects(iam.send(new Iam.UpdateAssumeRolePolicyCommand({ RoleName: 'turning', PolicyDocument: '{' })), {
    name: 'MalformedPolicyDocumentException',
  });
  await assert.rejects(
    iam.send(new Iam.UpdateRoleCommand({ RoleName: 'turning', MaxSessionDuration: 60 })),
    /Value '60' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600/,
  );
});

test('a boundary is set and taken away', async () => {
  await iam.send(
    new Iam.CreateRoleCommand({
      RoleName: 'bounded',
      AssumeRolePolicyDocument: ec2Trust,
      PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonS3FullAccess',
    }),
  );
  assert.equal(
    (await iam.send(new Iam.GetRoleCommand({ RoleName: 'bounded' }))).Role?.PermissionsBoundary?.PermissionsBoundaryArn,
    'arn:aws:iam::aws:policy/AmazonS3FullAccess',
  );
  await iam.send(new Iam.DeleteRolePermissionsBoundaryCommand({ RoleName: 'bounded' }));
  assert.equal((await iam.send(new Iam.GetRoleCommand({ RoleName: 'bounded' }))).Role?.PermissionsBoundary, undefined);
  await iam.send(
    new Iam.PutRolePermissionsBoundaryCommand({ RoleName: 'bounded', PermissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess' }),
  );
  const { PolicyRoles } = await iam.send(
    new Iam.ListEntitiesForPolicyCommand({
      PolicyArn: 'arn:aws:iam::aws:policy/PowerUserAccess',
      PolicyUsageFilter: 'PermissionsBoundary',
    }),
  );
  assert.deepEqual(
    PolicyRoles?.map((role) => role.RoleName),
    ['bounded'],
  );
});

test('a role in use cannot be deleted', async () => {
  await iam.send(new Iam.CreateRoleCommand({ RoleName: 'used', AssumeRolePolicyDocument: ec2Trust }));
  const remove = () => iam.send(new Iam.DeleteRoleCommand({ RoleName: 'used' }));
  await iam.send(new Iam.PutRolePolicyCommand({ RoleName: 'used', PolicyName: 'p', PolicyDocument: policy(allow('s3:*')) }));
  await assert.rejects(remove(), { name: 'DeleteConflictException', message: 'Cannot delete entity, must delete policies first.' });
  await iam.send(new Iam.DeleteRolePolicyCommand({ RoleName: 'used', PolicyName: 'p' }));
  await iam.send(new Iam.AttachRolePolicyCommand({ RoleName: 'used', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }));
  await assert.rejects(remove(), { name: 'DeleteConflictException', message: 'Cannot delete entity, must detach all policies first.' });
  await iam.send(new Iam.DetachRolePolicyCommand({ RoleName: 'used', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }));
  await remove();
  await assert.rejects(remove(), { name: 'NoSuchEntityException', message: 'The role with name used cannot be found.' });
});

test('a service-linked role belongs to its service, and is deleted by a task', async () => {
  const { Role } = await iam.send(
    new Iam.CreateServiceLinkedRoleCommand({ AWSServiceName: 'autoscaling.amazonaws.com', CustomSuffix: 'blue' }),
  );
  assert.equal(Role?.Arn, 'arn:aws:iam::000000000000:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_blue');
  const RoleName = Role.RoleName!;
  const { AttachedPolicies } = await iam.send(new Iam.ListAttachedRolePoliciesCommand({ RoleName }));
  assert.deepEqual(
    AttachedPolicies?.map((attached) => attached.PolicyName),
    ['AutoScalingServiceRolePolicy'],
  );
  await assert.rejects(iam.send(new Iam.DeleteRoleCommand({ RoleName })), { name: 'UnmodifiableEntityException' });
  await assert.rejects(
    iam.send(new Iam.CreateServiceLinkedRoleCommand({ AWSServiceName: 'autoscaling.amazonaws.com', CustomSuffix: 'blue' })),
    {
      name: 'InvalidInputException',
      message: `Service role name ${RoleName} has been taken in this account, please try a different suffix.`,
    },
  );
  await assert.rejects(iam.send(new Iam.CreateServiceLinkedRoleCommand({ AWSServiceName: 'nothing.amazonaws.com' })), {
    name: 'InvalidInputException',
  });
  const { DeletionTaskId } = await iam.send(new Iam.DeleteServiceLinkedRoleCommand({ RoleName }));
  assert.match(DeletionTaskId!, /^task\/aws-service-role\/autoscaling\.amazonaws\.com\/AWSServiceRoleForAutoScaling_blue\//);
  assert.equal((await iam.send(new Iam.GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }))).Status, 'SUCCEEDED');
  await assert.rejects(iam.send(new Iam.GetRoleCommand({ RoleName })), { name: 'NoSuchEntityException' });
});

test('AWS leaves the default session length out of the answer to CreateRole, and calls a boundary a Policy', async () => {
  const PermissionsBoundary = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const { Role: made } = await iam.send(
    new Iam.CreateRoleCommand({ RoleName: 'usual', AssumeRolePolicyDocument: ec2Trust, PermissionsBoundary }),
  );
  assert.equal(made?.MaxSessionDuration, undefined);
  const { Role: read } = await iam.send(new Iam.GetRoleCommand({ RoleName: 'usual' }));
  assert.equal(read?.MaxSessionDuration, 3600);
  assert.deepEqual(read.PermissionsBoundary, { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: PermissionsBoundary });
});

test('a service-linked role says in words who may assume it, and some what they are for', async () => {
  const { Role } = await iam.send(new Iam.CreateServiceLinkedRoleCommand({ AWSServiceName: 'rds.amazonaws.com' }));
  assert.deepEqual(JSON.parse(decodeURIComponent(Role!.AssumeRolePolicyDocument!)), {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'rds.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  });
  assert.equal(Role?.Description, 'Allows Amazon RDS to manage AWS resources on your behalf');
  await assert.rejects(iam.send(new Iam.CreateServiceLinkedRoleCommand({ AWSServiceName: 'shield.amazonaws.com', CustomSuffix: 'x' })), {
    message: 'Custom suffix is not allowed for shield.amazonaws.com',
  });
});

test('what is no ARN, and what is no JSON, is told apart from what is wrong inside', async () => {
  await assert.rejects(iam.send(new Iam.AttachRolePolicyCommand({ RoleName: 'usual', PolicyArn: 'a-name-instead-of-an-arn' })), {
    name: 'ValidationError',
    message: 'Invalid ARN:  Could not be parsed!',
  });
  await assert.rejects(iam.send(new Iam.CreateRoleCommand({ RoleName: 'broken', AssumeRolePolicyDocument: '{"Version":"2012-10-17",}' })), {
    name: 'MalformedPolicyDocumentException',
    message: 'This policy contains invalid Json',
  });
});
