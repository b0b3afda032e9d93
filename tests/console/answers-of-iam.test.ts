/** What IAM tells of its users, by hand in a real browser against a real cloud: the simulator, last accessed, the credential report. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  GenerateServiceLastAccessedDetailsCommand,
  GetServiceLastAccessedDetailsCommand,
  IAMClient,
  PutUserPolicyCommand,
  type AccessKey,
} from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { messages as access } from '../../console/src/iam/messages-access.ts';
import { messages } from '../../console/src/iam/messages.ts';
import { until } from '../journeys/until.ts';
import { visit } from './browser.ts';
import { asRoot, at, button, choose, cloudOfWalks, leave, look, nothingSticksOut, walkOptions } from './steps.ts';

const cloud = cloudOfWalks();

/** A user that may list buckets and read one, and never delete; who has listed buckets. */
async function makeReader(UserName: string): Promise<AccessKey> {
  const iam = cloud().client(IAMClient);
  const { User } = await iam.send(new CreateUserCommand({ UserName }));
  const Statement = [
    { Effect: 'Allow', Action: ['s3:ListAllMyBuckets', 'sqs:*'], Resource: '*' },
    { Effect: 'Allow', Action: ['s3:GetObject', 's3:DeleteObject'], Resource: 'arn:aws:s3:::readable/*' },
    { Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' },
  ];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'reading', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  await cloud().client(S3Client, { credentials }).send(new ListBucketsCommand({}));
  await until(60, async () => {
    const { JobId } = await iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: User!.Arn! }));
    const { ServicesLastAccessed = [] } = await iam.send(new GetServiceLastAccessedDetailsCommand({ JobId }));
    return ServicesLastAccessed.some(({ ServiceNamespace, LastAuthenticated }) => ServiceNamespace === 's3' && LastAuthenticated);
  });
  return AccessKey!;
}

test('the simulator, last accessed and the credential report answer in both languages', walkOptions, async () => {
  // Before the first report: the next is made four hours later.
  for (const language of ['en', 'ko']) await makeReader(`reader-${language}`);
  for (const language of ['en', 'ko'] as const) {
    const [t, a, name] = [messages[language], access[language], `reader-${language}`];
    const guest = await visit(cloud().address, { language, ...(language === 'ko' && { dark: true, width: 390, height: 844 }) });
    const { page } = guest;
    await asRoot(page, language);

    await at(page, 'iam/simulator');
    assert.equal(await button(page, t.simulate).isDisabled(), true, 'of nobody nothing can be asked');
    await choose(page, t.principal, name);
    await page.getByLabel(t.actions, { exact: true }).fill('s3:GetObject\ns3:DeleteObject, s3:PutObject');
    await page.getByLabel(t.resources, { exact: true }).fill('arn:aws:s3:::readable/one');
    await button(page, t.simulate).click();
    const decided = (action: string, decision: string) => page.getByRole('row').filter({ hasText: action }).getByText(decision);
    await decided('s3:GetObject', t.allowed).waitFor();
    await decided('s3:DeleteObject', t.explicitDeny).waitFor();
    await decided('s3:PutObject', t.implicitDeny).waitFor();
    await page.getByRole('row').filter({ hasText: 's3:GetObject' }).getByText('reading').waitFor();
    await nothingSticksOut(page);
    await look(guest, `simulator-${language}`);
    await page.getByLabel(t.resources, { exact: true }).fill('arn:aws:s3:::elsewhere/one');
    await button(page, t.simulate).click();
    await decided('s3:GetObject', t.implicitDeny).waitFor();
    await page.getByLabel(t.actions, { exact: true }).fill('nonsense');
    await button(page, t.simulate).click();
    await page.getByRole('alert').or(page.getByText('InvalidInput')).first().waitFor();

    await at(page, `iam/users/${name}?tab=access`);
    const service = (prefix: string) => page.getByRole('row').filter({ has: page.getByRole('cell', { name: prefix, exact: true }) });
    await service('s3').getByText(`arn:aws:iam::000000000000:user/${name}`).waitFor();
    await service('sqs').getByText(a.never).waitFor();
    await look(guest, `last-accessed-${language}`);

    await at(page, 'iam/credential-report');
    await page.getByText(name, { exact: true }).waitFor();
    const saved = page.waitForEvent('download');
    await button(page, a.download).click();
    const lines = readFileSync(await (await saved).path(), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const column = lines[0]!.indexOf('access_key_1_active');
    assert.deepEqual(
      lines.filter(([user]) => user === name).map((line) => [line[1], line[column]]),
      [[`arn:aws:iam::000000000000:user/${name}`, 'true']],
    );
    await nothingSticksOut(page);
    await look(guest, `credential-report-${language}`);
    await leave(guest);
  }
});
