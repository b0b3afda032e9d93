/** A cloud is killed while it writes metadata tables: after the start each change is a row of the journal once, and the inventory is what the bucket holds. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateBucketCommand,
  CreateBucketMetadataConfigurationCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { S3TablesClient } from '@aws-sdk/client-s3tables';
import { newUser, type User } from '../cli/haneul-process.ts';
import { readTable } from '../iceberg-reader.ts';
import { clientOptions } from './writers.ts';

const rounds = 4;
const perRound = 60;
const Bucket = 'crash-metadata';
const finishMillisecondsMax = 60_000;

let user: User;
before(async () => void (user = await newUser()));
after(() => user.leave());

test('kill -9 in the middle of writing tables', async () => {
  let cloud = await user.up();
  let s3 = new S3Client(clientOptions(cloud.endpoint));
  await s3.send(new CreateBucketCommand({ Bucket }));
  const MetadataConfiguration = {
    JournalTableConfiguration: { RecordExpiration: { Expiration: 'DISABLED' } },
    InventoryTableConfiguration: { ConfigurationState: 'ENABLED' },
  } as const;
  await s3.send(new CreateBucketMetadataConfigurationCommand({ Bucket, MetadataConfiguration }));
  const changes: string[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (let n = 0; n < perRound; n++) {
      const Key = `${round}/${n}`;
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
      changes.push(`CREATE ${Key}`);
      if (n % 3 !== 0) continue;
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      changes.push(`DELETE ${Key}`);
    }
    s3.destroy();
    assert.equal((await user.haneul('clock', 'advance', '20m')).code, 0);
    await sleep(Math.random() * 100);
    cloud.child.kill('SIGKILL');
    await cloud.ended;
    cloud = await user.up();
    s3 = new S3Client(clientOptions(cloud.endpoint));
  }
  s3.destroy();
  await settled(cloud.endpoint, changes);
  cloud.child.kill('SIGTERM');
  assert.equal((await cloud.ended).code, 0);
});

async function settled(endpoint: string, changes: readonly string[]): Promise<void> {
  const deadline = performance.now() + finishMillisecondsMax;
  for (;;) {
    assert.equal((await user.haneul('clock', 'advance', '20m')).code, 0);
    const { journal, inventory, keys } = await seen(endpoint);
    assert.equal(new Set(journal).size, journal.length, 'no change is told twice');
    if (journal.length === changes.length && inventory.length === keys.length) {
      assert.deepEqual(journal.toSorted(), changes.toSorted());
      assert.deepEqual(inventory.toSorted(), keys.toSorted());
      return;
    }
    const what = `${journal.length} of ${changes.length} changes, ${inventory.length} of ${keys.length} objects`;
    assert.ok(performance.now() < deadline, what);
  }
}

/** By new clients: an SDK follows the clock of a cloud, and not when that leaps. */
async function seen(endpoint: string): Promise<{ journal: string[]; inventory: string[]; keys: string[] }> {
  const s3 = new S3Client(clientOptions(endpoint));
  const s3tables = new S3TablesClient(clientOptions(endpoint));
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  const journal = (await readTable(s3, s3tables, Bucket, 'journal')).rows.map((row) => `${row['record_type']} ${row['key']}`);
  const inventory = (await readTable(s3, s3tables, Bucket, 'inventory')).rows.map((row) => row['key'] as string);
  s3.destroy();
  s3tables.destroy();
  return { journal, inventory, keys: Contents.map(({ Key }) => Key!) };
}
