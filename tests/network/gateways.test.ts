/** Real packets through gateways: public addresses, NAT, peering, and what changes while networks are up. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { account, listening, missing, openGround, probe, type Ground, type Machine, type Probe } from './ground.ts';

let ground: Ground;
const skip = missing;
before(async () => {
  if (!missing) ground = await openGround({ publicRange: '100.66.16.0/20' });
});
after(async () => {
  if (!missing) await ground.close();
});

const send = <Output>(command: object): Promise<Output> => ground.ec2.send(command as never) as Promise<Output>;

async function makeVpc(CidrBlock: string): Promise<{ VpcId: string; main: string; group: string }> {
  const { Vpc } = await ground.ec2.send(new Ec2.CreateVpcCommand({ CidrBlock }));
  const VpcId = Vpc!.VpcId!;
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
  const { RouteTables } = await ground.ec2.send(new Ec2.DescribeRouteTablesCommand({ Filters }));
  const { SecurityGroups } = await ground.ec2.send(new Ec2.DescribeSecurityGroupsCommand({ Filters }));
  return { VpcId, main: RouteTables![0]!.RouteTableId!, group: SecurityGroups![0]!.GroupId! };
}

const makeSubnet = async (VpcId: string, CidrBlock: string): Promise<string> =>
  (await ground.ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock }))).Subnet!.SubnetId!;

async function giveGateway(VpcId: string): Promise<string> {
  const { InternetGateway } = await ground.ec2.send(new Ec2.CreateInternetGatewayCommand({}));
  await ground.ec2.send(new Ec2.AttachInternetGatewayCommand({ VpcId, InternetGatewayId: InternetGateway!.InternetGatewayId! }));
  return InternetGateway!.InternetGatewayId!;
}

async function giveAddress(machine: Machine): Promise<string> {
  const { AllocationId, PublicIp } = await ground.ec2.send(new Ec2.AllocateAddressCommand({}));
  await ground.ec2.send(new Ec2.AssociateAddressCommand({ AllocationId, NetworkInterfaceId: machine.interface }));
  return PublicIp!;
}

const route = (RouteTableId: string, DestinationCidrBlock: string, target: object): Promise<unknown> =>
  send(new Ec2.CreateRouteCommand({ RouteTableId, DestinationCidrBlock, ...target }));
const open = (GroupId: string, IpPermissions: Ec2.IpPermission[]): Promise<unknown> =>
  send(new Ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
const port = (number: number, CidrIp: string): Ec2.IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: number,
  ToPort: number,
  IpRanges: [{ CidrIp }],
});
const tcp = (from: Machine | undefined, address: string, number = 80): Probe => ({
  namespace: from?.namespace ?? '',
  protocol: 'tcp',
  address,
  port: number,
});

test('a public address is reached from the machine and by other networks, through groups', { skip }, async () => {
  const one = await makeVpc('10.0.0.0/16');
  const two = await makeVpc('10.0.0.0/16');
  const machines: Machine[] = [];
  const addresses: string[] = [];
  for (const { VpcId, main, group } of [one, two]) {
    const machine = await ground.machine({ SubnetId: await makeSubnet(VpcId, '10.0.1.0/24'), PrivateIpAddress: '10.0.1.10' });
    await route(main, '0.0.0.0/0', { GatewayId: await giveGateway(VpcId) });
    await open(group, [port(80, '0.0.0.0/0')]);
    machines.push(machine);
    addresses.push(await giveAddress(machine));
  }
  await ground.settled();
  const listeners = machines.map(listening);
  assert.ok(addresses.every((address) => address.startsWith('100.66.')));
  const probes = [
    tcp(undefined, addresses[0]!),
    tcp(undefined, addresses[1]!),
    tcp(machines[0], addresses[1]!),
    tcp(machines[1], addresses[0]!),
  ];
  assert.deepEqual(await probe(probes, listeners), [true, true, true, true]);
  // Closed ports stay closed, the machine itself and what is not ours are out of reach, with and without a public address.
  const closed = [tcp(undefined, addresses[0]!, 22), tcp(machines[0], addresses[1]!, 443), tcp(machines[0], '100.66.16.1', 22)];
  assert.deepEqual(await probe(closed, [...listeners, { namespace: '', tcp: [], udp: [] }]), [false, false, false]);

  const { Addresses } = await ground.ec2.send(new Ec2.DescribeAddressesCommand({ PublicIps: [addresses[0]!] }));
  await ground.ec2.send(new Ec2.DisassociateAddressCommand({ AssociationId: Addresses![0]!.AssociationId! }));
  await ground.settled();
  assert.deepEqual(await probe(probes, listeners), [false, true, false, false]);
});

test('a private subnet speaks outside through a NAT gateway, and nobody comes in through it', { skip }, async () => {
  const { VpcId, main, group } = await makeVpc('10.7.0.0/16');
  const outside = await makeVpc('10.8.0.0/16');
  const server = await ground.machine({ SubnetId: await makeSubnet(outside.VpcId, '10.8.1.0/24') });
  await route(outside.main, '0.0.0.0/0', { GatewayId: await giveGateway(outside.VpcId) });
  const serverAddress = await giveAddress(server);

  const [open1, hidden] = [await makeSubnet(VpcId, '10.7.1.0/24'), await makeSubnet(VpcId, '10.7.2.0/24')];
  const client = await ground.machine({ SubnetId: hidden });
  await route(main, '0.0.0.0/0', { GatewayId: await giveGateway(VpcId) });
  const { AllocationId, PublicIp } = await ground.ec2.send(new Ec2.AllocateAddressCommand({}));
  const { NatGateway } = await ground.ec2.send(new Ec2.CreateNatGatewayCommand({ SubnetId: open1, AllocationId }));
  const { RouteTable } = await ground.ec2.send(new Ec2.CreateRouteTableCommand({ VpcId }));
  await ground.ec2.send(new Ec2.AssociateRouteTableCommand({ RouteTableId: RouteTable!.RouteTableId!, SubnetId: hidden }));
  // The server lets in the NAT gateway's public address alone.
  await open(outside.group, [port(80, `${PublicIp}/32`)]);
  await open(group, [port(80, '0.0.0.0/0')]);
  await ground.settled();
  const listeners = [server, client].map(listening);
  assert.deepEqual(await probe([tcp(client, serverAddress)], listeners), [false]);
  await route(RouteTable!.RouteTableId!, '0.0.0.0/0', { NatGatewayId: NatGateway!.NatGatewayId });
  await ground.settled();
  assert.deepEqual(await probe([tcp(client, serverAddress), tcp(server, PublicIp!), tcp(undefined, PublicIp!)], listeners), [
    true,
    false,
    false,
  ]);
  // With a second address it speaks by either, as chance has it, and the server knows the first one alone.
  const NatGatewayId = NatGateway!.NatGatewayId!;
  const second = await ground.ec2.send(new Ec2.AllocateAddressCommand({}));
  const more = { NatGatewayId, AllocationIds: [second.AllocationId!] };
  const { NatGatewayAddresses } = await ground.ec2.send(new Ec2.AssociateNatGatewayAddressCommand(more));
  await ground.settled();
  const many = Array.from({ length: 32 }, () => tcp(client, serverAddress));
  assert.deepEqual(new Set(await probe(many, listeners)), new Set([true, false]));
  await open(outside.group, [port(80, `${second.PublicIp}/32`)]);
  await ground.settled();
  assert.deepEqual(new Set(await probe(many, listeners)), new Set([true]));
  const AssociationIds = [NatGatewayAddresses!.find((one) => one.IsPrimary !== true)!.AssociationId!];
  await ground.ec2.send(new Ec2.DisassociateNatGatewayAddressCommand({ NatGatewayId, AssociationIds }));
  await send(new Ec2.RevokeSecurityGroupIngressCommand({ GroupId: outside.group, IpPermissions: [port(80, `${second.PublicIp}/32`)] }));
  await ground.settled();
  assert.deepEqual(new Set(await probe(many, listeners)), new Set([true]));
  await ground.ec2.send(new Ec2.DeleteNatGatewayCommand({ NatGatewayId }));
  await ground.settled();
  assert.deepEqual(await probe([tcp(client, serverAddress)], listeners), [false]);
});

test('peered networks reach each other where both route, by groups of each other, and nobody passes through', { skip }, async () => {
  const [a, b, c] = [await makeVpc('10.11.0.0/16'), await makeVpc('10.12.0.0/16'), await makeVpc('10.13.0.0/16')];
  const machines: Machine[] = [];
  for (const [at, { VpcId }] of [a, b, c].entries())
    machines.push(await ground.machine({ SubnetId: await makeSubnet(VpcId, `10.1${at + 1}.1.0/24`) }));
  const peer = async (one: typeof a, other: typeof a): Promise<string> => {
    const asked = await ground.ec2.send(new Ec2.CreateVpcPeeringConnectionCommand({ VpcId: one.VpcId, PeerVpcId: other.VpcId }));
    const id = asked.VpcPeeringConnection!.VpcPeeringConnectionId!;
    await ground.ec2.send(new Ec2.AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id }));
    return id;
  };
  const [ab, bc] = [await peer(a, b), await peer(b, c)];
  await open(b.group, [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId: a.group, UserId: account }] }]);
  await route(a.main, '10.12.0.0/16', { VpcPeeringConnectionId: ab });
  await route(a.main, '10.13.0.0/16', { VpcPeeringConnectionId: ab });
  await route(c.main, '10.12.0.0/16', { VpcPeeringConnectionId: bc });
  await route(b.main, '10.13.0.0/16', { VpcPeeringConnectionId: bc });
  await open(c.group, [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]);
  await ground.settled();
  const [ma, mb, mc] = machines as [Machine, Machine, Machine];
  const listeners = machines.map(listening);
  const probes = [tcp(ma, mb.address), tcp(mb, mc.address), tcp(mc, mb.address), tcp(ma, mc.address)];
  assert.deepEqual(await probe(probes, listeners), [false, true, false, false], 'the way back to a is missing');
  await route(b.main, '10.11.0.0/16', { VpcPeeringConnectionId: ab });
  await ground.settled();
  assert.deepEqual(await probe(probes, listeners), [true, true, false, false]);
  await ground.ec2.send(new Ec2.DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId: ab }));
  await ground.settled();
  assert.deepEqual(await probe(probes, listeners), [false, true, false, false]);
});

test('groups change at once, ACLs are stateless, and nobody speaks with another address', { skip }, async () => {
  const { VpcId, group } = await makeVpc('10.21.0.0/16');
  const near = await makeSubnet(VpcId, '10.21.1.0/24');
  const far = await makeSubnet(VpcId, '10.21.2.0/24');
  const { GroupId } = await ground.ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId, GroupName: 'server', Description: 'server' }));
  const client = await ground.machine({ SubnetId: near });
  const neighbour = await ground.machine({ SubnetId: near, Groups: [GroupId!] });
  const server = await ground.machine({ SubnetId: far, Groups: [GroupId!] });
  await ground.settled();
  const listeners = [client, neighbour, server].map(listening);
  const probes = [tcp(client, server.address), tcp(client, neighbour.address)];
  assert.deepEqual(await probe(probes, listeners), [false, false]);
  const fromGroup = [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId: group }] }];
  await open(GroupId!, fromGroup);
  await ground.settled();
  assert.deepEqual(await probe(probes, listeners), [true, true]);

  // A stolen address does not get in, though the group would take it, and neither does a stolen MAC.
  execFileSync('/usr/sbin/ip', ['-n', neighbour.namespace, 'addr', 'add', `${client.address}/32`, 'dev', 'eth0']);
  const spoofed = { ...tcp(neighbour, server.address), source: client.address };
  assert.deepEqual(await probe([spoofed], listeners), [false]);
  execFileSync('/usr/sbin/ip', ['-n', neighbour.namespace, 'addr', 'del', `${client.address}/32`, 'dev', 'eth0']);

  const { NetworkAcl } = await ground.ec2.send(new Ec2.CreateNetworkAclCommand({ VpcId }));
  const NetworkAclId = NetworkAcl!.NetworkAclId!;
  const entry = (RuleNumber: number, Egress: boolean, From: number, To: number): Promise<unknown> =>
    send(
      new Ec2.CreateNetworkAclEntryCommand({
        NetworkAclId,
        RuleNumber,
        Egress,
        Protocol: '6',
        RuleAction: 'allow',
        CidrBlock: '0.0.0.0/0',
        PortRange: { From, To },
      }),
    );
  await entry(100, false, 80, 80);
  const { NetworkAcls } = await ground.ec2.send(
    new Ec2.DescribeNetworkAclsCommand({ Filters: [{ Name: 'association.subnet-id', Values: [far] }] }),
  );
  const AssociationId = NetworkAcls![0]!.Associations!.find((one) => one.SubnetId === far)!.NetworkAclAssociationId!;
  await ground.ec2.send(new Ec2.ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
  await ground.settled();
  assert.deepEqual(await probe(probes, listeners), [false, true], 'the answer has no way out of the subnet');
  await entry(100, true, 1024, 65_535);
  await ground.settled();
  assert.deepEqual(await probe(probes, listeners), [true, true]);
  await ground.ec2.send(new Ec2.RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: fromGroup }));
  await ground.settled();
  assert.deepEqual(await probe(probes, listeners), [false, false]);
});

test('after a restart the networks are taken over as they are', { skip }, async () => {
  const { VpcId, group } = await makeVpc('10.31.0.0/16');
  const SubnetId = await makeSubnet(VpcId, '10.31.1.0/24');
  const [one, two] = [await ground.machine({ SubnetId }), await ground.machine({ SubnetId })];
  await ground.settled();
  const devices = (): string => execFileSync('/usr/sbin/ip', ['-n', ground.namespaceOf(VpcId), '-o', 'link'], { encoding: 'utf8' });
  const before = devices();
  await ground.restart();
  assert.equal(devices(), before);
  assert.deepEqual(await probe([tcp(one, two.address)], [one, two].map(listening)), [true]);
  // What was changed while nobody looked is made anew, and the machines keep their places in it.
  execFileSync('/usr/sbin/ip', ['-n', ground.namespaceOf(VpcId), 'link', 'set', 'lo', 'alias', 'another']);
  await ground.restart();
  assert.notEqual(devices(), before);
  assert.deepEqual(await probe([tcp(one, two.address)], [one, two].map(listening)), [true]);
  await ground.ec2.send(
    new Ec2.RevokeSecurityGroupIngressCommand({
      GroupId: group,
      IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: group }] }],
    }),
  );
  await ground.settled();
  assert.deepEqual(await probe([tcp(one, two.address)], [one, two].map(listening)), [false]);
});
