/** `why-dropped` over real packets: it names who dropped them, and the rule that it names lets them through. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { whyDropped, type WhyDroppedAnswer } from '../../src/services/ec2/network-insights/why-dropped.ts';
import { listening, missing, openGround, probe, type Ground, type Machine, type Probe } from './ground.ts';

async function ask({ cloud: { cloud } }: Ground, query: Record<string, string> = {}): Promise<WhyDroppedAnswer> {
  const { store, blobs, host, clock, random } = cloud;
  return (await whyDropped({ store, blobs, host, random, now: clock.now() }, new URLSearchParams(query))) as WhyDroppedAnswer;
}

/** What follows an option of a suggested command. */
const given = (command: readonly string[], option: string): string => command[command.indexOf(option) + 1]!;

type Laid = { ground: Ground; client: Machine; server: Machine; GroupId: string; VpcId: string; acl: string };

async function lay(ground: Ground): Promise<Laid> {
  const { ec2 } = ground;
  const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc!.VpcId!;
  const subnets: string[] = [];
  for (const CidrBlock of ['10.0.1.0/24', '10.0.2.0/24'])
    subnets.push((await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock }))).Subnet!.SubnetId!);
  const { GroupId = '' } = await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId, GroupName: 'web', Description: 'web' }));
  const { NetworkAcl } = await ec2.send(new Ec2.CreateNetworkAclCommand({ VpcId }));
  const acl = NetworkAcl!.NetworkAclId!;
  const all = { NetworkAclId: acl, RuleNumber: 100, Protocol: '-1', RuleAction: 'allow' as const, CidrBlock: '0.0.0.0/0' };
  for (const Egress of [true, false]) await ec2.send(new Ec2.CreateNetworkAclEntryCommand({ ...all, Egress }));
  const found = await ec2.send(new Ec2.DescribeNetworkAclsCommand({ Filters: [{ Name: 'association.subnet-id', Values: [subnets[1]!] }] }));
  const { NetworkAclAssociationId: AssociationId = '' } = found.NetworkAcls![0]!.Associations!.find((one) => one.SubnetId === subnets[1])!;
  await ec2.send(new Ec2.ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId: acl }));
  const client = await ground.machine({ SubnetId: subnets[0]!, PrivateIpAddress: '10.0.1.10' });
  const server = await ground.machine({ SubnetId: subnets[1]!, PrivateIpAddress: '10.0.2.10', Groups: [GroupId] });
  await ground.settled();
  return { ground, client, server, GroupId, VpcId, acl };
}

test(
  'packets that were dropped are told with who dropped them, and the rule that is named lets them through',
  { skip: missing },
  async (t) => {
    const ground = await openGround();
    t.after(() => ground.close());
    const { ec2 } = ground;
    const { client, server, GroupId, acl } = await lay(ground);
    const ssh: Probe = { namespace: client.namespace, protocol: 'tcp', address: server.address, port: 22 };
    const passes = async (): Promise<boolean> => (await probe([ssh], [listening(server)]))[0]!;
    const ends = { from: client.id, to: server.interface, port: '22' };

    assert.equal(await passes(), false);
    const byGroup = await ask(ground, ends);
    const [shut] = byGroup.drops;
    assert.deepEqual(
      [shut!.refused, shut!.by, shut!.interface],
      ['group-in', { kind: 'security-group', ids: [GroupId] }, server.interface],
    );
    assert.ok(shut!.packets >= 1 && shut!.secondsAgo < 60);
    assert.deepEqual([byGroup.now!.reached, byGroup.now!.stopped!.refused], [false, 'group-in']);
    assert.deepEqual(byGroup.now!.stopped!.allow, shut!.allow);
    const rule = shut!.allow!.command;
    assert.equal(rule[2], 'authorize-security-group-ingress');
    const Port = Number(given(rule, '--port'));
    await ec2.send(
      new Ec2.AuthorizeSecurityGroupIngressCommand({
        ...{ GroupId: given(rule, '--group-id'), IpProtocol: given(rule, '--protocol'), CidrIp: given(rule, '--cidr') },
        ...{ FromPort: Port, ToPort: Port },
      }),
    );
    await ground.settled();
    assert.equal(await passes(), true);

    // Answers are stopped by an ACL that forgets their ports.
    const entry = { NetworkAclId: acl, RuleNumber: 50, Protocol: '6', RuleAction: 'deny' as const, CidrBlock: '10.0.1.0/24' };
    await ec2.send(new Ec2.CreateNetworkAclEntryCommand({ ...entry, Egress: true, PortRange: { From: 1024, To: 65_535 } }));
    await ground.settled();
    assert.equal(await passes(), false);
    const byAcl = await ask(ground, ends);
    const answer = byAcl.drops.find((drop) => drop.refused === 'acl-out')!;
    assert.deepEqual([answer.source, answer.by, answer.why], [server.address, { kind: 'network-acl', ids: [acl] }, 'entry 50 denies it']);
    const { command } = answer.allow!;
    assert.equal(given(command, '--rule-number'), '49');
    const [From = 0, To = 0] = given(command, '--port-range').match(/\d+/g)!.map(Number);
    await ec2.send(
      new Ec2.CreateNetworkAclEntryCommand({
        ...{ NetworkAclId: acl, RuleNumber: 49, Protocol: given(command, '--protocol'), Egress: true, PortRange: { From, To } },
        ...{ RuleAction: 'allow', CidrBlock: given(command, '--cidr-block') },
      }),
    );
    await ground.settled();
    assert.equal(await passes(), true);
    assert.equal((await ask(ground, ends)).now!.reached, true);
  },
);

test('packets without a route or a receiver, and with addresses of others, are told of', { skip: missing }, async (t) => {
  const ground = await openGround();
  t.after(() => ground.close());
  const { client, server, VpcId } = await lay(ground);
  const from = { namespace: client.namespace, protocol: 'tcp' as const };
  await probe(
    [
      { ...from, address: '203.0.113.9', port: 443 },
      { ...from, address: '10.0.7.7', port: 80 },
      { ...from, address: '10.0.1.99', port: 80 },
      { namespace: server.namespace, protocol: 'icmp', address: client.address },
    ],
    [],
  );
  const device = ['netns', 'exec', client.namespace, 'ip', 'addr', 'add', '10.0.1.66/32', 'dev', 'eth0'];
  await once(spawn('ip', device, { stdio: 'inherit' }), 'exit');
  await probe([{ ...from, address: server.address, port: 80, source: '10.0.1.66' }], []);
  const { drops } = await ask(ground);
  const told = new Map(drops.map((drop) => [`${drop.destination} ${drop.protocol}`, drop]));
  const outside = told.get('203.0.113.9 tcp')!;
  assert.deepEqual(
    [outside.refused, outside.by!.kind, outside.interface, outside.instance],
    ['no-route', 'route-table', client.interface, client.id],
  );
  assert.equal(outside.allow, undefined, 'the VPC has no gateway');
  assert.equal(told.get('10.0.7.7 tcp')!.refused, 'no-route');
  assert.equal(told.get('10.0.1.99 tcp')!.refused, 'no-receiver');
  const ping = told.get(`${client.address} icmp`)!;
  assert.deepEqual([ping.refused, ping.interface, ping.port], ['group-in', client.interface, undefined]);
  const forged = drops.find((drop) => drop.source === '10.0.1.66')!;
  assert.deepEqual([forged.refused, forged.interface, forged.vpc], ['spoofed-address', client.interface, VpcId]);
  assert.ok(forged.allow!.command.includes('--no-source-dest-check'));
});
