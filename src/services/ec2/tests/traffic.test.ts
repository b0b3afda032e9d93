/** Bytes of interfaces on the bill: each once, by where they went, over restarts of Haneul and of the network's router. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { pricedBy } from '../../../framework/billing/price-list.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { ec2Of } from './cast.ts';

const minute = 60_000;
const host = simulatedHost();
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
before(async () => {
  cloud = await startCloud({ host });
  ec2 = ec2Of(cloud);
});
after(() => cloud.close());

/** Sums by usage type and operation of what was metered of a resource, with their prices. */
async function usedOf(id: string): Promise<Record<string, number>> {
  const rows = await cloud.cloud.meter.query('111122223333', 0, cloud.cloud.clock.now() + 1);
  const sums: Record<string, number> = {};
  for (const row of rows) {
    if (!row.resource.endsWith(id) || row.unit !== 'Bytes') continue;
    assert.ok(pricedBy(row)!.unknown === undefined, row.usageType);
    const kind = `${row.usageType} ${row.operation}`;
    sums[kind] = (sums[kind] ?? 0) + row.quantity;
  }
  return sums;
}

async function launch(SubnetId: string): Promise<Ec2.Instance> {
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const wanted = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, SubnetId };
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand(wanted));
  await cloud.cloud.settled();
  return Instances![0]!;
}

test('instances, NAT gateways and endpoints pay for what goes out, between zones and through them', async () => {
  const { Subnets } = await ec2.send(new Ec2.DescribeSubnetsCommand({}));
  const [near, far] = ['us-east-1a', 'us-east-1b'].map((zone) => Subnets!.find((one) => one.AvailabilityZone === zone)!.SubnetId!) as [
    string,
    string,
  ];
  const instance = await launch(near);
  const vpc = instance.VpcId!;
  const port = instance.NetworkInterfaces![0]!.NetworkInterfaceId!;
  const { AllocationId } = await ec2.send(new Ec2.AllocateAddressCommand({}));
  const { NatGateway } = await ec2.send(new Ec2.CreateNatGatewayCommand({ SubnetId: near, AllocationId }));
  const made = await ec2.send(
    new Ec2.CreateVpcEndpointCommand({
      ...{ VpcId: vpc, VpcEndpointType: 'Interface', ServiceName: 'com.amazonaws.us-east-1.sqs', SubnetIds: [near] },
    }),
  );
  await cloud.cloud.settled();
  const nat = NatGateway!.NatGatewayAddresses![0]!.NetworkInterfaceId!;
  const endpoint = made.VpcEndpoint!.NetworkInterfaceIds![0]!;
  const carry = (id: string, direction: 'sent' | 'received', over: string, bytes: number): void =>
    host.networks.carry({ vpc, port: id, direction, over, bytes });
  carry(port, 'sent', 'internet', 1000);
  carry(port, 'received', 'internet', 50);
  carry(port, 'sent', near, 7);
  carry(port, 'sent', far, 20);
  carry(port, 'received', far, 30);
  carry(port, 'sent', 'public-range', 4);
  carry(port, 'sent', 'services', 9);
  carry(nat, 'received', near, 100);
  carry(nat, 'sent', 'internet', 100);
  carry(nat, 'received', 'internet', 300);
  carry(nat, 'sent', near, 300);
  carry(endpoint, 'received', near, 60);
  carry(endpoint, 'sent', far, 40);
  await cloud.advance(minute);
  const expected = {
    'DataTransfer-Out-Bytes RunInstances': 1000,
    'DataTransfer-In-Bytes RunInstances': 50,
    'DataTransfer-Regional-Bytes InterZone-Out': 20,
    'DataTransfer-Regional-Bytes InterZone-In': 30,
    'DataTransfer-Regional-Bytes PublicIP-Out': 4,
  };
  assert.deepEqual(await usedOf(instance.InstanceId!), expected);
  assert.deepEqual(await usedOf(NatGateway!.NatGatewayId!), {
    'NatGateway-Bytes NatGateway': 400,
    'DataTransfer-Out-Bytes RunInstances': 100,
    'DataTransfer-In-Bytes RunInstances': 300,
  });
  assert.deepEqual(await usedOf(made.VpcEndpoint!.VpcEndpointId!), { 'VpcEndpoint-Bytes VpcEndpoint': 100 });

  // Counts that stand still cost nothing more; those that rise cost what they have risen by, and so do those that began anew.
  await cloud.advance(10 * minute);
  assert.deepEqual(await usedOf(instance.InstanceId!), expected);
  carry(port, 'sent', 'internet', 500);
  await cloud.advance(minute);
  assert.equal((await usedOf(instance.InstanceId!))['DataTransfer-Out-Bytes RunInstances'], 1500);
  host.networks.countAnew();
  carry(port, 'sent', 'internet', 2);
  await cloud.advance(minute);
  assert.equal((await usedOf(instance.InstanceId!))['DataTransfer-Out-Bytes RunInstances'], 1502);
});
