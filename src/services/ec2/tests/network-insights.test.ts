/** The Reachability Analyzer, through the SDK: it names what lets a packet through and what stops it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { refused } from '../../../../tests/refused.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import { ec2Of, home, startSimulated } from './cast.ts';

test('an analysis names the hops of a path, or what is in its way', async (t) => {
  const cloud = await startSimulated();
  t.after(() => cloud.close());
  const ec2 = ec2Of(cloud);
  const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc!.VpcId!;
  const { GroupId } = await ec2.send(new Ec2.CreateSecurityGroupCommand({ VpcId, GroupName: 'server', Description: 'server' }));
  const ids: string[] = [];
  for (const [at, CidrBlock] of ['10.0.1.0/24', '10.0.2.0/24'].entries()) {
    const { Subnet } = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock }));
    const made = await ec2.send(
      new Ec2.CreateNetworkInterfaceCommand({
        SubnetId: Subnet!.SubnetId!,
        ...(at === 1 && { Groups: [GroupId!] }),
      }),
    );
    ids.push(made.NetworkInterface!.NetworkInterfaceId!);
  }
  await cloud.cloud.store.write(async (tx) => {
    for (const id of ids) {
      const row = (await networkInterfaces.get(tx, home, 'us-east-1', id))!;
      const attachment = {
        id: `eni-attach-${id}`,
        owner: home,
        deviceIndex: 0,
        status: 'attached' as const,
        attachedAt: 0,
        deleteOnTermination: false,
      };
      await networkInterfaces.put(tx, { ...row, attachment });
    }
  });
  const [Source = '', Destination = ''] = ids;
  const input = {
    Source,
    Destination,
    Protocol: 'tcp' as const,
    DestinationPort: 80,
    ClientToken: 'once',
  };
  await refused(
    ec2.send(new Ec2.CreateNetworkInsightsPathCommand({ ...input, Source: 'eni-00000000000000000' })),
    'InvalidNetworkInterfaceID.NotFound',
  );
  const path = await ec2.send(new Ec2.CreateNetworkInsightsPathCommand(input));
  const NetworkInsightsPathId = path.NetworkInsightsPath!.NetworkInsightsPathId!;
  const analyse = async (): Promise<Ec2.NetworkInsightsAnalysis> =>
    (await ec2.send(new Ec2.StartNetworkInsightsAnalysisCommand({ NetworkInsightsPathId, ClientToken: 'once' }))).NetworkInsightsAnalysis!;

  const closed = await analyse();
  assert.equal(closed.NetworkPathFound, false);
  assert.deepEqual(
    closed.Explanations!.map((one) => [one.ExplanationCode, one.Component!.Id, one.Direction]),
    [['ENI_SG_RULES_MISMATCH', GroupId, 'ingress']],
  );
  await ec2.send(
    new Ec2.AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '10.0.0.0/16' }] }],
    }),
  );
  const open = await analyse();
  assert.equal(open.NetworkPathFound, true);
  assert.equal(open.ForwardPathComponents!.at(-1)!.Component!.Id, Destination);
  assert.equal(open.ReturnPathComponents!.at(-1)!.Component!.Id, Source);

  const paths = await ec2.send(
    new Ec2.DescribeNetworkInsightsPathsCommand({
      Filters: [{ Name: 'source', Values: [Source] }],
    }),
  );
  assert.deepEqual(
    paths.NetworkInsightsPaths!.map((one) => one.NetworkInsightsPathId),
    [NetworkInsightsPathId],
  );
  const { NetworkInsightsAnalyses } = await ec2.send(new Ec2.DescribeNetworkInsightsAnalysesCommand({ NetworkInsightsPathId }));
  assert.deepEqual(NetworkInsightsAnalyses!.map((one) => one.NetworkPathFound).sort(), [false, true]);
  await refused(ec2.send(new Ec2.DeleteNetworkInsightsPathCommand({ NetworkInsightsPathId })), 'AnalysisExistsForNetworkInsightsPath');
  for (const { NetworkInsightsAnalysisId: id } of NetworkInsightsAnalyses!)
    await ec2.send(new Ec2.DeleteNetworkInsightsAnalysisCommand({ NetworkInsightsAnalysisId: id! }));
  await ec2.send(new Ec2.DeleteNetworkInsightsPathCommand({ NetworkInsightsPathId }));
});
