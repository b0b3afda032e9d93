/** A real browser against a real cloud, with the console built and served as users get it. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { chromium, type Browser, type BrowserContext, type Page, type Request } from 'playwright-core';
import { createControl } from '../../src/control/control.ts';
import { fingerprintOf } from '../../src/cli/console-build.ts';
import { readFile } from 'node:fs/promises';
import { simulatedHost } from '../../src/host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../live-cloud.ts';

const home = dirname(dirname(import.meta.dirname));
/** The shell is the same browser without a window's pages, which take half of its time. */
const chromiumPath = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));

/** Undefined where a browser can be had; else why the test is skipped. */
export const noBrowser: string | undefined = chromiumPath === undefined ? 'there is no /usr/bin/chromium-headless-shell' : undefined;

export type ConsoleCloud = LiveCloud & { address: string };

/** Builds the console where its sources have changed. */
export async function buildConsole(): Promise<string> {
  const directory = join(home, 'console', 'dist');
  const stamp = await readFile(join(directory, '.built-from'), 'utf8').catch(() => '');
  if (stamp.trim() !== (await fingerprintOf(home)))
    await promisify(execFile)(process.execPath, [join(home, 'scripts', 'build-console.ts')]);
  return directory;
}

/** A cloud that serves the console, by its own clock: a browser's signatures are of now. Its machines are simulated. */
export async function startConsoleCloud({ testKey = true } = {}): Promise<ConsoleCloud> {
  const directory = await buildConsole();
  const cloud = await startCloud({
    clock: 'real',
    host: simulatedHost(),
    testKey,
    control: (made) =>
      createControl(made, {
        token: 'the-token',
        testKey,
        version: '0.0.0',
        startedAt: Date.now(),
        ready: () => true,
        places: { store: '', blobs: '' },
        console: { directory, state: async () => ({ is: 'current' }) },
      }),
  });
  return { ...cloud, address: `http://localhost:${cloud.port}/_console/` };
}

let started: Promise<Browser> | undefined;

/** One for all visits of a process, started by the first: to start takes it seconds. */
const browser = (): Promise<Browser> =>
  (started ??= chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  }));

/** The browser, and with it the visits that a test that failed has left open. */
export async function closeBrowser(): Promise<void> {
  await (await started)?.close();
  started = undefined;
}

export type Visit = {
  page: Page;
  context: BrowserContext;
  /** Errors of the console and rejections, as they came. */ problems: string[];
  close(): Promise<void>;
};

/** What each page has asked AWS's services and not been answered yet. */
const callsUnderWay = new WeakMap<Page, Set<Request>>();

export const isCalling = (page: Page): boolean => (callsUnderWay.get(page)?.size ?? 0) > 0;

/** Opens a page in a browser that has been nowhere: cookies and storage are each visit's own. */
export async function visit(
  address: string,
  options: { dark?: boolean; language?: 'en' | 'ko'; width?: number; height?: number } = {},
): Promise<Visit> {
  const context = await (
    await browser()
  ).newContext({
    viewport: { width: options.width ?? 1360, height: options.height ?? 900 },
    locale: options.language === 'ko' ? 'ko-KR' : 'en-US',
    colorScheme: options.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const problems: string[] = [];
  const calls = new Set<Request>();
  callsUnderWay.set(page, calls);
  // The console's own API holds the stream of events, which never ends.
  page.on('request', (request) => request.resourceType() === 'fetch' && !request.url().includes('/_console/api/') && calls.add(request));
  page.on('requestfinished', (request) => calls.delete(request));
  page.on('requestfailed', (request) => calls.delete(request));
  page.on('console', (message) => {
    // A refused call is told in the page; the browser's own line about it is no fault of the console.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  // Long enough for a machine that has much else to do.
  page.setDefaultTimeout(180_000);
  await page.goto(address);
  return { page, context, problems, close: () => context.close() };
}
