/** CPU credits through the SDK, on a simulated machine whose use of processors a test says. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { creditAccounts, type CreditAccount } from '../cpu-credits/credit-record.ts';
import { ec2Of, home, startWithImage, userWith } from './cast.ts';

const host = simulatedHost();
const started = await startWithImage(host);
let { cloud, ec2 } = started;
const { ImageId } = started;
after(() => cloud.close());

const minute = 60_000;
const hour = 60 * minute;

async function launch(InstanceType: Ec2._InstanceType, more: Partial<Ec2.RunInstancesCommandInput> = {}): Promise<string> {
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand({ ImageId, InstanceType, MinCount: 1, MaxCount: 1, ...more }));
  await cloud.cloud.settled();
  return Instances![0]!.InstanceId!;
}

const standard = { CreditSpecification: { CpuCredits: 'standard' } };
const accountOf = (id: string): Promise<CreditAccount | undefined> =>
  cloud.cloud.store.read((tx) => creditAccounts.get(tx, home, 'us-east-1', id));

/** Uses so many vCPU minutes within some cloud time, and looks. */
async function burn(id: string, minutes: number, milliseconds = minute): Promise<void> {
  host.machines.burn(id, minutes * 60);
  await cloud.advance(milliseconds);
}

async function chargedTo(live: LiveCloud, id: string): Promise<number> {
  const usage = await live.cloud.meter.query(home, 0, live.cloud.clock.now() + hour);
  const seconds = usage
    .filter(({ usageType, resource }) => usageType.startsWith('CPUCredits:') && resource.endsWith(id))
    .reduce((sum, { quantity }) => sum + quantity, 0);
  return Math.round(seconds) / 60;
}

const change = (InstanceId: string, CpuCredits: string) =>
  ec2.send(new Ec2.ModifyInstanceCreditSpecificationCommand({ InstanceCreditSpecifications: [{ InstanceId, CpuCredits }] }));
const near = (actual: number | undefined, wanted: number): void =>
  assert.ok(actual !== undefined && Math.abs(actual - wanted) < 0.01, `${actual} is not ${wanted}`);

test('a standard t3 begins at its baseline, saves what it does not use, bursts and comes down again', async () => {
  const id = await launch('t3.micro', standard);
  assert.equal(host.machines.processors(id), 0.2);
  await cloud.advance(2 * hour);
  assert.equal(host.machines.processors(id), 2, 'it has saved 24 credits');
  await burn(id, 20);
  near((await accountOf(id))!.saved, 4.2);
  assert.equal(host.machines.processors(id), 2);
  await burn(id, 4);
  near(host.machines.processors(id), 0.2 + 0.4);
  await burn(id, 1);
  near(host.machines.processors(id), 0.2);
  assert.equal(await chargedTo(cloud, id), 0);
});

test('a t2 has launch credits, loses all when it stops, and has new ones at its next start', async () => {
  const id = await launch('t2.micro');
  assert.equal((await accountOf(id))!.launch, 30);
  assert.equal(host.machines.processors(id), 1);
  await burn(id, 30, 0);
  await cloud.advance(minute);
  near(host.machines.processors(id), 0.1 + 0.1);
  await cloud.advance(10 * hour);
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [id] }));
  await cloud.cloud.settled();
  assert.equal(await accountOf(id), undefined);
  await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [id] }));
  await cloud.cloud.settled();
  const again = (await accountOf(id))!;
  assert.deepEqual([again.launch, again.saved], [30, 0]);
});

test('a t3 that stops keeps its credits for seven days', async () => {
  const [kept, lost] = [await launch('t3.small', standard), await launch('t3.small', standard)];
  await cloud.advance(3 * hour);
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [kept, lost] }));
  await cloud.cloud.settled();
  await cloud.advance(6 * 24 * hour);
  await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [kept] }));
  await cloud.cloud.settled();
  await burn(kept, 1, 0);
  await cloud.advance(minute);
  near((await accountOf(kept))!.saved, 72 - 1 + 0.4);
  await cloud.advance(24 * hour);
  assert.equal(await accountOf(lost), undefined);
  await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [lost] }));
  await cloud.cloud.settled();
  assert.equal((await accountOf(lost))!.saved, 0);
});

