/** What every call leaves behind: audit events and usage. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Meter } from '../../framework/meter.ts';
import type { AuditEvent } from '../../framework/audit.ts';
import { openBlobs } from '../../store/blobs/blobs.ts';
import { openStore } from '../../store/open-store.ts';
import { openAuditLog, type RunningAuditLog } from '../audit-log.ts';
import { openMeter } from '../meter.ts';
import { usage } from '../usage-tables.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const unexpected = (error: unknown): never => assert.fail(String(error));
const begun = Date.UTC(2030, 0, 1);

function event(n: number, account = '000000000000'): AuditEvent {
  const at = begun + n * 1_000;
  const hex = at.toString(16).padStart(12, '0');
  return {
    eventVersion: '1.11',
    eventID: `event-${n}`,
    eventTime: new Date(at).toISOString().replace('.000Z', 'Z'),
    eventSource: 'sts.amazonaws.com',
    eventName: 'GetCallerIdentity',
    awsRegion: n % 2 ? 'us-east-1' : 'eu-west-1',
    sourceIPAddress: '127.0.0.1',
    userAgent: 'test',
    requestID: `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(n).padStart(12, '0')}`,
    readOnly: true,
    managementEvent: true,
    recipientAccountId: account,
    userIdentity: {},
  };
}

async function withAudit(run: (audit: RunningAuditLog) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'haneul-audit-'));
  const store = await openStore({ temporary: true });
  const blobs = await openBlobs({ directory, store });
  const audit = openAuditLog(store, blobs, unexpected);
  try {
    await run(audit);
  } finally {
    await audit.close();
    await blobs.close();
    await store.close();
    await rm(directory, { recursive: true });
  }
}

test('events come back newest first, page by page, of one account and region only', async () => {
  await withAudit(async (audit) => {
    for (let n = 0; n < 30; n++) {
      audit.append(event(n, n < 20 ? '000000000000' : '111111111111'));
      if (n % 7 === 0) await audit.flush();
    }
    const first = await audit.lookup({ account: '000000000000', limit: 15 });
    assert.deepEqual(
      first.events.map(({ eventID }) => eventID),
      Array.from({ length: 15 }, (_, i) => `event-${19 - i}`),
    );
    const rest = await audit.lookup({ account: '000000000000', limit: 15, after: first.next });
    assert.deepEqual(
      rest.events.map(({ eventID }) => eventID),
      ['event-4', 'event-3', 'event-2', 'event-1', 'event-0'],
    );
    assert.equal(rest.next, undefined);
    const west = await audit.lookup({ account: '000000000000', region: 'eu-west-1', limit: 50, from: begun + 10_000, to: begun + 14_000 });
    assert.deepEqual(
      west.events.map(({ eventID }) => eventID),
      ['event-14', 'event-12', 'event-10'],
    );
  });
});

test('an event is found by the id of its request, in any account', async () => {
  await withAudit(async (audit) => {
    for (let n = 0; n < 20; n++) audit.append(event(n, `${n}`.padStart(12, '0')));
    assert.equal((await audit.find(event(13).requestID))?.eventID, 'event-13');
    assert.equal(await audit.find('00000000-0000-7000-8000-000000000000'), undefined);
    assert.equal(await audit.find('nonsense'), undefined);
  });
});

test('old events are forgotten by the chunk', async () => {
  await withAudit(async (audit) => {
    for (const n of [0, 1, 2]) {
      audit.append(event(n * 3_600));
      await audit.flush();
    }
    assert.equal(await audit.forgetBefore(begun + HOUR + 1), 2);
    assert.deepEqual(
      (await audit.lookup({ account: '000000000000', limit: 9 })).events.map(({ eventID }) => eventID),
      ['event-7200'],
    );
  });
});

test('use is summed by the hour, and survives in the store', async () => {
  const store = await openStore({ temporary: true });
  const meter = openMeter(store, unexpected);
  const use = {
    account: '000000000000',
    region: 'us-east-1',
    service: 's3',
    operation: 'PutObject',
    usageType: 'Requests-Tier1',
    unit: 'Requests',
    quantity: 1,
  } as const;
  for (let n = 0; n < 5; n++) meter.record({ ...use, at: begun + n });
  await meter.flush();
  for (let n = 0; n < 3; n++) meter.record({ ...use, at: begun + HOUR - 1 });
  meter.record({ ...use, at: begun + HOUR });
  meter.record({ ...use, account: '111111111111', at: begun });
  await meter.close();
  const again = openMeter(store, unexpected);
  const rows = await again.query('000000000000', begun, begun + 2 * HOUR);
  assert.deepEqual(
    rows.map(({ hour, quantity }) => [hour - begun, quantity]),
    [
      [0, 8],
      [HOUR, 1],
    ],
  );
  await again.close();
  await store.close();
});

test('use is summed by the day too, and use at two rates is kept apart', async () => {
  const store = await openStore({ temporary: true });
  const meter = openMeter(store, unexpected);
  const day = Math.floor(begun / DAY) * DAY;
  const use: Omit<Parameters<Meter['record']>[0], 'at'> = {
    ...{ account: '000000000000', region: 'us-east-1', service: 'ec2', operation: 'RunInstances:SV001' },
    ...{ usageType: 'SpotUsage:t3.micro', quantity: 60, unit: 'Seconds', resource: 'i-1' },
  };
  for (let hour = 0; hour < 26; hour++) meter.record({ ...use, rate: '0.0031', at: day + hour * HOUR });
  meter.record({ ...use, rate: '0.0033', at: day });
  meter.record({ ...use, account: '111111111111', at: day + DAY });
  const days = await meter.days('000000000000', day, day + 2 * DAY);
  assert.deepEqual(
    days.map((row) => [row.day - day, row.rate, row.quantity]),
    [
      [0, '0.0031', 24 * 60],
      [0, '0.0033', 60],
      [DAY, '0.0031', 2 * 60],
    ],
  );
  assert.deepEqual(await meter.accounts(), [
    { account: '000000000000', since: day },
    { account: '111111111111', since: day + DAY },
  ]);
  await meter.close();
  await store.close();
});

test('days are made of the hours that a store held before there were any', async () => {
  const store = await openStore({ temporary: true });
  const day = Math.floor(begun / DAY) * DAY;
  const hour = {
    ...{ account: '000000000000', region: 'us-east-1', service: 's3', operation: 'PutObject', usageType: 'Requests', resource: '' },
    ...({ unit: 'Requests', quantity: 2 } as const),
  };
  await store.write(async (tx) => {
    for (let n = 0; n < 30; n++) await usage.put(tx, { ...hour, hour: day + n * HOUR });
  });
  const meter = openMeter(store, unexpected);
  meter.record({ ...hour, at: day + HOUR });
  const quantities = (await meter.days('000000000000', day, day + 2 * DAY)).map(({ quantity }) => quantity);
  assert.deepEqual(quantities, [24 * 2 + 2, 6 * 2]);
  await meter.close();
  await store.close();
});

test('events that are made later keep their place among others, and are there for whoever asks', async () => {
  await withAudit(async (audit) => {
    const heard: string[] = [];
    audit.onAppend(({ eventID }) => heard.push(eventID));
    for (let n = 0; n < 70; n++) audit.appendLater(() => (n === 3 ? undefined : event(n)));
    audit.append(event(70));
    audit.appendLater(() => event(71));
    const { events } = await audit.lookup({ account: '000000000000', limit: 100 });
    const expected = Array.from({ length: 72 }, (_, n) => `event-${n}`).filter((id) => id !== 'event-3');
    assert.deepEqual(
      events.map(({ eventID }) => eventID),
      expected.toReversed(),
    );
    assert.deepEqual(heard, expected);
    audit.appendLater(() => event(72));
    assert.equal((await audit.find(event(72).requestID))?.eventID, 'event-72');
  });
});
