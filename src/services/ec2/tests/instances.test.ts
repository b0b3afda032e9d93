/** Instances through the SDK, on a simulated machine: launch, lifecycle, attributes, what is refused. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { refused } from '../../../../tests/refused.ts';
import { startWithImage, userWith } from './cast.ts';

const host = simulatedHost();
const { cloud, ec2, ImageId } = await startWithImage(host);
after(() => cloud.close());

type RunInput = Partial<Ec2.RunInstancesCommandInput>;

async function launch(input: RunInput = {}): Promise<Ec2.Instance> {
  const { Instances } = await ec2.send(
    new Ec2.RunInstancesCommand({ ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...input }),
  );
  await cloud.cloud.settled();
  return Instances![0]!;
}

async function look(id: string): Promise<Ec2.Instance> {
  const { Reservations } = await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations![0]!.Instances![0]!;
}

async function ask(command: (id: string[]) => Promise<unknown>, id: string): Promise<Ec2.Instance> {
  await command([id]);
  await cloud.cloud.settled();
  return look(id);
}

test('an instance is pending, then running, with an address, a volume and a public address of its default subnet', async () => {
  const made = await launch({ UserData: Buffer.from('#!/bin/sh\n').toString('base64') });
  assert.equal(made.State!.Name, 'pending');
  assert.deepEqual(made.StateReason, { Code: 'pending', Message: 'pending' });
  const row = await look(made.InstanceId!);
  assert.deepEqual(row.State, { Code: 16, Name: 'running' });
  assert.match(row.PrivateIpAddress!, /^172\.31\./);
  assert.match(row.PublicIpAddress!, /^100\.64\./);
  assert.match(row.PrivateDnsName!, /^ip-172-31-.*\.ec2\.internal$/);
  assert.equal(row.NetworkInterfaces![0]!.Attachment!.Status, 'attached');
  assert.equal(row.BlockDeviceMappings![0]!.DeviceName, '/dev/xvda');
  assert.equal(row.BlockDeviceMappings![0]!.Ebs!.Status, 'attached');
  const { spec } = host.machines.spec(row.InstanceId!)!;
  assert.equal(spec.vcpus, 2);
  assert.equal(spec.memoryBytes, 1024 ** 3);
  assert.equal(spec.rootDisk, row.BlockDeviceMappings![0]!.Ebs!.VolumeId);
  assert.equal(spec.hostname, `ip-${row.PrivateIpAddress!.replaceAll('.', '-')}`);
  const { Volumes } = await ec2.send(new Ec2.DescribeVolumesCommand({ VolumeIds: [spec.rootDisk] }));
  assert.deepEqual([Volumes![0]!.State, Volumes![0]!.Size, Volumes![0]!.VolumeType], ['in-use', 8, 'gp3']);
});

test('whether an instance recovers by itself is kept, and one of Linux has no password', async () => {
  const { InstanceId = '' } = await launch({ MaintenanceOptions: { AutoRecovery: 'disabled' } });
  assert.equal((await look(InstanceId)).MaintenanceOptions!.AutoRecovery, 'disabled');
  const modify = (AutoRecovery: 'default' | 'disabled') =>
    ec2.send(new Ec2.ModifyInstanceMaintenanceOptionsCommand({ InstanceId, AutoRecovery }));
  assert.equal((await modify('default')).AutoRecovery, 'default');
  assert.equal((await look(InstanceId)).MaintenanceOptions!.AutoRecovery, 'default');
  await refused(modify('sometimes' as never), 'InvalidParameterValue');
  await refused(launch({ MaintenanceOptions: { AutoRecovery: 'sometimes' as never } }), 'InvalidParameterValue');
  assert.equal((await ec2.send(new Ec2.GetPasswordDataCommand({ InstanceId }))).PasswordData, '');
  await ask((InstanceIds) => ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds })), InstanceId);
});

test('a tag says what drives an instance from its next start on', async () => {
  const { InstanceId: id } = await launch();
  assert.equal(host.machines.spec(id!)!.spec.driver, undefined);
  await ask((InstanceIds) => ec2.send(new Ec2.StopInstancesCommand({ InstanceIds })), id!);
  await ec2.send(new Ec2.CreateTagsCommand({ Resources: [id!], Tags: [{ Key: 'haneul:driver', Value: 'machine' }] }));
  await ask((InstanceIds) => ec2.send(new Ec2.StartInstancesCommand({ InstanceIds })), id!);
  assert.equal(host.machines.spec(id!)!.spec.driver, 'machine');
});

test('stop keeps the private address and the volume, start lends another public address, terminate takes all away', async () => {
  const { InstanceId: id } = await launch();
  const before = await look(id!);
  assert.equal(host.machines.spec(id!)!.spec.rootIsNew, true);
  const stopped = await ask((InstanceIds) => ec2.send(new Ec2.StopInstancesCommand({ InstanceIds })), id!);
  assert.equal(stopped.State!.Name, 'stopped');
  assert.equal(stopped.PublicIpAddress, undefined);
  assert.equal(stopped.PrivateIpAddress, before.PrivateIpAddress);
  assert.equal(stopped.StateReason!.Code, 'Client.UserInitiatedShutdown');
  assert.match(stopped.StateTransitionReason!, /^User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\)$/);
  const started = await ask((InstanceIds) => ec2.send(new Ec2.StartInstancesCommand({ InstanceIds })), id!);
  assert.equal(started.State!.Name, 'running');
  assert.equal(host.machines.spec(id!)!.spec.rootIsNew, undefined);
  assert.match(started.PublicIpAddress!, /^100\.64\./);
  const ended = await ask((InstanceIds) => ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds })), id!);
  assert.equal(ended.State!.Name, 'terminated');
  assert.equal(ended.NetworkInterfaces!.length, 0);
  assert.equal(host.machines.spec(id!), undefined);
  const volume = before.BlockDeviceMappings![0]!.Ebs!.VolumeId!;
  await refused(ec2.send(new Ec2.DescribeVolumesCommand({ VolumeIds: [volume] })), 'InvalidVolume.NotFound');
  await refused(ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [id!] })), 'IncorrectInstanceState');
  assert.equal(await host.disks.state(volume), undefined);
  await cloud.advance(3_600_001);
  await refused(ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [id!] })), {
    code: 'InvalidInstanceID.NotFound',
    message: `The instance ID '${id}' does not exist`,
  });
});

test('what an instance does itself is seen: a halt stops or terminates it, a reboot and a crash are followed by a start', async () => {
  const { InstanceId: id } = await launch();
  host.machines.end(id!, { kind: 'reboot' });
  await kick();
  assert.equal((await look(id!)).State!.Name, 'running');
  assert.equal((await host.machines.list()).find((one) => one.id === id)!.state, 'running');
  host.machines.end(id!, { kind: 'failed', reason: 'the host went down' });
  await kick();
  assert.equal((await look(id!)).State!.Name, 'running');
  host.machines.end(id!, { kind: 'halted' });
  await kick();
  const stopped = await look(id!);
  assert.equal(stopped.State!.Name, 'stopped');
  assert.equal(stopped.StateReason!.Code, 'Client.InstanceInitiatedShutdown');
  await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [id!] }));
  await cloud.cloud.settled();
  const wanted = { InstanceInitiatedShutdownBehavior: { Value: 'terminate' } };
  await ec2.send(new Ec2.ModifyInstanceAttributeCommand({ InstanceId: id!, ...wanted }));
  host.machines.end(id!, { kind: 'halted' });
  await kick();
  assert.equal((await look(id!)).State!.Name, 'terminated');
});

/** Any commit of EC2 wakes the keeper, as does a second of real time. */
async function kick(): Promise<void> {
  const { VolumeId } = await ec2.send(new Ec2.CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1 }));
  await ec2.send(new Ec2.DeleteVolumeCommand({ VolumeId: VolumeId! }));
  await cloud.cloud.settled();
}

