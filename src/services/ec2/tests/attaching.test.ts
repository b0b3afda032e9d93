/** Interfaces that come and go while an instance runs, and client tokens of what the network makes, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { ec2Of } from './cast.ts';

const host = simulatedHost();
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
let instance: Ec2.Instance;

before(async () => {
  cloud = await startCloud({ host });
  ec2 = ec2Of(cloud);
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const { ImageId } = Images![0]!;
  const call = { ImageId, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, Placement: { AvailabilityZone: 'us-east-1a' } };
  instance = (await ec2.send(new Ec2.RunInstancesCommand(call))).Instances![0]!;
  await cloud.cloud.settled();
});
after(() => cloud.close());

const makeInterface = async (SubnetId = instance.SubnetId!) =>
  (await ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId }))).NetworkInterface!.NetworkInterfaceId!;

const attach = (NetworkInterfaceId: string, DeviceIndex: number) =>
  ec2.send(new Ec2.AttachNetworkInterfaceCommand({ NetworkInterfaceId, InstanceId: instance.InstanceId!, DeviceIndex }));

const portOf = (id: string) => host.networks.wanted.vpcs.flatMap((vpc) => vpc.ports).find((port) => port.id === id);

async function look(id: string): Promise<Ec2.NetworkInterface> {
  const { NetworkInterfaces } = await ec2.send(new Ec2.DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
  return NetworkInterfaces![0]!;
}

test('an interface is plugged into a running instance and pulled out of it again', async () => {
  const id = await makeInterface();
  assert.equal(portOf(id), undefined);
  const { AttachmentId, NetworkCardIndex } = await attach(id, 1);
  assert.match(AttachmentId!, /^eni-attach-0/);
  assert.equal(NetworkCardIndex, 0);
  await cloud.cloud.settled();
  const row = await look(id);
  assert.deepEqual([row.Status, row.Attachment!.Status, row.Attachment!.InstanceId], ['in-use', 'attached', instance.InstanceId]);
  const port = portOf(id)!;
  assert.deepEqual([port.namespace, port.device], [host.networks.namespaceOf(instance.InstanceId!), 'eth1']);
  await refused(attach(id, 2), 'InvalidNetworkInterface.InUse');
  const other = await makeInterface();
  await refused(attach(other, 1), 'InvalidParameterValue');
  await refused(attach(other, 2), 'AttachmentLimitExceeded');
  const primary = (await look((await interfaceAt(0))!)).Attachment!.AttachmentId!;
  await refused(ec2.send(new Ec2.DetachNetworkInterfaceCommand({ AttachmentId: primary })), 'OperationNotPermitted');
  await ec2.send(new Ec2.DetachNetworkInterfaceCommand({ AttachmentId: AttachmentId! }));
  await cloud.cloud.settled();
  assert.equal(portOf(id), undefined);
  assert.equal((await look(id)).Status, 'available');
  await ec2.send(new Ec2.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }));
});

async function interfaceAt(index: number): Promise<string | undefined> {
  const { Reservations } = await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [instance.InstanceId!] }));
  const found = Reservations![0]!.Instances![0]!.NetworkInterfaces!.find((one) => one.Attachment!.DeviceIndex === index);
  return found?.NetworkInterfaceId;
}

test('an interface stays with a machine that does not let go of it, unless it is forced', async () => {
  const { InstanceId } = instance;
  const id = await makeInterface();
  const { AttachmentId } = await attach(id, 1);
  await cloud.cloud.settled();
  assert.deepEqual([...host.machines.interfaces(InstanceId!)], ['eth1']);
  host.machines.clutched(InstanceId!).add('eth1');
  await ec2.send(new Ec2.DetachNetworkInterfaceCommand({ AttachmentId: AttachmentId! }));
  await cloud.cloud.settled();
  const row = await look(id);
  assert.deepEqual([row.Status, row.Attachment!.Status], ['detaching', 'detaching']);
  assert.ok(portOf(id), 'its network has taken it away');
  await ec2.send(new Ec2.DetachNetworkInterfaceCommand({ AttachmentId: AttachmentId!, Force: true }));
  await cloud.cloud.settled();
  assert.equal((await look(id)).Status, 'available');
  assert.equal(portOf(id), undefined);
});

test('an interface that its machine holds goes when the instance has stopped', async () => {
  const { InstanceId } = instance;
  const id = await makeInterface();
  const { AttachmentId } = await attach(id, 1);
  await cloud.cloud.settled();
  host.machines.clutched(InstanceId!).add('eth1');
  await ec2.send(new Ec2.DetachNetworkInterfaceCommand({ AttachmentId: AttachmentId! }));
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [InstanceId!] }));
  await cloud.cloud.settled();
  assert.equal((await look(id)).Status, 'available');
  const again = await attach(id, 1);
  await cloud.cloud.settled();
  assert.equal((await look(id)).Attachment!.Status, 'attached');
  await ec2.send(new Ec2.DetachNetworkInterfaceCommand({ AttachmentId: again.AttachmentId! }));
  await cloud.cloud.settled();
  await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [InstanceId!] }));
  await cloud.cloud.settled();
});

test('an interface of another zone is refused', async () => {
  const Filters = [{ Name: 'availability-zone', Values: ['us-east-1b'] }];
  const { Subnets } = await ec2.send(new Ec2.DescribeSubnetsCommand({ Filters }));
  await refused(attach(await makeInterface(Subnets![0]!.SubnetId!), 1), 'InvalidParameterCombination');
});

test('a call that is made again with its token makes nothing more', async () => {
  const { SubnetId } = instance;
  const asked = { SubnetId, ClientToken: 'again' };
  const first = await ec2.send(new Ec2.CreateNetworkInterfaceCommand(asked));
  const second = await ec2.send(new Ec2.CreateNetworkInterfaceCommand(asked));
  assert.equal(second.NetworkInterface!.NetworkInterfaceId, first.NetworkInterface!.NetworkInterfaceId);
  const changed = { ...asked, Description: 'other' };
  await refused(ec2.send(new Ec2.CreateNetworkInterfaceCommand(changed)), 'IdempotentParameterMismatch');
  const gateway = { SubnetId, ConnectivityType: 'private' as const, ClientToken: 'again' };
  const made = await ec2.send(new Ec2.CreateNatGatewayCommand(gateway));
  const again = await ec2.send(new Ec2.CreateNatGatewayCommand(gateway));
  assert.equal(again.NatGateway!.NatGatewayId, made.NatGateway!.NatGatewayId);
  assert.equal((await ec2.send(new Ec2.DescribeNatGatewaysCommand({}))).NatGateways!.length, 1);
  const outward = { VpcId: instance.VpcId, ClientToken: 'again' };
  const one = await ec2.send(new Ec2.CreateEgressOnlyInternetGatewayCommand(outward));
  const same = await ec2.send(new Ec2.CreateEgressOnlyInternetGatewayCommand(outward));
  assert.deepEqual(same.EgressOnlyInternetGateway, one.EgressOnlyInternetGateway);
});
