/** Versions, lifecycle rules and archives of S3 by hand, in a real browser against a real cloud. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
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
  walkOptions,
} from './steps.ts';

const hour = 3_600_000;
const cloud = cloudOfWalks();

test('versioning is switched on; versions are shown, downloaded and deleted; a deleted object is brought back', walkOptions, async () => {
  const s3 = cloud().client(S3Client);
  const [Bucket, Key] = ['versioned', `${hostile}.txt`];
  await s3.send(new CreateBucketCommand({ Bucket }));
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, `s3/buckets/${Bucket}?versions=shown`);
  await page.getByText('No versions yet').waitFor();
  await at(page, `s3/buckets/${Bucket}?tab=properties`);
  await button(page, 'Edit versioning').click();
  await page.getByText('Do it from a shell').click();
  assert.match(await page.locator('pre').first().innerText(), /s3api put-bucket-versioning[\s\S]*--bucket versioned/);
  await inDialog(page, 'Save changes').click();
  // Its tiles say "Enabled" too.
  await dialogGone(page);
  await page.getByText('Enabled', { exact: true }).waitFor();
  assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, 'Enabled');

  for (const Body of ['first', 'second']) await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  await at(page, `s3/buckets/${Bucket}`);
  await page.getByText('Nothing here yet').waitFor();
  await page.getByText('Show versions').click();
  await page.getByText('Delete marker', { exact: true }).waitFor();
  await page.reload();
  await page.getByText('Noncurrent', { exact: true }).first().waitFor();
  assert.equal(await page.getByText('Noncurrent', { exact: true }).count(), 2);
  await look(guest, 'versions');

  const versions = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  const [second, first] = versions.Versions!.map(({ VersionId }) => VersionId!);
  const marker = versions.DeleteMarkers![0]!.VersionId!;
  const row = (id: string) => page.getByRole('row').filter({ hasText: id });
  await row(marker).getByRole('checkbox').check();
  await button(page, 'Actions').click();
  await page.getByRole('menuitem', { name: 'Bring back' }).click();
  await inDialog(page, 'Bring back').click();
  await row(second!).getByText('Current', { exact: true }).waitFor();
  assert.equal(await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString(), 'second');

  await row(first!).getByRole('link').click();
  await page.getByText('first', { exact: true }).waitFor();
  await look(guest, 'version');
  const saved = page.waitForEvent('download');
  await button(page, 'Download').click();
  assert.match((await saved).url(), new RegExp(`versionId=${first!.replaceAll('.', '\\.')}`));
  await page.goBack();
  await row(first!).getByRole('checkbox').check();
  await button(page, 'Delete').click();
  await confirmDeletion(page);
  await row(first!).waitFor({ state: 'detached' });
  const left = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  assert.deepEqual([left.Versions?.map(({ VersionId }) => VersionId), left.DeleteMarkers], [[second], undefined]);

  for (const Body of ['1', '2']) await s3.send(new PutObjectCommand({ Bucket, Key: 'folder/deep/one', Body }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'folder/deep/one' }));
  await row('folder/').getByRole('checkbox').check();
  await button(page, 'Delete').click();
  await confirmDeletion(page);
  await row('folder/').waitFor({ state: 'detached' });
  const kept = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  assert.deepEqual([kept.Versions?.map(({ VersionId }) => VersionId), kept.DeleteMarkers], [[second], undefined]);

  await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  await button(page, 'Empty bucket').click();
  await confirmDeletion(page);
  await page.getByText('No versions yet').waitFor();
  const none = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  assert.deepEqual([none.Versions, none.DeleteMarkers], [undefined, undefined]);
  await leave(guest);
});

test('a lifecycle rule is made, drawn by day, changed and deleted; the rules beside it stay as they were', walkOptions, async () => {
  const s3 = cloud().client(S3Client);
  const Bucket = 'aging';
  await s3.send(new CreateBucketCommand({ Bucket }));
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, `s3/buckets/${Bucket}?tab=lifecycle`);
  await page.getByText('No lifecycle rules').waitFor();
  await look(guest, 'lifecycle-empty');
  const beside = {
    ID: hostile,
    Status: 'Enabled' as const,
    Filter: { And: { Prefix: 'old/', Tags: [{ Key: 'a', Value: 'b' }] } },
    Transitions: [{ Date: new Date('2040-01-01T00:00:00Z'), StorageClass: 'GLACIER' as const }],
    NoncurrentVersionTransitions: [{ NoncurrentDays: 30, StorageClass: 'GLACIER' as const, NewerNoncurrentVersions: 2 }],
    NoncurrentVersionExpiration: { NoncurrentDays: 90, NewerNoncurrentVersions: 5 },
  };
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [beside] } }));
  await page.getByText(hostile).first().waitFor();
  await button(page, 'Create lifecycle rule').first().click();
  await page.getByLabel('Name', { exact: true }).fill('logs');
  await button(page, 'Create lifecycle rule').click();
  await page.getByText('At least one thing must happen', { exact: false }).waitFor();
  await page.getByLabel(/^Keys that begin with/).fill('logs/');
  await page.getByLabel(/^To STANDARD_IA after days/).fill('7');
  await page.getByText('At least 30 days for this class.').waitFor();
  await page.getByLabel(/^To STANDARD_IA after days/).fill('30');
  await page.getByLabel(/^To GLACIER after days/).fill('90');
  await page.getByLabel(/^Delete after days/).fill('365');
  await page.getByText('Do it from a shell').click();
  assert.match(await page.locator('pre').first().innerText(), /put-bucket-lifecycle-configuration/);
  await look(guest, 'create-lifecycle-rule');
  await button(page, 'Create lifecycle rule').click();
  const line = page.getByRole('region', { name: 'logs' }).getByRole('list', { name: 'Current versions' });
  await line.waitFor();
  assert.deepEqual(
    (await line.getByRole('listitem').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ')),
    ['Day 0 Uploaded', 'Day 30 Moves to STANDARD_IA', 'Day 90 Moves to GLACIER', 'Day 365 Deleted'],
  );
  await look(guest, 'lifecycle');

  await page.getByRole('link', { name: hostile }).click();
  await heading(page, 'Edit lifecycle rule').first().waitFor();
  await page.getByLabel(/^Keys that begin with/).fill('older/');
  await button(page, 'Save changes').click();
  await line.waitFor();
  const { Rules = [] } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  assert.deepEqual(Rules[0], { ...beside, Filter: { And: { ...beside.Filter.And, Prefix: 'older/' } } });
  assert.deepEqual(Rules[1], {
    ID: 'logs',
    Status: 'Enabled',
    Filter: { Prefix: 'logs/' },
    Transitions: [
      { Days: 30, StorageClass: 'STANDARD_IA' },
      { Days: 90, StorageClass: 'GLACIER' },
    ],
    Expiration: { Days: 365 },
  });
  await page.getByRole('link', { name: hostile }).click();
  await heading(page, 'Edit lifecycle rule').first().waitFor();
  assert.equal(await page.getByLabel(/^Move on/).inputValue(), '2040-01-01');
  await page.getByLabel(/^Move on/).fill('2041-13-01');
  await page.getByText('Give a day such as 2027-01-31.').waitFor();
  await page.getByLabel(/^Move on/).fill('2041-01-01');
  await page.getByLabel(/^Delete on/).fill('2050-06-30');
  await look(guest, 'lifecycle-dates');
  await button(page, 'Save changes').click();
  await line.waitFor();
  const [dated] = (await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules!;
  assert.deepEqual(dated!.Transitions, [{ Date: new Date('2041-01-01T00:00:00Z'), StorageClass: 'GLACIER' }]);
  assert.deepEqual(dated!.Expiration, { Date: new Date('2050-06-30T00:00:00Z') });
  for (const left of [1, 0]) {
    await page.getByRole('checkbox', { name: left === 1 ? 'logs' : hostile, exact: true }).check();
    await button(page, 'Delete').click();
    await confirmDeletion(page);
    if (left === 1) await line.waitFor({ state: 'detached' });
  }
  await page.getByText('No lifecycle rules').waitFor();
  await assert.rejects(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })), { name: 'NoSuchLifecycleConfiguration' });
  await leave(guest);
});

test('an archived object says so, is restored by the clock, and can then be read; in Korean', walkOptions, async () => {
  const s3 = cloud().client(S3Client);
  const [Bucket, Key] = ['archive', 'old.txt'];
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'from the archive', StorageClass: 'GLACIER' }));
  const guest = await visit(cloud().address, { language: 'ko', dark: true });
  const { page } = guest;
  await asRoot(page, 'ko');
  await at(page, `s3/buckets/${Bucket}?tab=lifecycle`);
  await page.getByText('수명 주기 규칙이 없습니다').waitFor();
  await at(page, `s3/buckets/${Bucket}?versions=shown`);
  await page.getByText('현재 버전').waitFor();
  await look(guest, 'versions-ko');
  await at(page, `s3/buckets/${Bucket}/object?key=${Key}`);
  await page.getByText('보관되어 있습니다. 읽으려면 먼저 복원해야 합니다.').first().waitFor();
  assert.equal(await button(page, '다운로드').isDisabled(), true);
  await button(page, '복원').click();
  await look(guest, 'restore-ko');
  await inDialog(page, '복원').click();
  await dialogGone(page);
  await page.getByText('사본을 복원하고 있습니다.').first().waitFor();
  await cloud().advance(6 * hour);
  await page.reload();
  await page.getByText(/^복원된 사본을 .*까지 읽을 수 있습니다\.$/).waitFor();
  await page.getByText('from the archive').waitFor();
  await look(guest, 'restored-ko');
  await leave(guest);
});
