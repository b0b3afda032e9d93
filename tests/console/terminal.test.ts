/** A terminal in the page, in a real browser: opened, typed in, resized, ended; refused to whom IAM does not let in. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeImagesCommand, EC2Client, RunInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import type { Page } from 'playwright-core';
import { visit } from './browser.ts';
import { asRoot, at, button, cloudOfWalks, leave, look, nothingSticksOut, walkOptions, withKey } from './steps.ts';

const cloud = cloudOfWalks();

async function launch(): Promise<string> {
  const ec2 = cloud().client(EC2Client);
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
  const { Instances } = await ec2.send(
    new RunInstancesCommand({ ImageId: Images[0]!.ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
  );
  await cloud().cloud.settled();
  return Instances![0]!.InstanceId!;
}

/** Waits until the terminal shows a line that holds this. */
const shown = (page: Page, text: string) => page.locator('.xterm-rows > div').filter({ hasText: text }).first().waitFor();

test('a terminal opens in the page, follows its size, ends with its shell and by hand', walkOptions, async () => {
  const id = await launch();
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, `ec2/instances/${id}?tab=terminal`);
  await look(guest, 'terminal-before');
  await page.getByText('Do it from a shell').click();
  assert.match(await page.locator('pre').first().innerText(), /aws .* ssm start-session[\s\S]*--target i-/);
  await page.getByText('Do it from a shell').click();
  await button(page, 'Start session').click();
  await page.getByText('Connected', { exact: true }).waitFor();
  await shown(page, 'root@');
  await page.keyboard.type('echo <img src=x onerror=alert(1)>\n');
  await shown(page, 'ran echo <img src=x onerror=alert(1)>');
  await page.keyboard.type('\u001b[38;2;9;200;90mgreen\n');
  await page.keyboard.type('stty size\n');
  const size = page.locator('.xterm-rows > div').filter({ hasText: /^\d+ \d+\s*$/ });
  await size.first().waitFor();
  const wide = (await size.first().innerText()).trim();
  await page.getByText(/^ip-[\d-]+.* booted/).waitFor();
  await look(guest, 'terminal');
  await page.getByText('Console output beside it').click();
  await page.getByRole('textbox', { name: `Terminal of ${id}` }).focus();
  await page.keyboard.type('stty size\n');
  await size.nth(1).waitFor();
  assert.notEqual((await size.nth(1).innerText()).trim(), wide, 'the terminal has grown');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await page.evaluate('document.activeElement.closest(".terminal") === null'), true, 'the keyboard can leave');
  await page.getByRole('textbox', { name: `Terminal of ${id}` }).focus();
  await page.keyboard.type('exit\n');
  await page.getByText('The session has ended.').waitFor();
  const held = Promise.withResolvers<void>();
  await page.route('**/*', async (route) => {
    if (route.request().headers()['x-amz-target'] === 'AmazonSSM.StartSession') await held.promise;
    await route.fallback();
  });
  await button(page, 'Start a new session').click();
  await page.getByText('Connecting', { exact: true }).waitFor();
  held.resolve();
  await page.getByText('Connected', { exact: true }).waitFor();
  await button(page, 'End session').click();
  await button(page, 'Start session').waitFor();
  await cloud()
    .client(EC2Client)
    .send(new StopInstancesCommand({ InstanceIds: [id] }));
  await page.getByText('The instance is stopped. A terminal needs it running.').waitFor();
  assert.equal(await button(page, 'Start session').isDisabled(), true);
  await leave(guest);
});

test('who may look but not start sessions is told why, in Korean, in the dark and on a phone', walkOptions, async () => {
  const id = await launch();
  const iam = cloud().client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'reader' }));
  await iam.send(new AttachUserPolicyCommand({ UserName: 'reader', PolicyArn: 'arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'reader' }));
  const guest = await visit(cloud().address, { language: 'ko', dark: true, width: 390, height: 844 });
  const { page } = guest;
  await withKey(page, AccessKey, 'ko');
  await at(page, `ec2/instances/${id}?tab=terminal`);
  await button(page, '세션 시작').click();
  await page.getByText(/ssm:StartSession on resource/).waitFor();
  await page.getByRole('link', { name: '왜 거부되었나요?' }).first().waitFor();
  await look(guest, 'terminal-refused');
  await nothingSticksOut(page);
  await guest.close();
  const owner = await visit(cloud().address, { language: 'ko', dark: true, width: 390, height: 844 });
  await asRoot(owner.page, 'ko');
  await at(owner.page, `ec2/instances/${id}?tab=terminal`);
  await button(owner.page, '세션 시작').click();
  await shown(owner.page, 'root@');
  await look(owner, 'terminal-phone');
  await nothingSticksOut(owner.page);
  await leave(owner);
});
