/** One VPC: its facts, its subnets, its route tables. */

import { DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { useText } from '../language/catalogue.ts';
import { Copyable } from '../resource/detail-page.tsx';
import { messages as shared } from '../resource/messages.ts';
import { useAnswer } from '../resource/use-answer.ts';
import type { Params } from '../shell/services.ts';
import { ec2 } from './client.ts';
import { messages as ec2Messages } from './messages.ts';
import { messages as map } from './messages-map.ts';
import { messages } from './messages-network.ts';
import { ResourcePage } from './resource-page.tsx';
import { RouteTableList } from './route-tables.tsx';
import { SubnetList } from './subnets.tsx';
import { VpcMap } from './vpc-map.tsx';
import { deletionOf } from './vpcs.tsx';

export function Vpc({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const m = useText(map);
  const answer = useAnswer(async () => (await ec2().send(new DescribeVpcsCommand({ VpcIds: [id] }))).Vpcs![0]!, [id], 'ec2');
  const vpc = answer.value;
  const blocks = (vpc?.CidrBlockAssociationSet ?? []).map(({ CidrBlock }) => CidrBlock).join(', ');
  return (
    <ResourcePage
      id={id}
      resource={vpc}
      answer={answer}
      facts={[
        { label: e.id, value: <Copyable text={id} /> },
        { label: e.state, value: vpc?.State },
        { label: t.blocks, value: blocks || vpc?.CidrBlock },
        { label: t.isDefault, value: vpc?.IsDefault ? s.yes : s.no },
        { label: t.tenancy, value: vpc?.InstanceTenancy },
        { label: t.dhcp, value: vpc?.DhcpOptionsId },
      ]}
      tabs={[
        { id: 'subnets', label: t.subnets, content: <SubnetList vpc={id} /> },
        { id: 'map', label: m.map, content: <VpcMap vpc={id} /> },
        { id: 'route-tables', label: t.routeTables, content: <RouteTableList vpc={id} /> },
      ]}
      remove={{ list: 'vpcs', actionOf: deletionOf, warning: t.deleteVpcWarning }}
    />
  );
}
