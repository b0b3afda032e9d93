/** Route tables: all of a region or those of one VPC, and the form that makes one. */

import Button from '@cloudscape-design/components/button';
import {
  CreateRouteTableCommand,
  DeleteRouteTableCommand,
  DescribeRouteTablesCommand,
  DescribeVpcsCommand,
  type CreateRouteTableCommandOutput,
  type RouteTable,
} from '@aws-sdk/client-ec2';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { DetailPage } from '../resource/detail-page.tsx';
import { read } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { goTo, hrefOf, usePlace } from '../shell/places.ts';
import { ec2, nameOf, tagged, terraformTags } from './client.ts';
import { IdLink } from './id-link.tsx';
import { messages as ec2Messages } from './messages.ts';
import { messages } from './messages-network.ts';
import { vpcField } from './network-fields.ts';

export function deletionOf(RouteTableId: string): Action & { command: DeleteRouteTableCommand } {
  return { service: 'ec2', operation: 'DeleteRouteTable', command: new DeleteRouteTableCommand({ RouteTableId }) };
}

export const isMain = ({ Associations = [] }: RouteTable): boolean => Associations.some(({ Main }) => Main);

export const RouteTables = () => <RouteTableList />;

export function RouteTableList({ vpc }: { vpc?: string }) {
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const create = (): void => goTo(hrefOf(['ec2', 'create-route-table'], { vpc }));
  return (
    <ResourceTable<RouteTable>
      id="ec2-route-tables"
      title={t.routeTables}
      live="ec2"
      {...(vpc !== undefined && { variant: 'embedded' as const })}
      load={async (after) => {
        const { RouteTables: items = [], NextToken } = await ec2().send(
          new DescribeRouteTablesCommand({
            MaxResults: 100,
            ...(vpc !== undefined && { Filters: [{ Name: 'vpc-id', Values: [vpc] }] }),
            ...(after && { NextToken: after }),
          }),
        );
        return { items, next: NextToken };
      }}
      keyOf={({ RouteTableId }) => RouteTableId!}
      columns={[
        {
          id: 'id',
          header: e.id,
          width: 230,
          cell: ({ RouteTableId }) => <IdLink kind="route-tables" id={RouteTableId} />,
          text: ({ RouteTableId }) => RouteTableId!,
        },
        { id: 'name', header: e.name, cell: nameOf },
        { id: 'main', header: t.main, width: 100, cell: (table) => (isMain(table) ? s.yes : s.no) },
        { id: 'routes', header: t.routes, width: 110, cell: ({ Routes }) => Routes?.length ?? 0 },
        {
          id: 'subnets',
          header: t.associations,
          cell: ({ Associations = [] }) => Associations.flatMap(({ SubnetId }) => SubnetId ?? []).join(', ') || '–',
        },
        { id: 'vpc', header: e.vpc, width: 220, cell: ({ VpcId }) => <IdLink kind="vpcs" id={VpcId} />, text: ({ VpcId }) => VpcId! },
      ]}
      empty={{ title: t.routeTablesEmpty, text: t.routeTablesEmptyText, action: <Button onClick={create}>{t.createRouteTable}</Button> }}
      create={{ text: t.createRouteTable, onClick: create }}
      remove={{
        nameOf: ({ RouteTableId }) => RouteTableId!,
        actionsOf: ({ RouteTableId }) => [deletionOf(RouteTableId!)],
        send: (command) => ec2().send(command),
        warning: t.deleteRouteTableWarning,
      }}
    />
  );
}

export function CreateRouteTable() {
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const asked = usePlace().query.get('vpc');
  const answer = useAnswer(async () => (await ec2().send(new DescribeVpcsCommand({}))).Vpcs ?? [], []);
  if (!answer.value) return <DetailPage name={t.createRouteTable} answer={answer} />;
  return (
    <ActionForm
      title={t.createRouteTable}
      description={t.createRouteTableText}
      submit={t.createRouteTable}
      fields={[{ name: 'name', kind: 'text', label: e.name }, vpcField(e.vpc, answer.value, asked)]}
      actionsOf={(values) => {
        const [name, VpcId] = [read.text(values, 'name'), read.text(values, 'vpc')];
        const body = { vpc_id: VpcId, tags: terraformTags(name) };
        return [
          {
            service: 'ec2',
            operation: 'CreateRouteTable',
            command: new CreateRouteTableCommand({ VpcId, ...tagged('route-table', name) }),
            terraform: [{ type: 'aws_route_table', name: name ?? 'this', body }],
          },
        ];
      }}
      send={(command) => ec2().send(command)}
      onCancel={() => goTo(hrefOf(['ec2', 'route-tables']))}
      onDone={([output]) => {
        const id = (output as CreateRouteTableCommandOutput).RouteTable!.RouteTableId!;
        notify({ type: 'success', content: fill(s.created, { name: id }) });
        goTo(hrefOf(['ec2', 'route-tables', id]));
      }}
    />
  );
}