test('a machine that cannot be started is terminated, and says why', async () => {
  host.machines.refuse('no room here');
  const { InstanceId: id } = await launch();
  host.machines.refuse(undefined);
  const row = await look(id!);
  assert.equal(row.State!.Name, 'terminated');
  assert.deepEqual(row.StateReason, { Code: 'Server.InternalError', Message: 'Server.InternalError: no room here' });
});

test('a client token makes a launch once', async () => {
  const input = { ClientToken: 'once', MinCount: 2, MaxCount: 3 };
  const first = await ec2.send(new Ec2.RunInstancesCommand({ ImageId, InstanceType: 't3.nano', ...input }));
  const again = await ec2.send(new Ec2.RunInstancesCommand({ ImageId, InstanceType: 't3.nano', ...input }));
  assert.equal(first.Instances!.length, 3);
  assert.deepEqual(
    first.Instances!.map((one) => one.AmiLaunchIndex),
    [0, 1, 2],
  );
  assert.equal(again.ReservationId, first.ReservationId);
  await refused(ec2.send(new Ec2.RunInstancesCommand({ ImageId, InstanceType: 't3.micro', ...input })), 'IdempotentParameterMismatch');
  await cloud.cloud.settled();
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: first.Instances!.map((one) => one.InstanceId!) }));
  await cloud.cloud.settled();
});

