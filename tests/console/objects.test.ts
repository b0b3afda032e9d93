/** What S3 shows of a bucket's objects, by hand in a real browser against a real cloud: files dropped, previews, links, and who can reach them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateBucketCommand, GetBucketPolicyStatusCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Page } from 'playwright-core';
import { messages as shared } from '../../console/src/resource/messages.ts';
import { messages } from '../../console/src/s3/messages.ts';
import { visit } from './browser.ts';
import {
  asRoot,
  at,
  button,
  cloudOfWalks,
  comesTrue,
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
const t = messages.en;
const objectAt = (page: Page, bucket: string, key: string, tab = 'preview') =>
  at(page, `s3/buckets/${bucket}/object?key=${encodeURIComponent(key)}&tab=${tab}`);

test('files that are dropped on a bucket are uploaded', walkOptions, async () => {
  const s3 = cloud().client(S3Client);
  const Bucket = 'dropped';
  await s3.send(new CreateBucketCommand({ Bucket }));
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, `s3/buckets/${Bucket}?prefix=in/`);
  await page.getByText(t.objectsEmpty).waitFor();
  const dataTransfer = await page.evaluateHandle(`{
    const list = new DataTransfer();
    list.items.add(new File(['first'], 'one.txt', { type: 'text/plain' }));
    list.items.add(new File(['second'], ${JSON.stringify(`${hostile}.txt`)}, { type: 'text/plain' }));
    list;
  }`);
  const place = page.locator(`section.drop[aria-label="${t.objects}"]`);
  await place.dispatchEvent('dragover', { dataTransfer });
  await page.locator(`[data-dropping=true][data-hint="${t.dropHere}"]`).waitFor();
  await place.dispatchEvent('drop', { dataTransfer });
  await page.locator('[data-dropping=false]').waitFor();
  for (const name of ['one.txt', `${hostile}.txt`]) await page.getByRole('link', { name, exact: true }).waitFor();
  const kept = await s3.send(new HeadObjectCommand({ Bucket, Key: `in/${hostile}.txt` }));
  assert.deepEqual([kept.ContentLength, kept.ContentType], [6, 'text/plain']);
  await look(guest, 'dropped');
  await leave(guest);
});

/** Makes a film in the browser, of 64 by 48 pixels, in base 64. */
const filmMaking = `(async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
  const drawing = canvas.getContext('2d');
  const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: 'video/webm' });
  const parts = [];
  const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve));
  recorder.addEventListener('dataavailable', ({ data }) => {
    parts.push(data);
    if (data.size > 0 && parts.length > 3 && recorder.state === 'recording') recorder.stop();
  });
  let turn = 0;
  const draw = () => {
    drawing.fillStyle = (turn += 1) % 2 === 0 ? 'red' : 'blue';
    drawing.fillRect(0, 0, 64, 48);
    if (recorder.state === 'recording') requestAnimationFrame(draw);
  };
  recorder.start(100);
  draw();
  await stopped;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
})()`;

test('pictures, films, JSON, tables and text are shown as what they are, and what is a page is not run', walkOptions, async () => {
  const s3 = cloud().client(S3Client);
  const Bucket = 'shown';
  await s3.send(new CreateBucketCommand({ Bucket }));
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  const film = Buffer.from(String(await page.evaluate(filmMaking)), 'base64');
  const picture = await page.screenshot({ clip: { x: 0, y: 0, width: 40, height: 30 } });
  const drawn =
    '<svg xmlns="http://www.w3.org/2000/svg" width="50" height="20"><script>document.title=1</script><rect width="9" height="9"/></svg>';
  const stored: Record<string, [string | Buffer, string]> = {
    'photo.png': [picture, 'image/png'],
    'plain.svg': [drawn, 'image/svg+xml'],
    'typeless.svg': [drawn, 'binary/octet-stream'],
    'film.webm': [film, 'video/webm'],
    'data.json': [`{"a":[1,2],"name":"${hostile.replaceAll('"', '\\"')}"}`, 'application/json'],
    'broken.json': ['{"a":', 'application/json'],
    'table.csv': [`name,note\n"Kim, Ana","said ""hi"""\n${hostile.replaceAll('"', '')},둘\n`, 'text/csv'],
    'page.html': [hostile, 'text/html'],
    'large.log': ['0123456789abcde\n'.repeat(40_000), 'text/plain'],
    'other.bin': [Buffer.from([0, 1, 2]), 'binary/octet-stream'],
  };
  for (const [Key, [Body, ContentType]] of Object.entries(stored)) await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType }));

  const sized = async (key: string): Promise<unknown> => {
    await objectAt(page, Bucket, key);
    await page.locator('img.preview').waitFor();
    const script = `(async () => { const shown = document.querySelector('img.preview'); await shown.decode(); return [shown.naturalWidth, shown.naturalHeight, shown.alt]; })()`;
    return page.evaluate(script);
  };
  assert.deepEqual(await sized('photo.png'), [40, 30, 'photo.png']);
  await look(guest, 'preview-picture');
  assert.deepEqual(await sized('plain.svg'), [50, 20, 'plain.svg']);
  assert.deepEqual(await sized('typeless.svg'), [50, 20, 'typeless.svg']);
  await objectAt(page, Bucket, 'film.webm');
  await page.locator('video.preview').waitFor();
  await comesTrue(page, `document.querySelector('video.preview').readyState >= 2`);
  assert.equal(await page.evaluate(`document.querySelector('video.preview').videoWidth`), 64);
  await look(guest, 'preview-film');

  const code = page.locator('.code pre');
  await objectAt(page, Bucket, 'data.json');
  await code.waitFor();
  assert.deepEqual(JSON.parse(await code.innerText()), { a: [1, 2], name: hostile });
  assert.match(await code.innerText(), /^\{\n {2}"a": \[\n/);
  await objectAt(page, Bucket, 'broken.json');
  await page.getByText('{"a":', { exact: true }).waitFor();
  await objectAt(page, Bucket, 'table.csv');
  await page.getByRole('columnheader', { name: 'note' }).waitFor();
  for (const cell of ['Kim, Ana', 'said "hi"', '둘']) await page.getByRole('cell', { name: cell, exact: true }).waitFor();
  await look(guest, 'preview-table');
  await objectAt(page, Bucket, 'page.html');
  await page.getByText(hostile, { exact: true }).waitFor();
  await objectAt(page, Bucket, 'large.log');
  await page.getByText(t.previewTooLarge).waitFor();
  await code.waitFor();
  assert.equal((await code.textContent())!.length, 512 * 1024, 'what is too large is shown as far as it goes');
  await objectAt(page, Bucket, 'other.bin');
  await page.getByText(t.previewNone).waitFor();
  await leave(guest);
});

