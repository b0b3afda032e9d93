/** Sets of DHCP options: what the instances of a VPC are told of names and time. */

import {
  CreateDhcpOptionsCommand,
  DeleteDhcpOptionsCommand,
  DescribeDhcpOptionsCommand,
  type CreateDhcpOptionsCommandOutput,
  type DhcpOptions,
} from '@aws-sdk/client-ec2';
import { read, type Field, type Values } from '../resource/fields.ts';
import { ec2, nameOf, tagged, terraformTags, titled } from './client.ts';
import { ec2Collection, only } from './ec2-collection.tsx';
import { messages } from './messages-addressing.ts';

type Keys = keyof (typeof messages)['en'];
type Texts = Readonly<Record<Keys, string>>;

/** Options by EC2's key: the word for them, whether they are lists, and their name in Terraform. */
const options = [
  { key: 'domain-name', text: 'domainName', list: false, attribute: 'domain_name' },
  { key: 'domain-name-servers', text: 'nameServers', list: true, attribute: 'domain_name_servers' },
  { key: 'ntp-servers', text: 'timeServers', list: true, attribute: 'ntp_servers' },
  { key: 'netbios-name-servers', text: 'netbiosServers', list: true, attribute: 'netbios_name_servers' },
  { key: 'netbios-node-type', text: 'nodeType', list: false, attribute: 'netbios_node_type' },
  { key: 'ipv6-address-preferred-lease-time', text: 'leaseTime', list: false, attribute: 'ipv6_address_preferred_lease_time' },
] as const satisfies readonly { key: string; text: Keys; list: boolean; attribute: string }[];

const addressesMax = 4;
const leaseSeconds = { min: 140, max: 2_147_483_647 };

const valuesOf = ({ DhcpConfigurations = [] }: DhcpOptions, key: string): string =>
  (DhcpConfigurations.find(({ Key }) => Key === key)?.Values ?? []).map(({ Value }) => Value).join(', ');

const partsOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

function fieldsOf(t: Texts): Field[] {
  const check = (value: string): string | undefined => {
    const parts = partsOf(value);
    return value === '' || (parts.length > 0 && parts.length <= addressesMax) ? undefined : t.addressesFault;
  };
  const none = (values: Values): boolean => options.every(({ key }) => read.text(values, key) === undefined);
  return [
    { name: 'name', kind: 'text', label: t.name },
    { name: 'domain-name', kind: 'text', label: t.domainName, check: (_value, values) => (none(values) ? t.oneOption : undefined) },
    { name: 'domain-name-servers', kind: 'text', label: t.nameServers, description: t.nameServersHint, check },
    { name: 'ntp-servers', kind: 'text', label: t.timeServers, description: t.addressesHint, check },
    { name: 'netbios-name-servers', kind: 'text', label: t.netbiosServers, description: t.addressesHint, check },
    {
      ...{ name: 'netbios-node-type', kind: 'select', label: t.nodeType },
      options: ['', '1', '2', '4', '8'].map((value) => ({ value, label: value || '–' })),
    },
    { name: 'ipv6-address-preferred-lease-time', kind: 'number', label: t.leaseTime, ...leaseSeconds },
  ];
}

function actionOf(values: Values) {
  const name = read.text(values, 'name');
  const given = options.flatMap((option) => {
    const text = read.text(values, option.key);
    return text === undefined ? [] : [{ ...option, parts: option.list ? partsOf(text) : [text] }];
  });
  const body = Object.fromEntries(given.map(({ attribute, list, parts }) => [attribute, list ? parts : parts[0]!]));
  return {
    ...{ service: 'ec2' as const, operation: 'CreateDhcpOptions' },
    command: new CreateDhcpOptionsCommand({
      DhcpConfigurations: given.map(({ key, parts }) => ({ Key: key, Values: parts })),
      ...tagged('dhcp-options', name),
    }),
    terraform: [{ type: 'aws_vpc_dhcp_options', name: name ?? 'this', body: { ...body, tags: terraformTags(name) } }],
  };
}

export const dhcpOptions = ec2Collection<DhcpOptions, Keys>({
  path: 'dhcp-options',
  messages,
  ...{ title: 'dhcp', emptyTitle: 'dhcpEmpty', emptyText: 'dhcpEmptyText' },
  load: async (NextToken) => {
    const page = await ec2().send(new DescribeDhcpOptionsCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
    return { items: page.DhcpOptions ?? [], next: page.NextToken };
  },
  find: (id) =>
    only(
      ec2()
        .send(new DescribeDhcpOptionsCommand({ DhcpOptionsIds: [id] }))
        .then(({ DhcpOptions: found }) => found),
    ),
  idOf: ({ DhcpOptionsId }) => DhcpOptionsId!,
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ DhcpOptionsId }) => DhcpOptionsId! },
    { id: 'name', header: t.name, cell: nameOf },
    ...options.map(({ key, text }) => ({
      ...{ id: key, header: t[text], hidden: key.startsWith('netbios') || key.startsWith('ipv6') },
      cell: (set: DhcpOptions) => valuesOf(set, key),
    })),
  ],
  create: {
    ...{ text: 'createDhcp', hint: 'createDhcpText' },
    fields: fieldsOf,
    actionsOf: (values) => [actionOf(values)],
    made: ([output]) => (output as CreateDhcpOptionsCommandOutput).DhcpOptions?.DhcpOptionsId,
  },
  remove: {
    actionOf: ({ DhcpOptionsId }) => ({
      ...{ service: 'ec2', operation: 'DeleteDhcpOptions' },
      command: new DeleteDhcpOptionsCommand({ DhcpOptionsId }),
    }),
    warning: 'dhcpWarning',
  },
});

/** For choosing a set in a form. */
export const dhcpChoices = async () =>
  ((await ec2().send(new DescribeDhcpOptionsCommand({}))).DhcpOptions ?? []).map((set) => ({
    value: set.DhcpOptionsId!,
    label: titled(set.DhcpOptionsId!, set),
    description: valuesOf(set, 'domain-name-servers'),
  }));
