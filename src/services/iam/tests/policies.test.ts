/** Managed policies, versions, attachments and inline policies, through the SDK. */

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

const arnOf = (name: string) => `arn:aws:iam::000000000000:policy/${name}`;
const document = policy(allow('s3:GetObject', 'arn:aws:s3:::a/*'));

test('a policy is read back as it was made', async () => {
  const { Policy: made } = await iam.send(
    new Iam.CreatePolicyCommand({
      PolicyName: 'readers',
      Path: '/x/',
      PolicyDocument: document,
      Description: 'reads',
      Tags: [{ Key: 'a', Value: 'b' }],
    }),
  );
  assert.equal(made?.Arn, arnOf('x/readers'));
  assert.match(made.PolicyId!, /^ANPA[A-Z2-7]{17}$/);
  const { Policy: read } = await iam.send(new Iam.GetPolicyCommand({ PolicyArn: made.Arn }));
  assert.deepEqual(read, { ...made, Description: 'reads' });
  const { PolicyVersion } = await iam.send(new Iam.GetPolicyVersionCommand({ PolicyArn: made.Arn, VersionId: 'v1' }));
  assert.equal(decodeURIComponent(PolicyVersion!.Document!), document);
  await assert.rejects(iam.send(new Iam.CreatePolicyCommand({ PolicyName: 'Readers', PolicyDocument: document })), {
    name: 'EntityAlreadyExistsException',
    message: 'A policy called Readers already exists. Duplicate names are not allowed.',
  });
  await assert.rejects(iam.send(new Iam.GetPolicyCommand({ PolicyArn: arnOf('readers') })), {
    name: 'NoSuchEntityException',
    message: `Policy ${arnOf('readers')} was not found.`,
  });
  await assert.rejects(iam.send(new Iam.GetPolicyCommand({ PolicyArn: 'not-an-arn-of-any-kind' })), {
    name: 'InvalidInputException',
    message: 'ARN not-an-arn-of-any-kind is not valid.',
  });
});

test('versions: five at most, one the default, numbers never used again', async () => {
  const PolicyArn = arnOf('versioned');
  await iam.send(new Iam.CreatePolicyCommand({ PolicyName: 'versioned', PolicyDocument: document }));
  for (let i = 2; i <= 5; i++)
    await iam.send(new Iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policy(allow(`s3:Get${i}*`)), SetAsDefault: i === 3 }));
  await assert.rejects(iam.send(new Iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document })), {
    name: 'LimitExceededException',
    message: /^A managed policy can have up to 5 versions/,
  });
  await assert.rejects(iam.send(new Iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v3' })), {
    name: 'DeleteConflictException',
    message: 'Cannot delete the default version of a policy.',
  });
  await iam.send(new Iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v5' }));
  assert.equal(
    (await iam.send(new Iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document }))).PolicyVersion?.VersionId,
    'v6',
  );
  await iam.send(new Iam.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v6' }));
  const { Versions } = await iam.send(new Iam.ListPolicyVersionsCommand({ PolicyArn }));
  assert.deepEqual(
    Versions?.map((version) => [version.VersionId, version.IsDefaultVersion]),
    [
      ['v6', true],
      ['v4', false],
      ['v3', false],
      ['v2', false],
      ['v1', false],
    ],
  );
  await assert.rejects(iam.send(new Iam.DeletePolicyCommand({ PolicyArn })), {
    name: 'DeleteConflictException',
    message: /^This policy has more than one version/,
  });
  for (const VersionId of ['v1', 'v2', 'v3', 'v4']) await iam.send(new Iam.DeletePolicyVersionCommand({ PolicyArn, VersionId }));
  await iam.send(new Iam.DeletePolicyCommand({ PolicyArn }));
  await assert.rejects(iam.send(new Iam.GetPolicyVersionCommand({ PolicyArn, VersionId: 'v6' })), { name: 'NoSuchEntityException' });
});

