/** The steps that walks through the console are made of. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before } from 'node:test';
import type { AccessKey } from '@aws-sdk/client-iam';
import type { Page } from 'playwright-core';
import { closeBrowser, isCalling, noBrowser, startConsoleCloud, type ConsoleCloud, type Visit } from './browser.ts';

const home = dirname(dirname(import.meta.dirname));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How walks are run: only where there is a browser, and with time for it. */
export const walkOptions = { skip: noBrowser ?? false, timeout: 1_800_000 };

/** Called at the top of a file of walks: a cloud for all of them, from before the first until after the last. */
export function cloudOfWalks(): () => ConsoleCloud {
  let cloud: ConsoleCloud;
  before(async () => (cloud = await startConsoleCloud()));
  after(async () => {
    await closeBrowser();
    await cloud.close();
  });
  return () => cloud;
}

/** A name that a page must show as it is, not run. */
export const hostile = '<img src=x onerror="document.title=1">';

/** Nothing that shuts people out; and a picture to look at, where `HANEUL_PICTURES` asks for it: each takes the time of some steps. */
export async function look({ page }: Visit, name: string): Promise<void> {
  if (process.env['HANEUL_PICTURES'] !== undefined)
    await page.screenshot({ path: join(home, 'tests', 'console', 'screenshots', `${name}.png`), fullPage: true });
  assert.deepEqual(await seriousFindings(page), [], name);
}

/** What axe-core is to tell: its findings alone, without what passed and where. */
const findingsAlone = { resultTypes: ['violations'], selectors: false, preload: false };
const rulesOfColour = ['color-contrast', 'link-in-text-block'];

/** Past Playwright, which hands a text of half a megabyte on in three times the time. */
async function bringAxe(page: Page): Promise<void> {
  if (await page.evaluate("'axe' in globalThis")) return;
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: `${axe};0` });
  await session.detach();
}

/** What axe-core finds that shuts people out, in the page's own colours; by all rules whose findings do, or by those of colours alone. */
export async function seriousFindings(page: Page, rules: 'all' | 'of colours' = 'all'): Promise<string[]> {
  await bringAxe(page);
  const options = { ...findingsAlone, ...(rules === 'of colours' && { runOnly: rulesOfColour }) };
  return page.evaluate(async (asked) => {
    type Rule = { id: string; impact: string; enabled: boolean };
    type Result = { violations: { id: string; impact: string; nodes: { html: string }[] }[] };
    type Axe = { _audit: { rules: Rule[] }; run(options: object): Promise<Result> };
    const { axe } = globalThis as unknown as { axe: Axe };
    const shutsOut = ({ impact }: { impact: string }): boolean => impact === 'serious' || impact === 'critical';
    const runOnly = axe._audit.rules.filter((rule) => rule.enabled && shutsOut(rule)).map(({ id }) => id);
    const { violations } = await axe.run({ runOnly, ...asked });
    return violations.filter(shutsOut).map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  }, options);
}

/** The same page in the dark, or in the light again. */
export async function turnDark(page: Page, dark: boolean): Promise<void> {
  await page.evaluate(`document.body.classList.toggle('awsui-dark-mode', ${dark})`);
}

/** Opens a place of the console by its address below the console's own, as a link from elsewhere does: the page is loaded anew. */
export const openAt = (page: Page, path: string): Promise<unknown> => page.goto(new URL(`/_console/${path}`, page.url()).href);

/**
 * Goes to a place of the console as a link inside of it does, without notices of what was done before. To load the page anew would take
 * a second longer each time: where it is about that, walks open by `openAt` or reload.
 */
export async function at(page: Page, path: string): Promise<void> {
  const href = new URL(`/_console/${path}`, page.url()).href;
  const left = await page.evaluate(`(async () => {
    const to = new URL(${JSON.stringify(href)});
    // The sign-in page has no frame; at the same place a page stays, and with it what was typed.
    if (!document.querySelector('main.frame-page') || to.pathname === location.pathname) return false;
    for (const dismiss of document.querySelectorAll('.frame-notices button[class*=dismiss]')) dismiss.click();
    history.pushState(null, '', to);
    const before = document.querySelector('.frame-notices ~ *');
    dispatchEvent(new PopStateEvent('popstate'));
    while (before?.isConnected) await new Promise((resolve) => setTimeout(resolve));
    return true;
  })()`);
  if (!left) await page.goto(href);
}

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
export const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, exact: true });

export async function asRoot(page: Page, language: 'en' | 'ko' = 'en'): Promise<void> {
  await button(page, language === 'en' ? 'Sign in as root' : '루트로 로그인').click();
  await heading(page, language === 'en' ? 'Your cloud' : '나의 클라우드').waitFor();
}

/** Signs in with the access key of a user. */
export async function withKey(page: Page, key: AccessKey | undefined, language: 'en' | 'ko' = 'en'): Promise<void> {
  const [kind, id, secret, submit, title] =
    language === 'en'
      ? ['Access key', 'Access key id', 'Secret access key', 'Sign in', 'Your cloud']
      : ['액세스 키', '액세스 키 ID', '보안 액세스 키', '로그인', '나의 클라우드'];
  await page.getByText(kind!, { exact: true }).click();
  await page.getByLabel(id!).fill(key!.AccessKeyId!);
  await page.getByLabel(secret!).fill(key!.SecretAccessKey!);
  await button(page, submit!).click();
  await heading(page, title!).waitFor();
}

/** On a phone one scrolls down, and never to the side. */
export async function nothingSticksOut(page: Page): Promise<void> {
  assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, 'nothing sticks out');
}

/** Ends a visit: no hostile name was run, and nothing went wrong in the browser. */
export async function leave({ page, problems, close }: Visit): Promise<void> {
  assert.notEqual(await page.title(), '1', 'the hostile name was run');
  assert.deepEqual(problems, []);
  await close();
}

export const inDialog = (page: Page, name: string) => page.getByRole('dialog').getByRole('button', { name, exact: true });

/** A window closes once its calls are done; what it says stands nowhere else then. */
export const dialogGone = (page: Page): Promise<void> => page.getByRole('dialog').waitFor({ state: 'hidden' });

/** Types the word that a deletion is confirmed by. */
export async function confirmDeletion(page: Page): Promise<void> {
  await page.getByRole('dialog').getByRole('textbox').fill('delete');
  await inDialog(page, 'Delete').click();
  await dialogGone(page);
}

/** Takes an option of a list by what it says. */
export async function choose(page: Page, label: string | RegExp, option: string | RegExp): Promise<void> {
  await page.getByLabel(label).first().click();
  await page.getByRole('option', { name: option }).first().click();
}

/** Where links lead to below the console's own place, without their query. */
export const placesIn = async (page: Page, selector: string): Promise<string[]> => {
  const found = await page
    .locator(selector)
    .evaluateAll((links) => links.map((link) => (link as unknown as { pathname: string }).pathname));
  return [...new Set(found)].map((path) => path.replace('/_console/', ''));
};

/** Until nothing on the page turns any more and its calls are answered: twice, for an answer may lead to the next call. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  const loading = page.getByText(/^(Loading|불러오는 중)$/);
  for (let calm = 0; calm < 2; await page.waitForTimeout(50)) calm = isCalling(page) || (await loading.count()) > 0 ? 0 : calm + 1;
}

/** Waits until a script of the browser says true; the pages' own policy forbids them to run such text themselves. */
export async function comesTrue(page: Page, script: string): Promise<void> {
  for (const end = performance.now() + 180_000; !(await page.evaluate(script)); await page.waitForTimeout(100))
    assert.ok(performance.now() < end, `it did not come true: ${script}`);
}
