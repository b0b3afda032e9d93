/** One route table: its routes, and the subnets that follow it. */

import Button from '@cloudscape-design/components/button';
import {
  AssociateRouteTableCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DisassociateRouteTableCommand,
  type RouteTableAssociation,
  type RouteTable as RouteTableFacts,
} from '@aws-sdk/client-ec2';
import { useState } from 'react';
import type { Action } from '../from-shell/action.ts';
import { useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { Copyable } from '../resource/detail-page.tsx';
import { read } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { atHand, ResourceTable } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import type { Params } from '../shell/services.ts';
import { ec2, titled } from './client.ts';
import { IdLink } from './id-link.tsx';
import { messages as ec2Messages } from './messages.ts';
import { messages } from './messages-network.ts';
import { ResourcePage } from './resource-page.tsx';
import { deletionOf, isMain } from './route-tables.tsx';
import { Routes } from './routes.tsx';

export function RouteTable({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const answer = useAnswer(
    async () => (await ec2().send(new DescribeRouteTablesCommand({ RouteTableIds: [id] }))).RouteTables![0]!,
    [id],
    'ec2',
  );
  const table = answer.value;
  return (
    <ResourcePage
      id={id}
      resource={table}
      answer={answer}
      facts={[
        { label: e.id, value: <Copyable text={id} /> },
        { label: e.vpc, value: <IdLink kind="vpcs" id={table?.VpcId} /> },
        { label: t.main, value: table && isMain(table) ? s.yes : s.no },
      ]}
      tabs={[
        { id: 'routes', label: t.routes, content: table ? <Routes table={table} onChange={answer.reload} /> : null },
        {
          id: 'associations',
          label: t.associations,
          content: table ? <Associations table={table} onChange={answer.reload} /> : null,
        },
      ]}
      remove={{ list: 'route-tables', actionOf: deletionOf, warning: t.deleteRouteTableWarning, disabled: !table || isMain(table) }}
    />
  );
}

function disassociation(AssociationId: string): Action & { command: DisassociateRouteTableCommand } {
  return { service: 'ec2', operation: 'DisassociateRouteTable', command: new DisassociateRouteTableCommand({ AssociationId }) };
}

type TableProps = { table: RouteTableFacts; onChange(): void };

function Associations({ table, onChange }: TableProps) {
  const t = useText(messages);
  const [adding, setAdding] = useState(false);
  // That of the main table is with the VPC, and cannot be taken away.
  const associations = (table.Associations ?? []).filter(({ SubnetId }) => SubnetId !== undefined);
  const add = (): void => setAdding(true);
  return (
    <>
      <ResourceTable<RouteTableAssociation>
        {...atHand(associations)}
        id="ec2-route-table-associations"
        title={t.associations}
        keyOf={({ RouteTableAssociationId }) => RouteTableAssociationId!}
        columns={[
          {
            id: 'subnet',
            header: t.subnet,
            cell: ({ SubnetId }) => <IdLink kind="subnets" id={SubnetId} />,
            text: ({ SubnetId }) => SubnetId ?? '',
          },
          { id: 'id', header: t.association, width: 260, cell: ({ RouteTableAssociationId }) => RouteTableAssociationId },
        ]}
        empty={{ title: t.associationsEmpty, text: t.associationsEmptyText, action: <Button onClick={add}>{t.associate}</Button> }}
        create={{ text: t.associate, onClick: add }}
        remove={{
          nameOf: ({ RouteTableAssociationId }) => RouteTableAssociationId!,
          actionsOf: ({ RouteTableAssociationId }) => [disassociation(RouteTableAssociationId!)],
          send: (command) => ec2().send(command),
          onRemoved: onChange,
          warning: t.disassociateWarning,
        }}
      />
      {adding && (
        <Associate
          table={table}
          onCancel={() => setAdding(false)}
          onChange={() => {
            setAdding(false);
            onChange();
          }}
        />
      )}
    </>
  );
}

function Associate({ table, onChange, onCancel }: TableProps & { onCancel(): void }) {
  const t = useText(messages);
  const s = useText(shared);
  const { value } = useAnswer(async () => {
    const Filters = [{ Name: 'vpc-id', Values: [table.VpcId!] }];
    return (await ec2().send(new DescribeSubnetsCommand({ Filters }))).Subnets ?? [];
  }, [table.VpcId]);
  if (!value) return null;
  const options = value.map((subnet) => ({
    value: subnet.SubnetId!,
    label: titled(subnet.SubnetId!, subnet, `${subnet.AvailabilityZone} · ${subnet.CidrBlock}`),
  }));
  return (
    <ActionForm
      modal
      title={t.associate}
      submit={t.associate}
      fields={[{ name: 'subnet', kind: 'select', label: t.subnet, required: true, options }]}
      actionsOf={(values) => {
        const [RouteTableId, SubnetId] = [table.RouteTableId, read.text(values, 'subnet')];
        return [
          {
            service: 'ec2',
            operation: 'AssociateRouteTable',
            command: new AssociateRouteTableCommand({ RouteTableId, SubnetId }),
            terraform: [{ type: 'aws_route_table_association', name: 'this', body: { route_table_id: RouteTableId, subnet_id: SubnetId } }],
          },
        ];
      }}
      send={(command) => ec2().send(command)}
      onCancel={onCancel}
      onDone={() => {
        notify({ type: 'success', content: s.saved });
        onChange();
      }}
    />
  );
}
