/** The whole way of a newcomer by hand, in English and light, then in Korean and dark: from the first sign-in to the bill. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { messages as bill } from '../../console/src/cost-explorer/messages.ts';
import { messages as dynamodb } from '../../console/src/dynamodb/messages.ts';
import { messages as map } from '../../console/src/ec2/messages-map.ts';
import { messages as terminal } from '../../console/src/ec2/messages-terminal.ts';
import { messages as ec2 } from '../../console/src/ec2/messages.ts';
import { messages as home } from '../../console/src/home/messages.ts';
import { messages as iam } from '../../console/src/iam/messages.ts';
import { fill, type Language } from '../../console/src/language/catalogue.ts';
import { messages as shared } from '../../console/src/resource/messages.ts';
import { messages as s3 } from '../../console/src/s3/messages.ts';
import { messages as session } from '../../console/src/session/messages.ts';
import { messages as sns } from '../../console/src/sns/messages.ts';
import { messages as sqs } from '../../console/src/sqs/messages.ts';
import { visit, type Visit } from './browser.ts';
import { asRoot, at, button, choose, cloudOfWalks, dialogGone, heading, inDialog, leave, look, walkOptions } from './steps.ts';

const cloud = cloudOfWalks();
const account = '000000000000';
const password = 'correct Horse 7';
const uploads = { Effect: 'Allow', Action: ['s3:ListAllMyBuckets', 's3:ListBucket', 's3:PutObject'], Resource: '*' };

type Walk = { guest: Visit; page: Page; language: Language; name: string };

/** Labels of fields that may be left empty say so after the label. */
const beginning = (label: string): RegExp => new RegExp(`^${label.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);

async function makeUser({ guest, page, language, name }: Walk): Promise<void> {
  const t = iam[language];
  await at(page, 's3/create');
  await page.getByLabel(s3[language].name, { exact: true }).fill(`bucket-${name}`);
  await button(page, s3[language].createBucket).click();
  await heading(page, `bucket-${name}`).waitFor();
  await at(page, 'iam/users/create');
  await page.getByLabel(t.name, { exact: true }).fill(name);
  await page.getByRole('switch').or(page.getByRole('checkbox')).first().click();
  await page.getByLabel(session[language].password, { exact: true }).fill(password);
  await page.getByText(shared[language].yes, { exact: true }).last().click();
  await page.getByLabel(beginning(t.inlineName)).fill('uploads');
  await page.getByRole('button', { name: 'JSON', exact: true }).click();
  await page.getByRole('textbox', { name: beginning(t.document) }).fill(JSON.stringify({ Version: '2012-10-17', Statement: [uploads] }));
  await look(guest, `${name}-user`);
  await button(page, t.createUser).click();
  await heading(page, name).waitFor();
}

const bigBytes = 200 * 1024 * 1024;

/** A file of that size is made in the browser; what its progress says is gathered as it goes by. */
async function uploadBig(page: Page, t: (typeof s3)[Language]): Promise<void> {
  await page.getByText(t.objectsEmpty).waitFor();
  await page.evaluate(`{
    globalThis.seen = new Set();
    new MutationObserver(() => {
      for (const [line] of document.body.innerText.matchAll(/.*\\b200\\.0 MB.*/g)) seen.add(line);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
    const list = new DataTransfer();
    list.items.add(new File([new Uint8Array(${bigBytes})], 'big.bin'));
    const input = document.querySelector('input[type=file]');
    input.files = list.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }`);
  await page.getByText(/200\.0 MB .*200\.0 MB/).waitFor({ timeout: 400_000 });
  assert.ok(Number(await page.evaluate('seen.size')) >= 3, 'the progress was to be seen');
}

/** As the user: something is uploaded, something is denied, and why is read. */
async function beDenied({ language, name }: Walk, guest: Visit): Promise<void> {
  const { page } = guest;
  const t = session[language];
  await page.getByText(t.asUser, { exact: true }).click();
  await page.getByLabel(t.account).fill(account);
  await page.getByLabel(t.user).fill(name);
  await page.getByLabel(t.password, { exact: true }).fill(password);
  await button(page, t.signIn).click();
  await heading(page, home[language].welcome).waitFor();
  await at(page, `s3/buckets/bucket-${name}`);
  await uploadBig(page, s3[language]);
  await look(guest, `${name}-uploaded`);
  await page.getByRole('link', { name: 'big.bin' }).click();
  await page.getByRole('link', { name: shared[language].why }).first().click();
  await page.getByText('s3:GetObject').first().waitFor();
  await look(guest, `${name}-why`);
  await leave(guest);
}

async function makeThings({ guest, page, language, name }: Walk): Promise<void> {
  await at(page, 'sqs/create');
  await page.getByLabel(sqs[language].name, { exact: true }).fill(`queue-${name}`);
  await button(page, sqs[language].createQueue).click();
  await heading(page, `queue-${name}`).waitFor();
  await at(page, 'sns/create');
  await page.getByLabel(sns[language].name, { exact: true }).fill(`topic-${name}`);
  await button(page, sns[language].createTopic).click();
  await heading(page, `topic-${name}`).waitFor();
  await at(page, 'dynamodb/create');
  await page.getByLabel(dynamodb[language].name, { exact: true }).fill(`table-${name}`);
  await page.getByLabel(dynamodb[language].partitionKey, { exact: true }).fill('id');
  await button(page, dynamodb[language].createTable).click();
  await heading(page, `table-${name}`).waitFor();
  await look(guest, `${name}-table`);
}

/** Two instances behind a group with one open port; the way between them is cut by taking its rule away. */
async function cutTheWay({ guest, page, language, name }: Walk): Promise<void> {
  const [t, m, s] = [ec2[language], map[language], shared[language]];
  await at(page, 'ec2/create-security-group');
  await page.getByLabel(t.name, { exact: true }).fill(`group-${name}`);
  await page.getByLabel(t.description, { exact: true }).fill('One open port');
  await button(page, t.createGroup).click();
  await heading(page, new RegExp(`group-${name}`)).waitFor();
  const group = page.url();
  await button(page, t.addRule).first().click();
  await page.getByRole('textbox', { name: beginning(t.peer) }).fill('172.31.0.0/16');
  await inDialog(page, t.addRule).click();
  await page.getByRole('cell', { name: '172.31.0.0/16' }).waitFor();

  await at(page, 'ec2/launch');
  await page.getByLabel(beginning(t.name)).first().fill(`machine-${name}`);
  await page.getByLabel(t.count).fill('2');
  await choose(page, beginning(t.groups), new RegExp(`group-${name}`));
  await page.keyboard.press('Escape');
  await look(guest, `${name}-launch`);
  await button(page, t.launch).click();
  await page.getByText(`machine-${name}`).nth(1).waitFor();
  await cloud().cloud.settled();
  await page
    .getByRole('row', { name: new RegExp(`machine-${name}`) })
    .first()
    .getByRole('link')
    .first()
    .click();
  await page.getByRole('tab', { name: terminal[language].terminal }).click();
  await button(page, terminal[language].start).click();
  const line = (text: string) => page.locator('.xterm-rows > div').filter({ hasText: text }).first().waitFor();
  await line('root@');
  await page.keyboard.type('uname -a\n');
  await line('ran uname -a');
  await look(guest, `${name}-terminal`);

  await at(page, 'ec2/map');
  const machines = page.getByRole('button', { name: new RegExp(`^machine-${name}`) });
  await machines.first().click();
  await machines.nth(1).click();
  const words = { from: `machine-${name}`, to: `machine-${name}`, protocol: 'TCP', port: '22' };
  await page.getByText(fill(m.yes, words)).waitFor();
  await look(guest, `${name}-reached`);
  const asked = page.url();
  await page.goto(group);
  await page.getByRole('checkbox', { name: /^sgr-/ }).first().check();
  await button(page, s.delete).nth(1).click();
  await page.getByRole('dialog').getByRole('textbox').fill(s.deleteWord);
  await inDialog(page, s.delete).click();
  await dialogGone(page);
  await page.goto(asked);
  await page.getByText(fill(m.no, words)).waitFor();
  await look(guest, `${name}-cut`);
}

async function seeTheBill({ guest, page, language, name }: Walk): Promise<void> {
  const t = home[language];
  await at(page, '');
  const before = cloud().cloud.clock.now();
  await button(page, `${t.advance} ${t.day}`).click();
  await page.getByText(fill(t.advanced, { span: t.day })).waitFor();
  assert.ok(cloud().cloud.clock.now() - before >= 86_400_000);
  await cloud().cloud.settled();
  await at(page, 'cost-explorer/bill');
  await heading(page, bill[language].bill).waitFor();
  await page.getByRole('link', { name: 'Amazon Elastic Compute Cloud - Compute' }).waitFor();
  await look(guest, `${name}-bill`);
}

for (const [language, dark] of [
  ['en', false],
  ['ko', true],
] as const)
  test(`from the first sign-in to the bill, in ${language}, ${dark ? 'dark' : 'light'}`, walkOptions, async () => {
    const guest = await visit(cloud().address, { language, dark });
    const walk: Walk = { guest, page: guest.page, language, name: `prove-${language}` };
    await asRoot(guest.page, language);
    await makeUser(walk);
    await beDenied(walk, await visit(cloud().address, { language, dark }));
    await makeThings(walk);
    await cutTheWay(walk);
    await seeTheBill(walk);
    await leave(guest);
  });
