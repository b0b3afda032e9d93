/** One subnet: its facts, settings and blocks, and the routes that its packets follow. */

import {
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  ModifySubnetAttributeCommand,
  type HostnameType,
  type ModifySubnetAttributeCommandInput,
  type RouteTable,
  type Subnet as SubnetFacts,
} from '@aws-sdk/client-ec2';
import type { Action } from '../from-shell/action.ts';
import { useText } from '../language/catalogue.ts';
import { Copyable } from '../resource/detail-page.tsx';
import { messages as shared } from '../resource/messages.ts';
import { read, type Field, type Values } from '../resource/fields.ts';
import { useAnswer } from '../resource/use-answer.ts';
import type { Params } from '../shell/services.ts';
import { AskButton } from './ask-button.tsx';
import { SubnetBlocks, blocks6Of } from './blocks.tsx';
import { ec2 } from './client.ts';
import { IdLink } from './id-link.tsx';
import { messages as ec2Messages } from './messages.ts';
import { messages as addressing } from './messages-addressing.ts';
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

type Texts = (typeof addressing)['en'];

const settingsFields = (t: Texts, subnet: SubnetFacts): Field[] => [
  { name: 'public', kind: 'toggle', label: t.publicAddresses, initial: subnet.MapPublicIpOnLaunch ?? false },
  ...(blocks6Of(subnet).length > 0
    ? [{ name: 'ipv6', kind: 'toggle' as const, label: t.ipv6Addresses, initial: subnet.AssignIpv6AddressOnCreation ?? false }]
    : []),
  {
    ...{ name: 'hostname', kind: 'select', label: t.hostnameType, required: true },
    initial: subnet.PrivateDnsNameOptionsOnLaunch?.HostnameType ?? 'ip-name',
    options: [
      { value: 'ip-name', label: t.byAddress },
      { value: 'resource-name', label: t.byId },
    ],
  },
  {
    ...{ name: 'resource', kind: 'toggle', label: t.resourceName },
    initial: subnet.PrivateDnsNameOptionsOnLaunch?.EnableResourceNameDnsARecord ?? false,
  },
];

/** EC2 takes one attribute a call. */
function settingsActions(subnet: SubnetFacts, values: Values): Action[] {
  const { SubnetId, PrivateDnsNameOptionsOnLaunch: names = {} } = subnet;
  const change = (changed: boolean, input: Omit<ModifySubnetAttributeCommandInput, 'SubnetId'>): Action[] =>
    changed
      ? [{ service: 'ec2', operation: 'ModifySubnetAttribute', command: new ModifySubnetAttributeCommand({ SubnetId, ...input }) }]
      : [];
  const [mapped, ipv6, named] = [read.flag(values, 'public'), read.flag(values, 'ipv6'), read.flag(values, 'resource')];
  const hostname = read.text(values, 'hostname') as HostnameType;
  return [
    ...change(mapped !== (subnet.MapPublicIpOnLaunch ?? false), { MapPublicIpOnLaunch: { Value: mapped } }),
    ...change('ipv6' in values && ipv6 !== (subnet.AssignIpv6AddressOnCreation ?? false), { AssignIpv6AddressOnCreation: { Value: ipv6 } }),
    ...change(hostname !== (names.HostnameType ?? 'ip-name'), { PrivateDnsHostnameTypeOnLaunch: hostname }),
    ...change(named !== (names.EnableResourceNameDnsARecord ?? false), { EnableResourceNameDnsARecordOnLaunch: { Value: named } }),
  ];
}

export function Subnet({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const a = useText(addressing);
  const answer = useAnswer(() => loadSubnet(id), [id], 'ec2');
  const { subnet, table, main } = answer.value ?? {};
  return (
    <ResourcePage
      id={id}
      resource={subnet}
      answer={answer}
      actions={
        subnet && (
          <AskButton
            id={id}
            text={a.settings}
            description={a.settingsText}
            fields={() => settingsFields(a, subnet)}
            actionsOf={(values) => settingsActions(subnet, values)}
            onDone={answer.reload}
          />
        )
      }
      facts={[
        { label: e.id, value: <Copyable text={id} /> },
        { label: e.state, value: subnet?.State },
        { label: e.vpc, value: <IdLink kind="vpcs" id={subnet?.VpcId} /> },
        { label: e.zone, value: subnet?.AvailabilityZone },
        { label: t.cidr, value: subnet?.CidrBlock },
        { label: t.cidr6, value: (subnet && blocks6Of(subnet).join(', ')) || '–' },
        { label: t.free, value: subnet?.AvailableIpAddressCount },
        { label: t.publicAddresses, value: subnet?.MapPublicIpOnLaunch ? s.yes : s.no },
        { label: t.ipv6Addresses, value: subnet?.AssignIpv6AddressOnCreation ? s.yes : s.no },
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
        { id: 'blocks', label: a.blocks, content: subnet ? <SubnetBlocks subnet={subnet} onChange={answer.reload} /> : null },
      ]}
      remove={{ list: 'subnets', actionOf: deletionOf, warning: t.deleteSubnetWarning }}
    />
  );
}
