/** Network ACLs, whose numbered rules let packets into subnets and out of them, and network interfaces, which groups guard. */

import {
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  DeleteNetworkAclCommand,
  DeleteNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  type CreateNetworkAclCommandOutput,
  type NetworkAcl,
  type NetworkAclEntry,
  type NetworkInterface,
} from '@aws-sdk/client-ec2';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read, type Field, type Values } from '../resource/fields.ts';
import { atHand, ResourceTable } from '../resource/resource-table.tsx';
import { ec2, nameOf, tagged, terraformTags } from './client.ts';
import { ec2Collection, only, vpcChoices } from './ec2-collection.tsx';
import { IdLink } from './id-link.tsx';
import { messages } from './messages-gateways.ts';
import { messages as network } from './messages-network.ts';
import { anyBlockCheck, blockMember, isBlock6 } from './network-fields.ts';

type Keys = keyof (typeof messages)['en'];
type Texts = (typeof messages)['en'];

const find = (id: string): Promise<NetworkAcl> =>
  only(
    ec2()
      .send(new DescribeNetworkAclsCommand({ NetworkAclIds: [id] }))
      .then(({ NetworkAcls }) => NetworkAcls),
  );

export const networkAcls = ec2Collection<NetworkAcl, Keys>({
  path: 'network-acls',
  messages,
  ...{ title: 'acls', emptyTitle: 'aclsEmpty', emptyText: 'aclsEmptyText' },
  load: async (NextToken) => {
    const page = await ec2().send(new DescribeNetworkAclsCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
    return { items: page.NetworkAcls ?? [], next: page.NextToken };
  },
  find,
  idOf: ({ NetworkAclId }) => NetworkAclId!,
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ NetworkAclId }) => NetworkAclId! },
    { id: 'name', header: t.name, cell: nameOf },
    { id: 'vpc', header: t.vpc, cell: ({ VpcId }) => <IdLink kind="vpcs" id={VpcId} />, text: ({ VpcId = '' }) => VpcId },
    { id: 'default', header: t.isDefault, cell: ({ IsDefault }) => (IsDefault ? '✓' : '–') },
    { id: 'subnets', header: t.subnets, cell: ({ Associations = [] }) => String(Associations.length) },
  ],
  tabs: (acl, t) => [
    { id: 'inbound', label: t.inbound, content: <Entries acl={acl} egress={false} /> },
    { id: 'outbound', label: t.outbound, content: <Entries acl={acl} egress /> },
  ],
  create: {
    ...{ text: 'createAcl', hint: 'createAclText' },
    fields: async (t) => [
      { name: 'name', kind: 'text', label: t.name },
      { name: 'vpc', kind: 'select', label: t.vpc, required: true, options: await vpcChoices() },
    ],
    actionsOf: (values) => {
      const [name, VpcId] = [read.text(values, 'name'), read.text(values, 'vpc')];
      return [
        {
          ...{ service: 'ec2', operation: 'CreateNetworkAcl' },
          command: new CreateNetworkAclCommand({ VpcId, ...tagged('network-acl', name) }),
          terraform: [{ type: 'aws_network_acl', name: name ?? 'this', body: { vpc_id: VpcId, tags: terraformTags(name) } }],
        },
      ];
    },
    made: ([output]) => (output as CreateNetworkAclCommandOutput).NetworkAcl?.NetworkAclId,
  },
  remove: {
    actionOf: ({ NetworkAclId }) => ({
      ...{ service: 'ec2', operation: 'DeleteNetworkAcl' },
      command: new DeleteNetworkAclCommand({ NetworkAclId }),
    }),
    warning: 'aclWarning',
    allowed: ({ IsDefault }) => !IsDefault,
  },
});

/** The rule that every list ends with; it is nobody's to change. */
const last = 32_767;
const protocols: Readonly<Record<string, string>> = { '-1': 'all', '1': 'icmp', '6': 'tcp', '17': 'udp' };

