/** `node bench/console-memory.ts [MINUTES]`: memory of the console's tabs while what they show is refreshed by the event stream. */

import { setTimeout } from 'node:timers/promises';
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { CDPSession, Page } from 'playwright-core';
import { closeBrowser, startConsoleCloud, visit } from '../tests/console/browser.ts';
import { asRoot, at } from '../tests/console/steps.ts';
import { median } from './processes.ts';

const CHANGE_MILLISECONDS = 2_000;
const SAMPLE_MILLISECONDS = 60_000;
const QUEUES = 30;
/** Code is compiled and caches fill before it. */
const WARM_PART = 1 / 3;

export type Sample = { minute: number; refreshes: number; heapMebibytes: number; nodes: number; listeners: number };
export type Tab = { name: string; page: Page; session: CDPSession; refreshes: number; samples: Sample[] };

/** After garbage has gone, so that what is left is held by something. */
async function take(tab: Tab, minute: number): Promise<void> {
  await tab.session.send('HeapProfiler.collectGarbage');
  const { metrics } = await tab.session.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((metric) => metric.name === name)!.value;
  tab.samples.push({
    minute,
    refreshes: tab.refreshes,
    heapMebibytes: Math.round((of('JSHeapUsedSize') / 2 ** 20) * 100) / 100,
    nodes: of('Nodes'),
    listeners: of('JSEventListeners'),
  });
}

/** What the heap has grown by from the middle third to the last one, in MiB. */
export function growthOf(samples: readonly Sample[]): number {
  const warm = samples.slice(Math.floor(samples.length * WARM_PART));
  const half = Math.floor(warm.length / 2);
  const heap = (part: readonly Sample[]): number => median(part.map(({ heapMebibytes }) => heapMebibytes));
  return Math.round((heap(warm.slice(half)) - heap(warm.slice(0, half))) * 100) / 100;
}

/** Two tabs, the home page with its time line and a list of queues, while a queue comes or goes every two seconds. */
export async function measureConsoleMemory(minutes: number, tell: (line: string) => void): Promise<readonly Tab[]> {
  const cloud = await startConsoleCloud();
  const guest = await visit(cloud.address);
  try {
    const sqs = cloud.client(SQSClient);
    for (let made = 0; made < QUEUES; made++) await sqs.send(new CreateQueueCommand({ QueueName: `queue-${made}` }));
    const tabs: Tab[] = [];
    for (const [name, path] of [
      ['home', ''],
      ['queues', 'sqs/queues'],
    ] as const) {
      const page = await guest.context.newPage();
      page.setDefaultTimeout(60_000);
      await page.goto(cloud.address);
      await asRoot(page);
      await at(page, path);
      const session = await guest.context.newCDPSession(page);
      await session.send('Performance.enable');
      const tab: Tab = { name, page, session, refreshes: 0, samples: [] };
      page.on('request', (request) => {
        if (/ListQueues|LookupEvents/.test(request.headers()['x-amz-target'] ?? '')) tab.refreshes++;
      });
      tabs.push(tab);
    }
    const begun = performance.now();
    let sampled = 0;
    for (let change = 0; performance.now() - begun < minutes * 60_000; change++) {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `comes-and-goes-${change}` }));
      await setTimeout(CHANGE_MILLISECONDS / 2);
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      await setTimeout(CHANGE_MILLISECONDS / 2);
      if (performance.now() - begun < sampled * SAMPLE_MILLISECONDS) continue;
      for (const tab of tabs) {
        await take(tab, sampled);
        tell(`${tab.name}: ${JSON.stringify(tab.samples.at(-1))}`);
      }
      sampled++;
    }
    return tabs;
  } finally {
    await closeBrowser();
    await cloud.close();
  }
}

if (import.meta.main) {
  const minutes = Number(process.argv[2] ?? 30);
  const tabs = await measureConsoleMemory(minutes, console.log);
  for (const { name, refreshes, samples } of tabs)
    console.log(
      `${name}: ${refreshes} refreshes in ${minutes} minutes, heap ${growthOf(samples)} MiB more in the last third than in the one before`,
    );
}
