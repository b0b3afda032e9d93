/** Flow logs of real packets: what passed, what was refused and by whom, at both ends. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as Ec2 from '@aws-sdk/client-ec2';
import { CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { rootOf } from '../live-cloud.ts';
import { account, listening, missing, openGround, probe, type Ground } from './ground.ts';

const Bucket = 'flow-logs-of-packets';
const LogFormat =
  '${interface-id} ${flow-direction} ${srcaddr} ${dstaddr} ${protocol} ${dstport} ${srcport} ${tcp-flags} ${packets} ${action} ${log-status}';

/** What has been delivered since the last look, without ports of the calling side. */
async function delivered(s3: S3Client): Promise<string[][]> {
  const lines: string[][] = [];
  for (const { Key } of (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: Key! }));
    const text = gunzipSync(await Body!.transformToByteArray()).toString();
    lines.push(
      ...text
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(' ')),
    );
    await s3.send(new DeleteObjectCommand({ Bucket, Key: Key! }));
  }
  return lines;
}

async function opened(ground: Ground): Promise<{ VpcId: string; s3: S3Client }> {
  const { ec2, cloud } = ground;
  const s3 = cloud.client(S3Client, { credentials: rootOf(account) });
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc!.VpcId!;
  await ec2.send(
    new Ec2.CreateFlowLogsCommand({
      ...{ ResourceIds: [VpcId], ResourceType: 'VPC', TrafficType: 'ALL', MaxAggregationInterval: 60, LogFormat },
      ...{ LogDestinationType: 's3', LogDestination: `arn:aws:s3:::${Bucket}` },
    }),
  );
  return { VpcId, s3 };
}

test(
  'flow logs tell of packets at both ends: passed, refused by a group, refused by an ACL, without a route',
  { skip: missing },
  async (t) => {
    const ground = await openGround();
    t.after(() => ground.close());
    const { ec2 } = ground;
    const { VpcId, s3 } = await opened(ground);
    const subnets: string[] = [];
    for (const CidrBlock of ['10.0.1.0/24', '10.0.2.0/24'])
      subnets.push((await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock }))).Subnet!.SubnetId!);
    const { GroupId } = await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId, GroupName: 'web', Description: 'web' }));
    const IpPermissions = [
      { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '10.0.0.0/16' }] },
      { IpProtocol: 'icmp', FromPort: -1, ToPort: -1, IpRanges: [{ CidrIp: '10.0.0.0/16' }] },
      { IpProtocol: 'udp', FromPort: 53, ToPort: 123, IpRanges: [{ CidrIp: '10.0.0.0/16' }] },
    ];
    await ec2.send(new Ec2.AuthorizeSecurityGroupIngressCommand({ GroupId: GroupId!, IpPermissions }));
    const client = await ground.machine({ SubnetId: subnets[0]!, PrivateIpAddress: '10.0.1.10' });
    const server = await ground.machine({ SubnetId: subnets[1]!, PrivateIpAddress: '10.0.2.10', Groups: [GroupId!] });
    await ground.settled();
    const from = { namespace: client.namespace, address: server.address };
    const probes = [
      ...[80, 22].map((port) => ({ ...from, protocol: 'tcp' as const, port })),
      { ...from, protocol: 'udp' as const, port: 53 },
      { ...from, protocol: 'icmp' as const },
      { namespace: client.namespace, address: '203.0.113.9', protocol: 'tcp' as const, port: 443 },
    ];
    assert.deepEqual(await probe(probes, [listening(server)]), [true, false, true, true, false]);
    await ground.cloud.advance(60_000);
    const lines = await delivered(s3);
    const told = (id: string, direction: string, protocol: number, port: number): string[] =>
      lines
        .filter((line) => line[0] === id && line[1] === direction && line[4] === String(protocol))
        .filter((line) => Number(line[direction === 'egress' ? 5 : 6]) === port || Number(line[5]) === port)
        .map((line) => line[9]!);
    assert.deepEqual(told(client.interface, 'egress', 6, 80), ['ACCEPT']);
    assert.deepEqual(told(server.interface, 'ingress', 6, 80), ['ACCEPT']);
    assert.deepEqual(told(client.interface, 'ingress', 6, 80), ['ACCEPT'], 'the answers');
    // The sender's group lets it out, the receiver's does not let it in.
    assert.deepEqual(told(client.interface, 'egress', 6, 22), ['ACCEPT']);
    assert.deepEqual(told(server.interface, 'ingress', 6, 22), ['REJECT']);
    assert.deepEqual(told(client.interface, 'egress', 17, 53), ['ACCEPT']);
    assert.deepEqual(told(client.interface, 'egress', 1, 0), ['ACCEPT']);
    assert.deepEqual(told(client.interface, 'egress', 6, 443), ['ACCEPT'], 'groups and ACLs let it out, no route takes it');
    const syn = lines.find((line) => line[0] === server.interface && line[9] === 'REJECT')!;
    assert.deepEqual([syn[2], syn[3], syn[5], syn[7]], ['10.0.1.10', '10.0.2.10', '22', '2']);

    // An ACL of the sender's subnet; and what is told once is not told again.
    const { NetworkAcls } = await ec2.send(new Ec2.DescribeNetworkAclsCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }));
    await ec2.send(
      new Ec2.CreateNetworkAclEntryCommand({
        ...{ NetworkAclId: NetworkAcls![0]!.NetworkAclId!, RuleNumber: 50, Protocol: '6', RuleAction: 'deny', Egress: true },
        ...{ CidrBlock: '10.0.2.0/24', PortRange: { From: 80, To: 80 } },
      }),
    );
    await ground.settled();
    assert.deepEqual(await probe([probes[0]!], [listening(server)]), [false]);
    await ground.cloud.advance(60_000);
    const later = await delivered(s3);
    assert.deepEqual(
      new Set(later.map((line) => `${line[0]} ${line[9]} ${line[10]}`)),
      new Set([`${client.interface} REJECT OK`, `${server.interface} - NODATA`]),
    );

    // Another process of the same cloud goes on counting where the first one ended.
    await ground.restart();
    await probe([probes[1]!], [listening(server)]);
    await ground.cloud.advance(60_000);
    const again = await delivered(ground.cloud.client(S3Client, { credentials: rootOf(account) }));
    assert.deepEqual(
      again.filter((line) => line[9] === 'REJECT').map((line) => line[0]),
      [server.interface],
    );
  },
);