test('tags, filters, pages and reservations', async () => {
  const TagSpecifications: Ec2.TagSpecification[] = [
    { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'tagged' }] },
    { ResourceType: 'volume', Tags: [{ Key: 'disk', Value: 'yes' }] },
  ];
  await ec2.send(new Ec2.RunInstancesCommand({ ImageId, InstanceType: 't3.small', MinCount: 6, MaxCount: 6, TagSpecifications }));
  await cloud.cloud.settled();
  const Filters = [
    { Name: 'tag:Name', Values: ['tag*'] },
    { Name: 'instance-state-name', Values: ['running'] },
  ];
  const page = await ec2.send(new Ec2.DescribeInstancesCommand({ Filters, MaxResults: 5 }));
  assert.equal(page.Reservations!.length, 1);
  assert.equal(page.Reservations![0]!.Instances!.length, 5);
  const rest = await ec2.send(new Ec2.DescribeInstancesCommand({ Filters, MaxResults: 5, NextToken: page.NextToken! }));
  assert.equal(rest.Reservations![0]!.Instances!.length, 1);
  const { Volumes } = await ec2.send(new Ec2.DescribeVolumesCommand({ Filters: [{ Name: 'tag:disk', Values: ['yes'] }] }));
  assert.equal(Volumes!.length, 6);
  const { InstanceStatuses } = await ec2.send(new Ec2.DescribeInstanceStatusCommand({ IncludeAllInstances: true }));
  assert.ok(InstanceStatuses!.length >= 6);
  const passed = InstanceStatuses!.find((one) => one.InstanceState!.Name === 'running')!;
  assert.equal(passed.SystemStatus!.Status, 'ok');
  const ids = page.Reservations![0]!.Instances!.map((one) => one.InstanceId!);
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [...ids, rest.Reservations![0]!.Instances![0]!.InstanceId!] }));
  await cloud.cloud.settled();
});

test('attributes are read and changed one at a time', async () => {
  const data = Buffer.from('#!/bin/sh\necho hello\n').toString('base64');
  const { InstanceId } = await launch({ UserData: data, MetadataOptions: { HttpTokens: 'required' } });
  const id = { InstanceId: InstanceId! };
  const asked = async (Attribute: Ec2.InstanceAttributeName) => ec2.send(new Ec2.DescribeInstanceAttributeCommand({ ...id, Attribute }));
  assert.equal((await asked('userData')).UserData!.Value, data);
  assert.equal((await asked('instanceType')).InstanceType!.Value, 't3.micro');
  await ec2.send(new Ec2.ModifyInstanceAttributeCommand({ ...id, DisableApiTermination: { Value: true } }));
  assert.equal((await asked('disableApiTermination')).DisableApiTermination!.Value, true);
  await refused(ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [InstanceId!] })), 'OperationNotPermitted');
  await ec2.send(new Ec2.ModifyInstanceAttributeCommand({ ...id, Attribute: 'disableApiTermination', Value: 'false' }));
  await ec2.send(new Ec2.ModifyInstanceAttributeCommand({ ...id, SourceDestCheck: { Value: false } }));
  assert.equal((await look(InstanceId!)).SourceDestCheck, false);
  await refused(ec2.send(new Ec2.ModifyInstanceAttributeCommand({ ...id, InstanceType: { Value: 't3.large' } })), 'IncorrectInstanceState');
  await refused(
    ec2.send(new Ec2.ModifyInstanceAttributeCommand({ ...id, DisableApiStop: { Value: true }, EbsOptimized: { Value: true } })),
    'InvalidParameterCombination',
  );
  await ask((InstanceIds) => ec2.send(new Ec2.StopInstancesCommand({ InstanceIds })), InstanceId!);
  await ec2.send(new Ec2.ModifyInstanceAttributeCommand({ ...id, InstanceType: { Value: 't3.large' } }));
  await ask((InstanceIds) => ec2.send(new Ec2.StartInstancesCommand({ InstanceIds })), InstanceId!);
  assert.equal(host.machines.spec(InstanceId!)!.spec.memoryBytes, 8 * 1024 ** 3);
  const options = await ec2.send(new Ec2.ModifyInstanceMetadataOptionsCommand({ ...id, HttpPutResponseHopLimit: 3 }));
  assert.deepEqual(
    [options.InstanceMetadataOptions!.HttpTokens, options.InstanceMetadataOptions!.HttpPutResponseHopLimit],
    ['required', 3],
  );
  await ec2.send(new Ec2.MonitorInstancesCommand({ InstanceIds: [InstanceId!] }));
  assert.equal((await look(InstanceId!)).Monitoring!.State, 'enabled');
  await ec2.send(new Ec2.UnmonitorInstancesCommand({ InstanceIds: [InstanceId!] }));
  host.machines.write(InstanceId!, 'a line of the console\n');
  const { Output } = await ec2.send(new Ec2.GetConsoleOutputCommand(id));
  assert.match(Buffer.from(Output!, 'base64').toString(), /a line of the console/);
  await ec2.send(new Ec2.RebootInstancesCommand({ InstanceIds: [InstanceId!] }));
  await kick();
  await kick();
  assert.match((await host.machines.console(InstanceId!, 65_536)).toString(), /booted[^]*booted[^]*booted/);
});

