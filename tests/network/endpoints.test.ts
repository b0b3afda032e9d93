/** The cloud's own services, called out of VPCs: through gateway and interface endpoints, and over the internet where there are none. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { rootOf } from '../live-cloud.ts';
import { account, missing, openGround, type Ground, type Machine } from './ground.ts';
import { Bucket, inside, userKey } from './callers.ts';

async function bucketFor({ cloud }: Ground): Promise<S3Client> {
  const s3 = cloud.client(S3Client, { credentials: rootOf(account) });
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'inside' }));
  return s3;
}

type Laid = { VpcId: string; subnets: string[]; tables: string[]; machines: Machine[] };

/** Two subnets, each with a route table of its own and a machine. */
async function lay(ground: Ground): Promise<Laid> {
  const { ec2 } = ground;
  const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc!.VpcId!;
  await ec2.send(new Ec2.ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const laid: Laid = { VpcId, subnets: [], tables: [], machines: [] };
  for (const [at, CidrBlock] of ['10.0.1.0/24', '10.0.2.0/24'].entries()) {
    const AvailabilityZone = `us-east-1${'ab'[at]!}`;
    const { Subnet } = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }));
    const SubnetId = Subnet!.SubnetId!;
    const { RouteTable } = await ec2.send(new Ec2.CreateRouteTableCommand({ VpcId }));
    const RouteTableId = RouteTable!.RouteTableId!;
    await ec2.send(new Ec2.AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    laid.subnets.push(SubnetId);
    laid.tables.push(RouteTableId);
    laid.machines.push(await ground.machine({ SubnetId, PrivateIpAddress: CidrBlock.replace('0/24', '10') }));
  }
  return laid;
}

