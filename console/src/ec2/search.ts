/** Instances, volumes, networks and what belongs to them, for the search over everything. */

import {
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  type Tag,
} from '@aws-sdk/client-ec2';
import { paged, type Finder, type Found } from '../shell/finder.ts';
import { ec2, nameOf } from './client.ts';
import type { Kind } from './id-link.tsx';

type Paging = { MaxResults: number; NextToken?: string };
type Answered = { NextToken?: string | undefined };

function finder<Output extends Answered>(
  kind: Kind,
  [en, ko]: readonly [string, string],
  ask: (paging: Paging, options: { abortSignal: AbortSignal }) => Promise<Output>,
  read: (output: Output) => readonly { id: string | undefined; Tags?: Tag[] | undefined; name?: string | undefined }[],
): Finder {
  return {
    id: `ec2-${kind}`,
    kind: { en, ko },
    pages: (abortSignal) =>
      paged(
        (NextToken) => ask({ MaxResults: 200, ...(NextToken && { NextToken }) }, { abortSignal }),
        (output) => output.NextToken,
        (output) =>
          read(output).map(({ id, Tags, name }): Found => ({
            id: id!,
            name: name ?? nameOf({ Tags }),
            tags: Tags,
            to: ['ec2', kind, id!],
          })),
      ),
  };
}

const send: ReturnType<typeof ec2>['send'] = ((command: never, options: never) => ec2().send(command, options)) as never;

export const finders: readonly Finder[] = [
  finder(
    'instances',
    ['Instances', '인스턴스'],
    (paging, options) => send(new DescribeInstancesCommand(paging), options),
    ({ Reservations = [] }) => Reservations.flatMap(({ Instances = [] }) => Instances).map(({ InstanceId: id, Tags }) => ({ id, Tags })),
  ),
  finder(
    'volumes',
    ['Volumes', '볼륨'],
    (paging, options) => send(new DescribeVolumesCommand(paging), options),
    ({ Volumes = [] }) => Volumes.map(({ VolumeId: id, Tags }) => ({ id, Tags })),
  ),
  finder(
    'snapshots',
    ['Snapshots', '스냅샷'],
    (paging, options) => send(new DescribeSnapshotsCommand({ ...paging, OwnerIds: ['self'] }), options),
    ({ Snapshots = [] }) => Snapshots.map(({ SnapshotId: id, Tags }) => ({ id, Tags })),
  ),
  finder(
    'security-groups',
    ['Security groups', '보안 그룹'],
    (paging, options) => send(new DescribeSecurityGroupsCommand(paging), options),
    ({ SecurityGroups = [] }) => SecurityGroups.map(({ GroupId: id, GroupName: name, Tags }) => ({ id, name, Tags })),
  ),
  finder(
    'vpcs',
    ['VPCs', 'VPC'],
    (paging, options) => send(new DescribeVpcsCommand(paging), options),
    ({ Vpcs = [] }) => Vpcs.map(({ VpcId: id, Tags }) => ({ id, Tags })),
  ),
  finder(
    'subnets',
    ['Subnets', '서브넷'],
    (paging, options) => send(new DescribeSubnetsCommand(paging), options),
    ({ Subnets = [] }) => Subnets.map(({ SubnetId: id, Tags }) => ({ id, Tags })),
  ),
  finder(
    'route-tables',
    ['Route tables', '라우팅 테이블'],
    (paging, options) => send(new DescribeRouteTablesCommand({ ...paging, MaxResults: 100 }), options),
    ({ RouteTables = [] }) => RouteTables.map(({ RouteTableId: id, Tags }) => ({ id, Tags })),
  ),
  {
    id: 'ec2-key-pairs',
    kind: { en: 'Key pairs', ko: '키 페어' },
    pages: (abortSignal) =>
      paged(
        () => ec2().send(new DescribeKeyPairsCommand({}), { abortSignal }),
        () => undefined,
        ({ KeyPairs = [] }) =>
          KeyPairs.map(({ KeyPairId, KeyName, Tags }) => ({ id: KeyPairId!, name: KeyName, tags: Tags, to: ['ec2', 'key-pairs'] })),
      ),
  },
];
