/** Managed nodes: the running instances of the account, which need no agent and no role here. */

import { rootUser } from '../../../framework/principal.ts';
import type { ServiceRequest } from '../../../framework/request.ts';

export type Node = { id: string; address: string; name: string; launchedAt: number; profile?: string };
export type NodeFilter = { Name: string; Values: string[] };

/** Asked as the account itself. Those that are not there, or do not run, are left out. */
export async function runningInstances(request: ServiceRequest, filters: readonly NodeFilter[]): Promise<Node[]> {
  const { account, region } = request;
  const aws = request.awsAs(rootUser(account), { account, region, quiet: true });
  const nodes: Node[] = [];
  for (let NextToken: string | undefined, more = true; more; more = NextToken !== undefined) {
    const Filters = [...filters, { Name: 'instance-state-name', Values: ['running'] }];
    const found = await aws.ec2('DescribeInstances', { Filters, ...(NextToken !== undefined && { NextToken }) });
    for (const one of (found.Reservations ?? []).flatMap(({ Instances = [] }) => Instances))
      nodes.push({
        ...{
          id: one.InstanceId!,
          address: one.PrivateIpAddress ?? '',
          name: one.PrivateDnsName ?? '',
          launchedAt: one.LaunchTime!.getTime(),
        },
        ...(one.IamInstanceProfile?.Arn !== undefined && { profile: one.IamInstanceProfile.Arn }),
      });
    NextToken = found.NextToken;
  }
  return nodes;
}