function portsOf({ PortRange }: NetworkAclEntry, t: Texts): string {
  if (!PortRange) return t.allPorts;
  return PortRange.From === PortRange.To ? String(PortRange.From) : `${PortRange.From}–${PortRange.To}`;
}

function Entries({ acl, egress }: { acl: NetworkAcl; egress: boolean }) {
  const t = useText(messages);
  const n = useText(network);
  const [adding, setAdding] = useState(false);
  const entries = (acl.Entries ?? []).filter(({ Egress }) => Egress === egress).sort((a, b) => a.RuleNumber! - b.RuleNumber!);
  const NetworkAclId = acl.NetworkAclId;
  return (
    <>
      <ResourceTable<NetworkAclEntry>
        {...atHand(entries)}
        id="ec2-acl-entries"
        title={egress ? t.outbound : t.inbound}
        description={t.aclRulesText}
        keyOf={({ RuleNumber }) => String(RuleNumber)}
        columns={[
          {
            id: 'number',
            header: t.number,
            width: 140,
            cell: ({ RuleNumber }) => (RuleNumber === last ? '*' : RuleNumber),
            text: ({ RuleNumber }) => RuleNumber!,
          },
          { id: 'protocol', header: t.protocol, width: 140, cell: ({ Protocol = '' }) => protocols[Protocol] ?? Protocol },
          { id: 'ports', header: t.ports, width: 160, cell: (entry) => portsOf(entry, t) },
          { id: 'block', header: egress ? t.toBlock : t.fromBlock, cell: ({ CidrBlock, Ipv6CidrBlock }) => CidrBlock ?? Ipv6CidrBlock },
          { id: 'action', header: t.ruleAction, width: 140, cell: ({ RuleAction }) => (RuleAction === 'allow' ? t.allow : t.deny) },
        ]}
        empty={{ title: t.noRules, text: t.aclRulesText }}
        create={{ text: t.addRule, onClick: () => setAdding(true) }}
        remove={{
          nameOf: ({ RuleNumber }) => String(RuleNumber),
          actionsOf: ({ RuleNumber }) => [
            {
              ...{ service: 'ec2', operation: 'DeleteNetworkAclEntry' },
              command: new DeleteNetworkAclEntryCommand({ NetworkAclId, RuleNumber, Egress: egress }),
            },
          ],
          send: (command) => ec2().send(command),
        }}
      />
      {adding && (
        <ActionForm
          modal
          title={t.addRule}
          submit={t.addRule}
          fields={entryFields(t, anyBlockCheck(n))}
          actionsOf={(values) => [entryAction(NetworkAclId!, egress, values)]}
          send={(command) => ec2().send(command)}
          onCancel={() => setAdding(false)}
          onDone={() => setAdding(false)}
        />
      )}
    </>
  );
}

function entryFields(t: Texts, check: (value: string) => string | undefined): Field[] {
  const hasPorts = { visible: (values: Values) => values['protocol'] === '6' || values['protocol'] === '17' };
  return [
    { name: 'number', kind: 'number', label: t.number, description: t.numberHint, required: true, initial: '100', min: 1, max: last - 1 },
    {
      ...{ name: 'protocol', kind: 'select', label: t.protocol, required: true, initial: '6' },
      options: [
        { value: '6', label: 'tcp' },
        { value: '17', label: 'udp' },
        { value: '-1', label: t.allProtocols },
      ],
    },
    { name: 'from', kind: 'number', label: t.fromPort, required: true, initial: '443', min: 0, max: 65_535, ...hasPorts },
    { name: 'to', kind: 'number', label: t.toPort, required: true, initial: '443', min: 0, max: 65_535, ...hasPorts },
    { name: 'block', kind: 'text', label: t.block, required: true, initial: '0.0.0.0/0', check },
    {
      ...{ name: 'action', kind: 'tiles', label: t.ruleAction, required: true, initial: 'allow' },
      options: [
        { value: 'allow', label: t.allow },
        { value: 'deny', label: t.deny },
      ],
    },
  ];
}

