/** What vaults cost: bytes by the hour, also of what is gone since, and the rest of the shortest stay. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DeleteArchiveCommand, UploadArchiveCommand } from '@aws-sdk/client-glacier';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { day, glacierOf, home, makeVault } from './cast.ts';

const cloud = await startCloud();
after(() => cloud.close());
const hour = 3_600_000;
const overhead = 32 * 1024;

test('archives are metered by the hour, and until the moment at which they go', async () => {
  await cloud.advance(hour - (cloud.cloud.clock.now() % hour));
  const start = cloud.cloud.clock.now();
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'metered');
  const put = async (size: number) => (await glacier.send(new UploadArchiveCommand({ ...vault, body: Buffer.alloc(size) }))).archiveId!;
  const first = await put(10_000);
  await cloud.advance(hour / 2);
  await put(50_000);
  await cloud.advance(2 * hour);
  const used = async (usageType: string, from: number, to: number) =>
    (await cloud.cloud.meter.query(home, from, to))
      .filter((row) => row.usageType === usageType && row.resource.endsWith('vaults/metered'))
      .reduce((sum, { quantity }) => sum + quantity, 0);
  const both = 60_000 + 2 * overhead;
  assert.equal(await used('TimedStorage-ByteHrs', start, start + hour), (10_000 + overhead + both) / 2);
  assert.equal(await used('TimedStorage-ByteHrs', start + hour, start + 2 * hour), both);
  await glacier.send(new DeleteArchiveCommand({ ...vault, archiveId: first }));
  assert.equal(await used('TimedStorage-ByteHrs', start + 2 * hour, start + 3 * hour), both / 2);
  assert.equal(await used('EarlyDelete-ByteHrs', start, start + day), (10_000 + overhead) * (90 * 24 - 2));
  await cloud.advance(day);
  assert.equal(await used('TimedStorage-ByteHrs', start + 3 * hour, start + 26 * hour), 23 * (50_000 + overhead));
});