test('an interface of its own is brought along and stays; more interfaces than the type has are refused', async () => {
  const { Subnets } = await ec2.send(new Ec2.DescribeSubnetsCommand({ Filters: [{ Name: 'availability-zone', Values: ['us-east-1a'] }] }));
  const SubnetId = Subnets![0]!.SubnetId!;
  const { NetworkInterface } = await ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId }));
  const id = NetworkInterface!.NetworkInterfaceId!;
  const made = await launch({ NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId: id }] });
  assert.equal(made.PrivateIpAddress, NetworkInterface!.PrivateIpAddress);
  await refused(launch({ NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId: id }] }), 'InvalidNetworkInterface.InUse');
  await ask((InstanceIds) => ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds })), made.InstanceId!);
  const { NetworkInterfaces } = await ec2.send(new Ec2.DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
  assert.equal(NetworkInterfaces![0]!.Status, 'available');
  const private_ = await launch({
    NetworkInterfaces: [{ DeviceIndex: 0, SubnetId, AssociatePublicIpAddress: false, PrivateIpAddress: '172.31.1.99' }],
  });
  assert.equal((await look(private_.InstanceId!)).PublicIpAddress, undefined);
  assert.equal(private_.PrivateIpAddress, '172.31.1.99');
  const many = [0, 1, 2].map((DeviceIndex) => ({ DeviceIndex, SubnetId }));
  await refused(launch({ NetworkInterfaces: many }), 'AttachmentLimitExceeded');
});

test('what cannot be launched is refused in AWS’s words', async () => {
  await refused(launch({ ImageId: 'ami-00000000000000000' }), {
    code: 'InvalidAMIID.NotFound',
    message: "The image id '[ami-00000000000000000]' does not exist",
  });
  await refused(launch({ ImageId: 'nonsense' }), 'InvalidAMIID.Malformed');
  await refused(launch({ InstanceType: 't9.huge' as never }), 'InvalidParameterValue');
  await refused(launch({ InstanceType: 't4g.micro' }), 'InvalidParameterValue');
  await refused(launch({ KeyName: 'nobody' }), { code: 'InvalidKeyPair.NotFound', message: "The key pair 'nobody' does not exist" });
  await refused(launch({ MinCount: 0 }), 'InvalidParameterValue');
  await refused(launch({ MinCount: 2, MaxCount: 1 }), 'InvalidParameterCombination');
  await refused(launch({ UserData: 'not base64!' }), 'InvalidParameterValue');
  await refused(launch({ UserData: Buffer.alloc(16_385).toString('base64') }), {
    code: 'InvalidParameterValue',
    message: 'User data is limited to 16384 bytes',
  });
  await refused(launch({ SubnetId: 'subnet-00000000000000000' }), 'InvalidSubnetID.NotFound');
  await refused(launch({ SecurityGroupIds: ['sg-00000000000000000'] }), 'InvalidGroup.NotFound');
  await refused(launch({ SecurityGroups: ['nobody'] }), 'InvalidGroup.NotFound');
  await refused(launch({ IamInstanceProfile: { Name: 'nobody' } }), 'InvalidParameterValue');
  await refused(launch({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 1 } }] }), 'InvalidParameterValue');
  await refused(launch({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { KmsKeyId: 'alias/x' } }] }), 'InvalidParameterDependency');
  await refused(launch({ InstanceType: 'm5.24xlarge', MinCount: 13, MaxCount: 13 }), 'VcpuLimitExceeded');
  await refused(launch({ KernelId: 'aki-1' }), 'NotImplemented');
  await refused(ec2.send(new Ec2.RunInstancesCommand({ ImageId, MinCount: 1, MaxCount: 1, DryRun: true })), 'DryRunOperation');
  await refused(ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: ['i-00000000000000001', 'i-00000000000000002'] })), {
    code: 'InvalidInstanceID.NotFound',
    message: "The instance IDs 'i-00000000000000001, i-00000000000000002' do not exist",
  });
  await refused(ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: ['nonsense'] })), 'InvalidInstanceID.Malformed');
});

