/** Flow logs, through the SDK: what interfaces saw becomes records in log groups, buckets and delivery streams. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import * as Ec2 from '@aws-sdk/client-ec2';
import { CreateRoleCommand, DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { SeenFlow } from '../../../framework/networks.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import { ec2Of, home, userWith } from './cast.ts';

const host = simulatedHost();
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
let role: string;
before(async () => {
  cloud = await startCloud({ host });
  ec2 = ec2Of(cloud);
  role = await makeRole();
});
after(() => cloud.close());

const iam = (): IAMClient => cloud.client(IAMClient, { credentials: rootOf(home) });
const logs = (): CloudWatchLogsClient => cloud.client(CloudWatchLogsClient, { credentials: rootOf(home) });
const writing = { RoleName: 'flow-logs', PolicyName: 'write' };

async function makeRole(): Promise<string> {
  const trust = { Effect: 'Allow', Principal: { Service: 'vpc-flow-logs.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  const { Role } = await iam().send(new CreateRoleCommand({ RoleName: 'flow-logs', AssumeRolePolicyDocument }));
  await allowWriting();
  return Role!.Arn!;
}

async function allowWriting(): Promise<void> {
  const Action = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
  await iam().send(new PutRolePolicyCommand({ ...writing, PolicyDocument: JSON.stringify(document) }));
}

type Place = { VpcId: string; SubnetId: string; port: string; address: string };

/** A VPC with one interface in use. */
async function makePlace(): Promise<Place> {
  const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc!.VpcId!;
  const { Subnet } = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.0/24', AvailabilityZone: 'us-east-1a' }));
  const SubnetId = Subnet!.SubnetId!;
  const { NetworkInterface } = await ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId, PrivateIpAddress: '10.0.1.10' }));
  const port = NetworkInterface!.NetworkInterfaceId!;
  await cloud.cloud.store.write(async (tx) => {
    const row = (await networkInterfaces.get(tx, home, 'us-east-1', port))!;
    const attachment = { id: `eni-attach-${port}`, owner: home, deviceIndex: 0, status: 'attached' as const };
    await networkInterfaces.put(tx, {
      ...row,
      attachment: { ...attachment, instance: 'i-0123456789abcdef0', attachedAt: 0, deleteOnTermination: false },
    });
  });
  return { VpcId, SubnetId, port, address: '10.0.1.10' };
}

const seen = ({ VpcId, port, address }: Place, changes: Partial<SeenFlow> = {}): SeenFlow => ({
  ...{ vpc: VpcId, port, direction: 'ingress', protocol: 6, source: '10.0.2.7', destination: address, sourcePort: 40_000 },
  ...{ destinationPort: 22, tcpFlags: 2, packets: 3, bytes: 180, ...changes },
});

const toGroup = (LogGroupName: string, TrafficType: Ec2.TrafficType = 'ALL') => ({
  ...{ LogGroupName, DeliverLogsPermissionArn: role, TrafficType, MaxAggregationInterval: 60 },
});

async function linesOf(logGroupName: string, logStreamName: string): Promise<string[]> {
  const { events } = await logs().send(new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true }));
  return events!.map(({ message }) => message!);
}

test('packets that passed and packets that were refused are records of a log group', async () => {
  const place = await makePlace();
  const call = { ResourceIds: [place.VpcId], ResourceType: 'VPC' as const, ...toGroup('flows') };
  const { FlowLogIds } = await ec2.send(new Ec2.CreateFlowLogsCommand(call));
  await cloud.cloud.settled();
  assert.equal(host.networks.wanted.vpcs.find(({ id }) => id === place.VpcId)!.counted, true);
  host.networks.see(
    seen(place, { refused: 'group-in' }),
    seen(place, {
      direction: 'egress',
      source: place.address,
      destination: '10.0.2.7',
      sourcePort: 22,
      destinationPort: 40_000,
      bytes: 60,
    }),
  );
  const from = Math.floor(cloud.cloud.clock.now() / 1000);
  await cloud.advance(60_000);
  const middle = `2 ${home} ${place.port}`;
  const times = `${from} ${from + 60}`;
  assert.deepEqual(await linesOf('flows', `${place.port}-all`), [
    `${middle} 10.0.2.7 10.0.1.10 40000 22 6 3 180 ${times} REJECT OK`,
    `${middle} 10.0.1.10 10.0.2.7 22 40000 6 3 60 ${times} ACCEPT OK`,
  ]);

  host.networks.overflow(place.port);
  await cloud.advance(60_000);
  const [, , none, skipped] = await linesOf('flows', `${place.port}-all`);
  assert.equal(none, `${middle} - - - - - - - ${from + 60} ${from + 120} - NODATA`);
  assert.equal(skipped, `${middle} - - - - - - - ${from + 60} ${from + 120} - SKIPDATA`);
  await ec2.send(new Ec2.DeleteFlowLogsCommand({ FlowLogIds: FlowLogIds! }));
  await cloud.cloud.settled();
  assert.equal(host.networks.wanted.vpcs.find(({ id }) => id === place.VpcId)!.counted, undefined);
});

