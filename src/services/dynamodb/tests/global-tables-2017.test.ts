/** Global tables of version 2017.11.29: tables that are joined to them, and their settings. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { agreed, callsIn, clientsIn, home } from './replicated.ts';

const west = 'eu-west-1';
const tokyo = 'ap-northeast-1';
let cloud: LiveCloud;

const at = clientsIn(() => cloud);
const { create, update, replicate, put, remove, contents, describe } = callsIn(at);
const settled = (name: string, ...regions: string[]) => agreed(cloud, contents, name, regions);

before(async () => {
  cloud = await startCloud();
  // A global table of today's version, which the calls of the old one do not find.
  await create('strict');
  await replicate('strict', west);
  await cloud.cloud.settled();
});
after(() => cloud.close());

const GlobalTableName = 'old';
const StreamSpecification: D.StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };

test('empty tables of several regions are joined to a global table of the old version, and part again', async () => {
  const [one, two] = [{ RegionName: home }, { RegionName: west }];
  const group = (command: D.CreateGlobalTableCommandInput) => at(home).send(new D.CreateGlobalTableCommand(command));
  await create('old', { StreamSpecification });
  await refused(group({ GlobalTableName, ReplicationGroup: [one, two] }), 'TableNotFoundException');
  await create('old', {}, west);
  await refused(group({ GlobalTableName, ReplicationGroup: [one, two] }), { code: 'ValidationException', message: /NEW_AND_OLD_IMAGES/ });
  await update('old', { StreamSpecification }, west);
  await put('old', west, 'early', 'x');
  await refused(group({ GlobalTableName, ReplicationGroup: [one, two] }), { code: 'ValidationException', message: /not contain any data/ });
  await remove('old', west, 'early');
  await group({ GlobalTableName, ReplicationGroup: [one, two] });
  await refused(group({ GlobalTableName, ReplicationGroup: [one] }), 'GlobalTableAlreadyExistsException');
  const { GlobalTableDescription: told } = await at(west).send(new D.DescribeGlobalTableCommand({ GlobalTableName }));
  assert.deepEqual(
    [told!.GlobalTableStatus, told!.GlobalTableArn, told!.ReplicationGroup!.map(({ RegionName }) => RegionName)],
    ['ACTIVE', 'arn:aws:dynamodb::000000000000:global-table/old', [west, home]],
  );
  assert.equal((await describe('old', home)).Replicas, undefined);
  await refused(replicate('old', tokyo), { code: 'ValidationException', message: /2017\.11\.29/ });
  await put('old', home, 'a', 'from home');
  await put('old', west, 'b', 'from west');
  assert.deepEqual(await settled('old', home, west), { a: 'from home', b: 'from west' });
  await remove('old', west, 'a');
  assert.deepEqual(await settled('old', home, west), { b: 'from west' });
  const listed = await at(home).send(new D.ListGlobalTablesCommand({ RegionName: west }));
  assert.deepEqual(listed.GlobalTables, [{ GlobalTableName, ReplicationGroup: [two, one] }]);
  assert.deepEqual((await at(home).send(new D.ListGlobalTablesCommand({ RegionName: tokyo }))).GlobalTables, []);
  const change = (...ReplicaUpdates: D.ReplicaUpdate[]) =>
    at(home).send(new D.UpdateGlobalTableCommand({ GlobalTableName, ReplicaUpdates }));
  await refused(change({ Create: two }), 'ReplicaAlreadyExistsException');
  await refused(change({ Delete: { RegionName: tokyo } }), 'ReplicaNotFoundException');
  await change({ Delete: two });
  await put('old', home, 'c', 'alone');
  await cloud.cloud.settled();
  assert.deepEqual(await contents('old', west), { b: 'from west' });
  await refused(change({ Create: two }), { code: 'ValidationException', message: /not contain any data/ });
  for (const [region, id] of [
    [west, 'b'],
    [home, 'b'],
    [home, 'c'],
  ] as const)
    await remove('old', region, id);
  await change({ Create: two });
  await put('old', home, 'd', 'again');
  assert.deepEqual(await settled('old', home, west), { d: 'again' });
});

test('settings of a global table of the old version are told by region, and changed in all', async () => {
  const change = (more: Partial<D.UpdateGlobalTableSettingsCommandInput>) =>
    at(home).send(new D.UpdateGlobalTableSettingsCommand({ GlobalTableName, ...more }));
  const { ReplicaSettings: changed } = await change({
    GlobalTableBillingMode: 'PROVISIONED',
    GlobalTableProvisionedWriteCapacityUnits: 7,
    GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate: { MinimumUnits: 7, MaximumUnits: 70 },
    ReplicaSettingsUpdate: [
      { RegionName: home, ReplicaProvisionedReadCapacityUnits: 3 },
      { RegionName: west, ReplicaProvisionedReadCapacityUnits: 4, ReplicaTableClass: 'STANDARD_INFREQUENT_ACCESS' },
    ],
  });
  const { ReplicaSettings: told } = await at(west).send(new D.DescribeGlobalTableSettingsCommand({ GlobalTableName }));
  assert.deepEqual(told, changed);
  assert.deepEqual(
    told!.map((one) => [
      one.RegionName,
      one.ReplicaBillingModeSummary!.BillingMode,
      one.ReplicaProvisionedReadCapacityUnits,
      one.ReplicaProvisionedWriteCapacityUnits,
      one.ReplicaProvisionedWriteCapacityAutoScalingSettings!.MaximumUnits,
      one.ReplicaTableClassSummary?.TableClass,
    ]),
    [
      [west, 'PROVISIONED', 4, 7, 70, 'STANDARD_INFREQUENT_ACCESS'],
      [home, 'PROVISIONED', 3, 7, 70, undefined],
    ],
  );
  await refused(change({}), 'ValidationException');
  await refused(change({ ReplicaSettingsUpdate: [{ RegionName: tokyo }] }), 'ReplicaNotFoundException');
  const none = [{ IndexName: 'none', ProvisionedWriteCapacityUnits: 1 }];
  await refused(change({ GlobalTableGlobalSecondaryIndexSettingsUpdate: none }), 'IndexNotFoundException');
  for (const command of [
    new D.DescribeGlobalTableCommand({ GlobalTableName: 'strict' }),
    new D.DescribeGlobalTableSettingsCommand({ GlobalTableName: 'strict' }),
    new D.UpdateGlobalTableCommand({ GlobalTableName: 'strict', ReplicaUpdates: [{ Create: { RegionName: west } }] }),
    new D.UpdateGlobalTableSettingsCommand({ GlobalTableName: 'strict', GlobalTableBillingMode: 'PROVISIONED' }),
  ])
    await refused(at(home).send(command as D.DescribeGlobalTableCommand), 'GlobalTableNotFoundException');
});
