/** Which instances Systems Manager reaches. */

import { invalidFilterKey, invalidNextToken, unsatisfied } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { runningInstances, type Node, type NodeFilter } from './nodes.ts';

/** AWS's own agent as of this release; there is none here. */
const agentVersion = '3.3.0.0';
const resultsMax = 50;
const filterKeys = ['InstanceIds', 'PingStatus', 'PlatformTypes', 'ResourceType', 'tag-key', 'tag:KEY'];

const shown = (node: Node, now: number) => ({
  ...{
    InstanceId: node.id,
    PingStatus: 'Online' as const,
    LastPingDateTime: new Date(now),
    AgentVersion: agentVersion,
    IsLatestVersion: true,
  },
  ...{ PlatformType: 'Linux' as const, PlatformName: 'Linux', PlatformVersion: '', ResourceType: 'EC2Instance' as const },
  ...{ IPAddress: node.address, ComputerName: node.name, SourceId: node.id, SourceType: 'AWS::EC2::Instance' as const },
});

export const DescribeInstanceInformation: Operation<'DescribeInstanceInformation'> = async (request, input) => {
  const { MaxResults: limit = resultsMax, NextToken: token } = input;
  if (limit < 5 || limit > resultsMax) throw unsatisfied(String(limit), 'maxResults', `Member must have value between 5 and ${resultsMax}`);
  const given = [
    ...(input.Filters ?? []).map(({ Key = '', Values = [] }) => ({ key: Key, values: Values })),
    ...(input.InstanceInformationFilterList ?? []).map(({ key = '' as string, valueSet = [] }) => ({
      key: key as string,
      values: valueSet,
    })),
  ];
  const filters: NodeFilter[] = [];
  let none = false;
  for (const { key, values } of given) {
    if (key === 'InstanceIds') filters.push({ Name: 'instance-id', Values: values });
    else if (key.startsWith('tag:') || key === 'tag-key') filters.push({ Name: key, Values: values });
    else if (key === 'PingStatus') none ||= !values.includes('Online');
    else if (key === 'PlatformTypes') none ||= !values.includes('Linux');
    else if (key === 'ResourceType') none ||= !values.includes('EC2Instance');
    else throw invalidFilterKey(key, filterKeys);
  }
  if (token !== undefined && !/^i-[0-9a-f]{8,17}$/.test(token)) throw invalidNextToken();
  const nodes = none ? [] : (await runningInstances(request, filters)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const rest = nodes.filter(({ id }) => token === undefined || id > token);
  const page = rest.slice(0, limit);
  return {
    InstanceInformationList: page.map((node) => shown(node, request.now)),
    ...(rest.length > limit && { NextToken: page.at(-1)!.id }),
  };
};

export const GetConnectionStatus: Operation<'GetConnectionStatus'> = async (request, input) => {
  const nodes = await runningInstances(request, [{ Name: 'instance-id', Values: [input.Target] }]);
  return { Target: input.Target, Status: nodes.length > 0 ? 'connected' : 'notconnected' };
};
