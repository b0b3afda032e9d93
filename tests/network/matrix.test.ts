/** The packet matrix: in networks drawn by chance, real probes and the pure model agree about every pair. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { seededRandom } from '../../src/runtime/random.ts';
import { networkRecords } from '../../src/services/ec2/network/records.ts';
import { reach } from '../../src/services/ec2/network/reachability.ts';
import { listening, missing, openGround, probe, type Ground, type Machine, type Probe } from './ground.ts';

const pairsMin = 2_000;
const pairs6Min = 1_000;
const seed = process.env['HANEUL_SEED'] ?? 'matrix';

type Chance = { one<T>(list: readonly T[]): T; some(share: number): boolean };
type Network = {
  VpcId: string;
  cidr: string;
  /** Its range of IPv6, where chance gave it one. */
  range?: string;
  main: string;
  subnets: string[];
  groups: string[];
  gateway?: string;
};
type Asked = Probe & { machine: Machine };

function chanceFrom(text: string): Chance {
  const random = seededRandom(text);
  return { one: (list) => list[Math.floor(random.float() * list.length)]!, some: (share) => random.float() < share };
}

const kinds = [{ protocol: 'tcp', port: 22 }, { protocol: 'tcp', port: 80 }, { protocol: 'udp', port: 53 }, { protocol: 'icmp' }] as const;

test(`real packets and the model agree (HANEUL_SEED='${seed}')`, { skip: missing }, async (t) => {
  const ground = await openGround();
  t.after(() => ground.close());
  // Those of earlier rounds stay, and can be reached from later ones.
  const all: Machine[] = [];
  let pairs = 0;
  let open = 0;
  let pairs6 = 0;
  let open6 = 0;
  for (let round = 0; pairs < pairsMin || pairs6 < pairs6Min; round++) {
    const chance = chanceFrom(`${seed} ${round}`);
    const machines = await draw(ground, chance, round);
    all.push(...machines);
    await ground.settled();
    const records = await ground.cloud.cloud.store.read(networkRecords);
    const targets = new Set(
      [...records.interfaces.values()].flatMap((row) => [
        ...row.addresses.flatMap((one) => [one.address, ...(one.public ? [one.public.address] : [])]),
        ...(row.ipv6 ?? []),
      ]),
    );
    const asked: Asked[] = machines.flatMap((machine) =>
      [...targets]
        .filter((address) => address !== machine.address && address !== machine.address6 && (machine.address6 || !address.includes(':')))
        .flatMap((address) => kinds.map((kind) => ({ namespace: machine.namespace, machine, address, ...kind }))),
    );
    const answers = await probe(
      asked.map(({ machine: _machine, ...one }) => one),
      all.map(listening),
      4,
    );
    const wrong = asked.flatMap((one, at) => {
      const { machine, protocol, address } = one;
      const model = reach(records, machine.interface, {
        protocol,
        destination: address,
        ...(one.port !== undefined && { port: one.port }),
      });
      return model.reached === answers[at]
        ? []
        : [{ from: machine.address, to: address, protocol, port: one.port, packets: answers[at], model }];
    });
    assert.deepEqual(wrong, [], `round ${round}`);
    pairs += asked.length;
    open += answers.filter(Boolean).length;
    const six = answers.filter((_answer, at) => asked[at]!.address.includes(':'));
    pairs6 += six.length;
    open6 += six.filter(Boolean).length;
  }
  t.diagnostic(`${pairs} pairs, ${open} open; of IPv6 ${pairs6}, ${open6} open`);
  assert.ok(open6 > pairs6 / 50 && open6 < pairs6 * 0.9, `${open6} of ${pairs6} of IPv6 open: the networks are too much alike`);
  assert.ok(open > pairs / 50 && open < pairs * 0.9, `${open} of ${pairs} open: the networks are too much alike`);
});

/** Three networks, two of them with the same range, of which chance decides everything else. */
async function draw(ground: Ground, chance: Chance, round: number): Promise<Machine[]> {
  const { ec2 } = ground;
  const networks: Network[] = [];
  const shared = `10.${100 + round}.0.0/16`;
  for (const cidr of [shared, shared, `10.${200 + round}.0.0/16`]) networks.push(await drawNetwork(ground, chance, cidr));
  const machines: Machine[] = [];
  for (const network of networks)
    for (const SubnetId of network.subnets)
      for (let at = 0; at < 2; at++) {
        const Groups = network.groups.filter(() => chance.some(0.4));
        const six = network.range !== undefined && chance.some(0.9) && { Ipv6AddressCount: 1 };
        const machine = await ground.machine({ SubnetId, ...(Groups.length > 0 && { Groups }), ...six });
        machines.push(machine);
        if (network.gateway !== undefined && chance.some(0.5)) {
          const { AllocationId } = await ec2.send(new Ec2.AllocateAddressCommand({}));
          await ec2.send(new Ec2.AssociateAddressCommand({ AllocationId, NetworkInterfaceId: machine.interface }));
        }
      }
  await peer(ground, chance, networks[1]!, networks[2]!);
  for (const network of networks) await drawRules(ground, chance, network, networks);
  return machines;
}

