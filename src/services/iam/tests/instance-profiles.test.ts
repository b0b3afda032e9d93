/** Instance profiles, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Iam from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { allow, ec2Trust, userWith } from './cast.ts';

let cloud: LiveCloud;
let iam: Iam.IAMClient;
before(async () => {
  cloud = await startCloud();
  iam = cloud.client(Iam.IAMClient);
});
after(() => cloud.close());

test('an instance profile holds one role', async () => {
  const { InstanceProfile: made } = await iam.send(
    new Iam.CreateInstanceProfileCommand({ InstanceProfileName: 'web', Path: '/p/', Tags: [{ Key: 'a', Value: 'b' }] }),
  );
  assert.equal(made?.Arn, 'arn:aws:iam::000000000000:instance-profile/p/web');
  assert.match(made.InstanceProfileId!, /^AIPA[A-Z2-7]{17}$/);
  assert.deepEqual(made.Roles, []);
  await assert.rejects(iam.send(new Iam.CreateInstanceProfileCommand({ InstanceProfileName: 'WEB' })), {
    name: 'EntityAlreadyExistsException',
    message: 'Instance Profile WEB already exists.',
  });
  for (const RoleName of ['one', 'two']) await iam.send(new Iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: ec2Trust }));
  await iam.send(new Iam.AddRoleToInstanceProfileCommand({ InstanceProfileName: 'web', RoleName: 'one' }));
  await assert.rejects(iam.send(new Iam.AddRoleToInstanceProfileCommand({ InstanceProfileName: 'web', RoleName: 'two' })), {
    name: 'LimitExceededException',
    message: 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
  });
  const { InstanceProfile: read } = await iam.send(new Iam.GetInstanceProfileCommand({ InstanceProfileName: 'web' }));
  assert.deepEqual(
    read?.Roles?.map((role) => role.RoleName),
    ['one'],
  );
  assert.deepEqual(read.Tags, [{ Key: 'a', Value: 'b' }]);
  assert.deepEqual(
    (await iam.send(new Iam.ListInstanceProfilesForRoleCommand({ RoleName: 'one' }))).InstanceProfiles?.map(
      (profile) => profile.InstanceProfileName,
    ),
    ['web'],
  );
  assert.equal((await iam.send(new Iam.ListInstanceProfilesCommand({ PathPrefix: '/p/' }))).InstanceProfiles?.length, 1);
  await assert.rejects(iam.send(new Iam.DeleteRoleCommand({ RoleName: 'one' })), {
    name: 'DeleteConflictException',
    message: 'Cannot delete entity, must remove roles from instance profile first.',
  });
  await assert.rejects(iam.send(new Iam.DeleteInstanceProfileCommand({ InstanceProfileName: 'web' })), { name: 'DeleteConflictException' });
  await iam.send(new Iam.RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: 'web', RoleName: 'one' }));
  await iam.send(new Iam.DeleteInstanceProfileCommand({ InstanceProfileName: 'web' }));
  await assert.rejects(iam.send(new Iam.GetInstanceProfileCommand({ InstanceProfileName: 'web' })), {
    name: 'NoSuchEntityException',
    message: 'Instance Profile web cannot be found.',
  });
});

test('tags of an instance profile', async () => {
  await iam.send(new Iam.CreateInstanceProfileCommand({ InstanceProfileName: 'tagged' }));
  await iam.send(new Iam.TagInstanceProfileCommand({ InstanceProfileName: 'tagged', Tags: [{ Key: 'k', Value: 'v' }] }));
  assert.deepEqual((await iam.send(new Iam.ListInstanceProfileTagsCommand({ InstanceProfileName: 'tagged' }))).Tags, [
    { Key: 'k', Value: 'v' },
  ]);
  await iam.send(new Iam.UntagInstanceProfileCommand({ InstanceProfileName: 'tagged', TagKeys: ['k'] }));
  assert.deepEqual((await iam.send(new Iam.ListInstanceProfileTagsCommand({ InstanceProfileName: 'tagged' }))).Tags, []);
});

test('who puts a role into a profile must be allowed to pass it', async () => {
  await iam.send(new Iam.CreateRoleCommand({ RoleName: 'powerful', AssumeRolePolicyDocument: ec2Trust }));
  await iam.send(new Iam.CreateInstanceProfileCommand({ InstanceProfileName: 'loose' }));
  const { client } = await userWith(cloud, iam, 'climber', allow('iam:AddRoleToInstanceProfile'));
  const add = () => client.send(new Iam.AddRoleToInstanceProfileCommand({ InstanceProfileName: 'loose', RoleName: 'powerful' }));
  await assert.rejects(add(), /is not authorized to perform: iam:PassRole on resource: arn:aws:iam::000000000000:role\/powerful/);
  const pass = allow('iam:PassRole', '*', { Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } } });
  await iam.send(
    new Iam.PutUserPolicyCommand({
      UserName: 'climber',
      PolicyName: 'pass',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [pass] }),
    }),
  );
  await add();
});