test('an unlimited instance is never held back, and pays for what a day does not earn: over the limit, at its stop and when it becomes standard', async () => {
  const [busy, stopped, changed] = [await launch('t3.micro'), await launch('t3.micro'), await launch('t3.micro')];
  await burn(busy, 300, 0);
  await burn(stopped, 30, 0);
  await burn(changed, 90, 0);
  await cloud.advance(0);
  await cloud.advance(5 * minute);
  assert.equal(host.machines.processors(busy), 2);
  near(await chargedTo(cloud, busy), 300 - 288 - 1);
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [stopped] }));
  await change(changed, 'standard');
  await cloud.cloud.settled();
  near(await chargedTo(cloud, stopped), 29);
  near(await chargedTo(cloud, changed), 89);
  near(host.machines.processors(changed), 0.2);
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [busy] }));
  await cloud.cloud.settled();
  near(await chargedTo(cloud, busy), 299);
});

test('a t2 that becomes unlimited loses its launch credits', async () => {
  const id = await launch('t2.small');
  await change(id, 'unlimited');
  await cloud.cloud.settled();
  assert.equal((await accountOf(id))!.launch, 0);
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [id] }));
  await cloud.cloud.settled();
  assert.equal(await accountOf(id), undefined);
  const { UnsuccessfulInstanceCreditSpecifications: refusedOnes } = await change(id, 'standard');
  assert.equal(refusedOnes![0]!.Error!.Code, 'IncorrectInstanceState');
});

test('a family has a default by account and region, which a launch may override', async () => {
  const InstanceFamily = 't3a' as const;
  const ask = async () =>
    (await ec2.send(new Ec2.GetDefaultCreditSpecificationCommand({ InstanceFamily }))).InstanceFamilyCreditSpecification;
  assert.deepEqual(await ask(), { InstanceFamily, CpuCredits: 'unlimited' });
  const modify = (CpuCredits: string, family: Ec2.UnlimitedSupportedInstanceFamily = InstanceFamily) =>
    ec2.send(new Ec2.ModifyDefaultCreditSpecificationCommand({ InstanceFamily: family, CpuCredits }));
  const earlier = await launch('t3a.nano');
  await modify('standard');
  assert.deepEqual(await ask(), { InstanceFamily, CpuCredits: 'standard' });
  const [later, otherwise] = [await launch('t3a.nano'), await launch('t3a.nano', { CreditSpecification: { CpuCredits: 'unlimited' } })];
  const { InstanceCreditSpecifications: found } = await ec2.send(
    new Ec2.DescribeInstanceCreditSpecificationsCommand({ InstanceIds: [earlier, later, otherwise] }),
  );
  assert.deepEqual(
    found!.map((one) => one.CpuCredits),
    ['unlimited', 'standard', 'unlimited'],
  );
  await refused(modify('boundless'), 'InvalidParameterValue');
  await refused(modify('standard', 'm5' as Ec2.UnlimitedSupportedInstanceFamily), 'InvalidParameterValue');
  await refused(launch('m5.large', standard), 'InvalidParameterCombination');
  const nobody = await userWith(cloud, 'nobody', { Action: 'ec2:GetDefaultCreditSpecification' });
  await nobody.send(new Ec2.GetDefaultCreditSpecificationCommand({ InstanceFamily }));
  await refused(
    nobody.send(new Ec2.ModifyDefaultCreditSpecificationCommand({ InstanceFamily, CpuCredits: 'standard' })),
    'UnauthorizedOperation',
  );
});

test('credits are there after a restart, and what was used while no Haneul looked is counted', async () => {
  const id = await launch('t3.micro', standard);
  await cloud.advance(5 * hour);
  await burn(id, 10);
  const before = (await accountOf(id))!;
  await cloud.close({ keep: true });
  host.machines.burn(id, 600);
  cloud = await startCloud({ host, dataDirectory: cloud.dataDirectory });
  ec2 = ec2Of(cloud);
  await ec2.send(new Ec2.DescribeInstancesCommand({}));
  await cloud.cloud.settled();
  near((await accountOf(id))!.saved, before.saved - 10);
});