test('a link that was made works for whoever has it, until it runs out by the clock of the cloud', walkOptions, async () => {
  const s3 = cloud().client(S3Client);
  const [Bucket, Key] = ['linked', `하나 ${hostile}.txt`];
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'for the friend', ContentType: 'text/plain' }));
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await objectAt(page, Bucket, Key, 'share');
  const minutes = page.getByLabel(t.minutes);
  await minutes.fill('0');
  assert.equal(await button(page, t.makeLink).isDisabled(), true);
  await minutes.fill('10081');
  assert.equal(await button(page, t.makeLink).isDisabled(), true, 'a week is the most');
  await minutes.fill('5');
  await button(page, t.makeLink).click();
  const shown = page.getByText(/^http.*X-Amz-Signature=/);
  const link = await shown.innerText();
  assert.equal(new URL(link).searchParams.get('X-Amz-Expires'), '300');
  await look(guest, 'share');
  const fetched = await fetch(link);
  assert.deepEqual([fetched.status, await fetched.text()], [200, 'for the friend']);
  const forged = await fetch(link.replace('X-Amz-Expires=300', 'X-Amz-Expires=3000'));
  assert.deepEqual([forged.status, /SignatureDoesNotMatch/.test(await forged.text())], [403, true]);
  await cloud().advance(301_000);
  const late = await fetch(link);
  assert.deepEqual([late.status, /Request has expired/.test(await late.text())], [403, true]);

  await page.reload();
  await button(page, t.makeLink).click();
  const later = await fetch(await shown.innerText());
  assert.deepEqual([later.status, await later.text()], [200, 'for the friend'], 'a link is of the time that the cloud has');
  await leave(guest);
});

for (const language of ['en', 'ko'] as const)
  test(`who can reach a bucket is said in words, and is so; in ${language}`, walkOptions, async () => {
    const [w, s] = [messages[language], shared[language]];
    const s3 = cloud().client(S3Client);
    const Bucket = `reached-${language}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'one', Body: '1' }));
    const stranger = async (): Promise<number> => (await fetch(`${cloud().endpoint}/${Bucket}/one`)).status;
    const guest = await visit(cloud().address, { language, ...(language === 'ko' && { dark: true, width: 390, height: 844 }) });
    const { page } = guest;
    await asRoot(page, language);
    await at(page, `s3/buckets/${Bucket}?tab=permissions`);
    await page.getByText(w.whoOwner).waitFor();
    await page.getByText(w.whoBlocked, { exact: true }).waitFor();
    assert.equal(await stranger(), 403);

    const part = (name: string) => page.getByRole('heading', { name, exact: true, level: 2 }).locator('xpath=ancestor::*[.//button][1]');
    const policyFor = async (Principal: unknown): Promise<void> => {
      await part(w.policy).getByRole('button', { name: s.edit, exact: true }).click();
      const Statement = [{ Effect: 'Allow', Principal, Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` }];
      await page
        .getByRole('dialog')
        .getByRole('textbox')
        .fill(JSON.stringify({ Version: '2012-10-17', Statement }));
      await inDialog(page, s.save).click();
    };
    const friend = 'arn:aws:iam::111122223333:root';
    await policyFor({ AWS: friend });
    await dialogGone(page);
    await page.getByText(w.whoPolicy.replace('{who}', friend)).waitFor();
    assert.equal(await stranger(), 403);

    await policyFor('*');
    await page.getByRole('dialog').getByText('AccessDenied').first().waitFor();
    await page.getByRole('dialog').getByRole('button', { name: s.cancel, exact: true }).click();
    await dialogGone(page);
    await part(w.publicAccess).getByRole('button', { name: s.edit, exact: true }).click();
    const toggles = page.getByRole('dialog').getByRole('switch').or(page.getByRole('dialog').getByRole('checkbox'));
    await toggles.first().waitFor();
    for (const toggle of await toggles.all()) await toggle.click();
    await inDialog(page, s.save).click();
    await dialogGone(page);
    await page.getByText(w.whoNotBlocked).waitFor();
    await policyFor('*');
    await dialogGone(page);
    await page.getByText(w.whoPublic).waitFor();
    assert.equal((await s3.send(new GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus?.IsPublic, true);
    assert.equal(await stranger(), 200);
    await heading(page, Bucket).waitFor();
    await look(guest, `reach-${language}`);
    await nothingSticksOut(page);
    await leave(guest);
  });