test(
  'a gateway endpoint leads subnets with its route to S3, through ACLs, groups and its policy, and no others',
  { skip: missing },
  async (t) => {
    const ground = await openGround();
    t.after(() => ground.close());
    const { ec2 } = ground;
    const key = await userKey(ground);
    const s3 = await bucketFor(ground);
    const { VpcId, tables, machines } = await lay(ground);
    const [with_, without] = machines as [Machine, Machine];
    const made = await ec2.send(
      new Ec2.CreateVpcEndpointCommand({ VpcId, ServiceName: 'com.amazonaws.us-east-1.s3', RouteTableIds: [tables[0]!] }),
    );
    const VpcEndpointId = made.VpcEndpoint!.VpcEndpointId!;
    await ground.settled();
    const address = await inside(with_, `return resolve('s3.us-east-1.amazonaws.com')`, key);
    assert.deepEqual(address, ['100.65.1.1']);
    const read = (machine: Machine): Promise<unknown> => inside(machine, `return read('100.65.1.1')`, key);
    assert.deepEqual(await Promise.all([read(with_), read(without)]), ['ok', 'TimeoutError']);
    assert.deepEqual(await inside(with_, `return [await status('http://100.65.1.1/_haneul/status'), await tables('100.65.2.1')]`, key), [
      404,
      'TimeoutError',
    ]);
    // The owner's test key is for the machine itself.
    assert.equal(await inside(with_, `return read('100.65.1.1')`, rootOf(account)), 'InvalidAccessKeyId');

    // The bucket knows from where it is asked.
    const only = (key_: string, value: string) => ({
      ...{ Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` },
      Condition: { StringNotEquals: { [key_]: value } },
    });
    const policy = (statement: object) =>
      s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) }));
    for (const [name, value] of [
      ['aws:SourceVpce', VpcEndpointId],
      ['aws:SourceVpc', VpcId],
      ['aws:VpcSourceIp', with_.address],
    ] as const) {
      await policy(only(name, value));
      assert.equal(await read(with_), 'ok', name);
      await policy(only(name, 'other'));
      assert.equal(await read(with_), 'AccessDenied', name);
    }
    await policy(only('aws:SourceVpce', VpcEndpointId));

    // So does the endpoint, whose policy only narrows.
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:PutObject', Resource: '*' }],
    });
    await ec2.send(new Ec2.ModifyVpcEndpointCommand({ VpcEndpointId, PolicyDocument }));
    assert.equal(await read(with_), 'AccessDenied');
    await ec2.send(new Ec2.ModifyVpcEndpointCommand({ VpcEndpointId, ResetPolicy: true }));
    assert.equal(await read(with_), 'ok');

    // Groups and ACLs are asked as everywhere.
    const { NetworkInterfaces } = await ec2.send(new Ec2.DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [with_.interface] }));
    const GroupId = NetworkInterfaces![0]!.Groups![0]!.GroupId!;
    const everything = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
    await ec2.send(new Ec2.RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: everything }));
    await ground.settled();
    assert.equal(await read(with_), 'TimeoutError');
    const { PrefixLists } = await ec2.send(new Ec2.DescribePrefixListsCommand({}));
    const PrefixListId = PrefixLists!.find((one) => one.PrefixListName === 'com.amazonaws.us-east-1.s3')!.PrefixListId!;
    const toS3 = [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, PrefixListIds: [{ PrefixListId }] }];
    await ec2.send(new Ec2.AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: toS3 }));
    await ground.settled();
    assert.equal(await read(with_), 'ok');
    const { NetworkAcls } = await ec2.send(new Ec2.DescribeNetworkAclsCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }));
    const entry = { NetworkAclId: NetworkAcls![0]!.NetworkAclId!, RuleNumber: 50, Protocol: '6', Egress: false };
    const ports = { PortRange: { From: 1024, To: 65_535 }, CidrBlock: '100.65.1.0/24', RuleAction: 'deny' as const };
    await ec2.send(new Ec2.CreateNetworkAclEntryCommand({ ...entry, ...ports }));
    await ground.settled();
    assert.equal(await read(with_), 'TimeoutError', 'answers come through the ACL');
    await ec2.send(new Ec2.DeleteNetworkAclEntryCommand(entry));
    await ec2.send(new Ec2.DeleteVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId] }));
    await ground.settled();
    assert.equal(await read(with_), 'TimeoutError');
  },
);

test('an interface endpoint has an address and the name of its service; its groups guard it', { skip: missing }, async (t) => {
  const ground = await openGround();
  t.after(() => ground.close());
  const { ec2, cloud } = ground;
  const key = await userKey(ground);
  await cloud.client(SQSClient, { credentials: rootOf(account) }).send(new CreateQueueCommand({ QueueName: 'one' }));
  const { VpcId, subnets, machines } = await lay(ground);
  const [near, far] = machines as [Machine, Machine];
  const { GroupId = '' } = await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId, GroupName: 'endpoint', Description: 'endpoint' }));
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '10.0.1.0/24' }] }];
  await ec2.send(new Ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  const { VpcEndpoint } = await ec2.send(
    new Ec2.CreateVpcEndpointCommand({
      ...{ VpcId, VpcEndpointType: 'Interface', ServiceName: 'com.amazonaws.us-east-1.sqs' },
      ...{ SubnetIds: subnets, SecurityGroupIds: [GroupId] },
    }),
  );
  await ground.settled();
  const ids = { VpcEndpointIds: [VpcEndpoint!.VpcEndpointId!] };
  const shown = (await ec2.send(new Ec2.DescribeVpcEndpointsCommand(ids))).VpcEndpoints![0]!;
  assert.equal(shown.State as string, 'available');
  const addresses = (await inside(near, `return resolve('sqs.us-east-1.amazonaws.com')`, key)) as string[];
  assert.deepEqual(addresses.map((one) => one.slice(0, 7)).sort(), ['10.0.1.', '10.0.2.']);
  const own = shown.DnsEntries!.map(({ DnsName }) => DnsName!);
  assert.deepEqual(await inside(near, `return resolve('${own[0]!}')`, key), addresses);
  assert.deepEqual(await inside(near, `return resolve('${own[1]!}')`, key), [addresses.find((one) => one.startsWith('10.0.1.'))]);
  const ask = (machine: Machine): Promise<unknown> =>
    inside(machine, `return Promise.all(${JSON.stringify(addresses)}.map((address) => queues(address)))`, key);
  assert.deepEqual(await Promise.all([ask(near), ask(far)]), [
    ['ok', 'ok'],
    ['TimeoutError', 'TimeoutError'],
  ]);
  // Another process of the same cloud answers too.
  await ground.restart();
  assert.deepEqual(await ask(near), ['ok', 'ok']);
  await ground.ec2.send(new Ec2.DeleteVpcEndpointsCommand(ids));
  await ground.settled();
  assert.deepEqual(await inside(near, `return resolve('sqs.us-east-1.amazonaws.com')`, key), ['100.65.0.1']);
  const left = await ground.ec2.send(
    new Ec2.DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'interface-type', Values: ['vpc_endpoint'] }] }),
  );
  assert.deepEqual(left.NetworkInterfaces, []);
});

test('without an endpoint services are reached through an internet gateway, under the public address', { skip: missing }, async (t) => {
  const ground = await openGround();
  t.after(() => ground.close());
  const { ec2 } = ground;
  const key = await userKey(ground);
  const s3 = await bucketFor(ground);
  const { VpcId, tables, machines } = await lay(ground);
  const [public_, private_] = machines as [Machine, Machine];
  const { InternetGateway } = await ec2.send(new Ec2.CreateInternetGatewayCommand({}));
  const GatewayId = InternetGateway!.InternetGatewayId!;
  await ec2.send(new Ec2.AttachInternetGatewayCommand({ InternetGatewayId: GatewayId, VpcId }));
  for (const RouteTableId of tables)
    await ec2.send(new Ec2.CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId }));
  const { AllocationId, PublicIp } = await ec2.send(new Ec2.AllocateAddressCommand({ Domain: 'vpc' }));
  await ec2.send(new Ec2.AssociateAddressCommand({ AllocationId: AllocationId!, NetworkInterfaceId: public_.interface }));
  await ground.settled();
  const read = (machine: Machine): Promise<unknown> => inside(machine, `return read('100.65.1.1')`, key);
  assert.deepEqual(await Promise.all([read(public_), read(private_)]), ['ok', 'TimeoutError'], 'only with a public address');
  assert.deepEqual(await inside(public_, `return [await queues('100.65.0.1'), await tables('100.65.2.1')]`, key), ['ok', 'ok']);
  const Statement = [
    {
      ...{ Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` },
      Condition: { NotIpAddress: { 'aws:SourceIp': `${PublicIp!}/32` } },
    },
  ];
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));
  assert.equal(await read(public_), 'ok');
  assert.equal(await inside(public_, `return status('http://100.65.0.1/_console/')`, key), 404);
});
