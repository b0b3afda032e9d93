/** One subnet: its facts, and the routes that its packets follow. */

import { DescribeRouteTablesCommand, DescribeSubnetsCommand, type RouteTable, type Subnet as SubnetFacts } from '@aws-sdk/client-ec2';
import { useText } from '../language/catalogue.ts';
import { Copyable } from '../resource/detail-page.tsx';
import { messages as shared } from '../resource/messages.ts';
import { useAnswer } from '../resource/use-answer.ts';
import type { Params } from '../shell/services.ts';
import { ec2 } from './client.ts';
import { IdLink } from './id-link.tsx';
import { messages as ec2Messages } from './messages.ts';
import { messages } from './messages-network.ts';
import { ResourcePage } from './resource-page.tsx';
import { isMain } from './route-tables.tsx';
import { Routes } from './routes.tsx';
import { deletionOf } from './subnets.tsx';

/** A subnet without a table of its own follows the main one of its VPC. */
async function loadSubnet(id: string): Promise<{ subnet: SubnetFacts; table: RouteTable | undefined; main: boolean }> {
  const subnet = (await ec2().send(new DescribeSubnetsCommand({ SubnetIds: [id] }))).Subnets![0]!;
  const Filters = [{ Name: 'vpc-id', Values: [subnet.VpcId!] }];
  const { RouteTables = [] } = await ec2().send(new DescribeRouteTablesCommand({ Filters }));
  const own = RouteTables.find(({ Associations = [] }) => Associations.some(({ SubnetId }) => SubnetId === id));
  return { subnet, table: own ?? RouteTables.find(isMain), main: own === undefined };
}

export function Subnet({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const answer = useAnswer(() => loadSubnet(id), [id], 'ec2');
  const { subnet, table, main } = answer.value ?? {};
  return (
    <ResourcePage
      id={id}
      resource={subnet}
      answer={answer}
      facts={[
        { label: e.id, value: <Copyable text={id} /> },
        { label: e.state, value: subnet?.State },
        { label: e.vpc, value: <IdLink kind="vpcs" id={subnet?.VpcId} /> },
        { label: e.zone, value: subnet?.AvailabilityZone },
        { label: t.cidr, value: subnet?.CidrBlock },
        { label: t.free, value: subnet?.AvailableIpAddressCount },
        { label: t.publicAddresses, value: subnet?.MapPublicIpOnLaunch ? s.yes : s.no },
        { label: t.isDefault, value: subnet?.DefaultForAz ? s.yes : s.no },
        {
          label: t.followed,
          value: (
            <>
              <IdLink kind="route-tables" id={table?.RouteTableId} /> {main && `(${t.main})`}
            </>
          ),
        },
      ]}
      tabs={[{ id: 'routes', label: t.routes, content: table ? <Routes table={table} onChange={answer.reload} readOnly /> : null }]}
      remove={{ list: 'subnets', actionOf: deletionOf, warning: t.deleteSubnetWarning }}
    />
  );
}
