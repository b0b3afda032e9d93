/** One VPC: its facts and settings, the picture of it, its blocks, its subnets, its route tables. */

import {
  AssociateDhcpOptionsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  ModifyVpcAttributeCommand,
  type Vpc as VpcFacts,
} from '@aws-sdk/client-ec2';
import type { Action } from '../from-shell/action.ts';
import { useText } from '../language/catalogue.ts';
import { Copyable } from '../resource/detail-page.tsx';
import { messages as shared } from '../resource/messages.ts';
import { read, type Field, type Values } from '../resource/fields.ts';
import { useAnswer } from '../resource/use-answer.ts';
import type { Params } from '../shell/services.ts';
import { AskButton } from './ask-button.tsx';
import { VpcBlocks, blocks6Of } from './blocks.tsx';
import { ec2 } from './client.ts';
import { dhcpChoices } from './dhcp-options.tsx';
import { IdLink } from './id-link.tsx';
import { messages as addressing } from './messages-addressing.ts';
import { messages as ec2Messages } from './messages.ts';
import { messages as map } from './messages-map.ts';
import { messages } from './messages-network.ts';
import { ResourcePage } from './resource-page.tsx';
import { RouteTableList } from './route-tables.tsx';
import { SubnetList } from './subnets.tsx';
import { VpcMap } from './vpc-map.tsx';
import { deletionOf } from './vpcs.tsx';

/** What EC2 tells of a VPC by calls of their own. */
type Names = { support: boolean; hostnames: boolean };

async function loadNames(VpcId: string): Promise<Names> {
  const [support, hostnames] = await Promise.all([
    ec2().send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsSupport' })),
    ec2().send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsHostnames' })),
  ]);
  return { support: support.EnableDnsSupport?.Value ?? false, hostnames: hostnames.EnableDnsHostnames?.Value ?? false };
}

/** One call for each that changes. */
function namesActions(VpcId: string, before: Names, values: Values): Action[] {
  const change = (input: Omit<ModifyVpcAttributeCommand['input'], 'VpcId'>): Action => ({
    ...{ service: 'ec2', operation: 'ModifyVpcAttribute' },
    command: new ModifyVpcAttributeCommand({ VpcId, ...input }),
  });
  const [support, hostnames] = [read.flag(values, 'support'), read.flag(values, 'hostnames')];
  return [
    ...(support === before.support ? [] : [change({ EnableDnsSupport: { Value: support } })]),
    ...(hostnames === before.hostnames ? [] : [change({ EnableDnsHostnames: { Value: hostnames } })]),
  ];
}

type Texts = (typeof addressing)['en'];

const namesFields = (t: Texts, names: Names): Field[] => [
  { name: 'support', kind: 'toggle', label: t.dnsSupport, description: t.dnsSupportText, initial: names.support },
  { name: 'hostnames', kind: 'toggle', label: t.dnsHostnames, description: t.dnsHostnamesText, initial: names.hostnames },
];

const dhcpFields = async (t: Texts, vpc: VpcFacts): Promise<Field[]> => [
  {
    ...{ name: 'set', kind: 'select', label: t.dhcpSet, required: true, initial: vpc.DhcpOptionsId ?? 'default' },
    options: [{ value: 'default', label: t.dhcpDefault }, ...(await dhcpChoices())],
  },
];

function dhcpAction(VpcId: string, values: Values): Action {
  const DhcpOptionsId = read.text(values, 'set');
  return {
    ...{ service: 'ec2', operation: 'AssociateDhcpOptions' },
    command: new AssociateDhcpOptionsCommand({ VpcId, DhcpOptionsId }),
    terraform: [{ type: 'aws_vpc_dhcp_options_association', name: 'this', body: { vpc_id: VpcId, dhcp_options_id: DhcpOptionsId } }],
  };
}

export function Vpc({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const m = useText(map);
  const a = useText(addressing);
  const answer = useAnswer(async () => (await ec2().send(new DescribeVpcsCommand({ VpcIds: [id] }))).Vpcs![0]!, [id], 'ec2');
  const vpc = answer.value;
  const names = useAnswer(() => loadNames(id), [id], 'ec2');
  const flag = (value: boolean | undefined): string => (value === undefined ? '–' : value ? s.yes : s.no);
  const blocks = (vpc?.CidrBlockAssociationSet ?? []).map(({ CidrBlock }) => CidrBlock).join(', ');
  return (
    <ResourcePage
      id={id}
      resource={vpc}
      answer={answer}
      actions={
        vpc && (
          <>
            <AskButton
              id={id}
              text={a.settings}
              description={a.settingsText}
              disabled={names.value === undefined}
              fields={() => namesFields(a, names.value!)}
              actionsOf={(values) => namesActions(id, names.value!, values)}
              onDone={names.reload}
            />
            <AskButton
              id={id}
              text={a.editDhcp}
              description={a.editDhcpText}
              fields={() => dhcpFields(a, vpc)}
              actionsOf={(values) => [dhcpAction(id, values)]}
              onDone={answer.reload}
            />
          </>
        )
      }
      facts={[
        { label: e.id, value: <Copyable text={id} /> },
        { label: e.state, value: vpc?.State },
        { label: t.blocks, value: blocks || vpc?.CidrBlock },
        { label: t.cidr6, value: (vpc && blocks6Of(vpc).join(', ')) || '–' },
        { label: a.dnsHostnames, value: flag(names.value?.hostnames) },
        { label: a.dnsSupport, value: flag(names.value?.support) },
        { label: t.isDefault, value: vpc?.IsDefault ? s.yes : s.no },
        { label: t.tenancy, value: vpc?.InstanceTenancy },
        { label: t.dhcp, value: vpc?.DhcpOptionsId?.startsWith('dopt-') ? <IdLink kind="dhcp-options" id={vpc.DhcpOptionsId} /> : '–' },
      ]}
      tabs={[
        { id: 'map', label: m.map, content: <VpcMap vpc={id} /> },
        { id: 'blocks', label: a.blocks, content: vpc ? <VpcBlocks vpc={vpc} onChange={answer.reload} /> : null },
        { id: 'subnets', label: t.subnets, content: <SubnetList vpc={id} /> },
        { id: 'route-tables', label: t.routeTables, content: <RouteTableList vpc={id} /> },
      ]}
      remove={{ list: 'vpcs', actionOf: deletionOf, warning: t.deleteVpcWarning }}
    />
  );
}
