/** What of EC2 costs as long as it stands is metered to the moment, over changes, deletions and leaps of the clock. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { ec2Of } from './cast.ts';

const hour = 3_600_000;
const gibibyte = 1024 ** 3;

let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
before(async () => {
  cloud = await startCloud({ host: simulatedHost() });
  ec2 = ec2Of(cloud);
});
after(() => cloud.close());

/** Sums by usage type of what was metered of a resource. */
async function usedOf(id: string): Promise<Record<string, number>> {
  const rows = await cloud.cloud.meter.query('111122223333', 0, cloud.cloud.clock.now() + hour);
  const sums: Record<string, number> = {};
  for (const { resource, usageType, quantity } of rows) if (resource.endsWith(id)) sums[usageType] = (sums[usageType] ?? 0) + quantity;
  return Object.fromEntries(Object.entries(sums).map(([type, sum]) => [type, Math.round(sum)]));
}

test('a volume by its size and by the IOPS and throughput that it was given beyond those that are free', async () => {
  const { VolumeId } = await ec2.send(
    new Ec2.CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 8, VolumeType: 'gp3', Iops: 4000, Throughput: 225 }),
  );
  await cloud.cloud.settled();
  await cloud.advance(10 * hour);
  await cloud.advance(90 * 60_000);
  await ec2.send(new Ec2.DeleteVolumeCommand({ VolumeId }));
  await cloud.cloud.settled();
  await cloud.advance(100 * hour);
  const hours = 11.5;
  assert.deepEqual(await usedOf(VolumeId!), {
    'EBS:VolumeUsage.gp3': 8 * gibibyte * hours,
    'EBS:VolumeP-IOPS.gp3': 1000 * hours * 3600,
    'EBS:VolumeP-Throughput.gp3': 100 * hours * 3600,
  });
});

test('an elastic address while it is idle and while a NAT gateway uses it, over a leap of days', async () => {
  const { AllocationId } = await ec2.send(new Ec2.AllocateAddressCommand({}));
  await cloud.cloud.settled();
  await cloud.advance(2 * hour);
  const { Subnets } = await ec2.send(new Ec2.DescribeSubnetsCommand({}));
  const { NatGateway } = await ec2.send(new Ec2.CreateNatGatewayCommand({ SubnetId: Subnets![0]!.SubnetId!, AllocationId }));
  await cloud.cloud.settled();
  await cloud.advance(5 * 24 * hour);
  const id = NatGateway!.NatGatewayId!;
  await ec2.send(new Ec2.DeleteNatGatewayCommand({ NatGatewayId: id }));
  await cloud.cloud.settled();
  await cloud.advance(hour);
  const seconds = 5 * 24 * 3600;
  // Taking a gateway away takes a while, in which its address is still its own.
  const { 'NatGateway-Hours': gateway = 0 } = await usedOf(id);
  assert.ok(gateway >= seconds && gateway < seconds + 3600, String(gateway));
  const used = await usedOf(AllocationId!);
  assert.ok(used['PublicIPv4:IdleAddress']! >= 2 * 3600);
  assert.ok(used['PublicIPv4:InUseAddress']! >= seconds);
  // What stands is counted to the last full hour.
  const all = used['PublicIPv4:IdleAddress']! + used['PublicIPv4:InUseAddress']!;
  assert.ok(all > seconds + 2 * 3600 && all <= seconds + 3 * 3600, String(all));
});
