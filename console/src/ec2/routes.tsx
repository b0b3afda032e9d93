/** The routes of a table: listed, added, deleted. */

import Button from '@cloudscape-design/components/button';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { CreateRouteCommand, DeleteRouteCommand, type CreateRouteCommandInput, type Route, type RouteTable } from '@aws-sdk/client-ec2';
import { useState } from 'react';
import type { Action } from '../from-shell/action.ts';
import { useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { atHand, ResourceTable } from '../resource/resource-table.tsx';
import { notify } from '../shell/notices.ts';
import { ec2 } from './client.ts';
import { messages as ec2Messages } from './messages.ts';
import { messages } from './messages-network.ts';
import { anyBlockCheck, blockMember, isBlock6 } from './network-fields.ts';

/** What an id's beginning says of it: the member of the call, and Terraform's. */
const targets = [
  ['eigw-', 'EgressOnlyInternetGatewayId', 'egress_only_gateway_id'],
  ['igw-', 'GatewayId', 'gateway_id'],
  ['nat-', 'NatGatewayId', 'nat_gateway_id'],
  ['eni-', 'NetworkInterfaceId', 'network_interface_id'],
  ['pcx-', 'VpcPeeringConnectionId', 'vpc_peering_connection_id'],
  ['i-', 'InstanceId', undefined],
] as const;

const targetOf = (id: string) => targets.find(([beginning]) => id.startsWith(beginning));

const destinationOf = (route: Route): string =>
  route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId ?? '';

function goesTo(route: Route): string {
  return (
    route.GatewayId ??
    route.NatGatewayId ??
    route.VpcPeeringConnectionId ??
    route.EgressOnlyInternetGatewayId ??
    route.InstanceId ??
    route.NetworkInterfaceId ??
    '–'
  );
}

function deletionOf(table: string, route: Route): Action & { command: DeleteRouteCommand } {
  const command = new DeleteRouteCommand({
    RouteTableId: table,
    ...(route.DestinationCidrBlock && { DestinationCidrBlock: route.DestinationCidrBlock }),
    ...(route.DestinationIpv6CidrBlock && { DestinationIpv6CidrBlock: route.DestinationIpv6CidrBlock }),
    ...(route.DestinationPrefixListId && { DestinationPrefixListId: route.DestinationPrefixListId }),
  });
  return { service: 'ec2', operation: 'DeleteRoute', command };
}

/** `readOnly`: shown elsewhere than on the table's own page. */
export function Routes({ table, onChange, readOnly }: { table: RouteTable; onChange(): void; readOnly?: boolean }) {
  const t = useText(messages);
  const e = useText(ec2Messages);
  const [adding, setAdding] = useState(false);
  const id = table.RouteTableId!;
  const add = (): void => setAdding(true);
  return (
    <>
      <ResourceTable<Route>
        {...atHand(table.Routes ?? [])}
        id="ec2-routes"
        title={t.routes}
        keyOf={destinationOf}
        columns={[
          { id: 'destination', header: t.destination, cell: destinationOf },
          { id: 'target', header: t.target, width: 260, cell: goesTo },
          {
            id: 'state',
            header: e.state,
            cell: ({ State }) => <StatusIndicator type={State === 'active' ? 'success' : 'error'}>{State}</StatusIndicator>,
            text: ({ State }) => State ?? '',
          },
          { id: 'origin', header: t.origin, cell: ({ Origin }) => Origin },
        ]}
        empty={{ title: t.routesEmpty, text: t.routesEmptyText, ...(!readOnly && { action: <Button onClick={add}>{t.addRoute}</Button> }) }}
        {...(!readOnly && {
          create: { text: t.addRoute, onClick: add },
          remove: {
            nameOf: destinationOf,
            actionsOf: (route: Route) => [deletionOf(id, route)],
            send: (command: never) => ec2().send(command),
            onRemoved: onChange,
          },
        })}
      />
      {adding && (
        <AddRoute
          table={id}
          onCancel={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            onChange();
          }}
        />
      )}
    </>
  );
}

function AddRoute({ table, onCancel, onDone }: { table: string; onCancel(): void; onDone(): void }) {
  const t = useText(messages);
  const s = useText(shared);
  return (
    <ActionForm
      modal
      title={t.addRoute}
      submit={t.addRoute}
      fields={[
        {
          name: 'destination',
          kind: 'text',
          label: t.destination,
          description: t.destinationHint,
          required: true,
          initial: '0.0.0.0/0',
          check: anyBlockCheck(t),
        },
        {
          name: 'target',
          kind: 'text',
          label: t.target,
          description: t.targetHint,
          required: true,
          check: (value) => (targetOf(value) ? undefined : t.targetFault),
        },
      ]}
      actionsOf={(values) => {
        const [destination = '', id = ''] = [read.text(values, 'destination'), read.text(values, 'target')];
        const [, member = 'GatewayId', attribute] = targetOf(id) ?? [];
        const input: CreateRouteCommandInput = { RouteTableId: table, ...blockMember('Destination', destination), [member]: id };
        const block = isBlock6(destination) ? 'destination_ipv6_cidr_block' : 'destination_cidr_block';
        const body = attribute && { route_table_id: table, [block]: destination, [attribute]: id };
        return [
          {
            service: 'ec2',
            operation: 'CreateRoute',
            command: new CreateRouteCommand(input),
            ...(body && { terraform: [{ type: 'aws_route', name: 'this', body }] }),
          },
        ];
      }}
      send={(command) => ec2().send(command)}
      onCancel={onCancel}
      onDone={() => {
        notify({ type: 'success', content: s.saved });
        onDone();
      }}
    />
  );
}
