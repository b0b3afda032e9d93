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

test('a role that was taken on is taken on again from the account menu, and others sign in beside', walkOptions, async () => {
  await user('twofold', { policies: ['AdministratorAccess'] });
  await user('beside', { policies: ['AmazonSQSFullAccess'] });
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' }],
  };
  await cloud()
    .client(IAMClient)
    .send(new CreateRoleCommand({ RoleName: 'again', AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const guest = await visit(cloud().address);
  const { page } = guest;
  const menu = (name: RegExp) => page.getByRole('button', { name }).first();
  await fillIn(page, 'twofold');
  await heading(page, 'Your cloud').waitFor();
  await menu(/^Account: twofold/).click();
  await page.getByRole('menuitem', { name: 'Switch role' }).click();
  await page
    .getByRole('dialog')
    .getByLabel(/^Role name/)
    .fill('again');
  await page.getByRole('dialog').getByText('Do it from a shell').click();
  assert.match(await page.getByRole('dialog').locator('pre').first().innerText(), /sts assume-role[\s\S]*role\/again/);
  await inDialog(page, 'Switch').click();
  await page.getByText(`You act as again in account ${account}`).waitFor();
  await button(page, 'Switch back to twofold').click();
  await menu(/^Account: twofold/).click();
  await page.getByRole('menuitem', { name: `again · ${account}` }).waitFor();
  await look(guest, 'account-menu');
  await page.getByRole('menuitem', { name: `again · ${account}` }).click();
  await inDialog(page, 'Switch').click();
  await page.getByText(`You act as again in account ${account}`).waitFor();

  await at(page, 'sqs/queues');
  await menu(/^Account: again/).click();
  await page.getByRole('menuitem', { name: 'Sign in to another account' }).click();
  await button(page, `Go on as again · ${account}`).waitFor();
  await look(guest, 'sign-in-beside');
  await fillIn(page, 'beside');
  await page.getByText('No queues').waitFor();
  await menu(/^Account: beside/).click();
  await page.getByRole('menuitem', { name: `again · ${account}` }).click();
  await page.getByText(`You act as again in account ${account}`).waitFor();
  await leave(guest);
});

test('the end of a session is told before; who signs in anew is back at the same place', walkOptions, async () => {
  await user('lasting', { policies: ['AmazonSQSFullAccess'] });
  const guest = await visit(cloud().address);
  const { page } = guest;
  await fillIn(page, 'lasting');
  await heading(page, 'Your cloud').waitFor();
  await at(page, 'sqs/queues');
  await page.getByText('No queues').waitFor();
  const kept = JSON.parse(String(await page.evaluate("sessionStorage.getItem('haneul-session')"))) as [{ expiration: string }];
  const end = Date.parse(kept[0].expiration);
  await cloud().advance(end - cloud().cloud.clock.now() - 4.5 * 60_000);
  await page.reload();
  await page.getByText(/^Your session ends in \d min$/).waitFor();
  await look(guest, 'session-ends');
  await cloud().advance(6 * 60_000);
  // Whatever is asked next is refused, and that is noticed.
  await button(page, 'Refresh')
    .or(page.getByRole('heading', { name: 'Sign in to Haneul' }))
    .first()
    .click();
  await page.getByText('Your session has ended').waitFor();
  assert.equal(await page.getByLabel('User name').inputValue(), 'lasting');
  await look(guest, 'session-ended');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await button(page, 'Sign in').click();
  await page.getByText('No queues').waitFor();
  assert.match(page.url(), /\/sqs\/queues/);
  await leave(guest);
});

test('a filter is saved by user, and the last one, the sorting and the region are there after a reload', walkOptions, async () => {
  for (const QueueName of ['orders-in', 'orders-out', 'letters'])
    await cloud().client(SQSClient).send(new CreateQueueCommand({ QueueName }));
  const guest = await visit(cloud().address);
  const { page } = guest;
  const link = (name: string) => page.getByRole('link', { name, exact: true });
  await asRoot(page);
  await at(page, 'sqs/queues');
  await link('letters').waitFor();
  await page.getByPlaceholder('Find by any column').fill('orders');
  await link('letters').waitFor({ state: 'detached' });
  await button(page, 'Saved filters').click();
  await page.getByRole('menuitem', { name: 'Save “orders”' }).click();
  // The header that stays in sight lies over the table's own.
  const byName = page.locator('thead').last().getByRole('button').first();
  await byName.press('Enter');
  await page.locator('th[aria-sort=ascending]').first().waitFor();
  await byName.press('Enter');
  await page.locator('th[aria-sort=descending]').first().waitFor();
  await page.reload();
  await link('orders-in').waitFor();
  await page.locator('th[aria-sort=descending]').first().waitFor();
  assert.deepEqual(await page.getByRole('row').getByRole('link').allInnerTexts(), ['orders-out', 'orders-in']);
  await page.getByPlaceholder('Find by any column').fill('nothing like it');
  await page.getByText('Nothing matches').waitFor();
  await look(guest, 'no-match');
  await button(page, 'Clear the filter').click();
  await link('letters').waitFor();
  await button(page, 'Saved filters').click();
  await page.getByRole('menuitem', { name: 'orders', exact: true }).click();
  await link('letters').waitFor({ state: 'detached' });
  await look(guest, 'saved-filter');

  await page
    .getByRole('button', { name: /^Region: / })
    .first()
    .click();
  await page.getByRole('menuitem', { name: /Seoul/ }).click();
  await page.getByText('No queues').waitFor();
  assert.match(page.url(), /region=ap-northeast-2/);
  await page.reload();
  await page
    .getByRole('button', { name: /^Region: Seoul/ })
    .first()
    .waitFor();
  await page
    .getByRole('button', { name: /^Settings/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Compact' }).click();
  await page.locator('.awsui-compact-mode').first().waitFor();
  await page
    .getByRole('button', { name: /^Settings/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Dark' }).click();
  await page.reload();
  await page.locator('.awsui-compact-mode').first().waitFor();
  await page.locator('body.awsui-dark-mode').waitFor();
  await look(guest, 'compact-dark');

  // Another user of the same browser has saved nothing.
  await user('other', { policies: ['AmazonSQSFullAccess'] });
  await page
    .getByRole('button', { name: /^Account: / })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await fillIn(page, 'other');
  await page.getByText('No queues').waitFor();
  await at(page, 'sqs/queues?region=us-east-1');
  await link('letters').waitFor();
  await button(page, 'Saved filters').click();
  await page.getByRole('menuitem', { name: 'Type a filter, then save it here' }).waitFor();
  assert.equal(await page.getByRole('menuitem', { name: 'orders', exact: true }).count(), 0);
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
