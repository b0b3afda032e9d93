/** Who one is in the console: a new password at sign-in, a code of an MFA device, a role with its badge; and what it keeps for the next visit. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import {
  AttachUserPolicyCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Page } from 'playwright-core';
import { visit } from './browser.ts';
import { asRoot, at, button, cloudOfWalks, heading, inDialog, leave, look, walkOptions } from './steps.ts';

const cloud = cloudOfWalks();
const account = '000000000000';
const password = 'correct Horse 7';

async function user(UserName: string, options: { reset?: boolean; policies?: readonly string[] } = {}): Promise<void> {
  const iam = cloud().client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(new CreateLoginProfileCommand({ UserName, Password: password, PasswordResetRequired: options.reset ?? false }));
  for (const name of options.policies ?? [])
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: `arn:aws:iam::aws:policy/${name}` }));
}

async function fillIn(page: Page, name: string): Promise<void> {
  await page.getByText('IAM user', { exact: true }).click();
  await page.getByLabel('Account id or alias').fill(account);
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await button(page, 'Sign in').click();
}

/** The code of RFC 6238 for a step of thirty seconds. */
function codeOf(seed: string, step: number): string {
  const bits = [...seed.replaceAll('=', '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = digest.at(-1)! & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

test('a password that must be changed is changed at sign-in', walkOptions, async () => {
  await user('newcomer', { reset: true, policies: ['IAMUserChangePassword'] });
  const guest = await visit(cloud().address);
  const { page } = guest;
  await fillIn(page, 'newcomer');
  await heading(page, 'Choose a new password').waitFor();
  await page.getByLabel('New password').fill('another Horse 8');
  await page.getByLabel('Repeat it').fill('another Horse 9');
  await button(page, 'Sign in').click();
  await page.getByText('The two are not equal.').waitFor();
  await page.getByLabel('Repeat it').fill('another Horse 8');
  await look(guest, 'new-password');
  await button(page, 'Sign in').click();
  await heading(page, 'Your cloud').waitFor();
  await leave(guest);
});

test('a user with an MFA device gives its code', walkOptions, async () => {
  await user('careful');
  const iam = cloud().client(IAMClient);
  const { VirtualMFADevice } = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'phone' }));
  const seed = Buffer.from(VirtualMFADevice!.Base32StringSeed!).toString();
  const step = Math.floor(Date.now() / 30_000);
  await iam.send(
    new EnableMFADeviceCommand({
      ...{ UserName: 'careful', SerialNumber: VirtualMFADevice!.SerialNumber },
      ...{ AuthenticationCode1: codeOf(seed, step - 1), AuthenticationCode2: codeOf(seed, step) },
    }),
  );
  const guest = await visit(cloud().address);
  const { page } = guest;
  await fillIn(page, 'careful');
  await heading(page, 'One more step').waitFor();
  await look(guest, 'mfa');
  await page.getByLabel('MFA code').fill(codeOf(seed, step + 1));
  await button(page, 'Sign in').click();
  await heading(page, 'Your cloud').waitFor();
  await leave(guest);
});

test('a role is taken on with a badge, is all that one may, and is left again', walkOptions, async () => {
  await user('switcher', { policies: ['AmazonSQSFullAccess', 'AdministratorAccess'] });
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' }],
  };
  await cloud()
    .client(IAMClient)
    .send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const guest = await visit(cloud().address);
  const { page } = guest;
  await fillIn(page, 'switcher');
  await heading(page, 'Your cloud').waitFor();
  await page
    .getByRole('button', { name: /switcher/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Switch role' }).click();
  await page
    .getByRole('dialog')
    .getByLabel(/^Role name/)
    .fill('reader');
  await look(guest, 'switch-role');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Switch/ })
    .click();
  await page.getByText(`You act as reader in account ${account}`).waitFor();
  await at(page, 'sqs');
  await page.getByText(/sqs:listqueues on resource/i).waitFor();
  await look(guest, 'as-role');
  await page.reload();
  await page.getByText(`You act as reader in account ${account}`).waitFor();
  await button(page, 'Switch back to switcher').click();
  await at(page, 'sqs');
  await page.getByText('No queues').waitFor();
  await leave(guest);
});

test('favourites, what was visited, columns and the place are kept for the next visit', walkOptions, async () => {
  await cloud()
    .client(SQSClient)
    .send(new CreateQueueCommand({ QueueName: 'kept' }));
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await button(page, 'Services').click();
  await button(page, 'Add Kinesis to favourites').first().click();
  await button(page, 'Close').first().click();
  await at(page, 'sqs/queues');
  await page.getByRole('link', { name: 'kept' }).waitFor();
  await button(page, 'Preferences').click();
  await page
    .getByRole('dialog')
    .getByRole('switch', { name: 'Delayed' })
    .or(page.getByRole('dialog').getByLabel('Delayed'))
    .first()
    .click();
  await inDialog(page, 'Confirm').click();
  await page.getByRole('columnheader', { name: /Delayed/ }).waitFor();
  await page.reload();
  await page.getByRole('columnheader', { name: /Delayed/ }).waitFor();
  await page.getByRole('link', { name: 'kept' }).click();
  await heading(page, 'kept').waitFor();
  await page.goBack();
  await page.getByRole('link', { name: 'kept' }).waitFor();
  await button(page, 'Services').click();
  await heading(page, 'Favourites').waitFor();
  await heading(page, 'Recently visited').waitFor();
  assert.ok((await page.getByRole('button', { name: 'Remove Kinesis from favourites' }).count()) > 0);
  await look(guest, 'services-menu');
  await leave(guest);
});
