/** The page that tells why packets were dropped: of injected packets, without a network. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import type { Refusal, SeenFlow } from '../../../framework/networks.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { whyDropped, type WhyDroppedAnswer } from '../network-insights/why-dropped.ts';
import { ec2Of } from './cast.ts';

test('each way in which packets are dropped has its reason and, where a rule would help, its smallest rule', async (t) => {
  const host = simulatedHost();
  const cloud = await startCloud({ host });
  t.after(() => cloud.close());
  const ec2 = ec2Of(cloud);
  const { Vpcs } = await ec2.send(new Ec2.DescribeVpcsCommand({}));
  const VpcId = Vpcs![0]!.VpcId!;
  const { Subnets } = await ec2.send(new Ec2.DescribeSubnetsCommand({}));
  const { NetworkInterface } = await ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId: Subnets![0]!.SubnetId! }));
  const { NetworkInterfaceId: port = '', PrivateIpAddress: address = '', Groups } = NetworkInterface!;
  const group = Groups![0]!.GroupId!;
  const flow: SeenFlow = {
    ...{ vpc: VpcId, port, direction: 'ingress', protocol: 6, source: '172.31.200.7', destination: address, sourcePort: 40_000 },
    ...{ destinationPort: 22, tcpFlags: 2, packets: 2, bytes: 120 },
  };
  const away = { direction: 'egress', source: address, destination: '198.51.100.4' } as const;
  const drop = async (refused: Refusal, changes: Partial<SeenFlow> = {}): Promise<WhyDroppedAnswer['drops'][number]> => {
    host.networks.see({ ...flow, ...changes, refused });
    const { store, blobs, clock, random } = cloud.cloud;
    const { drops } = (await whyDropped({ store, blobs, host, random, now: clock.now() }, new URLSearchParams())) as WhyDroppedAnswer;
    return drops[0]!;
  };
  // The default ones let everything out.
  await ec2.send(
    new Ec2.RevokeSecurityGroupEgressCommand({
      GroupId: group,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  );
  const { NetworkAcls } = await ec2.send(new Ec2.DescribeNetworkAclsCommand({}));
  const NetworkAclId = NetworkAcls![0]!.NetworkAclId!;
  const out = await drop('acl-out', away);
  assert.deepEqual([out.why, out.allow], ['it did not let it pass then; now entry 100 does', undefined]);
  const all = { NetworkAclId, RuleNumber: 50, Protocol: '-1', RuleAction: 'deny' as const, CidrBlock: '198.51.100.0/24' };
  await ec2.send(new Ec2.CreateNetworkAclEntryCommand({ ...all, Egress: true }));
  await ec2.send(new Ec2.DeleteNetworkAclEntryCommand({ NetworkAclId, RuleNumber: 100, Egress: false }));
  const told: [Refusal, Partial<SeenFlow>, RegExp | undefined][] = [
    ['group-in', {}, new RegExp(`ingress --group-id ${group} --protocol tcp --port 22 --cidr 172.31.200.7/32$`)],
    ['group-in', { protocol: 1, sourcePort: 0, destinationPort: 0 }, /--protocol icmp --port -1 /],
    ['group-in', { protocol: 47, sourcePort: 0, destinationPort: 0 }, /--protocol 47 --cidr/],
    ['group-out', away, /egress .* --ip-permissions IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=\[\{CidrIp=198.51.100.4\/32\}\]$/],
    ['acl-in', {}, /create-network-acl-entry .* --rule-number 10 --ingress --protocol 6 --port-range From=22,To=22 --cidr-block 172/],
    [
      'acl-out',
      { ...away, protocol: 17, sourcePort: 53, destinationPort: 41_000 },
      /--rule-number 49 --egress --protocol 17 --port-range From=1024,To=65535/,
    ],
    ['no-public-address', away, /associate-address --network-interface-id eni-/],
    ['spoofed-address', { ...away, source: '172.31.9.9' }, /--no-source-dest-check$/],
    ['spoofed-mac', away, undefined],
    ['no-receiver', away, undefined],
    ['untracked', {}, undefined],
    ['transit', {}, undefined],
  ];
  for (const [refused, changes, command] of told) {
    const found = await drop(refused, changes);
    assert.deepEqual([found.refused, found.packets, found.interface], [refused, 2, port]);
    assert.notEqual(found.why, '');
    const shown = found.allow?.command.join(' ');
    if (command) assert.match(shown ?? '', command);
    else assert.equal(shown, undefined);
  }
  // The default VPC's route leads to its gateway: whose subnet has another table is told of the gateway.
  const { RouteTable } = await ec2.send(new Ec2.CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable!.RouteTableId!;
  await ec2.send(new Ec2.AssociateRouteTableCommand({ RouteTableId, SubnetId: Subnets![0]!.SubnetId! }));
  const lost = await drop('no-route', away);
  assert.deepEqual(lost.by, { kind: 'route-table', ids: [RouteTableId] });
  assert.match(
    lost.allow!.command.join(' '),
    new RegExp(`--route-table-id ${RouteTableId} --destination-cidr-block 198.51.100.4/32 --gateway-id igw-`),
  );
});