test('attachments are counted, listed both ways, and keep a policy from being deleted', async () => {
  const PolicyArn = arnOf('shared');
  await iam.send(new Iam.CreatePolicyCommand({ PolicyName: 'shared', PolicyDocument: document }));
  await iam.send(new Iam.CreateUserCommand({ UserName: 'ann' }));
  await iam.send(new Iam.CreateGroupCommand({ GroupName: 'gang' }));
  await iam.send(new Iam.CreateRoleCommand({ RoleName: 'rob', AssumeRolePolicyDocument: ec2Trust }));
  for (let i = 0; i < 2; i++) await iam.send(new Iam.AttachUserPolicyCommand({ UserName: 'ann', PolicyArn }));
  await iam.send(new Iam.AttachGroupPolicyCommand({ GroupName: 'gang', PolicyArn }));
  await iam.send(new Iam.AttachRolePolicyCommand({ RoleName: 'rob', PolicyArn }));
  assert.equal((await iam.send(new Iam.GetPolicyCommand({ PolicyArn }))).Policy?.AttachmentCount, 3);
  const entities = await iam.send(new Iam.ListEntitiesForPolicyCommand({ PolicyArn }));
  assert.deepEqual(
    [entities.PolicyUsers?.[0]?.UserName, entities.PolicyGroups?.[0]?.GroupName, entities.PolicyRoles?.[0]?.RoleName],
    ['ann', 'gang', 'rob'],
  );
  const attached = [{ PolicyName: 'shared', PolicyArn }];
  assert.deepEqual((await iam.send(new Iam.ListAttachedUserPoliciesCommand({ UserName: 'ann' }))).AttachedPolicies, attached);
  assert.deepEqual((await iam.send(new Iam.ListAttachedGroupPoliciesCommand({ GroupName: 'gang' }))).AttachedPolicies, attached);
  assert.deepEqual((await iam.send(new Iam.ListAttachedRolePoliciesCommand({ RoleName: 'rob' }))).AttachedPolicies, attached);
  assert.deepEqual(
    (await iam.send(new Iam.ListPoliciesCommand({ Scope: 'Local', OnlyAttached: true }))).Policies?.map((each) => each.PolicyName),
    ['shared'],
  );
  await assert.rejects(iam.send(new Iam.DeletePolicyCommand({ PolicyArn })), {
    name: 'DeleteConflictException',
    message: 'Cannot delete a policy attached to entities.',
  });
  await iam.send(new Iam.DetachUserPolicyCommand({ UserName: 'ann', PolicyArn }));
  await iam.send(new Iam.DetachGroupPolicyCommand({ GroupName: 'gang', PolicyArn }));
  await iam.send(new Iam.DetachRolePolicyCommand({ RoleName: 'rob', PolicyArn }));
  await assert.rejects(iam.send(new Iam.DetachRolePolicyCommand({ RoleName: 'rob', PolicyArn })), {
    name: 'NoSuchEntityException',
    message: `Policy ${PolicyArn} was not found.`,
  });
  await assert.rejects(iam.send(new Iam.AttachUserPolicyCommand({ UserName: 'ann', PolicyArn: arnOf('none') })), {
    name: 'NoSuchEntityException',
    message: `Policy ${arnOf('none')} does not exist or is not attachable.`,
  });
  await iam.send(new Iam.DeletePolicyCommand({ PolicyArn }));
});

