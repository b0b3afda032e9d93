/** Real packets of IPv6: subnets, groups, ACLs, gateways of both kinds, peering, and guests that lie. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as Ec2 from '@aws-sdk/client-ec2';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { linkLocalOf } from '../../src/host/networks/ipv6.ts';
import { whyDropped, type WhyDroppedAnswer } from '../../src/services/ec2/network-insights/why-dropped.ts';
import { rootOf } from '../live-cloud.ts';
import { account, listening, missing, openGround, probe, type Ground, type Machine, type Probe } from './ground.ts';

let ground: Ground;
const skip = missing;
before(async () => {
  if (!missing) ground = await openGround();
});
after(async () => {
  if (!missing) await ground.close();
});

type Vpc = { VpcId: string; main: string; group: string; range: string; cidr: string };

async function makeVpc(CidrBlock: string): Promise<Vpc> {
  const { Vpc } = await ground.ec2.send(new Ec2.CreateVpcCommand({ CidrBlock, AmazonProvidedIpv6CidrBlock: true }));
  const VpcId = Vpc!.VpcId!;
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
  const { RouteTables } = await ground.ec2.send(new Ec2.DescribeRouteTablesCommand({ Filters }));
  const { SecurityGroups } = await ground.ec2.send(new Ec2.DescribeSecurityGroupsCommand({ Filters }));
  const range = Vpc!.Ipv6CidrBlockAssociationSet![0]!.Ipv6CidrBlock!;
  return { VpcId, main: RouteTables![0]!.RouteTableId!, group: SecurityGroups![0]!.GroupId!, range, cidr: CidrBlock };
}

const part = (range: string, number: number): string => range.replace(/00::\/56$/, `${number.toString(16).padStart(2, '0')}::/64`);

const makeSubnet = async ({ VpcId, range, cidr }: Vpc, number: number): Promise<string> => {
  const CidrBlock = cidr.replace('.0.0/16', `.${number}.0/24`);
  return (await ground.ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock, Ipv6CidrBlock: part(range, number) }))).Subnet!.SubnetId!;
};
const machine = (SubnetId: string, more: object = {}): Promise<Machine> => ground.machine({ SubnetId, Ipv6AddressCount: 1, ...more });

const allow = (GroupId: string, IpProtocol: string, CidrIpv6: string, ports: object = {}): Promise<unknown> =>
  ground.ec2.send(
    new Ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [{ IpProtocol, ...ports, Ipv6Ranges: [{ CidrIpv6 }] }] }),
  );
const route = (RouteTableId: string, DestinationIpv6CidrBlock: string, target: object): Promise<unknown> =>
  ground.ec2.send(new Ec2.CreateRouteCommand({ RouteTableId, DestinationIpv6CidrBlock, ...target }));

async function giveGateway(VpcId: string): Promise<string> {
  const { InternetGateway } = await ground.ec2.send(new Ec2.CreateInternetGatewayCommand({}));
  await ground.ec2.send(new Ec2.AttachInternetGatewayCommand({ VpcId, InternetGatewayId: InternetGateway!.InternetGatewayId! }));
  return InternetGateway!.InternetGatewayId!;
}

async function giveEgressOnly(VpcId: string): Promise<string> {
  const { EgressOnlyInternetGateway: made } = await ground.ec2.send(new Ec2.CreateEgressOnlyInternetGatewayCommand({ VpcId }));
  return made!.EgressOnlyInternetGatewayId!;
}

const to = (from: Machine | undefined, address: string, protocol: Probe['protocol'] = 'tcp', port = 80): Probe => ({
  ...{ namespace: from?.namespace ?? '', protocol, address },
  ...(protocol !== 'icmp' && { port }),
});
const ip = (namespace: string, ...words: string[]): string =>
  execFileSync('/usr/sbin/ip', ['-n', namespace, ...words], { encoding: 'utf8' });

test('within a VPC groups decide, by range, by member, by protocol; addresses come and go', { skip }, async () => {
  const vpc = await makeVpc('10.41.0.0/16');
  const near = await makeSubnet(vpc, 1);
  const far = await makeSubnet(vpc, 2);
  const { GroupId } = await ground.ec2.send(
    new Ec2.CreateSecurityGroupCommand({ VpcId: vpc.VpcId, GroupName: 'server', Description: 'server' }),
  );
  const [client, twin] = [await machine(near), await machine(near)];
  const server = await machine(far, { Groups: [GroupId!] });
  await ground.settled();
  const machines = [client, twin, server].map(listening);
  const probes = (): Probe[] => [
    to(client, twin.address6!),
    to(client, twin.address6!, 'icmp'),
    to(client, server.address6!),
    to(client, server.address6!, 'udp', 53),
    to(client, server.address6!, 'icmp'),
  ];
  assert.deepEqual(await probe(probes(), machines), [true, true, false, false, false]);
  await allow(GroupId!, 'tcp', part(vpc.range, 1), { FromPort: 80, ToPort: 80 });
  await ground.ec2.send(
    new Ec2.AuthorizeSecurityGroupIngressCommand({
      GroupId: GroupId!,
      IpPermissions: [
        { IpProtocol: 'icmpv6', FromPort: 128, ToPort: -1, UserIdGroupPairs: [{ GroupId: vpc.group }] },
        { IpProtocol: 'udp', FromPort: 53, ToPort: 53, UserIdGroupPairs: [{ GroupId: vpc.group }] },
      ],
    }),
  );
  await ground.settled();
  assert.deepEqual(await probe(probes(), machines), [true, true, true, true, true]);

  const given = await ground.ec2.send(new Ec2.AssignIpv6AddressesCommand({ NetworkInterfaceId: server.interface, Ipv6AddressCount: 1 }));
  const [second] = given.AssignedIpv6Addresses!;
  await ground.settled();
  assert.deepEqual(await probe([to(client, second!)], machines), [true]);
  const Ipv6Addresses = [server.address6!];
  await ground.ec2.send(new Ec2.UnassignIpv6AddressesCommand({ NetworkInterfaceId: server.interface, Ipv6Addresses }));
  await ground.settled();
  assert.deepEqual(await probe([to(client, server.address6!), to(client, second!)], machines), [false, true]);
  await ground.restart();
  assert.deepEqual(await probe([to(client, server.address6!), to(client, second!)], machines), [false, true]);
  // A guest's own doings do not stand in the way of the next change.
  for (const state of ['down', 'up']) ip(server.namespace, 'link', 'set', 'eth0', state);
  assert.match(ip(server.namespace, '-6', 'addr', 'show', 'dev', 'eth0'), new RegExp(second!));
  ip(server.namespace, 'addr', 'del', `${second}/128`, 'dev', 'eth0');
  // What the router says of itself aside.
  const devices = (): string => ip(ground.namespaceOf(vpc.VpcId), '-o', 'link').replace(/alias \S+/, '');
  const before = devices();
  await ground.ec2.send(new Ec2.UnassignIpv6AddressesCommand({ NetworkInterfaceId: server.interface, Ipv6Addresses: [second!] }));
  await ground.settled();
  assert.equal(devices(), before);
});

test(
  'by an internet gateway addresses are reached from the machine and from other networks; the machine is out of reach',
  { skip },
  async () => {
    const [one, two] = [await makeVpc('10.42.0.0/16'), await makeVpc('10.43.0.0/16')];
    const machines: Machine[] = [];
    for (const { VpcId, main, group, ...rest } of [one, two]) {
      machines.push(await machine(await makeSubnet({ VpcId, main, group, ...rest }, 1)));
      await route(main, '::/0', { GatewayId: await giveGateway(VpcId) });
      await allow(group, 'tcp', '::/0', { FromPort: 80, ToPort: 80 });
    }
    await ground.settled();
    const [first, second] = machines as [Machine, Machine];
    const listeners = machines.map(listening);
    const probes = [
      to(undefined, first.address6!),
      to(undefined, second.address6!),
      to(first, second.address6!),
      to(second, first.address6!),
    ];
    assert.deepEqual(await probe(probes, listeners), [true, true, true, true]);
    const cloud = `${one.range.split(':').slice(0, 2).join(':')}::1`;
    const closed = [
      ...[to(undefined, first.address6!, 'tcp', 22), to(first, second.address6!, 'icmp'), to(first, cloud), to(first, cloud, 'icmp')],
      // Nobody's addresses: in its own range, in the other network's, and anywhere.
      ...[to(first, `${part(one.range, 1).slice(0, -3)}77`), to(first, `${part(two.range, 9).slice(0, -3)}77`), to(first, 'fd00:ec2::254')],
    ];
    assert.deepEqual(
      await probe(closed, [...listeners, { namespace: '', tcp: [], udp: [] }]),
      closed.map(() => false),
    );
    // Its address in the other network's range does not help a guest: the guard, the gateway and the exchange all know whose it is.
    const stolen = `${part(two.range, 1).slice(0, -3)}99`;
    ip(first.namespace, 'addr', 'add', `${stolen}/128`, 'dev', 'eth0', 'nodad');
    assert.deepEqual(await probe([{ ...to(first, second.address6!), source: stolen }], listeners), [false]);
    ip(first.namespace, 'addr', 'del', `${stolen}/128`, 'dev', 'eth0');
    await ground.restart();
    assert.deepEqual(await probe(probes, listeners), [true, true, true, true]);
    const { InternetGateways } = await ground.ec2.send(
      new Ec2.DescribeInternetGatewaysCommand({ Filters: [{ Name: 'attachment.vpc-id', Values: [two.VpcId] }] }),
    );
    const InternetGatewayId = InternetGateways![0]!.InternetGatewayId!;
    await ground.ec2.send(new Ec2.DetachInternetGatewayCommand({ VpcId: two.VpcId, InternetGatewayId }));
    await ground.settled();
    assert.deepEqual(await probe(probes, listeners), [true, false, false, false]);
    await ground.ec2.send(new Ec2.AttachInternetGatewayCommand({ VpcId: two.VpcId, InternetGatewayId }));
    await ground.settled();
    assert.deepEqual(await probe(probes, listeners), [true, true, true, true]);
  },
);

test('an egress-only gateway lets flows out, and none in, beside an internet gateway too', { skip }, async () => {
  const [inner, outer] = [await makeVpc('10.44.0.0/16'), await makeVpc('10.45.0.0/16')];
  const client = await machine(await makeSubnet(inner, 1));
  const server = await machine(await makeSubnet(outer, 1));
  await route(outer.main, '::/0', { GatewayId: await giveGateway(outer.VpcId) });
  for (const { group } of [inner, outer]) await allow(group, '-1', '::/0');
  const EgressOnlyInternetGatewayId = await giveEgressOnly(inner.VpcId);
  await ground.settled();
  const listeners = [client, server].map(listening);
  const probes = [
    ...[to(client, server.address6!), to(client, server.address6!, 'udp', 53), to(client, server.address6!, 'icmp')],
    ...[to(server, client.address6!), to(server, client.address6!, 'udp', 53), to(server, client.address6!, 'icmp')],
    to(undefined, client.address6!),
  ];
  assert.deepEqual(await probe(probes, listeners), Array(7).fill(false));
  await route(inner.main, '::/0', { EgressOnlyInternetGatewayId });
  await ground.settled();
  const outward = [true, true, true, false, false, false, false];
  assert.deepEqual(await probe(probes, listeners), outward);

  // With an internet gateway in the VPC, another subnet is reached from outside, and this one is not.
  const { RouteTable } = await ground.ec2.send(new Ec2.CreateRouteTableCommand({ VpcId: inner.VpcId }));
  const RouteTableId = RouteTable!.RouteTableId!;
  const SubnetId = await makeSubnet(inner, 2);
  await ground.ec2.send(new Ec2.AssociateRouteTableCommand({ RouteTableId, SubnetId }));
  await route(RouteTableId, '::/0', { GatewayId: await giveGateway(inner.VpcId) });
  const open = await machine(SubnetId);
  await ground.settled();
  const more = [...listeners, listening(open)];
  assert.deepEqual(await probe([...probes, to(server, open.address6!), to(undefined, open.address6!)], more), [...outward, true, true]);
  const { store, blobs, host, clock, random } = ground.cloud.cloud;
  const asked = new URLSearchParams({ from: server.address6!, to: client.id, protocol: 'udp', port: '53' });
  const told = (await whyDropped({ store, blobs, host, random, now: clock.now() }, asked)) as WhyDroppedAnswer;
  const refusal = { refused: 'egress-only', by: { kind: 'egress-only-internet-gateway', ids: [EgressOnlyInternetGatewayId] } };
  assert.partialDeepStrictEqual(told.drops[0], { ...refusal, source: server.address6!, destination: client.address6!, port: 53 });
  assert.partialDeepStrictEqual(told.now, { reached: false, stopped: refusal });
  await ground.ec2.send(new Ec2.DeleteEgressOnlyInternetGatewayCommand({ EgressOnlyInternetGatewayId }));
  await ground.settled();
  assert.deepEqual(await probe([probes[0]!, to(undefined, open.address6!)], more), [false, true]);
});

test('peered networks reach each other by IPv6 where both route; a network without a range does not', { skip }, async () => {
  const [a, b] = [await makeVpc('10.46.0.0/16'), await makeVpc('10.47.0.0/16')];
  const [one, two] = [await machine(await makeSubnet(a, 1)), await machine(await makeSubnet(b, 1))];
  const asked = await ground.ec2.send(new Ec2.CreateVpcPeeringConnectionCommand({ VpcId: a.VpcId, PeerVpcId: b.VpcId }));
  const VpcPeeringConnectionId = asked.VpcPeeringConnection!.VpcPeeringConnectionId!;
  const accepted = await ground.ec2.send(new Ec2.AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId }));
  assert.deepEqual(accepted.VpcPeeringConnection!.AccepterVpcInfo!.Ipv6CidrBlockSet, [{ Ipv6CidrBlock: b.range }]);
  await allow(b.group, 'tcp', a.range, { FromPort: 80, ToPort: 80 });
  await route(a.main, b.range, { VpcPeeringConnectionId });
  await ground.settled();
  const listeners = [one, two].map(listening);
  const probes = [to(one, two.address6!), to(two, one.address6!)];
  assert.deepEqual(await probe(probes, listeners), [false, false]);
  await route(b.main, a.range, { VpcPeeringConnectionId });
  await ground.settled();
  assert.deepEqual(await probe(probes, listeners), [true, false]);
  await ground.ec2.send(new Ec2.DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId }));
  await ground.settled();
  assert.deepEqual(await probe(probes, listeners), [false, false]);
});

test(
  'network ACLs are stateless for IPv6, and a subnet and a VPC may get and lose their ranges while they are in use',
  { skip },
  async () => {
    const { Vpc } = await ground.ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.48.0.0/16' }));
    const VpcId = Vpc!.VpcId!;
    const { SecurityGroups } = await ground.ec2.send(
      new Ec2.DescribeSecurityGroupsCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }),
    );
    const subnets: string[] = [];
    for (const number of [1, 2])
      subnets.push((await ground.ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock: `10.48.${number}.0/24` }))).Subnet!.SubnetId!);
    const [client, server] = [await ground.machine({ SubnetId: subnets[0]! }), await ground.machine({ SubnetId: subnets[1]! })];
    await ground.settled();
    const given = await ground.ec2.send(new Ec2.AssociateVpcCidrBlockCommand({ VpcId, AmazonProvidedIpv6CidrBlock: true }));
    const range = given.Ipv6CidrBlockAssociation!.Ipv6CidrBlock!;
    const associations: string[] = [];
    const addresses: string[] = [];
    for (const [at, { interface: NetworkInterfaceId }] of [client, server].entries()) {
      const joined = await ground.ec2.send(
        new Ec2.AssociateSubnetCidrBlockCommand({ SubnetId: subnets[at]!, Ipv6CidrBlock: part(range, at + 1) }),
      );
      associations.push(joined.Ipv6CidrBlockAssociation!.AssociationId!);
      const assigned = await ground.ec2.send(new Ec2.AssignIpv6AddressesCommand({ NetworkInterfaceId, Ipv6AddressCount: 1 }));
      addresses.push(assigned.AssignedIpv6Addresses![0]!);
    }
    await allow(SecurityGroups![0]!.GroupId!, '-1', '::/0');
    await ground.settled();
    const listeners = [client, server].map(listening);
    const probes = [to(client, addresses[1]!), to(client, addresses[1]!, 'icmp')];
    assert.deepEqual(await probe(probes, listeners), [true, true]);

    const { NetworkAcl } = await ground.ec2.send(new Ec2.CreateNetworkAclCommand({ VpcId }));
    const NetworkAclId = NetworkAcl!.NetworkAclId!;
    const entry = (RuleNumber: number, Egress: boolean, Protocol: string, more: object): Promise<unknown> =>
      ground.ec2.send(
        new Ec2.CreateNetworkAclEntryCommand({
          NetworkAclId,
          RuleNumber,
          Egress,
          Protocol,
          RuleAction: 'allow',
          Ipv6CidrBlock: '::/0',
          ...more,
        }),
      );
    await entry(10, false, '6', { PortRange: { From: 80, To: 80 } });
    await entry(20, false, '58', { IcmpTypeCode: { Type: 128, Code: -1 } });
    const { NetworkAcls } = await ground.ec2.send(
      new Ec2.DescribeNetworkAclsCommand({ Filters: [{ Name: 'association.subnet-id', Values: [subnets[1]!] }] }),
    );
    const AssociationId = NetworkAcls![0]!.Associations!.find((one) => one.SubnetId === subnets[1])!.NetworkAclAssociationId!;
    await ground.ec2.send(new Ec2.ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
    await ground.settled();
    assert.deepEqual(await probe(probes, listeners), [false, false], 'the answers have no way out of the subnet');
    await entry(10, true, '6', { PortRange: { From: 1024, To: 65_535 } });
    await ground.settled();
    assert.deepEqual(await probe(probes, listeners), [true, false]);
    await entry(20, true, '58', { IcmpTypeCode: { Type: 129, Code: -1 } });
    await ground.settled();
    assert.deepEqual(await probe(probes, listeners), [true, true]);

    for (const [at, { interface: NetworkInterfaceId }] of [client, server].entries()) {
      await ground.ec2.send(new Ec2.UnassignIpv6AddressesCommand({ NetworkInterfaceId, Ipv6Addresses: [addresses[at]!] }));
      await ground.ec2.send(new Ec2.DisassociateSubnetCidrBlockCommand({ AssociationId: associations[at]! }));
    }
    await ground.settled();
    assert.deepEqual(await probe(probes, listeners), [false, false]);
    await ground.ec2.send(new Ec2.DisassociateVpcCidrBlockCommand({ AssociationId: given.Ipv6CidrBlockAssociation!.AssociationId! }));
    await ground.settled();
    const left = ip(ground.namespaceOf(VpcId), '-6', 'route', 'show', 'table', 'all');
    assert.doesNotMatch(left, /fd[0-9a-f]{2}:/);
    assert.match(ip(ground.namespaceOf(VpcId), '-6', 'rule'), /^0:\s+from all lookup local\s+32766:\s+from all lookup main\s+$/);
  },
);

test('guests that advertise routers, claim addresses or speak as others are not heard, and change nothing', { skip }, async () => {
  const vpc = await makeVpc('10.49.0.0/16');
  const [near, far] = [await makeSubnet(vpc, 1), await makeSubnet(vpc, 2)];
  const [liar, neighbour, victim] = [await machine(near), await machine(near), await machine(far)];
  await allow(vpc.group, '-1', '::/0');
  await ground.settled();
  const listeners = [liar, neighbour, victim].map(listening);
  const probes = [to(neighbour, victim.address6!), to(liar, victim.address6!), to(victim, neighbour.address6!)];
  assert.deepEqual(await probe(probes, listeners), [true, true, true]);
  const macOf = (namespace: string): string => /ether (\S+)/.exec(ip(namespace, 'link', 'show', 'eth0'))![1]!;
  const neighbours = (): string => ip(ground.namespaceOf(vpc.VpcId), '-6', 'neigh', 'show', 'nud', 'permanent');
  const router = /lladdr (\S+)/.exec(ip(liar.namespace, '-6', 'neigh', 'show', 'fe80::1'))![1]!;
  const known = neighbours();
  for (const one of [neighbour, victim]) {
    const mac = macOf(one.namespace);
    const asked = {
      ...{ talker: liar.namespace, listeners: [neighbour.namespace, victim.namespace], mac: macOf(liar.namespace), router, seconds: 1 },
      ...{ address: liar.address6!, link: linkLocalOf(macOf(liar.namespace)), note: 'this is a lie' },
      ...{ victim: one.address6!, victimLink: linkLocalOf(mac), victimMac: mac },
    };
    const input = JSON.stringify(asked);
    const output = execFileSync('/usr/bin/python3', [join(import.meta.dirname, 'talker.py')], { input, encoding: 'utf8' });
    assert.deepEqual(JSON.parse(output), { sent: 16, seen: [] });
  }
  assert.equal(neighbours(), known);
  assert.match(ip(neighbour.namespace, '-6', 'route', 'show', 'default'), /^default via fe80::1 dev eth0 metric 100 \S.*\n$/);
  assert.deepEqual(await probe(probes, listeners), [true, true, true]);
});

test('flow logs count IPv6 at both ends, with what was refused', { skip }, async () => {
  const vpc = await makeVpc('10.50.0.0/16');
  const [client, server] = [await machine(await makeSubnet(vpc, 1)), await machine(await makeSubnet(vpc, 2))];
  await ground.ec2.send(
    new Ec2.RevokeSecurityGroupIngressCommand({
      GroupId: vpc.group,
      IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: vpc.group }] }],
    }),
  );
  await allow(vpc.group, 'tcp', vpc.range, { FromPort: 80, ToPort: 80 });
  await allow(vpc.group, 'icmpv6', vpc.range, { FromPort: -1, ToPort: -1 });
  const s3 = ground.cloud.client(S3Client, { credentials: rootOf(account) });
  await s3.send(new CreateBucketCommand({ Bucket: 'flows-of-ipv6' }));
  await ground.ec2.send(
    new Ec2.CreateFlowLogsCommand({
      ...{ ResourceIds: [vpc.VpcId], ResourceType: 'VPC', TrafficType: 'ALL', MaxAggregationInterval: 60 },
      ...{ LogDestinationType: 's3', LogDestination: 'arn:aws:s3:::flows-of-ipv6' },
      LogFormat: '${interface-id} ${flow-direction} ${srcaddr} ${dstaddr} ${protocol} ${dstport} ${type} ${action}',
    }),
  );
  await ground.settled();
  const probes = [to(client, server.address6!), to(client, server.address6!, 'icmp'), to(client, server.address6!, 'tcp', 22)];
  assert.deepEqual(await probe(probes, [listening(server)]), [true, true, false]);
  await ground.cloud.advance(60_000);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'flows-of-ipv6' }));
  const lines: string[] = [];
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'flows-of-ipv6', Key: Key! }));
    lines.push(
      ...gunzipSync(await Body!.transformToByteArray())
        .toString()
        .split('\n'),
    );
  }
  const said = (at: Machine, direction: string, rest: string): boolean =>
    lines.includes(`${at.interface} ${direction} ${client.address6} ${server.address6} ${rest}`);
  assert.ok(said(client, 'egress', '6 80 IPv6 ACCEPT') && said(server, 'ingress', '6 80 IPv6 ACCEPT'), lines.join('\n'));
  assert.ok(said(client, 'egress', '58 0 IPv6 ACCEPT') && said(server, 'ingress', '58 0 IPv6 ACCEPT'), lines.join('\n'));
  assert.ok(said(client, 'egress', '6 22 IPv6 ACCEPT') && said(server, 'ingress', '6 22 IPv6 REJECT'), lines.join('\n'));
});
