/** A table of ten thousand rows: few of them are drawn, and it is scrolled, filtered and sorted in a real browser; how long frames took is told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visit } from './browser.ts';
import { openLongTable, rowsOfLongTable } from './long-table.ts';
import { cloudOfWalks, leave, walkOptions } from './steps.ts';

const cloud = cloudOfWalks();
/** A page of the table, and its header. */
const drawnRowsMax = 21;

test('ten thousand rows are scrolled, filtered and sorted, a page of them drawn at a time', walkOptions, async (t) => {
  const guest = await visit(cloud().address);
  const { page } = guest;
  const { find, header, longest } = await openLongTable(cloud(), page);
  const message = (text: string) => page.getByRole('row').filter({ hasText: text });
  const drawn = async (): Promise<number> => Number(await page.locator('tr').count());
  const told = async (what: string): Promise<void> => t.diagnostic(`${what}: longest task ${await longest()} ms`);
  await told('loaded');
  assert.ok((await drawn()) <= drawnRowsMax, 'a page of rows is drawn');

  await header.click();
  await message('message 0 of many').first().waitFor();
  await told('sorted');
  await header.click();
  await message('message 9999 of many').first().waitFor();
  await told('sorted the other way');
  await find.pressSequentially('message 9998 of');
  await message('message 9999 of many').waitFor({ state: 'detached' });
  await message('message 9998 of many').waitFor();
  assert.equal(await drawn(), 2, 'its row and the header');
  await told('filtered');
  await find.fill('');
  await message('message 9999 of many').first().waitFor();
  await told('emptied');
  for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(0, 150);
  await told('scrolled');
  await page.getByRole('button', { name: `Page ${rowsOfLongTable / 20}` }).click();
  await message('message 0 of many').first().waitFor();
  assert.ok((await drawn()) <= drawnRowsMax, 'the last page is as long');
  await told('turned to the last page');
  await leave(guest);
});
