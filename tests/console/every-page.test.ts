/** Every page that the navigation of a service leads to, in both languages, light and dark, wide and on a phone: no fault, nothing that shuts people out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visit, type Visit } from './browser.ts';
import { fillCloud, longKey } from './one-of-everything.ts';
import { asRoot, at, cloudOfWalks, hostile, leave, look, nothingSticksOut, placesIn, settled, walkOptions } from './steps.ts';

const cloud = cloudOfWalks();
async function everyPage(guest: Visit, language: 'en' | 'ko', name: string): Promise<string[]> {
  const { page } = guest;
  await asRoot(page, language);
  await page.locator('.tile a').first().waitFor();
  const visited: string[] = [];
  for (const service of await placesIn(page, '.tile a')) {
    await at(page, service);
    await page.locator('nav.frame-navigation a').first().waitFor({ state: 'attached' });
    for (const place of await placesIn(page, 'nav.frame-navigation a')) {
      // The service's own line is the same page as its first.
      if (!place.includes('/')) continue;
      await at(page, place);
      await settled(page);
      await look(guest, `every-${name}-${place.replaceAll('/', '-')}`);
      await nothingSticksOut(page);
      visited.push(place);
    }
  }
  assert.ok(visited.length >= 30, visited.join(' '));
  return visited;
}

test('every page of the navigation in English and light', walkOptions, async () => {
  await fillCloud(cloud());
  const guest = await visit(cloud().address);
  await everyPage(guest, 'en', 'light');
  await at(guest.page, 's3/buckets/hostile-names');
  await guest.page.getByRole('link', { name: hostile, exact: true }).waitFor();
  await guest.page.getByRole('link', { name: longKey, exact: true }).waitFor();
  // What would turn the line around is written out instead.
  await guest.page.getByRole('link', { name: '[U+202E]evil[U+202C].txt', exact: true }).waitFor();
  await look(guest, 'hostile-names');
  await leave(guest);
});

test('every page of the navigation in Korean, in the dark and on a phone', walkOptions, async () => {
  const guest = await visit(cloud().address, { language: 'ko', dark: true, width: 390, height: 844 });
  await everyPage(guest, 'ko', 'phone');
  await leave(guest);
});