test('a launch is allowed by type, image, subnet and tag', async () => {
  const small = await userWith(
    cloud,
    'small',
    { Action: 'ec2:RunInstances', Resource: 'arn:aws:ec2:*:*:instance/*', Condition: { StringEquals: { 'ec2:InstanceType': 't3.nano' } } },
    {
      Action: 'ec2:RunInstances',
      Resource: ['volume', 'network-interface', 'subnet', 'security-group'].map((type) => `arn:aws:ec2:*:*:${type}/*`),
    },
    { Action: 'ec2:RunInstances', Resource: 'arn:aws:ec2:*::image/*' },
  );
  const input = { ImageId, MinCount: 1, MaxCount: 1 };
  await refused(small.send(new Ec2.RunInstancesCommand({ ...input, InstanceType: 't3.large' })), 'UnauthorizedOperation');
  const TagSpecifications = [{ ResourceType: 'instance' as const, Tags: [{ Key: 'a', Value: 'b' }] }];
  await refused(small.send(new Ec2.RunInstancesCommand({ ...input, InstanceType: 't3.nano', TagSpecifications })), 'UnauthorizedOperation');
  const { Instances } = await small.send(new Ec2.RunInstancesCommand({ ...input, InstanceType: 't3.nano' }));
  await refused(small.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [Instances![0]!.InstanceId!] })), 'UnauthorizedOperation');
});

test('running instances are metered by the second, a minute at least', async () => {
  const from = cloud.cloud.clock.now() - 7_200_000;
  const { InstanceId: id } = await launch({ InstanceType: 'c5.large' });
  await cloud.advance(150_000);
  await kick();
  const used = await cloud.cloud.meter.query('111122223333', from, cloud.cloud.clock.now() + 1);
  const seconds = used.filter((one) => one.resource.endsWith(id!)).reduce((sum, one) => sum + one.quantity, 0);
  assert.equal(seconds, 150);
});

test('what a list remembers of instances is what each is: another instance, volume, interface or network is shown at once', async () => {
  const { InstanceId = '', VpcId = '', Placement, NetworkInterfaces } = await launch();
  const { NetworkInterfaceId = '' } = NetworkInterfaces![0]!;
  const { VolumeId = '' } = await ec2.send(new Ec2.CreateVolumeCommand({ AvailabilityZone: Placement!.AvailabilityZone, Size: 1 }));
  await cloud.cloud.settled();
  const listed = async (): Promise<Ec2.Instance | undefined> => {
    const { Reservations } = await ec2.send(new Ec2.DescribeInstancesCommand({}));
    return Reservations!.flatMap(({ Instances }) => Instances!).find((one) => one.InstanceId === InstanceId);
  };
  let before = await listed();
  assert.deepEqual(before, await look(InstanceId));
  assert.deepEqual(await listed(), before);
  const changes: (() => Promise<unknown>)[] = [
    () => ec2.send(new Ec2.CreateTagsCommand({ Resources: [InstanceId], Tags: [{ Key: 'Name', Value: '<한>' }] })),
    () => ec2.send(new Ec2.AttachVolumeCommand({ InstanceId, VolumeId, Device: '/dev/sdf' })),
    () => ec2.send(new Ec2.ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck: { Value: false } })),
    () => ec2.send(new Ec2.ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: false } })),
    () => ec2.send(new Ec2.ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } })),
    () => ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [InstanceId] })),
    () => ec2.send(new Ec2.DetachVolumeCommand({ VolumeId })),
  ];
  for (const change of changes) {
    await change();
    await cloud.cloud.settled();
    const next = await listed();
    assert.notDeepEqual(next, before);
    assert.deepEqual(next, await look(InstanceId));
    before = next;
  }
});
