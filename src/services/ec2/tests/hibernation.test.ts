/** Hibernation: who may, how it ends, and what comes of one that cannot. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../../host/simulated/host.ts';
import type { LiveCloud } from '../../../../tests/live-cloud.ts';
import { setSpotPrices, spotReclaims } from '../../../framework/spot-faults.ts';
import { startWithImage } from './cast.ts';

const host = simulatedHost();
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
let ImageId: string;
before(async () => {
  ({ cloud, ec2, ImageId } = await startWithImage(host));
});
after(() => cloud.close());

const look = async (id: string): Promise<Ec2.Instance> =>
  (await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations![0]!.Instances![0]!;
const launch = async (Encrypted: boolean, more: Partial<Ec2.RunInstancesCommandInput> = {}): Promise<string> => {
  const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { Encrypted, VolumeSize: 16 } }];
  const wanted = { ImageId, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, BlockDeviceMappings };
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand({ ...wanted, HibernationOptions: { Configured: true }, ...more }));
  await cloud.cloud.settled();
  return Instances![0]!.InstanceId!;
};
const refused = (asked: Promise<unknown>, message: RegExp): Promise<void> =>
  assert.rejects(asked, { name: 'UnsupportedHibernationConfiguration', message });

test('it needs an encrypted root volume that is larger than the memory', async () => {
  await refused(launch(false), /encrypted root volume/);
  await refused(launch(true, { InstanceType: 'm5.xlarge' }), /too small/);
  await refused(launch(true, { InstanceType: 'm5.24xlarge' }), /150 GiB/);
});

test('an instance hibernates, says so, and is started again as one that may', async () => {
  const id = await launch(true);
  assert.equal((await look(id)).HibernationOptions?.Configured, true);
  assert.equal(host.machines.spec(id)!.spec.hibernates, true);
  const { StoppingInstances } = await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [id], Hibernate: true }));
  assert.equal(StoppingInstances![0]!.CurrentState!.Name, 'stopping');
  await cloud.cloud.settled();
  const stopped = await look(id);
  assert.equal(stopped.State!.Name, 'stopped');
  assert.equal(stopped.StateReason!.Code, 'Client.UserInitiatedHibernate');
  assert.deepEqual(await host.machines.look(id), { id, state: 'ended', how: { kind: 'killed' } });
  await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [id] }));
  await cloud.cloud.settled();
  assert.equal((await look(id)).State!.Name, 'running');
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [id] }));
  await cloud.cloud.settled();
  assert.equal((await look(id)).StateReason!.Code, 'Client.UserInitiatedShutdown');
  assert.deepEqual(await host.machines.look(id), { id, state: 'ended', how: { kind: 'halted' } });
});

test('one that was not launched for it does not hibernate, and one that cannot is shut down', async () => {
  const plain = await launch(false, { HibernationOptions: { Configured: false } });
  assert.equal((await look(plain)).HibernationOptions?.Configured, false);
  await refused(ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [plain], Hibernate: true })), /is not enabled for hibernation/);
  const id = await launch(true);
  host.machines.cannotHibernate('user-mode-linux cannot');
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [id], Hibernate: true }));
  await cloud.cloud.settled();
  host.machines.cannotHibernate(undefined);
  assert.equal((await look(id)).State!.Name, 'stopped');
  assert.deepEqual(await host.machines.look(id), { id, state: 'ended', how: { kind: 'halted' } });
});

const zone = 'us-east-1a';
const price = async (dollarsPerHour: number): Promise<void> => {
  await cloud.cloud.store.write((tx) => setSpotPrices.put(tx, { zone, type: 't3.micro', at: cloud.cloud.clock.now(), dollarsPerHour }));
  await cloud.cloud.settled();
};
const spotRequest = async (id: string): Promise<Ec2.SpotInstanceRequest> =>
  (await ec2.send(new Ec2.DescribeSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [id] }))).SpotInstanceRequests![0]!;
const summary = ({ State, Status }: Ec2.SpotInstanceRequest) => [State, Status!.Code];
const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeSize: 16 } }];
const Placement = { AvailabilityZone: zone };

test('a spot instance hibernates at once when the price is above its maximum, and EC2 alone wakes it', async () => {
  await price(0.003);
  const SpotOptions = { MaxPrice: '0.005', SpotInstanceType: 'persistent', InstanceInterruptionBehavior: 'hibernate' } as const;
  const id = await launch(true, { Placement, HibernationOptions: {}, InstanceMarketOptions: { MarketType: 'spot', SpotOptions } });
  const before = await look(id);
  assert.equal(before.HibernationOptions!.Configured, true, 'the behavior asks for it');
  const sir = before.SpotInstanceRequestId!;
  assert.equal((await spotRequest(sir)).InstanceInterruptionBehavior, 'hibernate');
  await price(0.006);
  const asleep = await look(id);
  assert.deepEqual([asleep.State!.Name, asleep.StateReason!.Code], ['stopped', 'Server.SpotInstanceShutdown']);
  assert.deepEqual(await host.machines.look(id), { id, state: 'ended', how: { kind: 'killed' } }, 'its memory is kept');
  assert.deepEqual(summary(await spotRequest(sir)), ['disabled', 'instance-stopped-by-price']);
  await assert.rejects(ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [id] })), { name: 'IncorrectSpotRequestState' });
  await price(0.003);
  assert.deepEqual(summary(await spotRequest(sir)), ['active', 'fulfilled']);
  const back = await look(id);
  assert.deepEqual([back.State!.Name, back.PrivateIpAddress], ['running', before.PrivateIpAddress]);
  await ec2.send(new Ec2.CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [sir] }));
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [id] }));
  await cloud.cloud.settled();
});

test('a request hibernates what it launched for want of capacity, shuts down what cannot, and both come back', async () => {
  const { SpotInstanceRequests } = await ec2.send(
    new Ec2.RequestSpotInstancesCommand({
      ...{ Type: 'persistent', InstanceInterruptionBehavior: 'hibernate' },
      LaunchSpecification: { ImageId, InstanceType: 't3.micro', Placement, BlockDeviceMappings },
    }),
  );
  const sir = SpotInstanceRequests![0]!.SpotInstanceRequestId!;
  await cloud.cloud.settled();
  const id = (await spotRequest(sir)).InstanceId!;
  assert.equal((await look(id)).HibernationOptions!.Configured, true);
  for (const [obstacle, kind] of [
    [undefined, 'killed'],
    ['user-mode-linux cannot', 'halted'],
  ] as const) {
    host.machines.cannotHibernate(obstacle);
    await cloud.cloud.store.write((tx) => spotReclaims.put(tx, { instance: id, at: cloud.cloud.clock.now() }));
    await cloud.cloud.settled();
    assert.deepEqual(await host.machines.look(id), { id, state: 'ended', how: { kind } });
    assert.deepEqual(summary(await spotRequest(sir)), ['disabled', 'instance-stopped-no-capacity']);
    await cloud.advance(300_000);
    assert.deepEqual(summary(await spotRequest(sir)), ['active', 'fulfilled']);
    assert.equal((await look(id)).State!.Name, 'running');
  }
  host.machines.cannotHibernate(undefined);
});
