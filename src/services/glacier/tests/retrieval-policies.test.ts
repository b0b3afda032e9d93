/** What an account may retrieve, by its policy; and capacity that is bought for a month. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  GetDataRetrievalPolicyCommand,
  InitiateJobCommand,
  ListProvisionedCapacityCommand,
  PurchaseProvisionedCapacityCommand,
  SetDataRetrievalPolicyCommand,
  UploadArchiveCommand,
  type DataRetrievalRule,
} from '@aws-sdk/client-glacier';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { retrievedBytes } from '../tables.ts';
import { abroad, day, glacierOf, home, makeUser, makeVault } from './cast.ts';

let cloud: LiveCloud;
before(async () => {
  cloud = await startCloud();
});
after(() => cloud.close());

const MiB = 1024 * 1024;
const accountId = '-';
const set = (...Rules: DataRetrievalRule[]) => glacierOf(cloud).send(new SetDataRetrievalPolicyCommand({ accountId, Policy: { Rules } }));
const rules = async () => (await glacierOf(cloud).send(new GetDataRetrievalPolicyCommand({ accountId }))).Policy!.Rules;
const enforced = { code: 'PolicyEnforcedException', status: 400, message: 'InitiateJob request denied by current data retrieval policy.' };

test('a policy is set for an account in a region, and nothing that makes no sense', async () => {
  assert.deepEqual(await rules(), [{ Strategy: 'None' }]);
  await set({ Strategy: 'BytesPerHour', BytesPerHour: 1000 });
  assert.deepEqual(await rules(), [{ Strategy: 'BytesPerHour', BytesPerHour: 1000 }]);
  const elsewhere = await glacierOf(cloud, home, 'eu-west-1').send(new GetDataRetrievalPolicyCommand({ accountId }));
  assert.deepEqual(elsewhere.Policy!.Rules, [{ Strategy: 'None' }]);
  const invalid = { code: 'InvalidParameterValueException', status: 400 };
  await refused(set({ Strategy: 'FreeTier', BytesPerHour: 1 }), invalid);
  await refused(set({ Strategy: 'Often' }), invalid);
  await refused(set(), invalid);
  await refused(set({ Strategy: 'None' }, { Strategy: 'None' }), invalid);
  await refused(set({ Strategy: 'BytesPerHour', BytesPerHour: 0 }), invalid);
  await refused(set({ Strategy: 'BytesPerHour' }), { code: 'MissingParameterValueException', status: 400 });
  const { credentials } = await makeUser(cloud, 'reader', { Action: 'glacier:GetDataRetrievalPolicy' });
  const reader = glacierOf(cloud, home, 'us-east-1', credentials);
  await reader.send(new GetDataRetrievalPolicyCommand({ accountId }));
  await refused(reader.send(new SetDataRetrievalPolicyCommand({ accountId, Policy: { Rules: [{ Strategy: 'None' }] } })), {
    code: 'AccessDeniedException',
  });
  await refused(glacierOf(cloud, abroad).send(new GetDataRetrievalPolicyCommand({ accountId: home })), { code: 'AccessDeniedException' });
});

test('standard retrievals beyond the rate, or the free tier, are refused until others have ended', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'limited');
  const { archiveId } = await glacier.send(new UploadArchiveCommand({ ...vault, body: Buffer.alloc(4 * MiB) }));
  const retrieve = (Tier = 'Standard') =>
    glacier.send(new InitiateJobCommand({ ...vault, jobParameters: { Type: 'archive-retrieval', ArchiveId: archiveId!, Tier } }));
  // 4 MiB come within four hours.
  await set({ Strategy: 'BytesPerHour', BytesPerHour: MiB - 1 });
  await refused(retrieve(), enforced);
  await set({ Strategy: 'BytesPerHour', BytesPerHour: 2 * MiB });
  await retrieve();
  await retrieve();
  await refused(retrieve(), enforced);
  await retrieve('Bulk');
  await cloud.advance(5 * 3_600_000);
  await retrieve();
  await set({ Strategy: 'FreeTier' });
  await retrieve();
  const month = new Date(cloud.cloud.clock.now()).toISOString().slice(0, 7);
  await cloud.cloud.store.write((tx) =>
    retrievedBytes.put(tx, { account: home, region: 'us-east-1', month, bytes: 10 * 1024 * MiB - MiB }),
  );
  await refused(retrieve(), enforced);
  await cloud.advance(31 * day);
  await retrieve();
});

test('capacity is bought for a month, two units at most', async () => {
  const glacier = glacierOf(cloud);
  const buy = async () => (await glacier.send(new PurchaseProvisionedCapacityCommand({ accountId }))).capacityId!;
  const list = async () => (await glacier.send(new ListProvisionedCapacityCommand({ accountId }))).ProvisionedCapacityList!;
  const start = cloud.cloud.clock.now();
  const first = await buy();
  const [unit] = await list();
  assert.deepEqual([unit!.CapacityId, unit!.StartDate], [first, new Date(start).toISOString()]);
  const days = (Date.parse(unit!.ExpirationDate!) - start) / day;
  assert.ok(days >= 28 && days <= 31);
  await cloud.advance(day);
  await buy();
  await refused(buy(), { code: 'LimitExceededException', status: 400 });
  await cloud.advance(30 * day);
  assert.equal((await list()).length, 1);
  await buy();
});
