/** One subnet: its facts, and the routes that its packets follow. */

import Button from '@cloudscape-design/components/button';
import { DescribeRouteTablesCommand, DescribeSubnetsCommand, type RouteTable, type Subnet as SubnetFacts } from '@aws-sdk/client-ec2';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { ConfirmDelete } from '../resource/confirm.tsx';
import { Copyable, DetailPage } from '../resource/detail-page.tsx';
import { messages as shared } from '../resource/messages.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { goTo, hrefOf } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { ec2, nameOf } from './client.ts';
import { IdLink } from './id-link.tsx';
import { messages as ec2Messages } from './messages.ts';
import { messages } from './messages-network.ts';
import { ResourceTags } from './resource-tags.tsx';
import { Routes } from './routes.tsx';
import { deletionOf } from './subnets.tsx';

/** A subnet without a table of its own follows the main one of its VPC. */
async function loadSubnet(id: string): Promise<{ subnet: SubnetFacts; table: RouteTable | undefined; main: boolean }> {
  const subnet = (await ec2().send(new DescribeSubnetsCommand({ SubnetIds: [id] }))).Subnets![0]!;
  const Filters = [{ Name: 'vpc-id', Values: [subnet.VpcId!] }];
  const { RouteTables = [] } = await ec2().send(new DescribeRouteTablesCommand({ Filters }));
  const own = RouteTables.find(({ Associations = [] }) => Associations.some(({ SubnetId }) => SubnetId === id));
  const main = RouteTables.find(({ Associations = [] }) => Associations.some(({ Main }) => Main));
  return { subnet, table: own ?? main, main: own === undefined };
}

export function Subnet({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const answer = useAnswer(() => loadSubnet(id), [id], 'ec2');
  const [deleting, setDeleting] = useState(false);
  const { subnet, table, main } = answer.value ?? {};
  const name = subnet && nameOf(subnet);
  return (
    <>
      <DetailPage
        name={name ? `${id} (${name})` : id}
        answer={answer}
        actions={<Button onClick={() => setDeleting(true)}>{s.delete}</Button>}
        facts={[
          { label: e.id, value: <Copyable text={id} /> },
          { label: e.state, value: subnet?.State },
          { label: e.vpc, value: <IdLink kind="vpcs" id={subnet?.VpcId} /> },
          { label: t.zone, value: subnet?.AvailabilityZone },
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
        tabs={[
          { id: 'routes', label: t.routes, content: table ? <Routes table={table} onChange={answer.reload} readOnly /> : null },
          { id: 'tags', label: s.tags, content: <ResourceTags id={id} /> },
        ]}
      />
      {deleting && (
        <ConfirmDelete
          items={[id]}
          nameOf={String}
          remove={() => ec2().send(deletionOf(id).command)}
          actionOf={deletionOf}
          warning={t.deleteSubnetWarning}
          onCancel={() => setDeleting(false)}
          onDone={() => goTo(hrefOf(['ec2', 'subnets']))}
        />
      )}
    </>
  );
}