/** The /64 of a number within a /56. */
const part = (range: string, number: number): string => range.replace(/00::\/56$/, `0${number}::/64`);

async function drawNetwork({ ec2 }: Ground, chance: Chance, cidr: string): Promise<Network> {
  const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: cidr, AmazonProvidedIpv6CidrBlock: chance.some(0.85) }));
  const range = Vpc!.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock;
  const VpcId = Vpc!.VpcId!;
  const { RouteTables } = await ec2.send(new Ec2.DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }));
  const network: Network = {
    VpcId,
    cidr,
    main: RouteTables![0]!.RouteTableId!,
    subnets: [],
    groups: [],
    ...(range !== undefined && { range }),
  };
  for (const third of [1, 2, 3].slice(0, chance.one([2, 3]))) {
    const { Subnet } = await ec2.send(
      new Ec2.CreateSubnetCommand({
        VpcId,
        CidrBlock: cidr.replace('0.0/16', `${third}.0/24`),
        ...(range !== undefined && { Ipv6CidrBlock: part(range, third) }),
      }),
    );
    network.subnets.push(Subnet!.SubnetId!);
  }
  for (const name of ['a', 'b', 'c'])
    network.groups.push((await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId, GroupName: name, Description: name }))).GroupId!);
  if (chance.some(0.8)) {
    const { InternetGateway } = await ec2.send(new Ec2.CreateInternetGatewayCommand({}));
    network.gateway = InternetGateway!.InternetGatewayId!;
    await ec2.send(new Ec2.AttachInternetGatewayCommand({ VpcId, InternetGatewayId: network.gateway }));
    await ec2.send(
      new Ec2.CreateRouteCommand({ RouteTableId: network.main, DestinationCidrBlock: '0.0.0.0/0', GatewayId: network.gateway }),
    );
    if (range !== undefined && chance.some(0.8)) await route6(ec2, network.main, '::/0', { GatewayId: network.gateway });
    if (chance.some(0.6)) await drawNat(ec2, network);
  }
  if (range !== undefined && chance.some(0.6)) await drawEgressOnly(ec2, network);
  return network;
}

const route6 = (ec2: Ec2.EC2Client, RouteTableId: string, DestinationIpv6CidrBlock: string, target: object): Promise<unknown> =>
  ec2.send(new Ec2.CreateRouteCommand({ RouteTableId, DestinationIpv6CidrBlock, ...target }));

/** The first subnet gets a table of its own, by which it speaks outside and is not reached. */
async function drawEgressOnly(ec2: Ec2.EC2Client, { VpcId, subnets }: Network): Promise<void> {
  const { EgressOnlyInternetGateway: made } = await ec2.send(new Ec2.CreateEgressOnlyInternetGatewayCommand({ VpcId }));
  const { RouteTable } = await ec2.send(new Ec2.CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable!.RouteTableId!;
  await route6(ec2, RouteTableId, '::/0', { EgressOnlyInternetGatewayId: made!.EgressOnlyInternetGatewayId! });
  await ec2.send(new Ec2.AssociateRouteTableCommand({ RouteTableId, SubnetId: subnets[0]! }));
}

/** The last subnet speaks outside through a NAT gateway in the first. */
async function drawNat(ec2: Ec2.EC2Client, { VpcId, subnets }: Network): Promise<void> {
  const { AllocationId } = await ec2.send(new Ec2.AllocateAddressCommand({}));
  const { NatGateway } = await ec2.send(new Ec2.CreateNatGatewayCommand({ SubnetId: subnets[0]!, AllocationId }));
  const { RouteTable } = await ec2.send(new Ec2.CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable!.RouteTableId!;
  await ec2.send(new Ec2.CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: NatGateway!.NatGatewayId! }));
  await ec2.send(new Ec2.AssociateRouteTableCommand({ RouteTableId, SubnetId: subnets.at(-1)! }));
}

async function peer({ ec2 }: Ground, chance: Chance, one: Network, other: Network): Promise<void> {
  const { VpcPeeringConnection } = await ec2.send(new Ec2.CreateVpcPeeringConnectionCommand({ VpcId: one.VpcId, PeerVpcId: other.VpcId }));
  const VpcPeeringConnectionId = VpcPeeringConnection!.VpcPeeringConnectionId!;
  await ec2.send(new Ec2.AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId }));
  for (const [near, far] of [
    [one, other],
    [other, one],
  ] as const) {
    if (far.range !== undefined && chance.some(0.85)) await route6(ec2, near.main, far.range, { VpcPeeringConnectionId });
    if (chance.some(0.85))
      await ec2.send(new Ec2.CreateRouteCommand({ RouteTableId: near.main, DestinationCidrBlock: far.cidr, VpcPeeringConnectionId }));
  }
}

