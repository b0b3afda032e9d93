/** Parameters of Systems Manager by hand, in a real browser against a real cloud. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetParameterCommand, GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { visit } from './browser.ts';
import {
  asRoot,
  at,
  button,
  cloudOfWalks,
  confirmDeletion,
  dialogGone,
  heading,
  hostile,
  inDialog,
  leave,
  look,
  nothingSticksOut,
  walkOptions,
} from './steps.ts';

const cloud = cloudOfWalks();
const Name = '/shop/prod/password';

test('a secret parameter is made, shown only when asked for, changed, labelled and deleted', walkOptions, async () => {
  const ssm = cloud().client(SSMClient);
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 'ssm/parameters');
  await page.getByText('No parameters').waitFor();
  await look(guest, 'parameters-empty');
  await button(page, 'Create parameter').first().click();
  await page.getByLabel('Name', { exact: true }).fill('shop/prod');
  await page.getByText('Letters, digits, dots', { exact: false }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill(Name);
  await page.getByLabel(/^Description/).fill(hostile);
  await page.getByText('SecureString', { exact: true }).click();
  await page.getByLabel('Value', { exact: true }).fill(hostile);
  await page.getByText('Do it from a shell').click();
  assert.match(await page.locator('pre').first().innerText(), /ssm put-parameter[\s\S]*--type SecureString/);
  await look(guest, 'create-parameter');
  await button(page, 'Create parameter').click();
  await heading(page, Name).waitFor();
  assert.equal((await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter?.Value, hostile);
  await page
    .getByRole('switch', { name: 'Show decrypted value' })
    .or(page.getByRole('checkbox', { name: 'Show decrypted value' }))
    .first()
    .check();
  await page.locator('pre', { hasText: hostile }).waitFor();
  await look(guest, 'parameter');

  await button(page, 'Edit value').click();
  await page.getByRole('dialog').getByLabel('Value').fill('second');
  await inDialog(page, 'Edit value').click();
  await dialogGone(page);
  await button(page, 'Attach label').click();
  await page.getByRole('dialog').getByLabel('Label', { exact: true }).fill('now');
  await page.getByRole('dialog').getByLabel('Version').fill('2');
  await inDialog(page, 'Attach label').click();
  await dialogGone(page);
  assert.equal((await ssm.send(new GetParameterCommand({ Name: `${Name}:now`, WithDecryption: true }))).Parameter?.Value, 'second');
  await page.getByRole('tab', { name: 'History' }).click();
  await page.getByRole('cell', { name: 'now', exact: true }).waitFor();
  await look(guest, 'parameter-history');
  await button(page, 'Delete').first().click();
  await confirmDeletion(page);
  await page.getByText('No parameters').waitFor();
  assert.deepEqual((await ssm.send(new GetParametersByPathCommand({ Path: '/', Recursive: true }))).Parameters, []);
  await leave(guest);
});

test('parameters in Korean, in the dark and on a phone', walkOptions, async () => {
  await cloud()
    .client(SSMClient)
    .send(new PutParameterCommand({ Name: `/${'long-'.repeat(180)}name`, Type: 'String', Value: 'v', Description: '\u202Eevil\u202C' }));
  const guest = await visit(cloud().address, { language: 'ko', dark: true, width: 390, height: 844 });
  const { page } = guest;
  await asRoot(page, 'ko');
  await at(page, 'ssm/parameters');
  await page.getByRole('link', { name: /^\/long-/ }).waitFor();
  await look(guest, 'parameters-phone');
  await nothingSticksOut(page);
  await page.getByRole('link', { name: /^\/long-/ }).click();
  await page.getByRole('tab', { name: '기록' }).waitFor();
  assert.ok((await page.locator('main').innerText()).includes('[U+202E]evil[U+202C]'), 'nothing in the description is hidden');
  await look(guest, 'parameter-phone');
  await nothingSticksOut(page);
  await leave(guest);
});