test('a flow log of refused packets has its own fields, and none that passed', async () => {
  const place = await makePlace();
  const LogFormat =
    '${version} ${vpc-id} ${subnet-id} ${instance-id} ${az-id} ${tcp-flags} ${type} ${pkt-dstaddr} ${flow-direction} ${traffic-path} ${action}';
  const call = { ResourceIds: [place.SubnetId], ResourceType: 'Subnet' as const, LogFormat, ...toGroup('refused', 'REJECT') };
  await ec2.send(new Ec2.CreateFlowLogsCommand(call));
  await cloud.cloud.settled();
  host.networks.see(seen(place), seen(place, { refused: 'acl-out', direction: 'egress', source: place.address, destination: '10.0.9.9' }));
  await cloud.advance(60_000);
  assert.deepEqual(await linesOf('refused', `${place.port}-reject`), [
    `5 ${place.VpcId} ${place.SubnetId} i-0123456789abcdef0 use1-az1 2 IPv4 10.0.9.9 egress 1 REJECT`,
  ]);
});

test('records for a bucket are compressed files under the keys of AWS, partitioned where that is wanted', async () => {
  const place = await makePlace();
  const s3 = cloud.client(S3Client, { credentials: rootOf(home) });
  await s3.send(new CreateBucketCommand({ Bucket: 'flow-files' }));
  const call = { ResourceIds: [place.port], ResourceType: 'NetworkInterface' as const, TrafficType: 'ALL' as const };
  const made = await ec2.send(
    new Ec2.CreateFlowLogsCommand({
      ...{ ...call, LogDestinationType: 's3', LogDestination: 'arn:aws:s3:::flow-files/mine/', MaxAggregationInterval: 60 },
      DestinationOptions: { FileFormat: 'plain-text', HiveCompatiblePartitions: true, PerHourPartition: true },
    }),
  );
  assert.deepEqual(made.Unsuccessful, []);
  const missing = await ec2.send(
    new Ec2.CreateFlowLogsCommand({ ...call, LogDestinationType: 's3', LogDestination: 'arn:aws:s3:::flow-nowhere' }),
  );
  assert.deepEqual(missing.Unsuccessful, [
    { ResourceId: place.port, Error: { Code: '400', Message: 'LogDestination: flow-nowhere does not exist' } },
  ]);
  await cloud.cloud.settled();
  host.networks.see(seen(place));
  await cloud.advance(60_000);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'flow-files' }));
  const [{ Key = '' } = {}, ...more] = Contents;
  assert.deepEqual(more, []);
  const id = made.FlowLogIds![0]!;
  const folders = String.raw`mine/AWSLogs/aws-account-id=${home}/aws-service=vpcflowlogs/aws-region=us-east-1/year=\d{4}/month=\d\d/day=\d\d/hour=\d\d`;
  assert.match(Key, new RegExp(String.raw`^${folders}/${home}_vpcflowlogs_us-east-1_${id}_\d{8}T\d{4}Z_[0-9a-f]{8}\.log\.gz$`));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'flow-files', Key }));
  const [header, line, end] = gunzipSync(await Body!.transformToByteArray())
    .toString()
    .split('\n');
  assert.match(header!, /^version account-id interface-id srcaddr .* log-status$/);
  assert.match(line!, new RegExp(`^2 ${home} ${place.port} 10\\.0\\.2\\.7 10\\.0\\.1\\.10 40000 22 6 3 180 `));
  assert.equal(end, '');
  await refused(
    ec2.send(
      new Ec2.CreateFlowLogsCommand({
        ...{ ...call, LogDestinationType: 's3', LogDestination: 'arn:aws:s3:::flow-files', DestinationOptions: { FileFormat: 'parquet' } },
      }),
    ),
    { status: 501 },
  );
});

test('a role that may not write is told of, and again not once it may', async () => {
  const place = await makePlace();
  const call = { ResourceIds: [place.VpcId], ResourceType: 'VPC' as const, ...toGroup('shut') };
  const { FlowLogIds } = await ec2.send(new Ec2.CreateFlowLogsCommand(call));
  const shown = async (): Promise<Ec2.FlowLog> =>
    (await ec2.send(new Ec2.DescribeFlowLogsCommand({ FlowLogIds: FlowLogIds! }))).FlowLogs![0]!;
  await iam().send(new DeleteRolePolicyCommand(writing));
  await cloud.advance(60_000);
  assert.deepEqual([(await shown()).DeliverLogsStatus, (await shown()).DeliverLogsErrorMessage], ['FAILED', 'Access error']);
  await allowWriting();
  await cloud.advance(60_000);
  assert.deepEqual([(await shown()).DeliverLogsStatus, (await shown()).DeliverLogsErrorMessage], ['SUCCESS', undefined]);
});

