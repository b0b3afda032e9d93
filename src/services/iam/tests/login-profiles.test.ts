/** Console passwords, through the SDK. */

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

test('a login profile is made, read, changed and deleted', async () => {
  await iam.send(new Iam.CreateUserCommand({ UserName: 'lou' }));
  await assert.rejects(iam.send(new Iam.GetLoginProfileCommand({ UserName: 'lou' })), {
    name: 'NoSuchEntityException',
    message: 'Login Profile for User lou cannot be found.',
  });
  await assert.rejects(iam.send(new Iam.CreateLoginProfileCommand({ UserName: 'lou', Password: 'simple' })), {
    name: 'PasswordPolicyViolationException',
  });
  const { LoginProfile } = await iam.send(
    new Iam.CreateLoginProfileCommand({ UserName: 'lou', Password: 'Corr3ct-horse', PasswordResetRequired: true }),
  );
  assert.deepEqual((await iam.send(new Iam.GetLoginProfileCommand({ UserName: 'lou' }))).LoginProfile, LoginProfile);
  await assert.rejects(iam.send(new Iam.CreateLoginProfileCommand({ UserName: 'lou', Password: 'Corr3ct-horse' })), {
    name: 'EntityAlreadyExistsException',
    message: 'Login Profile for user lou already exists.',
  });
  await iam.send(new Iam.UpdateLoginProfileCommand({ UserName: 'lou', PasswordResetRequired: false }));
  assert.equal((await iam.send(new Iam.GetLoginProfileCommand({ UserName: 'lou' }))).LoginProfile?.PasswordResetRequired, false);
  await assert.rejects(iam.send(new Iam.DeleteUserCommand({ UserName: 'lou' })), {
    message: 'Cannot delete entity, must delete login profile first.',
  });
  await iam.send(new Iam.DeleteLoginProfileCommand({ UserName: 'lou' }));
  await iam.send(new Iam.DeleteUserCommand({ UserName: 'lou' }));
});

test('users change their own password where the account lets them, and may not go back', async () => {
  const { client } = await userWith(cloud, iam, 'max', allow('iam:GetUser'));
  await iam.send(new Iam.CreateLoginProfileCommand({ UserName: 'max', Password: 'First-pass1' }));
  const change = (OldPassword: string, NewPassword: string) => client.send(new Iam.ChangePasswordCommand({ OldPassword, NewPassword }));
  await assert.rejects(change('First-pass1', 'Second-pass2'), { name: 'AccessDenied' });
  await iam.send(
    new Iam.UpdateAccountPasswordPolicyCommand({
      AllowUsersToChangePassword: true,
      MinimumPasswordLength: 10,
      RequireNumbers: true,
      PasswordReusePrevention: 2,
    }),
  );
  await change('First-pass1', 'Second-pass2');
  await assert.rejects(change('First-pass1', 'Third-pass3'), { message: 'The old password was incorrect.' });
  await assert.rejects(change('Second-pass2', 'First-pass1'), { name: 'PasswordPolicyViolationException' });
  await assert.rejects(change('Second-pass2', 'short1'), { name: 'PasswordPolicyViolationException', message: /minimum length of 10/ });
  await change('Second-pass2', 'Third-pass3');
});