async function drawRules({ ec2 }: Ground, chance: Chance, network: Network, all: readonly Network[]): Promise<void> {
  for (const GroupId of network.groups) {
    const IpPermissions = [drawRule(chance, network, all), drawRule(chance, network, all)];
    await ec2.send(new Ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: distinct(IpPermissions) }));
    if (chance.some(0.7)) continue;
    const everything = [
      { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], ...(network.range !== undefined && { Ipv6Ranges: [{ CidrIpv6: '::/0' }] }) },
    ];
    await ec2.send(new Ec2.RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: everything }));
    await ec2.send(new Ec2.AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [drawRule(chance, network, all)] }));
  }
  if (chance.some(0.6)) await drawAcl(ec2, chance, network);
}

function drawRule(chance: Chance, { groups, cidr, range }: Network, all: readonly Network[]): Ec2.IpPermission {
  const what = chance.one([
    { IpProtocol: '-1' },
    { IpProtocol: 'tcp', FromPort: 22, ToPort: 22 },
    { IpProtocol: 'tcp', FromPort: 0, ToPort: 65_535 },
    { IpProtocol: 'tcp', FromPort: 79, ToPort: 443 },
    { IpProtocol: 'udp', FromPort: 53, ToPort: 53 },
    { IpProtocol: 'icmp', FromPort: -1, ToPort: -1 },
    { IpProtocol: 'icmp', FromPort: 8, ToPort: -1 },
    { IpProtocol: 'icmpv6', FromPort: -1, ToPort: -1 },
    { IpProtocol: 'icmpv6', FromPort: 128, ToPort: -1 },
  ]);
  if (chance.some(0.4)) return { ...what, UserIdGroupPairs: [{ GroupId: chance.one(groups) }] };
  if (chance.some(0.5)) {
    const far = chance.one(all).range ?? '::/0';
    return {
      ...what,
      Ipv6Ranges: [{ CidrIpv6: chance.one(['::/0', '::/0', far, ...(range === undefined ? [] : [range, part(range, 1)])]) }],
    };
  }
  const ranges = ['0.0.0.0/0', cidr, cidr.replace('0.0/16', '1.0/24'), chance.one(all).cidr, '100.64.0.0/16'];
  return { ...what, IpRanges: [{ CidrIp: chance.one(ranges) }] };
}

const distinct = (rules: Ec2.IpPermission[]): Ec2.IpPermission[] => [
  ...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values(),
];

/** One subnet gets an ACL of its own. */
async function drawAcl(ec2: Ec2.EC2Client, chance: Chance, { VpcId, subnets, cidr, range = '::/0' }: Network): Promise<void> {
  const { NetworkAcl } = await ec2.send(new Ec2.CreateNetworkAclCommand({ VpcId }));
  const NetworkAclId = NetworkAcl!.NetworkAclId!;
  const subnet = chance.one(subnets);
  for (const Egress of [false, true]) {
    for (const RuleNumber of [10, 20]) {
      const Protocol = chance.one(['6', '17', '1', '58', '-1']);
      const other = chance.some(0.5)
        ? { Ipv6CidrBlock: chance.one(['::/0', range, part(range, 2)]) }
        : { CidrBlock: chance.one(['0.0.0.0/0', cidr, cidr.replace('0.0/16', '2.0/24')]) };
      const RuleAction = chance.one(['allow', 'deny'] as const);
      const PortRange = chance.one([
        { From: 22, To: 80 },
        { From: 0, To: 65_535 },
        { From: 1024, To: 65_535 },
      ]);
      const IcmpTypeCode = { Type: chance.one(Protocol === '1' ? [-1, 8, 0] : [-1, 128, 129]), Code: -1 };
      const needsPorts = Protocol === '6' || Protocol === '17';
      await ec2.send(
        new Ec2.CreateNetworkAclEntryCommand({
          NetworkAclId,
          RuleNumber,
          Egress,
          Protocol,
          RuleAction,
          ...other,
          ...(needsPorts && { PortRange }),
          ...((Protocol === '1' || Protocol === '58') && { IcmpTypeCode }),
        }),
      );
    }
    for (const [RuleNumber, everywhere] of [
      [30, { CidrBlock: '0.0.0.0/0' }],
      [40, { Ipv6CidrBlock: '::/0' }],
    ] as const) {
      if (!chance.some(0.6)) continue;
      const entry = { NetworkAclId, RuleNumber, Egress, Protocol: '-1', RuleAction: 'allow', ...everywhere } as const;
      await ec2.send(new Ec2.CreateNetworkAclEntryCommand(entry));
    }
  }
  const { NetworkAcls } = await ec2.send(
    new Ec2.DescribeNetworkAclsCommand({ Filters: [{ Name: 'association.subnet-id', Values: [subnet] }] }),
  );
  const AssociationId = NetworkAcls![0]!.Associations!.find((one) => one.SubnetId === subnet)!.NetworkAclAssociationId!;
  await ec2.send(new Ec2.ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
}