test('flow logs are described with what they were made of, found by filters, and deleted', async () => {
  const place = await makePlace();
  const TagSpecifications = [{ ResourceType: 'vpc-flow-log' as const, Tags: [{ Key: 'team', Value: 'net' }] }];
  const call = { ResourceIds: [place.VpcId], ResourceType: 'VPC' as const, ...toGroup('told'), TagSpecifications };
  const first = await ec2.send(new Ec2.CreateFlowLogsCommand({ ...call, ClientToken: 'again' }));
  const again = await ec2.send(new Ec2.CreateFlowLogsCommand({ ...call, ClientToken: 'again' }));
  assert.deepEqual(again.FlowLogIds, first.FlowLogIds);
  const Filter = [{ Name: 'resource-id', Values: [place.VpcId] }];
  const { FlowLogs } = await ec2.send(new Ec2.DescribeFlowLogsCommand({ Filter }));
  const { CreationTime, FlowLogId, ...shown } = FlowLogs![0]!;
  assert.ok(CreationTime instanceof Date);
  assert.deepEqual(shown, {
    ...{ ResourceId: place.VpcId, FlowLogStatus: 'ACTIVE', DeliverLogsStatus: 'SUCCESS', TrafficType: 'ALL', MaxAggregationInterval: 60 },
    ...{ LogGroupName: 'told', DeliverLogsPermissionArn: role, LogDestinationType: 'cloud-watch-logs' },
    LogDestination: `arn:aws:logs:us-east-1:${home}:log-group:told`,
    LogFormat:
      '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}',
    Tags: [{ Key: 'team', Value: 'net' }],
  });
  await refused(ec2.send(new Ec2.CreateFlowLogsCommand(call)), 'FlowLogAlreadyExists');
  await ec2.send(new Ec2.CreateFlowLogsCommand({ ...call, ...toGroup('second') }));
  await refused(ec2.send(new Ec2.CreateFlowLogsCommand({ ...call, ...toGroup('third') })), 'FlowLogsLimitExceeded');
  const both = [FlowLogId!, 'fl-00000000000000000'];
  await refused(ec2.send(new Ec2.DeleteFlowLogsCommand({ FlowLogIds: both })), 'InvalidFlowLogId.NotFound');
  assert.deepEqual((await ec2.send(new Ec2.DeleteFlowLogsCommand({ FlowLogIds: [FlowLogId!] }))).Unsuccessful, []);
  assert.equal((await ec2.send(new Ec2.DescribeFlowLogsCommand({ Filter }))).FlowLogs!.length, 1);
});

test('parameters that do not fit each other are refused, and callers who may not', async () => {
  const place = await makePlace();
  const call = { ResourceIds: [place.VpcId], ResourceType: 'VPC' as const, ...toGroup('never') };
  const wrong: [Partial<Ec2.CreateFlowLogsCommandInput>, string][] = [
    [{ TrafficType: undefined }, 'MissingParameter'],
    [{ MaxAggregationInterval: 61 }, 'InvalidParameter'],
    [{ LogFormat: '${version} ${nonsense}' }, 'InvalidParameter'],
    [{ LogFormat: 'version' }, 'InvalidParameter'],
    [{ LogFormat: '' }, 'InvalidParameter'],
    [{ DeliverLogsPermissionArn: undefined }, 'InvalidParameter'],
    [{ LogGroupName: undefined }, 'InvalidParameter'],
    [{ LogDestination: 'arn:aws:s3:::flow-files' }, 'InvalidParameter'],
    [{ LogDestinationType: 's3', LogGroupName: undefined, LogDestination: 'arn:aws:s3:::flow-files' }, 'InvalidParameter'],
    [{ ResourceIds: ['vpc-00000000000000000'] }, 'InvalidVpcID.NotFound'],
    [{ ResourceType: 'Subnet' }, 'InvalidSubnetID.Malformed'],
  ];
  for (const [changes, code] of wrong)
    await refused(ec2.send(new Ec2.CreateFlowLogsCommand({ ...call, ...changes } as Ec2.CreateFlowLogsCommandInput)), code);
  const reader = await userWith(cloud, 'reader', { Action: ['ec2:DescribeFlowLogs', 'ec2:CreateFlowLogs'] });
  // Without iam:PassRole.
  await refused(reader.send(new Ec2.CreateFlowLogsCommand(call)), 'UnauthorizedOperation');
  await refused(reader.send(new Ec2.DeleteFlowLogsCommand({ FlowLogIds: ['fl-00000000000000000'] })), 'UnauthorizedOperation');
  assert.ok((await reader.send(new Ec2.DescribeFlowLogsCommand({}))).FlowLogs!.length > 0);
});