test('what AWS manages can be listed, read and attached, not changed', async () => {
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
  const { Policy } = await iam.send(new Iam.GetPolicyCommand({ PolicyArn }));
  assert.equal(Policy?.DefaultVersionId, 'v1');
  const { PolicyVersion } = await iam.send(new Iam.GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
  assert.deepEqual(JSON.parse(decodeURIComponent(PolicyVersion!.Document!)), {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  });
  await assert.rejects(iam.send(new Iam.DeletePolicyCommand({ PolicyArn })), { name: 'InvalidInputException' });
  const names: string[] = [];
  for await (const page of Iam.paginateListPolicies({ client: iam, pageSize: 50 }, { Scope: 'AWS' }))
    names.push(...page.Policies!.map((each) => each.PolicyName!));
  assert.ok(names.length > 200 && new Set(names).size === names.length);
  for (const name of ['ReadOnlyAccess', 'AWSLambdaBasicExecutionRole', 'AmazonECSTaskExecutionRolePolicy', 'AmazonSSMManagedInstanceCore'])
    assert.ok(names.includes(name), name);
});

test('every policy that AWS manages is accepted by our own grammar', async () => {
  const { awsPolicies, awsPolicyDocument } = await import('../policies/aws-managed.ts');
  const { parsePolicy } = await import('../../../framework/policy/parse.ts');
  for (const each of (await awsPolicies()).values())
    assert.ok(parsePolicy(await awsPolicyDocument(each), 'identity').statements.length > 0, each.name);
});

test('tags of a policy', async () => {
  const PolicyArn = arnOf('tagged');
  await iam.send(new Iam.CreatePolicyCommand({ PolicyName: 'tagged', PolicyDocument: document }));
  await iam.send(
    new Iam.TagPolicyCommand({
      PolicyArn,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    }),
  );
  await iam.send(new Iam.UntagPolicyCommand({ PolicyArn, TagKeys: ['a'] }));
  assert.deepEqual((await iam.send(new Iam.ListPolicyTagsCommand({ PolicyArn }))).Tags, [{ Key: 'b', Value: '2' }]);
});

test('inline policies of users, groups and roles', async () => {
  await iam.send(new Iam.CreateUserCommand({ UserName: 'ina' }));
  await iam.send(new Iam.CreateGroupCommand({ GroupName: 'ins' }));
  await iam.send(new Iam.CreateRoleCommand({ RoleName: 'inr', AssumeRolePolicyDocument: ec2Trust }));
  await iam.send(new Iam.PutUserPolicyCommand({ UserName: 'ina', PolicyName: 'p', PolicyDocument: document }));
  await iam.send(new Iam.PutGroupPolicyCommand({ GroupName: 'ins', PolicyName: 'p', PolicyDocument: document }));
  await iam.send(new Iam.PutRolePolicyCommand({ RoleName: 'inr', PolicyName: 'p', PolicyDocument: document }));
  const read = [
    await iam.send(new Iam.GetUserPolicyCommand({ UserName: 'ina', PolicyName: 'p' })),
    await iam.send(new Iam.GetGroupPolicyCommand({ GroupName: 'ins', PolicyName: 'p' })),
    await iam.send(new Iam.GetRolePolicyCommand({ RoleName: 'inr', PolicyName: 'p' })),
  ];
  for (const { PolicyDocument } of read) assert.equal(decodeURIComponent(PolicyDocument!), document);
  assert.deepEqual((await iam.send(new Iam.ListUserPoliciesCommand({ UserName: 'ina' }))).PolicyNames, ['p']);
  assert.deepEqual((await iam.send(new Iam.ListGroupPoliciesCommand({ GroupName: 'ins' }))).PolicyNames, ['p']);
  assert.deepEqual((await iam.send(new Iam.ListRolePoliciesCommand({ RoleName: 'inr' }))).PolicyNames, ['p']);
  await iam.send(new Iam.DeleteUserPolicyCommand({ UserName: 'ina', PolicyName: 'p' }));
  await iam.send(new Iam.DeleteGroupPolicyCommand({ GroupName: 'ins', PolicyName: 'p' }));
  await iam.send(new Iam.DeleteRolePolicyCommand({ RoleName: 'inr', PolicyName: 'p' }));
  await assert.rejects(iam.send(new Iam.GetRolePolicyCommand({ RoleName: 'inr', PolicyName: 'p' })), {
    name: 'NoSuchEntityException',
    message: 'The role policy with name p cannot be found.',
  });
});

test('sizes are quotas, and white space is free', async () => {
  const filled = (characters: number) =>
    policy(
      allow(
        's3:Get*',
        Array.from({ length: Math.ceil(characters / 100) }, (_, i) => `arn:aws:s3:::${String(i).padStart(84, 'b')}`),
      ),
    );
  await iam.send(new Iam.CreateUserCommand({ UserName: 'big' }));
  await assert.rejects(iam.send(new Iam.PutUserPolicyCommand({ UserName: 'big', PolicyName: 'p', PolicyDocument: filled(2100) })), {
    name: 'LimitExceededException',
    message: 'Maximum policy size of 2048 bytes exceeded for user big',
  });
  await iam.send(
    new Iam.PutUserPolicyCommand({ UserName: 'big', PolicyName: 'p', PolicyDocument: filled(1500).replaceAll(',', ',' + ' '.repeat(500)) }),
  );
  await assert.rejects(iam.send(new Iam.PutUserPolicyCommand({ UserName: 'big', PolicyName: 'q', PolicyDocument: filled(700) })), {
    name: 'LimitExceededException',
  });
  await assert.rejects(iam.send(new Iam.CreatePolicyCommand({ PolicyName: 'huge', PolicyDocument: filled(6300) })), {
    name: 'LimitExceededException',
    message: 'Cannot exceed quota for PolicySize: 6144',
  });
  await assert.rejects(iam.send(new Iam.CreatePolicyCommand({ PolicyName: 'broken', PolicyDocument: '{"Version":"2012-10-17"' })), {
    name: 'MalformedPolicyDocumentException',
  });
});

test('ten managed policies for one user', async () => {
  await iam.send(new Iam.CreateUserCommand({ UserName: 'collector' }));
  for (let i = 0; i < 11; i++) await iam.send(new Iam.CreatePolicyCommand({ PolicyName: `c${i}`, PolicyDocument: document }));
  for (let i = 0; i < 10; i++) await iam.send(new Iam.AttachUserPolicyCommand({ UserName: 'collector', PolicyArn: arnOf(`c${i}`) }));
  await assert.rejects(iam.send(new Iam.AttachUserPolicyCommand({ UserName: 'collector', PolicyArn: arnOf('c10') })), {
    name: 'LimitExceededException',
    message: 'Cannot exceed quota for PoliciesPerUser: 10',
  });
});
