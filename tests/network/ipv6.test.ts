/** Real packets of IPv6: subnets, groups, ACLs, gateways of both kinds, peering, and guests that lie. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { listening, missing, openGround, probe, type Ground, type Machine, type Probe } from './ground.ts';

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
const ip = (namespace: string, ...words: string[]): string => execFileSync('/usr/sbin/ip', ['-n', namespace, ...words], { encoding: 'utf8' });

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

  const given = await ground.ec2.send(
    new Ec2.AssignIpv6AddressesCommand({ NetworkInterfaceId: server.interface, Ipv6AddressCount: 1 }),
  );
  const [second] = given.AssignedIpv6Addresses!;
  await ground.settled();
  assert.deepEqual(await probe([to(client, second!)], machines), [true]);
  const Ipv6Addresses = [server.address6!];
  await ground.ec2.send(new Ec2.UnassignIpv6AddressesCommand({ NetworkInterfaceId: server.interface, Ipv6Addresses }));
  await ground.settled();
  assert.deepEqual(await probe([to(client, server.address6!), to(client, second!)], machines), [false, true]);
  await ground.restart();
  assert.deepEqual(await probe([to(client, server.address6!), to(client, second!)], machines), [false, true]);
});
