/** VPC endpoints, through the SDK, and calls that come out of simulated networks. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutObjectCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateAccessPointCommand, PutAccessPointPolicyCommand, S3ControlClient } from '@aws-sdk/client-s3-control';
import { byHostName } from '../../../../tests/by-host-name.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { rootOf } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import { homeOf } from '../vpc-endpoints/services.ts';
import { ec2Of, home, startSimulated, userWith } from './cast.ts';

const host = simulatedHost();
const cloud = await startSimulated(host);
const ec2 = ec2Of(cloud);
after(() => cloud.close());

type Place = { VpcId: string; subnets: string[]; table: string };

async function makePlace({ hostnames = true } = {}): Promise<Place> {
  const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc!.VpcId!;
  if (hostnames) await ec2.send(new Ec2.ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const subnets: string[] = [];
  for (const [CidrBlock, AvailabilityZone] of [
    ['10.0.1.0/24', 'us-east-1a'],
    ['10.0.2.0/24', 'us-east-1b'],
    ['10.0.3.0/24', 'us-east-1b'],
  ] as const)
    subnets.push((await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }))).Subnet!.SubnetId!);
  const { RouteTables } = await ec2.send(new Ec2.DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }));
  return { VpcId, subnets, table: RouteTables![0]!.RouteTableId! };
}

const s3Name = 'com.amazonaws.us-east-1.s3';
const sqsName = 'com.amazonaws.us-east-1.sqs';
const routesOf = async (table: string): Promise<(string | undefined)[][]> =>
  (await ec2.send(new Ec2.DescribeRouteTablesCommand({ RouteTableIds: [table] }))).RouteTables![0]!.Routes!.map((route) => [
    route.DestinationPrefixListId ?? route.DestinationCidrBlock,
    route.GatewayId,
    route.State,
  ]);

test('a gateway endpoint is a route of its route tables, which only it takes away', async () => {
  const { VpcId, table } = await makePlace();
  const call = { VpcId, ServiceName: s3Name, RouteTableIds: [table], ClientToken: 'one' };
  const { VpcEndpoint } = await ec2.send(new Ec2.CreateVpcEndpointCommand(call));
  const again = await ec2.send(new Ec2.CreateVpcEndpointCommand(call));
  const VpcEndpointId = VpcEndpoint!.VpcEndpointId!;
  assert.equal(again.VpcEndpoint!.VpcEndpointId, VpcEndpointId);
  assert.deepEqual(
    [VpcEndpoint!.VpcEndpointType, VpcEndpoint!.State as string, VpcEndpoint!.RouteTableIds, VpcEndpoint!.PrivateDnsEnabled],
    ['Gateway', 'available', [table], false],
  );
  assert.deepEqual(await routesOf(table), [
    ['10.0.0.0/16', 'local', 'active'],
    ['pl-63a5400a', VpcEndpointId, 'active'],
  ]);
  const DestinationPrefixListId = 'pl-63a5400a';
  await refused(ec2.send(new Ec2.DeleteRouteCommand({ RouteTableId: table, DestinationPrefixListId })), 'InvalidParameterValue');
  await refused(ec2.send(new Ec2.CreateVpcEndpointCommand({ ...call, ClientToken: 'two' })), 'RouteAlreadyExists');
  await refused(ec2.send(new Ec2.DeleteVpcCommand({ VpcId })), 'DependencyViolation');
  await ec2.send(new Ec2.ModifyVpcEndpointCommand({ VpcEndpointId, RemoveRouteTableIds: [table] }));
  assert.equal((await routesOf(table)).length, 1);
  await ec2.send(new Ec2.ModifyVpcEndpointCommand({ VpcEndpointId, AddRouteTableIds: [table] }));
  const deleted = await ec2.send(new Ec2.DeleteVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId, 'vpce-00000000000000000'] }));
  assert.deepEqual(
    deleted.Unsuccessful!.map(({ ResourceId, Error: told }) => [ResourceId, told!.Code]),
    [['vpce-00000000000000000', 'InvalidVpcEndpoint.NotFound']],
  );
  assert.equal((await routesOf(table)).length, 1);
  await refused(ec2.send(new Ec2.DescribeVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId] })), 'InvalidVpcEndpointId.NotFound');
});

test('an interface endpoint has an interface in each subnet, groups, and names', async () => {
  const { VpcId, subnets } = await makePlace();
  const [one, two, three] = subnets as [string, string, string];
  const call = { VpcId, VpcEndpointType: 'Interface' as const, ServiceName: sqsName, SubnetIds: [one, two] };
  await refused(ec2.send(new Ec2.CreateVpcEndpointCommand({ ...call, SubnetIds: [two, three] })), 'DuplicateSubnetsInSameZone');
  const TagSpecifications = [{ ResourceType: 'vpc-endpoint' as const, Tags: [{ Key: 'team', Value: 'net' }] }];
  const { VpcEndpoint } = await ec2.send(new Ec2.CreateVpcEndpointCommand({ ...call, TagSpecifications }));
  const VpcEndpointId = VpcEndpoint!.VpcEndpointId!;
  assert.equal(VpcEndpoint!.State as string, 'pending');
  await cloud.cloud.settled();
  const described = async (): Promise<Ec2.VpcEndpoint> =>
    (await ec2.send(new Ec2.DescribeVpcEndpointsCommand({ Filters: [{ Name: 'tag:team', Values: ['net'] }] }))).VpcEndpoints![0]!;
  const shown = await described();
  assert.deepEqual(
    [shown.State as string, shown.SubnetIds, shown.Groups!.map((group) => group.GroupName)],
    ['available', [one, two], ['default']],
  );
  const [own, near, far, common] = shown.DnsEntries!.map(({ DnsName }) => DnsName!);
  assert.match(own!, new RegExp(`^${VpcEndpointId}-[0-9a-f]{8}\\.sqs\\.us-east-1\\.vpce\\.amazonaws\\.com$`));
  assert.match(near!, /-us-east-1a\.sqs\./);
  assert.match(far!, /-us-east-1b\.sqs\./);
  assert.equal(common, 'sqs.us-east-1.amazonaws.com');
  const [id = ''] = shown.NetworkInterfaceIds!;
  const { NetworkInterfaces } = await ec2.send(new Ec2.DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
  assert.deepEqual(
    [NetworkInterfaces![0]!.InterfaceType as string, NetworkInterfaces![0]!.RequesterManaged, NetworkInterfaces![0]!.Description],
    ['vpc_endpoint', true, `VPC Endpoint Interface ${VpcEndpointId}`],
  );
  await refused(ec2.send(new Ec2.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id })), 'OperationNotPermitted');
  await refused(ec2.send(new Ec2.CreateVpcEndpointCommand(call)), { code: 'InvalidParameter', message: /conflicting DNS domain/ });

  const { GroupId = '' } = await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId, GroupName: 'narrow', Description: 'narrow' }));
  const change = { VpcEndpointId, AddSecurityGroupIds: [GroupId], RemoveSecurityGroupIds: [shown.Groups![0]!.GroupId!] };
  await ec2.send(new Ec2.ModifyVpcEndpointCommand({ ...change, RemoveSubnetIds: [two], AddSubnetIds: [three], PrivateDnsEnabled: false }));
  const changed = await described();
  assert.deepEqual(
    [changed.SubnetIds, changed.Groups, changed.PrivateDnsEnabled],
    [[one, three], [{ GroupId, GroupName: 'narrow' }], false],
  );
  await refused(ec2.send(new Ec2.ModifyVpcEndpointCommand({ VpcEndpointId, RemoveSecurityGroupIds: [GroupId] })), 'MissingParameter');
  await refused(ec2.send(new Ec2.ModifyVpcEndpointCommand({ VpcEndpointId, AddRouteTableIds: ['rtb-00000000'] })), 'InvalidParameter');
  await ec2.send(new Ec2.DeleteVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId] }));
  await ec2.send(new Ec2.DeleteSubnetCommand({ SubnetId: one }));
});

test('services and their prefix lists are told of; what does not fit is refused', async () => {
  const services = await ec2.send(new Ec2.DescribeVpcEndpointServicesCommand({ Filters: [{ Name: 'service-type', Values: ['Gateway'] }] }));
  assert.deepEqual(services.ServiceNames, ['com.amazonaws.us-east-1.dynamodb', s3Name]);
  const page = await ec2.send(new Ec2.DescribeVpcEndpointServicesCommand({ MaxResults: 5 }));
  assert.equal(page.ServiceDetails!.length, 5);
  assert.ok(page.NextToken);
  const [sqs] = (await ec2.send(new Ec2.DescribeVpcEndpointServicesCommand({ ServiceNames: [sqsName] }))).ServiceDetails!;
  assert.deepEqual([sqs!.PrivateDnsName, sqs!.ServiceType], ['sqs.us-east-1.amazonaws.com', [{ ServiceType: 'Interface' }]]);
  await refused(ec2.send(new Ec2.DescribeVpcEndpointServicesCommand({ ServiceNames: ['none'] })), 'InvalidServiceName');
  const lists = await ec2.send(new Ec2.DescribePrefixListsCommand({ PrefixListIds: ['pl-63a5400a'] }));
  assert.deepEqual(lists.PrefixLists, [{ PrefixListId: 'pl-63a5400a', PrefixListName: s3Name, Cidrs: ['100.65.1.0/24'] }]);
  const { Entries } = await ec2.send(new Ec2.GetManagedPrefixListEntriesCommand({ PrefixListId: 'pl-63a5400a' }));
  assert.deepEqual(Entries, [{ Cidr: '100.65.1.0/24' }]);

  const { VpcId, subnets, table } = await makePlace({ hostnames: false });
  const call = { VpcId, ServiceName: s3Name };
  const inside = { VpcId, ServiceName: sqsName, VpcEndpointType: 'Interface' as const, SubnetIds: subnets.slice(0, 1) };
  const wrong: [Ec2.CreateVpcEndpointCommandInput, string][] = [
    [{ VpcId }, 'MissingParameter'],
    [{ ...call, ServiceName: 'com.amazonaws.us-east-1.none' }, 'InvalidServiceName'],
    [{ ...call, ServiceName: sqsName }, 'InvalidParameter'],
    [{ ...call, SubnetIds: subnets }, 'InvalidParameter'],
    [{ ...call, PrivateDnsEnabled: true }, 'InvalidParameter'],
    [{ ...call, RouteTableIds: ['rtb-00000000000000000'] }, 'InvalidRouteTableID.NotFound'],
    [{ ...call, VpcId: 'vpc-00000000000000000' }, 'InvalidVpcID.NotFound'],
    [{ ...call, PolicyDocument: '{' }, 'InvalidPolicyDocument'],
    [{ ...inside, RouteTableIds: [table] }, 'InvalidParameter'],
    // The VPC has no host names.
    [inside, 'InvalidParameter'],
    [{ ...inside, PrivateDnsEnabled: false, SubnetIds: ['subnet-00000000000000000'] }, 'InvalidSubnetID.NotFound'],
  ];
  for (const [input, code] of wrong) await refused(ec2.send(new Ec2.CreateVpcEndpointCommand(input)), code);
  await refused(ec2.send(new Ec2.CreateVpcEndpointCommand({ ...call, VpcEndpointType: 'GatewayLoadBalancer' })), { status: 501 });
  const reader = await userWith(cloud, 'endpoint-reader', { Action: 'ec2:Describe*' });
  await refused(reader.send(new Ec2.CreateVpcEndpointCommand(call)), 'UnauthorizedOperation');
  assert.ok((await reader.send(new Ec2.DescribeVpcEndpointsCommand({}))).VpcEndpoints);
});

test('an access point of a VPC lets in what comes out of it, and nobody else', async () => {
  const { VpcId, subnets, table } = await makePlace();
  const { NetworkInterface } = await ec2.send(
    new Ec2.CreateNetworkInterfaceCommand({ SubnetId: subnets[0]!, PrivateIpAddress: '10.0.1.10' }),
  );
  const id = NetworkInterface!.NetworkInterfaceId!;
  await cloud.cloud.store.write(async (tx) => {
    const row = (await networkInterfaces.get(tx, home, 'us-east-1', id))!;
    const attachment = { id: `eni-attach-${id}`, owner: home, deviceIndex: 0, status: 'attached' as const, attachedAt: 0 };
    await networkInterfaces.put(tx, { ...row, attachment: { ...attachment, deleteOnTermination: false } });
  });
  const made = await ec2.send(new Ec2.CreateVpcEndpointCommand({ VpcId, ServiceName: s3Name, RouteTableIds: [table] }));
  const VpcEndpointId = made.VpcEndpoint!.VpcEndpointId!;
  await cloud.cloud.settled();
  assert.deepEqual(host.networks.wanted.vpcs.find((vpc) => vpc.id === VpcId)!.endpoints!.length, 3);

  const s3 = cloud.client(S3Client, { credentials: rootOf(home) });
  const Bucket = 'behind-an-access-point';
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'inside' }));
  const control = cloud.client(S3ControlClient, { credentials: rootOf(home), ...byHostName(cloud.port) });
  const point = { AccountId: home, Name: 'inside' };
  const { AccessPointArn, Alias } = await control.send(new CreateAccessPointCommand({ ...point, Bucket, VpcConfiguration: { VpcId } }));
  const open = (Resource: string) => ({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource });
  const policy = (statement: object): string => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await control.send(new PutAccessPointPolicyCommand({ ...point, Policy: policy(open(`${AccessPointArn!}/object/*`)) }));
  const byPoint = { ...open(`arn:aws:s3:::${Bucket}/*`), Condition: { StringEquals: { 's3:DataAccessPointAccount': home } } };
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policy(byPoint) }));

  const at = { vpc: VpcId, address: homeOf('s3'), port: 80 };
  const get = (from: string, rawPath: string) =>
    host.networks.ask(at, from, { rawPath, headers: { host: 's3.us-east-1.amazonaws.com' } }).then(({ status }) => status);
  assert.equal(await get('10.0.1.10', `/${Alias!}/a`), 200, 'public, but for the VPC');
  assert.equal((await fetch(`${cloud.endpoint}/${Alias!}/a`)).status, 403);
  assert.equal(await get('10.0.1.10', `/${Bucket}/a`), 403, 'not past the access point');
  await ec2.send(new Ec2.ModifyVpcEndpointCommand({ VpcEndpointId, PolicyDocument: policy({ ...open('*'), Effect: 'Deny' }) }));
  assert.equal(await get('10.0.1.10', `/${Alias!}/a`), 403, 'the endpoint narrows');
});