function entryAction(NetworkAclId: string, Egress: boolean, values: Values) {
  const Protocol = read.text(values, 'protocol');
  const [From, To] = [read.number(values, 'from'), read.number(values, 'to')];
  const command = new CreateNetworkAclEntryCommand({
    ...{ NetworkAclId, Egress, Protocol, RuleNumber: read.number(values, 'number') },
    ...blockMember('', read.text(values, 'block')),
    ...{ RuleAction: read.text(values, 'action') as 'allow' | 'deny', ...(Protocol !== '-1' && { PortRange: { From, To } }) },
  });
  const body = {
    ...{ network_acl_id: NetworkAclId, egress: Egress, protocol: Protocol, rule_number: read.number(values, 'number') },
    ...{
      rule_action: read.text(values, 'action'),
      [isBlock6(read.text(values, 'block') ?? '') ? 'ipv6_cidr_block' : 'cidr_block']: read.text(values, 'block'),
      from_port: From,
      to_port: To,
    },
  };
  return {
    ...{ service: 'ec2' as const, operation: 'CreateNetworkAclEntry', command },
    terraform: [{ type: 'aws_network_acl_rule', name: 'this', body }],
  };
}

export const networkInterfaces = ec2Collection<NetworkInterface & { Tags?: NetworkInterface['TagSet'] }, Keys>({
  path: 'network-interfaces',
  messages,
  ...{ title: 'interfaces', emptyTitle: 'interfacesEmpty', emptyText: 'interfacesEmptyText' },
  load: async (NextToken) => {
    const page = await ec2().send(new DescribeNetworkInterfacesCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
    return { items: (page.NetworkInterfaces ?? []).map((one) => ({ ...one, Tags: one.TagSet })), next: page.NextToken };
  },
  find: (id) =>
    only(
      ec2()
        .send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }))
        .then(({ NetworkInterfaces = [] }) => NetworkInterfaces.map((one) => ({ ...one, Tags: one.TagSet }))),
    ),
  idOf: ({ NetworkInterfaceId }) => NetworkInterfaceId!,
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ NetworkInterfaceId }) => NetworkInterfaceId! },
    { id: 'name', header: t.name, cell: nameOf },
    { id: 'state', header: t.state, width: 120, cell: ({ Status }) => Status ?? '' },
    { id: 'kind', header: t.kind, cell: ({ InterfaceType }) => InterfaceType ?? '' },
    { id: 'private', header: t.privateAddress, cell: ({ PrivateIpAddress }) => PrivateIpAddress ?? '' },
    { id: 'public', header: t.address, cell: ({ Association }) => Association?.PublicIp ?? '' },
    {
      id: 'subnet',
      header: t.subnet,
      cell: ({ SubnetId }) => <IdLink kind="subnets" id={SubnetId} />,
      text: ({ SubnetId = '' }) => SubnetId,
    },
    {
      ...{ id: 'instance', header: t.instance },
      cell: ({ Attachment }) => <IdLink kind="instances" id={Attachment?.InstanceId} />,
      text: ({ Attachment }) => Attachment?.InstanceId ?? '',
    },
  ],
  facts: ({ Groups = [], MacAddress, Description, SourceDestCheck, PrivateIpAddresses = [] }, t) => [
    { label: t.groups, value: Groups.map(({ GroupName, GroupId }) => `${GroupName} (${GroupId})`).join(', ') },
    { label: t.mac, value: MacAddress },
    { label: t.description, value: Description || '–' },
    { label: t.sourceCheck, value: SourceDestCheck ? '✓' : '–' },
    { label: t.allAddresses, value: PrivateIpAddresses.map(({ PrivateIpAddress }) => PrivateIpAddress).join(', ') },
  ],
});
